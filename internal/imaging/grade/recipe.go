package grade

import (
	"math"

	"github.com/tintype/tintype/internal/tintype"
)

// Recipe says how one media is edited. The order is fixed: orient by EXIF, flip,
// rotate, straighten, crop, resize, filter, adjustments, vignette, tilt-shift.
//
// A nil *Recipe changes nothing, and is the canonical form of every recipe that
// changes nothing. Recipes from Parse and Canonical are canonical: in range,
// rounded to the steps the arithmetic distinguishes, with defaults filled in, so
// that equal recipes are equal values and equal JSON.
type Recipe struct {
	Rotate     int        `json:"rotate,omitempty"`     // degrees clockwise: 0, 90, 180 or 270
	Flip       bool       `json:"flip,omitempty"`       // mirror left and right, before rotating
	Straighten float64    `json:"straighten,omitempty"` // degrees clockwise, -45..45
	Crop       *Crop      `json:"crop,omitempty"`       // nil: all of it
	Filter     string     `json:"filter,omitempty"`     // a name of Filters; empty: none
	Strength   float64    `json:"strength,omitempty"`   // of the filter, 0..1; above 0 where Filter is set
	Brightness float64    `json:"brightness,omitempty"` // -1..1
	Contrast   float64    `json:"contrast,omitempty"`   // -1..1
	Warmth     float64    `json:"warmth,omitempty"`     // -1..1, warmer above 0
	Saturation float64    `json:"saturation,omitempty"` // -1..1, grey at -1
	Vignette   float64    `json:"vignette,omitempty"`   // 0..1
	TiltShift  *TiltShift `json:"tilt_shift,omitempty"` // nil: off
}

// Crop is a rectangle in fractions of the picture after flip, rotate and
// straighten (of the upright frame inscribed in the straightened picture).
type Crop struct {
	X float64 `json:"x"` // of the left edge
	Y float64 `json:"y"` // of the top edge
	W float64 `json:"w"`
	H float64 `json:"h"`
}

// TiltShift keeps a disc or a band sharp and blurs the rest.
type TiltShift struct {
	Mode  string  `json:"mode"`  // Radial or Linear
	X     float64 `json:"x"`     // centre, fraction of the cropped picture's width
	Y     float64 `json:"y"`     // centre, fraction of its height
	Size  float64 `json:"size"`  // 0..1: radius of the disc, or half the band, in halves of the shorter side
	Angle float64 `json:"angle"` // whole degrees clockwise of a linear band from level, -89..90; 0 if radial
}

// The tilt-shift modes. In a recipe that is sent, "off" is one too.
const (
	Radial = "radial"
	Linear = "linear"
	off    = "off"
)

// Normal is the name people give to no filter; it is the same as an empty one.
const Normal = "Normal"

// minCrop is the least width and height of a crop: a hundredth of the picture.
const minCrop = 0.01

// Canonical checks r and gives its canonical form, which shares nothing with r;
// nil if r changes nothing. Recipe values made in code, not by Parse, go through
// it before they are stored or compared.
func (r *Recipe) Canonical() (*Recipe, error) {
	if r == nil {
		return nil, nil
	}
	c := *r
	switch c.Rotate {
	case 0, 90, 180, 270:
	default:
		return nil, fault("rotate must be 0, 90, 180 or 270")
	}
	for _, f := range []struct {
		name     string
		v        *float64
		min, max float64
		steps    float64
	}{
		{"straighten", &c.Straighten, -45, 45, 100},
		{"strength", &c.Strength, 0, 1, 1000},
		{"brightness", &c.Brightness, -1, 1, 1000},
		{"contrast", &c.Contrast, -1, 1, 1000},
		{"warmth", &c.Warmth, -1, 1, 1000},
		{"saturation", &c.Saturation, -1, 1, 1000},
		{"vignette", &c.Vignette, 0, 1, 1000},
	} {
		if err := snap(f.name, f.v, f.min, f.max, f.steps); err != nil {
			return nil, err
		}
	}
	if c.Filter == Normal {
		c.Filter = ""
	}
	if c.Filter != "" && !HasFilter(c.Filter) {
		return nil, tintype.FieldError("filter", "there is no filter named %q", clip(c.Filter))
	}
	if c.Filter == "" || c.Strength == 0 {
		c.Filter, c.Strength = "", 0
	}
	var err error
	if c.Crop, err = c.Crop.canonical(); err != nil {
		return nil, err
	}
	if c.TiltShift, err = c.TiltShift.canonical(); err != nil {
		return nil, err
	}
	if c == (Recipe{}) {
		return nil, nil
	}
	return &c, nil
}

