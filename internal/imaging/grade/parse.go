package grade

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
)

// maxRecipe bounds the bytes of a recipe's JSON; the longest honest one is a fifth of it.
const maxRecipe = 4 << 10

// wire is the JSON that is sent: every field optional, with defaults that are not zero.
type wire struct {
	Rotate     int      `json:"rotate"`
	Flip       bool     `json:"flip"`
	Straighten float64  `json:"straighten"`
	Crop       *Crop    `json:"crop"`
	Filter     string   `json:"filter"`
	Strength   *float64 `json:"strength"` // default 1
	Brightness float64  `json:"brightness"`
	Contrast   float64  `json:"contrast"`
	Warmth     float64  `json:"warmth"`
	Saturation float64  `json:"saturation"`
	Vignette   float64  `json:"vignette"`
	TiltShift  *struct {
		Mode  string   `json:"mode"`
		X     *float64 `json:"x"`    // default 0.5
		Y     *float64 `json:"y"`    // default 0.5
		Size  *float64 `json:"size"` // default 0.5
		Angle float64  `json:"angle"`
	} `json:"tilt_shift"`
}

// The field names, matched exactly: encoding/json alone would take "FILTER" for "filter".
var (
	recipeFields = []string{"rotate", "flip", "straighten", "crop", "filter", "strength", "brightness", "contrast",
		"warmth", "saturation", "vignette", "tilt_shift"}
	cropFields = []string{"x", "y", "w", "h"}
	tiltFields = []string{"mode", "x", "y", "size", "angle"}
)

// Parse reads the JSON of a recipe, strictly: a field it does not know, a value
// out of range or of the wrong type, a reversed crop, a filter that does not
// exist and anything after the object are errors of kind Invalid. The recipe is
// canonical; it is nil, without an error, if it changes nothing ("null", "{}").
func Parse(data []byte) (*Recipe, error) {
	if len(data) > maxRecipe {
		return nil, fault("the edits are longer than %d bytes", maxRecipe)
	}
	top, err := object(data, "edits", recipeFields)
	if err != nil || top == nil {
		return nil, err
	}
	if crop, ok := top["crop"]; ok {
		fields, err := object(crop, "crop", cropFields)
		if err != nil {
			return nil, err
		}
		if fields != nil && len(fields) != len(cropFields) {
			return nil, fault("crop needs all of x, y, w and h")
		}
	}
	if tilt, ok := top["tilt_shift"]; ok {
		if _, err := object(tilt, "tilt_shift", tiltFields); err != nil {
			return nil, err
		}
	}
	var w wire
	if err := json.Unmarshal(data, &w); err != nil {
		var typ *json.UnmarshalTypeError
		if errors.As(err, &typ) && typ.Field != "" {
			return nil, fault("%s is of the wrong type or out of range", clip(typ.Field))
		}
		return nil, fault("the edits are not well-formed JSON")
	}
	r := &Recipe{
		Rotate: w.Rotate, Flip: w.Flip, Straighten: w.Straighten, Crop: w.Crop,
		Filter: w.Filter, Strength: or(w.Strength, 1),
		Brightness: w.Brightness, Contrast: w.Contrast, Warmth: w.Warmth, Saturation: w.Saturation,
		Vignette: w.Vignette,
	}
	if t := w.TiltShift; t != nil {
		r.TiltShift = &TiltShift{Mode: t.Mode, X: or(t.X, 0.5), Y: or(t.Y, 0.5), Size: or(t.Size, 0.5), Angle: t.Angle}
	}
	return r.Canonical()
}

// WithFilter is the recipe of a filter at full strength and nothing else, for
// callers who send a filter's name instead of a recipe; nil for Normal and "".
func WithFilter(name string) (*Recipe, error) {
	return (&Recipe{Filter: name, Strength: 1}).Canonical()
}

// object splits a JSON object into its fields, all of which must be in known;
// null gives nil.
func object(data []byte, name string, known []string) (map[string]json.RawMessage, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	var m map[string]json.RawMessage
	if err := dec.Decode(&m); err != nil {
		return nil, fault("%s must be a JSON object", name)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, fault("there is something after the %s", name)
	}
	for k := range m {
		if !slices.Contains(known, k) {
			return nil, fault("%s has no field %q", name, clip(k))
		}
	}
	return m, nil
}

func or(p *float64, v float64) float64 {
	if p == nil {
		return v
	}
	return *p
}
