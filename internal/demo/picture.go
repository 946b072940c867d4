package demo

import (
	"image"
	"image/color"
	"math"
	"math/rand/v2"
)

// A scene draws one kind of picture. u and v are 0..1 across and down.
type scene func(r *rand.Rand, w, h int) *image.RGBA

// scenes lists every kind, so that a picture's kind can be drawn by lot.
func scenes() []scene {
	return []scene{mountains, sea, dunes, city, aurora, petals, stones, orchard}
}

// Draw makes a picture of w by h pixels from a seed.
func Draw(seed uint64, w, h int) *image.RGBA {
	r := rand.New(rand.NewPCG(seed, 0x9e3779b97f4a7c15))
	all := scenes()
	m := all[r.IntN(len(all))](r, w, h)
	grain(r, m)
	return m
}

type rgb struct{ r, g, b float64 }

func hex(v uint32) rgb {
	return rgb{float64(v >> 16 & 255), float64(v >> 8 & 255), float64(v & 255)}
}

func mix(a, b rgb, t float64) rgb {
	t = min(max(t, 0), 1)
	return rgb{a.r + (b.r-a.r)*t, a.g + (b.g-a.g)*t, a.b + (b.b-a.b)*t}
}

func (c rgb) scale(f float64) rgb { return rgb{c.r * f, c.g * f, c.b * f} }

func put(m *image.RGBA, x, y int, c rgb) {
	m.SetRGBA(x, y, color.RGBA{clamp(c.r), clamp(c.g), clamp(c.b), 255})
}

func at(m *image.RGBA, x, y int) rgb {
	c := m.RGBAAt(x, y)
	return rgb{float64(c.R), float64(c.G), float64(c.B)}
}

func clamp(v float64) uint8 { return uint8(min(max(v+0.5, 0), 255)) }

// palette is sky top, sky low, light, far land, near land.
type palette [5]rgb

func palettes() []palette {
	p := func(v ...uint32) (out palette) {
		for i := range out {
			out[i] = hex(v[i])
		}
		return out
	}
	return []palette{
		p(0x1b2a49, 0xf2a65a, 0xfff1c1, 0x7d5a72, 0x1f1c2c), // dusk
		p(0x4a90c2, 0xdcecf2, 0xffffff, 0x8fb0bd, 0x24424a), // clear morning
		p(0x2b1e3f, 0xe8625a, 0xffd9a0, 0x83425a, 0x190f24), // red evening
		p(0x5f7f8f, 0xe9e2d0, 0xfffaf0, 0xa6a899, 0x3a3f38), // haze
		p(0x0d1b2a, 0x415a77, 0xe0e1dd, 0x2c3e55, 0x070d15), // blue hour
		p(0x87a878, 0xf4f1de, 0xfff7d6, 0x81a28d, 0x2f4a3c), // spring
		p(0xc9ada7, 0xf2e9e4, 0xffffff, 0x9a8c98, 0x4a4e69), // mauve
	}
}

// noise is smooth value noise in one or two dimensions, 0..1.
type noise struct{ seed uint64 }

func (n noise) lattice(x, y int64) float64 {
	h := n.seed ^ uint64(x)*0x9e3779b97f4a7c15 ^ uint64(y)*0xc2b2ae3d27d4eb4f
	h ^= h >> 29
	h *= 0xbf58476d1ce4e5b9
	h ^= h >> 32
	return float64(h>>11) / (1 << 53)
}

func (n noise) at(x, y float64) float64 {
	fx, fy := math.Floor(x), math.Floor(y)
	ix, iy := int64(fx), int64(fy)
	sx, sy := x-fx, y-fy
	sx, sy = sx*sx*(3-2*sx), sy*sy*(3-2*sy)
	top := n.lattice(ix, iy)*(1-sx) + n.lattice(ix+1, iy)*sx
	low := n.lattice(ix, iy+1)*(1-sx) + n.lattice(ix+1, iy+1)*sx
	return top*(1-sy) + low*sy
}

// octaves sums noise at doubling frequencies; still 0..1.
func (n noise) octaves(x, y float64, k int) float64 {
	sum, amp, total := 0.0, 1.0, 0.0
	for range k {
		sum += n.at(x, y) * amp
		total += amp
		x, y, amp = x*2.03, y*2.03, amp*0.5
	}
	return sum / total
}

