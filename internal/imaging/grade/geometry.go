package grade

import "math"

// Geometry is what a recipe asks of an upright picture of a given size, in
// pixels: flip, then turn by Rotate, then turn by Straighten about the centre,
// then cut the rectangle X, Y, Width, Height out of the Frame, which is the
// largest upright rectangle of the turned picture's own shape, centred, that has
// no empty corner.
type Geometry struct {
	Flip       bool
	Rotate     int     // degrees clockwise: 0, 90, 180 or 270
	Straighten float64 // degrees clockwise

	TurnedWidth, TurnedHeight int     // after flip and rotate
	FrameWidth, FrameHeight   float64 // of the inscribed frame; the turned size where Straighten is 0

	X, Y, Width, Height int // the crop, in pixels from the frame's top left corner
}

// Geometry gives the geometry of r on an upright picture of w × h pixels (both at
// least 1). Call it with the size that was decoded, shrunk or not. r may be nil.
func (r *Recipe) Geometry(w, h int) Geometry {
	if r == nil {
		r = &Recipe{}
	}
	g := Geometry{Flip: r.Flip, Rotate: r.Rotate, Straighten: r.Straighten, TurnedWidth: w, TurnedHeight: h}
	if r.Rotate%180 != 0 {
		g.TurnedWidth, g.TurnedHeight = h, w
	}
	scale := inscribed(float64(g.TurnedWidth), float64(g.TurnedHeight), r.Straighten)
	g.FrameWidth, g.FrameHeight = float64(g.TurnedWidth)*scale, float64(g.TurnedHeight)*scale
	c := Crop{W: 1, H: 1}
	if r.Crop != nil {
		c = *r.Crop
	}
	g.X, g.Width = span(c.X, c.W, g.FrameWidth)
	g.Y, g.Height = span(c.Y, c.H, g.FrameHeight)
	return g
}

// Identity reports whether the geometry keeps the picture as it is.
func (g Geometry) Identity() bool {
	return !g.Flip && g.Rotate == 0 && g.Straighten == 0 && g.Width == g.TurnedWidth && g.Height == g.TurnedHeight
}

// OnCanvas places the crop on the straightened picture as image libraries give
// it: grown to a canvas of cw × ch pixels that holds the whole turned picture,
// centred. The rectangle is within the canvas and not empty.
func (g Geometry) OnCanvas(cw, ch int) (x, y, w, h int) {
	x, w = place(g.X, g.Width, g.FrameWidth, cw)
	y, h = place(g.Y, g.Height, g.FrameHeight, ch)
	return x, y, w, h
}

// Fit is the size of the result at most maxWidth pixels wide, never enlarged.
func (g Geometry) Fit(maxWidth int) (w, h int) {
	if g.Width <= maxWidth {
		return g.Width, g.Height
	}
	return maxWidth, max(1, round(float64(g.Height)*float64(maxWidth)/float64(g.Width)))
}

// inscribed is by what the sides of a w × h rectangle shrink so that it fits,
// upright and centred, into the same rectangle turned by deg.
func inscribed(w, h, deg float64) float64 {
	if deg == 0 {
		return 1
	}
	sin, cos := math.Sincos(math.Abs(deg) * math.Pi / 180)
	return min(w/(w*cos+h*sin), h/(w*sin+h*cos))
}

// span is the whole pixels from..from+n that a crop of fraction x, w takes of a side.
func span(x, w, side float64) (from, n int) {
	whole := max(1, int(math.Floor(side+1e-6)))
	from = min(round(x*side), whole-1)
	to := min(max(round((x+w)*side), from+1), whole)
	return from, to - from
}

func place(from, n int, frame float64, canvas int) (int, int) {
	from += max(0, int(math.Ceil((float64(canvas)-frame)/2-1e-6)))
	from = min(from, canvas-1)
	return from, min(n, canvas-from)
}

func round(v float64) int { return int(math.Floor(v + 0.5)) }
