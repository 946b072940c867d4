package grade

import "fmt"

// Apply grades w × h interleaved 8-bit sRGB pixels in place: the filter at its
// strength, the adjustments, vignette and tilt-shift. bands is 3 (RGB) or 4
// (RGBA, whose alpha stays as it is); rows are not padded. Geometry is not
// applied here. r is canonical, or nil. Apply panics if the sizes do not agree.
func (r *Recipe) Apply(pix []byte, w, h, bands int) {
	if w < 1 || h < 1 || bands < 3 || bands > 4 || len(pix) != w*h*bands {
		panic(fmt.Sprintf("grade: %d bytes are not %d × %d pixels of %d bands", len(pix), w, h, bands))
	}
	if r == nil {
		return
	}
	if g := r.compile(w, h); g.look != nil || g.tone != nil || g.saturation != unit || g.gain != nil {
		g.apply(pix, w, h, bands)
	}
	if r.TiltShift != nil {
		r.TiltShift.apply(pix, w, h, bands)
	}
}

// grader is a recipe made ready for pictures of one size. What is nil, or a
// saturation of unit, changes nothing.
type grader struct {
	look       *look
	strength   int // of the look, in units
	tone       *[3]*table
	saturation int // in units
	gain       []uint16
	across     []int32 // squared distance of each column from the middle, 0..unit/2
	down       []int32 // and of each row
}

// look is a filter made ready.
type look struct {
	before [3][256]uint16 // from 8 bits to 0..one
	matrix [9]int32       // in units
	after  [3]*table
}

func (r *Recipe) compile(w, h int) *grader {
	g := &grader{saturation: units(1000 + scaled(r.Saturation, 1000))}
	vignette := scaled(r.Vignette, 1000)
	if f := filterNamed(r.Filter); f != nil {
		strength := scaled(r.Strength, 1000)
		g.look, g.strength = f.compile(), units(strength)
		vignette = min(vignette+div(f.Vignette*strength, 1000), 1000)
	}
	b, c, t := scaled(r.Brightness, 1000), scaled(r.Contrast, 1000), scaled(r.Warmth, 1000)
	if b != 0 || c != 0 || t != 0 {
		// Warmth lifts one end of the spectrum and dims the other; green leans a little with red.
		g.tone = &[3]*table{tone(b, c, t, 160), tone(b, c, div(t, 8), 160), tone(b, c, -t, 160)}
	}
	if vignette > 0 {
		g.gain = make([]uint16, unit+1)
		for d := range g.gain {
			const clear = 700 // up to here, of unit at the corners, nothing is dimmed
			g.gain[d] = uint16(unit - div(vignette*3200*smooth(d-clear, unit-clear, unit), 1000*unit))
		}
		g.across, g.down = squares(w), squares(h)
	}
	return g
}

// tone is the table of brightness, contrast and warmth for one channel, all in
// -1000..1000; dim is by how many thousandths a channel is dimmed at most.
func tone(brightness, contrast, warmth, dim int) *table {
	// lift bends the line up or down in the middle and keeps its ends.
	lift := func(v, thousandths int) int { return v + div(v*(one-v)*thousandths, one*1000) }
	return mapped(func(v int) int {
		v = lift(v, div(brightness*9, 10))
		if contrast > 0 {
			v += div(contrast*(smooth(v, one, one)-v), 1000)
		} else {
			v += div((v-one/2)*contrast, 2000)
		}
		if warmth > 0 {
			return lift(v, div(warmth, 4))
		}
		return v + div(v*warmth*dim, 1000*1000)
	})
}

// squares gives, for each of n pixels in a line, the square of its distance from
// the middle, unit/2 at the ends.
func squares(n int) []int32 {
	s := make([]int32, n)
	for i := range s {
		d := 2*i + 1 - n
		s[i] = int32(div(d*d*(unit/2), n*n))
	}
	return s
}

func (f *filter) compile() *look {
	l := &look{}
	tone := curve(f.Tone)
	for c, points := range [3][][2]int{f.Red, f.Green, f.Blue} {
		own := curve(points)
		for v := range l.before[c] {
			l.before[c][v] = uint16(clamp(own(clamp(tone(v * 16)))))
		}
		l.after[c] = mapped(func(v int) int {
			v += div((one-v)*f.Fade, 1000)
			if t := f.Tint; t != nil {
				target := t.Shadows[c]*16 + div((t.Highlights[c]-t.Shadows[c])*16*v, one)
				v += div((target-v)*t.Amount, 1000)
			}
			return v
		})
	}
	l.matrix = f.mix()
	return l
}