// sky paints a gradient with a sun or moon and thin clouds, down to the horizon.
func sky(r *rand.Rand, m *image.RGBA, p palette, horizon float64) {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	n := noise{r.Uint64()}
	sunX, sunY := 0.2+0.6*r.Float64(), horizon*(0.35+0.5*r.Float64())
	radius := 0.02 + 0.04*r.Float64()
	cloudy := r.Float64()
	aspect := float64(h) / float64(w)
	for y := range h {
		v := float64(y) / float64(h)
		base := mix(p[0], p[1], math.Pow(v/horizon, 1.4))
		for x := range w {
			u := float64(x) / float64(w)
			c := base
			d := math.Hypot(u-sunX, (v-sunY)*aspect)
			c = mix(c, p[2], 0.75*math.Exp(-d*d*22))
			if d < radius {
				c = mix(c, p[2], min(1, (radius-d)*float64(w)*0.6))
			}
			if cl := n.octaves(u*4, v*14, 4) - 0.52; cl > 0 {
				c = mix(c, mix(p[2], p[1], 0.4), cl*2.4*cloudy)
			}
			put(m, x, y, c)
		}
	}
}

func mountains(r *rand.Rand, w, h int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	ps := palettes()
	p := ps[r.IntN(len(ps))]
	sky(r, m, p, 0.75)
	layers := 4 + r.IntN(4)
	for l := range layers {
		t := float64(l) / float64(layers-1)
		n := noise{r.Uint64()}
		base, height := 0.42+0.42*t, 0.30*(1-0.45*t)
		c := mix(p[3], p[4], t)
		haze := mix(p[1], c, 0.35+0.65*t)
		for x := range w {
			u := float64(x) / float64(w)
			ridge := base - height*(n.octaves(u*(2.2+3*t), 0.5, 6)-0.35)
			for y := max(0, int(ridge*float64(h))); y < h; y++ {
				v := float64(y) / float64(h)
				depth := min((v-ridge)*5, 1)
				shade := 0.92 + 0.16*n.octaves(u*40, v*30, 3)
				put(m, x, y, mix(haze.scale(shade), mix(haze, p[1], 0.5), depth*(1-t)))
			}
		}
	}
	return m
}

func sea(r *rand.Rand, w, h int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	ps := palettes()
	p := ps[r.IntN(len(ps))]
	horizon := 0.45 + 0.15*r.Float64()
	sky(r, m, p, horizon)
	n := noise{r.Uint64()}
	top := int(horizon * float64(h))
	for y := top; y < h; y++ {
		near := float64(y-top) / float64(h-top)
		for x := range w {
			u := float64(x) / float64(w)
			stretch := 3 + 26*(1-near)
			wave := n.octaves(u*stretch*1.4, near*60*(1.2-near), 4) - 0.5
			src := 2*top - y + int(wave*60*near)
			src = min(max(src*top/max(h-top, 1)+top/8, 0), top-1)
			sx := min(max(x+int(wave*90*near), 0), w-1)
			c := mix(at(m, sx, src), p[4], 0.25+0.45*near)
			if wave > 0.16 {
				c = mix(c, p[2], (wave-0.16)*2.2)
			}
			put(m, x, y, c)
		}
	}
	if r.IntN(2) == 0 { // a small sail
		bx, by := int((0.2+0.6*r.Float64())*float64(w)), top+int(0.03*float64(h))
		size := int((0.05 + 0.05*r.Float64()) * float64(h))
		for dy := range size {
			for dx := range dy / 2 {
				if x, y := bx+dx, by-size+dy; x < w && y >= 0 && y < h {
					put(m, x, y, mix(p[2], p[3], float64(dx)/float64(size)))
				}
			}
		}
		for dx := -size / 3; dx < size*2/3; dx++ {
			for dy := range size / 9 {
				if x, y := bx+dx, by+dy; x >= 0 && x < w && y < h {
					put(m, x, y, p[4])
				}
			}
		}
	}
	return m
}

func dunes(r *rand.Rand, w, h int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	ps := palettes()
	p := ps[r.IntN(len(ps))]
	sand, dark := hex(0xe3b778), hex(0x7a4a33)
	if r.IntN(3) == 0 {
		sand, dark = hex(0xe8e4de), hex(0x8a8f99) // snow
	}
	sky(r, m, p, 0.5)
	for l := range 4 {
		n := noise{r.Uint64()}
		base := 0.42 + 0.15*float64(l)
		lean := 0.6 - r.Float64()*1.2
		for x := range w {
			u := float64(x) / float64(w)
			crest := base + 0.13*math.Sin(u*5.2+float64(l)*1.9+lean) + 0.05*n.octaves(u*3, 1, 3)
			side := n.at(u*3+9, 2)
			for y := max(0, int(crest*float64(h))); y < h; y++ {
				v := float64(y)/float64(h) - crest
				ripple := 0.5 + 0.5*math.Sin((v*260+n.octaves(u*9, v*9, 3)*22)*(1-0.12*float64(l)))
				lit := mix(sand, dark, min(1, v*1.8+0.35*side))
				put(m, x, y, mix(lit, mix(lit, p[2], 0.25), ripple*0.5).scale(0.8+0.06*float64(l)))
			}
		}
	}
	return m
}

