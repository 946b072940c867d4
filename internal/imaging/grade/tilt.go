package grade

import "math"

// apply blurs what lies outside the disc or band, in place. Two blurs, a soft and
// a strong one, are made of the whole picture; a mask leads from sharp through
// soft to strong, so that the edge of focus shows no double contours.
func (t *TiltShift) apply(pix []byte, w, h, bands int) {
	soft := make([]byte, w*h*3)
	for i, p := 0, 0; i < len(soft); i, p = i+3, p+bands {
		copy(soft[i:i+3], pix[p:p+3])
	}
	spare := make([]byte, len(soft))
	r := max(1, div(max(w, h)*8+500, 1000))
	blur(soft, spare, w, h, r)
	strong := append([]byte(nil), soft...)
	blur(strong, spare, w, h, 2*r)

	var ramp [257]int32
	for i := range ramp {
		ramp[i] = int32(smooth(i, 256, 512))
	}
	mask := t.mask(w, h)
	for y := range h {
		for x := range w {
			m := ramp[mask(x, y)]
			if m == 0 {
				continue
			}
			i, p := (y*w+x)*3, (y*w+x)*bands
			near, far := pix[p:p+3], soft[i:i+3]
			if m > 256 {
				near, far, m = far, strong[i:i+3], m-256
			}
			for c := range 3 {
				pix[p+c] = byte((int32(near[c])*(256-m) + int32(far[c])*m + 128) >> 8)
			}
		}
	}
}

// mask gives how far out of focus a pixel is, 0..256. Coordinates are doubled so
// that the middle of a pixel is whole.
func (t *TiltShift) mask(w, h int) func(x, y int) int {
	side := min(w, h)
	cx := div(2*w*scaled(t.X, 1000)+500, 1000)
	cy := div(2*h*scaled(t.Y, 1000)+500, 1000)
	inner := div(side*scaled(t.Size, 1000)+500, 1000)
	outer := inner + max(1, div(side, 2))
	if t.Mode == Radial {
		inner, outer = inner*inner, outer*outer
		return func(x, y int) int {
			dx, dy := 2*x+1-cx, 2*y+1-cy
			return ramped(dx*dx+dy*dy, inner, outer)
		}
	}
	sin, cos := sine(int(t.Angle)), sine(90-int(t.Angle))
	return func(x, y int) int {
		d := ((2*y+1-cy)*cos - (2*x+1-cx)*sin) >> 14
		return ramped(max(d, -d), inner, outer)
	}
}

func ramped(d, inner, outer int) int {
	switch {
	case d <= inner:
		return 0
	case d >= outer:
		return 256
	}
	return div((d-inner)*256, outer-inner)
}

// sine of whole degrees, -180..180, times 16384. No such sine is near enough to
// the middle between two integers for a last bit of the library's to matter.
func sine(deg int) int {
	return int(math.Floor(math.Sin(float64(deg)*math.Pi/180)*16384 + 0.5))
}

// blur blurs w × h RGB pixels in place: two boxes of radius r, each across and down.
func blur(pix, spare []byte, w, h, r int) {
	mean := means(r)
	for range 2 {
		boxAcross(spare, pix, w, h, r, mean)
		boxDown(pix, spare, w, h, r, mean)
	}
}

// means gives the rounded mean for each sum of 2r+1 bytes.
func means(r int) []byte {
	n := 2*r + 1
	m := make([]byte, 255*n+1)
	for sum := range m {
		m[sum] = byte((sum + r) / n)
	}
	return m
}

// boxAcross gives each pixel the mean of its row from r before to r after it; the
// edge pixels go on for ever.
func boxAcross(dst, src []byte, w, h, r int, mean []byte) {
	for y := range h {
		from, to := src[y*w*3:(y+1)*w*3], dst[y*w*3:(y+1)*w*3]
		for c := range 3 {
			sum := int(from[c]) * (r + 1)
			for i := 1; i <= r; i++ {
				sum += int(from[min(i, w-1)*3+c])
			}
			for x := range w {
				to[x*3+c] = mean[sum]
				sum += int(from[min(x+r+1, w-1)*3+c]) - int(from[max(x-r, 0)*3+c])
			}
		}
	}
}

// boxDown is boxAcross for columns, kept in step so that memory is read in order.
func boxDown(dst, src []byte, w, h, r int, mean []byte) {
	n := w * 3
	row := func(y int) []byte {
		y = min(max(y, 0), h-1)
		return src[y*n : (y+1)*n]
	}
	sums := make([]int32, n)
	for y := -r; y <= r; y++ {
		for i, v := range row(y) {
			sums[i] += int32(v)
		}
	}
	for y := range h {
		to, gone, next := dst[y*n:(y+1)*n], row(y-r), row(y+r+1)
		for i, sum := range sums {
			to[i] = mean[sum]
			sums[i] = sum + int32(next[i]) - int32(gone[i])
		}
	}
}
