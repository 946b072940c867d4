package grade

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write testdata/vectors.json and the web app's copy of filters.json anew")

const (
	vectorsFile = "testdata/vectors.json"
	filtersCopy = "../../../web/src/edit/filters.json"
)

// vectors is what the TypeScript arithmetic must give too; web/src/edit reads the same file.
type vectors struct {
	Pictures   []vectorPicture  `json:"pictures"`
	Grades     []vectorGrade    `json:"grades"`
	Recipes    []vectorRecipe   `json:"recipes"`
	Geometries []vectorGeometry `json:"geometries"`
}

type vectorPicture struct {
	Name   string `json:"name"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
	Bands  int    `json:"bands"`
	Pixels []byte `json:"pixels"`
}

type vectorGrade struct {
	Picture string          `json:"picture"`
	Recipe  json.RawMessage `json:"recipe"`
	Pixels  []byte          `json:"pixels"`
}

// vectorRecipe has the canonical form that Parse gives, or the fact of its error.
type vectorRecipe struct {
	Sent      json.RawMessage `json:"sent"`
	Canonical *Recipe         `json:"canonical"`
	Error     bool            `json:"error"`
}

type vectorGeometry struct {
	Recipe   json.RawMessage `json:"recipe"`
	Width    int             `json:"width"`
	Height   int             `json:"height"`
	Geometry Geometry        `json:"geometry"`
	Fit      [2]int          `json:"fit"` // at most 1080 wide
}

func gradeRecipes() []string {
	rs := []string{
		`null`,
		`{"brightness":1}`, `{"brightness":-1}`, `{"brightness":0.237}`,
		`{"contrast":1}`, `{"contrast":-1}`, `{"contrast":0.333}`,
		`{"warmth":1}`, `{"warmth":-1}`, `{"warmth":-0.41}`,
		`{"saturation":1}`, `{"saturation":-1}`, `{"saturation":0.199}`,
		`{"vignette":1}`, `{"vignette":0.35}`,
		`{"tilt_shift":{"mode":"radial"}}`,
		`{"tilt_shift":{"mode":"radial","x":0.2,"y":0.8,"size":0.1}}`,
		`{"tilt_shift":{"mode":"linear"}}`,
		`{"tilt_shift":{"mode":"linear","x":0.4,"y":0.3,"size":0.05,"angle":33}}`,
		`{"tilt_shift":{"mode":"linear","x":0.9,"size":0,"angle":-77}}`,
		`{"filter":"Amber","strength":0.6,"brightness":0.2,"contrast":-0.3,"warmth":0.4,"saturation":0.5,"vignette":0.6,"tilt_shift":{"mode":"radial","size":0.2}}`,
		`{"filter":"Collodion","strength":0.35,"brightness":-0.5,"contrast":0.8,"warmth":-1,"saturation":-0.6,"vignette":1}`,
	}
	for _, name := range Filters() {
		rs = append(rs, fmt.Sprintf(`{"filter":%q}`, name), fmt.Sprintf(`{"filter":%q,"strength":0.457}`, name))
	}
	return rs
}

func vectorRecipes() []string {
	return []string{
		`null`, `{}`, `{"filter":"Normal"}`, `{"filter":"Silver","strength":0}`, `{"strength":0.5}`,
		`{"filter":"Silver"}`, `{"filter":"Silver","strength":0.12345}`, `{"rotate":270,"flip":true}`,
		`{"straighten":-12.3456}`, `{"straighten":0.001}`, `{"brightness":-0.0005}`, `{"contrast":0.0005}`,
		`{"crop":{"x":0,"y":0,"w":1,"h":1}}`, `{"crop":{"x":0.1,"y":0.2,"w":0.3,"h":0.4}}`, `{"crop":{"x":-0.00005,"y":0.5,"w":0.5,"h":0.50005}}`,
		`{"tilt_shift":{"mode":"off","x":7}}`, `{"tilt_shift":{"mode":"radial","angle":45}}`,
		`{"tilt_shift":{"mode":"linear","angle":135.5}}`, `{"tilt_shift":{"mode":"linear","angle":-90,"size":0.25}}`,
		`{"rotate":45}`, `{"rotate":360}`, `{"straighten":45.01}`, `{"brightness":1.01}`, `{"vignette":-0.1}`, `{"filter":"Nashville"}`,
		`{"crop":{"x":0.9,"y":0,"w":-0.4,"h":1}}`, `{"crop":{"x":0.9,"y":0,"w":0.2,"h":1}}`, `{"crop":{"x":0,"y":0,"w":0.001,"h":1}}`,
		`{"tilt_shift":{"mode":"square"}}`, `{"tilt_shift":{"mode":"radial","x":1.5}}`,
	}
}

func makeVectors(t *testing.T) vectors {
	t.Helper()
	v := vectors{Pictures: []vectorPicture{
		{Name: "noise", Width: 13, Height: 9, Bands: 3, Pixels: picture("noise", 13, 9, 3, 7)},
		{Name: "gradient", Width: 20, Height: 24, Bands: 4, Pixels: picture("gradient", 20, 24, 4, 0)},
	}}
	for _, p := range v.Pictures {
		for _, sent := range gradeRecipes() {
			r, err := Parse([]byte(sent))
			if err != nil {
				t.Fatalf("Parse(%s): %v", sent, err)
			}
			pix := bytes.Clone(p.Pixels)
			r.Apply(pix, p.Width, p.Height, p.Bands)
			v.Grades = append(v.Grades, vectorGrade{Picture: p.Name, Recipe: json.RawMessage(sent), Pixels: pix})
		}
	}
	for _, sent := range vectorRecipes() {
		r, err := Parse([]byte(sent))
		v.Recipes = append(v.Recipes, vectorRecipe{Sent: json.RawMessage(sent), Canonical: r, Error: err != nil})
	}
	for _, sent := range []string{
		`{}`, `{"rotate":90}`, `{"rotate":180,"flip":true}`, `{"straighten":7.5}`, `{"straighten":-45}`, `{"rotate":270,"straighten":3.25}`,
		`{"crop":{"x":0.125,"y":0.1,"w":0.5,"h":0.8}}`, `{"rotate":90,"straighten":-11,"crop":{"x":0.333333,"y":0.25,"w":0.4,"h":0.6}}`,
		`{"crop":{"x":0.99,"y":0.99,"w":0.01,"h":0.01}}`,
	} {
		r, err := Parse([]byte(sent))
		if err != nil {
			t.Fatalf("Parse(%s): %v", sent, err)
		}
		for _, s := range [][2]int{{4032, 3024}, {3024, 4032}, {801, 533}, {1, 1}, {5000, 3}} {
			g := r.Geometry(s[0], s[1])
			fw, fh := g.Fit(1080)
			v.Geometries = append(v.Geometries, vectorGeometry{Recipe: json.RawMessage(sent), Width: s[0], Height: s[1], Geometry: g, Fit: [2]int{fw, fh}})
		}
	}
	return v
}

// TestVectors holds the arithmetic to what it was: stored recipes must go on meaning the same picture.
func TestVectors(t *testing.T) {
	got := makeVectors(t)
	if *update {
		data, err := json.Marshal(got)
		if err != nil {
			t.Fatal(err)
		}
		// One case to a line, so that a change reads as a change of cases.
		data = bytes.ReplaceAll(data, []byte("},{"), []byte("},\n{"))
		if err := os.WriteFile(vectorsFile, append(data, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(vectorsFile)
	if err != nil {
		t.Fatal(err)
	}
	var want vectors
	if err := json.Unmarshal(data, &want); err != nil {
		t.Fatal(err)
	}
	if len(got.Grades) != len(want.Grades) {
		t.Fatalf("%d graded pictures, want %d", len(got.Grades), len(want.Grades))
	}
	for i, g := range got.Grades {
		if !bytes.Equal(g.Pixels, want.Grades[i].Pixels) {
			t.Errorf("%s graded with %s differs from the golden pixels", g.Picture, g.Recipe)
		}
	}
	if diff := cmp.Diff(want.Recipes, got.Recipes); diff != "" {
		t.Errorf("recipes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want.Geometries, got.Geometries); diff != "" {
		t.Errorf("geometries (-want +got):\n%s", diff)
	}
}

func TestFiltersCopy(t *testing.T) {
	if *update {
		if err := os.WriteFile(filtersCopy, filtersJSON, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(filtersCopy)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, filtersJSON) {
		t.Errorf("%s differs from filters.json; run go test ./internal/imaging/grade -update", filtersCopy)
	}
}