func (c *Crop) canonical() (*Crop, error) {
	if c == nil {
		return nil, nil
	}
	k := *c
	for _, f := range []struct {
		name string
		v    *float64
	}{{"crop.x", &k.X}, {"crop.y", &k.Y}, {"crop.w", &k.W}, {"crop.h", &k.H}} {
		if math.IsNaN(*f.v) || *f.v < -1 || *f.v > 2 {
			return nil, fault("%s must be between 0 and 1", f.name)
		}
	}
	if k.W <= 0 || k.H <= 0 {
		return nil, fault("the crop is reversed or empty: its width and height must be above 0")
	}
	// What a slider or a pointer computes is off by rounding; a ten-thousandth is forgiven.
	const slack = 1e-4
	if k.X < -slack || k.Y < -slack || k.X+k.W > 1+slack || k.Y+k.H > 1+slack {
		return nil, fault("the crop reaches outside the picture")
	}
	if k.W < minCrop-slack || k.H < minCrop-slack {
		return nil, fault("the crop is too small: it must keep at least a hundredth of the width and of the height")
	}
	k.X, k.Y = step(max(k.X, 0), 1e6), step(max(k.Y, 0), 1e6)
	k.W, k.H = step(min(k.W, 1-k.X), 1e6), step(min(k.H, 1-k.Y), 1e6)
	if k == (Crop{W: 1, H: 1}) {
		return nil, nil
	}
	return &k, nil
}

func (t *TiltShift) canonical() (*TiltShift, error) {
	if t == nil || t.Mode == off || t.Mode == "" {
		return nil, nil
	}
	k := *t
	if k.Mode != Radial && k.Mode != Linear {
		return nil, fault("tilt_shift.mode must be off, radial or linear")
	}
	for _, f := range []struct {
		name     string
		v        *float64
		min, max float64
		steps    float64
	}{
		{"tilt_shift.x", &k.X, 0, 1, 1000},
		{"tilt_shift.y", &k.Y, 0, 1, 1000},
		{"tilt_shift.size", &k.Size, 0, 1, 1000},
		{"tilt_shift.angle", &k.Angle, -180, 180, 1},
	} {
		if err := snap(f.name, f.v, f.min, f.max, f.steps); err != nil {
			return nil, err
		}
	}
	// A band turned by half a turn is the same band.
	switch {
	case k.Mode == Radial:
		k.Angle = 0
	case k.Angle > 90:
		k.Angle -= 180
	case k.Angle <= -90:
		k.Angle += 180
	}
	return &k, nil
}

// snap checks that min <= *v <= max and rounds *v to 1/steps.
func snap(name string, v *float64, lo, hi, steps float64) error {
	if math.IsNaN(*v) || *v < lo || *v > hi {
		return fault("%s must be between %g and %g", name, lo, hi)
	}
	*v = step(*v, steps)
	return nil
}

// step rounds v to the nearest 1/steps, halves up, as JavaScript's Math.round
// does; never to negative zero.
func step(v, steps float64) float64 { return float64(scaled(v, steps)) / steps }

// scaled is v*steps as an integer, halves up. The conversion keeps a compiler
// from fusing the product and the sum, which would round differently.
func scaled(v, steps float64) int { return int(math.Floor(float64(v*steps) + 0.5)) }

func fault(format string, args ...any) error { return tintype.FieldError("edits", format, args...) }

// clip shortens what a stranger sent to a length fit for a message.
func clip(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}