func city(r *rand.Rand, w, h int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	ps := palettes()
	p := ps[[]int{0, 2, 4}[r.IntN(3)]]
	sky(r, m, p, 0.9)
	warm := hex(0xffd27a)
	for l := range 3 {
		c := mix(mix(p[1], p[3], 0.5), p[4], float64(l)/2)
		for x := 0; x < w; {
			bw := int((0.03 + 0.07*r.Float64()) * float64(w))
			bh := int((0.15 + 0.38*r.Float64() - 0.05*float64(l)) * float64(h))
			top := h - bh - (2-l)*h/14
			cell := max(5, w/150)
			lit := r.Uint64()
			for bx := x; bx < min(x+bw, w); bx++ {
				for y := max(top, 0); y < h; y++ {
					cc := c.scale(1.05 - 0.2*float64(bx-x)/float64(bw))
					gx, gy := (bx-x)/cell, (y-top)/(cell*3/2)
					inside := (bx-x)%cell > cell/3 && (y-top)%(cell*3/2) > cell/2
					if l > 0 && inside && gy > 0 && (noise{lit}).lattice(int64(gx), int64(gy)) > 0.66 {
						cc = mix(cc, warm, 0.85)
					}
					put(m, bx, y, cc)
				}
			}
			x += bw + int(r.Float64()*0.008*float64(w))
		}
	}
	return m
}

func aurora(r *rand.Rand, w, h int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	n, ridge := noise{r.Uint64()}, noise{r.Uint64()}
	low, high := hex(0x3df5a6), hex(0x8a5cf6)
	if r.IntN(2) == 0 {
		low, high = hex(0x53e0e6), hex(0xe5578f)
	}
	for y := range h {
		v := float64(y) / float64(h)
		for x := range w {
			u := float64(x) / float64(w)
			c := mix(hex(0x05070f), hex(0x14283c), v)
			if s := n.lattice(int64(x), int64(y)); s > 0.9992 {
				c = mix(c, hex(0xffffff), (s-0.9992)*1200)
			}
			for k := range 3 {
				f := float64(k)
				curve := 0.35 + 0.12*f + 0.25*(n.octaves(u*2.2+f*7, f, 4)-0.5)
				if d := curve - v; d > -0.02 {
					fall := math.Exp(-max(d, 0) * 5.5)
					if d < 0 {
						fall = 1 + d/0.02
					}
					ray := 0.45 + 0.75*n.octaves(u*46+f*13, 3, 2)
					c = mix(c, mix(low, high, max(d, 0)*2.6), 0.5*fall*ray)
				}
			}
			if v > 0.82-0.12*ridge.octaves(u*5, 1, 5) {
				c = hex(0x04060a)
			}
			put(m, x, y, c)
		}
	}
	return m
}

func petals(r *rand.Rand, w, h int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	n := noise{r.Uint64()}
	kinds := [][3]uint32{{0xd94f70, 0xf7c6cf, 0x274029}, {0xf2b632, 0xfff0b8, 0x2f4630}, {0x6b5fc9, 0xd3cdf4, 0x22352f}, {0xf4efe6, 0xffffff, 0x35503a}}
	k := kinds[r.IntN(len(kinds))]
	deep, light, green := hex(k[0]), hex(k[1]), hex(k[2])
	for y := range h {
		for x := range w {
			u, v := float64(x)/float64(w), float64(y)/float64(h)
			put(m, x, y, mix(green, mix(green, light, 0.35), n.octaves(u*5, v*5, 3)))
		}
	}
	count := 1 + r.IntN(5)
	for range count {
		cx, cy := float64(w)*(0.15+0.7*r.Float64()), float64(h)*(0.15+0.7*r.Float64())
		size := float64(min(w, h)) * (0.42/math.Sqrt(float64(count)) + 0.06*r.Float64())
		leaves := float64(5 + r.IntN(9))
		turn := r.Float64() * math.Pi
		for y := max(0, int(cy-size)); y < min(h, int(cy+size)); y++ {
			for x := max(0, int(cx-size)); x < min(w, int(cx+size)); x++ {
				dx, dy := float64(x)-cx, float64(y)-cy
				d, a := math.Hypot(dx, dy)/size, math.Atan2(dy, dx)+turn
				edge := 0.62 + 0.36*math.Pow(math.Abs(math.Cos(a*leaves/2)), 0.55)
				switch {
				case d < 0.16:
					put(m, x, y, mix(hex(0xf0b429), hex(0x6b3d12), d*4+0.4*n.octaves(dx/6, dy/6, 2)))
				case d < edge:
					vein := 0.5 + 0.5*math.Sin(a*leaves*5)
					put(m, x, y, mix(mix(deep, light, d/edge), deep, 0.18*vein+0.25*(edge-d)))
				}
			}
		}
	}
	return m
}