// mix is the filter's matrix followed by its saturation, as one.
func (f *filter) mix() [9]int32 {
	sat := 1000
	if f.Saturation != nil {
		sat = *f.Saturation
	}
	var m [9]int32
	for row := range 3 {
		for col := range 3 {
			sum := 0
			for k := range 3 {
				weight := div((1000-sat)*luma[k]+500, 1000)
				if row == k {
					weight += units(sat)
				}
				sum += weight * f.cell(k, col)
			}
			m[row*3+col] = int32(div(sum+unit/2, unit))
		}
	}
	return m
}

func (f *filter) cell(row, col int) int {
	switch {
	case len(f.Matrix) == 9:
		return units(f.Matrix[row*3+col])
	case row == col:
		return unit
	}
	return 0
}

// apply works row by row in a line of values 0..one that stays in the processor's nearest cache.
func (g *grader) apply(pix []byte, w, h, bands int) {
	line := make([]int32, 3*w)
	for y := range h {
		row := pix[y*w*bands : (y+1)*w*bands]
		if g.look != nil {
			g.look.line(line, row, bands, int32(g.strength))
		} else {
			for i, p := 0, 0; i < len(line); i, p = i+3, p+bands {
				line[i], line[i+1], line[i+2] = int32(row[p])<<4, int32(row[p+1])<<4, int32(row[p+2])<<4
			}
		}
		if g.tone != nil {
			r, gr, b := g.tone[0], g.tone[1], g.tone[2]
			for i := 0; i+2 < len(line); i += 3 {
				line[i], line[i+1], line[i+2] = int32(r[line[i]]), int32(gr[line[i+1]]), int32(b[line[i+2]])
			}
		}
		if g.saturation != unit {
			saturate(line, int32(g.saturation))
		}
		if g.gain != nil {
			for x := range w {
				gain := int32(g.gain[g.across[x]+g.down[y]])
				v := line[3*x : 3*x+3 : 3*x+3]
				v[0], v[1], v[2] = (v[0]*gain+unit/2)>>12, (v[1]*gain+unit/2)>>12, (v[2]*gain+unit/2)>>12
			}
		}
		for i, p := 0, 0; i < len(line); i, p = i+3, p+bands {
			row[p], row[p+1], row[p+2] = byte((line[i]+8)>>4), byte((line[i+1]+8)>>4), byte((line[i+2]+8)>>4)
		}
	}
}

// line filters a row of pixels into line.
func (l *look) line(line []int32, row []byte, bands int, strength int32) {
	m := &l.matrix
	rest := unit - strength
	red, green, blue := l.after[0], l.after[1], l.after[2]
	for i, p := 0, 0; i+2 < len(line); i, p = i+3, p+bands {
		px := row[p : p+3 : p+3]
		r, g, b := int32(l.before[0][px[0]]), int32(l.before[1][px[1]]), int32(l.before[2][px[2]])
		nr := clamp32((m[0]*r + m[1]*g + m[2]*b + unit/2) >> 12)
		ng := clamp32((m[3]*r + m[4]*g + m[5]*b + unit/2) >> 12)
		nb := clamp32((m[6]*r + m[7]*g + m[8]*b + unit/2) >> 12)
		line[i] = (int32(red[nr])*strength + int32(px[0])*16*rest + unit/2) >> 12
		line[i+1] = (int32(green[ng])*strength + int32(px[1])*16*rest + unit/2) >> 12
		line[i+2] = (int32(blue[nb])*strength + int32(px[2])*16*rest + unit/2) >> 12
	}
}

func saturate(line []int32, k int32) {
	lr, lg, lb := int32(luma[0]), int32(luma[1]), int32(luma[2])
	for i := 0; i+2 < len(line); i += 3 {
		r, g, b := line[i], line[i+1], line[i+2]
		y := (lr*r + lg*g + lb*b + unit/2) >> 12
		line[i] = clamp32(y + ((r-y)*k+unit/2)>>12)
		line[i+1] = clamp32(y + ((g-y)*k+unit/2)>>12)
		line[i+2] = clamp32(y + ((b-y)*k+unit/2)>>12)
	}
}

func clamp32(v int32) int32 { return min(max(v, 0), one) }
