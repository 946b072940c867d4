package render

import (
	"errors"
	"fmt"
	"math"
)

// stages is a pipeline that grows: each operation works on the last one's image.
// After the first error nothing is done any more.
type stages struct {
	images []*image
	err    error
}

func (s *stages) top() *image { return s.images[len(s.images)-1] }

func (s *stages) close() {
	for i := len(s.images) - 1; i >= 0; i-- {
		s.images[i].close()
	}
}

// push makes im the last image.
func (s *stages) push(im *image, err error) {
	if s.err != nil {
		im.close()
		return
	}
	if s.err = err; err == nil {
		s.images = append(s.images, im)
	}
}

func (s *stages) call(op string, opts args) {
	if s.err == nil {
		s.push(s.top().call(op, opts))
	}
}

func (s *stages) memory() {
	if s.err == nil {
		s.push(s.top().inMemory())
	}
}

// plainSRGB makes 8-bit sRGB of three bands: what is transparent becomes white.
func (s *stages) plainSRGB() {
	if s.err == nil && s.top().hasAlpha() {
		white := "255"
		if sp := s.top().space(); sp == "rgb16" || sp == "grey16" {
			white = "65535"
		}
		s.call("flatten", args{"background", white, "max-alpha", white})
	}
	if s.err == nil && s.top().space() != "srgb" {
		s.call("colourspace", args{"space", "srgb"})
	}
	if s.err == nil && !s.top().eightBit() {
		s.call("cast", args{"format", "uchar"})
	}
	if s.err == nil && s.top().bands() > 3 {
		s.call("extract_band", args{"band", "0", "n", "3"})
	}
	if s.err == nil && s.top().bands() != 3 {
		s.err = errors.New("the picture has no colours that can be shown")
	}
}

// orient applies an EXIF orientation.
func (s *stages) orient(orientation int) {
	if orientation == 1 || s.err != nil {
		return
	}
	s.memory() // columns become rows: all of it is needed at once
	switch orientation {
	case 2:
		s.call("flip", args{"direction", "horizontal"})
	case 3:
		s.call("rot", args{"angle", "d180"})
	case 4:
		s.call("flip", args{"direction", "vertical"})
	case 5:
		s.call("rot", args{"angle", "d90"})
		s.call("flip", args{"direction", "horizontal"})
	case 6:
		s.call("rot", args{"angle", "d90"})
	case 7:
		s.call("rot", args{"angle", "d270"})
		s.call("flip", args{"direction", "horizontal"})
	case 8:
		s.call("rot", args{"angle", "d270"})
	}
}

// shape applies the geometry of a recipe to an upright picture that was shrunk to
// w × h: flip, rotate, straighten, crop.
func (s *stages) shape(f frame, w, h int) {
	g := f.geometry
	if g.Identity() || s.err != nil {
		return
	}
	s.memory()
	if g.Flip {
		s.call("flip", args{"direction", "horizontal"})
	}
	if g.Rotate != 0 {
		s.call("rot", args{"angle", fmt.Sprintf("d%d", g.Rotate)})
	}
	if g.Rotate%180 != 0 {
		w, h = h, w
	}
	// The left top corner of the crop, from the centre, in pixels of the shrunk picture.
	x := (float64(g.X) - g.FrameWidth/2) * f.scale
	y := (float64(g.Y) - g.FrameHeight/2) * f.scale
	if g.Straighten == 0 {
		left := between(int(math.Round(x+float64(w)/2)), 0, w-f.width)
		top := between(int(math.Round(y+float64(h)/2)), 0, h-f.height)
		s.call("extract_area", args{"left", fmt.Sprint(left), "top", fmt.Sprint(top), "width", fmt.Sprint(f.width), "height", fmt.Sprint(f.height)})
		return
	}
	// One resampling for turn and crop: a pixel's centre, half a pixel in, is
	// measured from the picture's centre, turned, and measured from the crop's corner.
	sin, cos := math.Sincos(g.Straighten * math.Pi / 180)
	num := func(v float64) string { return fmt.Sprintf("%.9f", v) }
	s.call("affine", args{
		"matrix", num(cos) + " " + num(-sin) + " " + num(sin) + " " + num(cos),
		"idx", num(0.5 - float64(w)/2), "idy", num(0.5 - float64(h)/2),
		"odx", num(-0.5 - x), "ody", num(-0.5 - y),
		"oarea", fmt.Sprintf("0 0 %d %d", f.width, f.height),
		"interpolate", "bicubic", "extend", "copy",
	})
}

func between(v, lo, hi int) int { return max(lo, min(v, hi)) }