func stones(r *rand.Rand, w, h int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	n := noise{r.Uint64()}
	tones := []rgb{hex(0x8d8a83), hex(0xb7aea1), hex(0x5c5f63), hex(0xcfc6b8), hex(0x767c7f), hex(0x9c7f6a)}
	size := float64(w) / (6 + 6*r.Float64())
	for y := range h {
		for x := range w {
			fx, fy := float64(x)/size, float64(y)/size
			fx += 0.5 * n.octaves(fx*0.7, fy*0.7, 2)
			best, second, id := 9.0, 9.0, 0.0
			for j := -1; j <= 1; j++ {
				for i := -1; i <= 1; i++ {
					gx, gy := int64(math.Floor(fx))+int64(i), int64(math.Floor(fy))+int64(j)
					px, py := float64(gx)+n.lattice(gx, gy), float64(gy)+n.lattice(gx+999, gy)
					d := math.Hypot(px-fx, py-fy)
					if d < best {
						best, second, id = d, best, n.lattice(gx, gy+777)
					} else if d < second {
						second = d
					}
				}
			}
			edge := min(1, (second-best)*4.5)
			c := tones[int(id*float64(len(tones)))%len(tones)]
			light := 0.55 + 0.6*math.Sqrt(edge)*(1-0.45*best)
			put(m, x, y, mix(hex(0x16181a), c.scale(light+0.14*(n.octaves(fx*9, fy*9, 3)-0.5)), edge))
		}
	}
	return m
}

func orchard(r *rand.Rand, w, h int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	ps := palettes()
	p := ps[[]int{1, 3, 5, 6}[r.IntN(4)]]
	sky(r, m, p, 0.6)
	n := noise{r.Uint64()}
	grass := mix(hex(0x6a994e), p[3], 0.35)
	for y := int(0.55 * float64(h)); y < h; y++ {
		v := float64(y) / float64(h)
		for x := range w {
			u := float64(x) / float64(w)
			put(m, x, y, mix(mix(grass, p[1], (1-v)*0.9), grass.scale(0.55), n.octaves(u*70*(1.4-v), v*90, 3)*0.7))
		}
	}
	crowns := []rgb{hex(0xd1495b), hex(0xedae49), hex(0x386641), hex(0xf2c6de), hex(0x6a994e)}
	crown := crowns[r.IntN(len(crowns))]
	trees := 3 + r.IntN(7)
	for t := range trees {
		z := float64(t+1) / float64(trees)
		cx, foot := float64(w)*r.Float64(), float64(h)*(0.56+0.34*z)
		size := float64(h) * (0.08 + 0.22*z)
		for y := int(foot - size); y < int(foot); y++ {
			for x := int(cx - size*0.05); x < int(cx+size*0.05); x++ {
				if x >= 0 && x < w && y >= 0 && y < h {
					put(m, x, y, hex(0x3b2a20))
				}
			}
		}
		for y := max(0, int(foot-size*2)); y < min(h, int(foot-size*0.4)); y++ {
			for x := max(0, int(cx-size)); x < min(w, int(cx+size)); x++ {
				dx, dy := (float64(x)-cx)/size, (float64(y)-(foot-size*1.2))/size
				tex := n.octaves(float64(x)/size*7, float64(y)/size*7+float64(t), 4)
				if math.Hypot(dx, dy*1.15) < 0.55+0.5*tex-0.1 && tex > 0.34 {
					put(m, x, y, mix(crown.scale(0.5), crown, 0.3+0.9*tex-0.5*dy).scale(0.75+0.3*z))
				}
			}
		}
	}
	return m
}

// grain lays a photograph's fine noise and soft corners over a picture.
func grain(r *rand.Rand, m *image.RGBA) {
	w, h := m.Rect.Dx(), m.Rect.Dy()
	for y := range h {
		row := m.Pix[y*m.Stride : y*m.Stride+4*w]
		fy := 2*float64(y)/float64(h) - 1
		for x := range w {
			fx := 2*float64(x)/float64(w) - 1
			k := 1 - 0.13*(fx*fx+fy*fy)
			g := float64(r.Uint32()&15) - 7.5
			for i := range 3 {
				row[4*x+i] = clamp(float64(row[4*x+i])*k + g*0.6)
			}
		}
	}
}
