package grade

// Values between the 8-bit ends are 0..one: sixteen steps to each 8-bit step, so
// that several curves in a row show no bands.
const (
	one  = 255 * 16
	size = one + 1
)

// unit is 1 in the fixed-point fractions (12 bits) that values are multiplied by.
const unit = 4096

// What red, green and blue give to luma, in units; they add up to unit.
var luma = [3]int{871, 2929, 296}

// table maps a value 0..one to another.
type table [size]uint16

// mapped gives the table of f, held within 0..one.
func mapped(f func(v int) int) *table {
	var t table
	for v := range t {
		t[v] = uint16(clamp(f(v)))
	}
	return &t
}

// curve is the smooth curve through control points [in, out] of 0..255, in
// ascending order of in: a cubic between neighbours, with the slopes of Fritsch
// and Butland, which never overshoots. No points: the straight line.
func curve(points [][2]int) func(v int) int {
	n := len(points)
	if n == 0 {
		return func(v int) int { return v }
	}
	xs, ys := make([]int, n), make([]int, n)
	for i, p := range points {
		xs[i], ys[i] = p[0]*16, p[1]*16
	}
	slopes := slopesAt(xs, ys)
	return func(v int) int {
		if v <= xs[0] {
			return ys[0]
		}
		for i := 1; i < n; i++ {
			if v <= xs[i] {
				return hermite(v-xs[i-1], xs[i]-xs[i-1], ys[i-1], ys[i], slopes[i-1], slopes[i])
			}
		}
		return ys[n-1]
	}
}

// slopesAt gives the slope at every point, in units.
func slopesAt(xs, ys []int) []int {
	n := len(xs)
	m := make([]int, n)
	if n < 2 {
		return m
	}
	secant := func(i int) int { return div((ys[i+1]-ys[i])*unit, xs[i+1]-xs[i]) }
	m[0], m[n-1] = secant(0), secant(n-2)
	for i := 1; i < n-1; i++ {
		if a, b := secant(i-1), secant(i); a*b > 0 {
			m[i] = div(2*a*b, a+b)
		}
	}
	return m
}

// hermite is the cubic from y0 to y1 over width h, with slopes m0 and m1, at x.
func hermite(x, h, y0, y1, m0, m1 int) int {
	const q = 65536 // of t, the fraction x/h
	t := div(x*q, h)
	t2 := div(t*t, q)
	t3 := div(t2*t, q)
	sum := m0*h*(t-2*t2+t3) + (y1-y0)*unit*(3*t2-2*t3) + m1*h*(t3-t2)
	return y0 + div(sum+unit*q/2, unit*q)
}

// smooth is 0 at 0 and top at n, flat at both ends.
func smooth(t, n, top int) int {
	t = min(max(t, 0), n)
	return div(t*t*(3*n-2*t)*top, n*n*n)
}

// div is a/b rounded down, b above 0 or a and b of one sign.
func div(a, b int) int {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}

func clamp(v int) int { return min(max(v, 0), one) }

// units is thousandths as fixed point.
func units(thousandths int) int { return div(thousandths*unit+500, 1000) }
