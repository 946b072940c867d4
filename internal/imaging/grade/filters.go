package grade

import (
	_ "embed"
	"encoding/json"
	"sync"
)

// filtersJSON is the one source of the filters; web/src/edit/filters.json is a
// copy of it, which a test keeps equal.
//
//go:embed filters.json
var filtersJSON []byte

// filter is one filter as data. In order: the tone curve and then the channel's
// own curve on each channel; the matrix; saturation; and on each channel again
// fade and tint. Curves go through control points [in, out], 0..255; matrix,
// saturation, fade, amount and vignette are in thousandths. What is left out
// changes nothing.
type filter struct {
	Name       string   `json:"name"`
	About      string   `json:"about"`
	Tone       [][2]int `json:"tone"`
	Red        [][2]int `json:"red"`
	Green      [][2]int `json:"green"`
	Blue       [][2]int `json:"blue"`
	Matrix     []int    `json:"matrix"` // rows: what red, green and blue become
	Saturation *int     `json:"saturation"`
	Fade       int      `json:"fade"` // lifts black by so much of the scale
	Tint       *tint    `json:"tint"`
	Vignette   int      `json:"vignette"` // added to the recipe's own
}

// tint moves each channel towards the place of its value between two colours.
type tint struct {
	Shadows    [3]int `json:"shadows"`
	Highlights [3]int `json:"highlights"`
	Amount     int    `json:"amount"`
}

// filters is the table that filters.json describes, decoded when first needed.
var filters = sync.OnceValue(func() []filter {
	var file struct {
		Filters []filter `json:"filters"`
	}
	if err := json.Unmarshal(filtersJSON, &file); err != nil {
		panic("grade: the built-in filters.json is broken: " + err.Error())
	}
	return file.Filters
})

// Filters gives the names of the filters in the order to show them, without Normal.
func Filters() []string {
	fs := filters()
	names := make([]string, len(fs))
	for i, f := range fs {
		names[i] = f.Name
	}
	return names
}

// HasFilter reports whether there is a filter of that name, by its exact spelling.
func HasFilter(name string) bool { return filterNamed(name) != nil }

func filterNamed(name string) *filter {
	fs := filters()
	for i := range fs {
		if fs[i].Name == name {
			return &fs[i]
		}
	}
	return nil
}
