package grade

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tintype/tintype/internal/tintype"
)

func TestParse(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		in   string
		want *Recipe
		err  string // part of the message
	}{
		{name: "null", in: `null`},
		{name: "empty", in: `{}`},
		{name: "identity spelt out", in: `{"rotate":0,"flip":false,"straighten":0,"crop":{"x":0,"y":0,"w":1,"h":1},"filter":"Normal","strength":1,"tilt_shift":{"mode":"off"}}`},
		{name: "null fields", in: `{"crop":null,"tilt_shift":null,"strength":null,"filter":null}`},
		{name: "filter of no strength", in: `{"filter":"Silver","strength":0}`},
		{name: "filter", in: `{"filter":"Silver"}`, want: &Recipe{Filter: "Silver", Strength: 1}},
		{name: "all", in: `{"rotate":90,"flip":true,"straighten":-3.5,"crop":{"x":0.1,"y":0.2,"w":0.5,"h":0.6},"filter":"Amber","strength":0.5,"brightness":0.1,"contrast":-0.2,"warmth":0.3,"saturation":-1,"vignette":0.4,"tilt_shift":{"mode":"linear","x":0.4,"y":0.6,"size":0.2,"angle":15}}`,
			want: &Recipe{Rotate: 90, Flip: true, Straighten: -3.5, Crop: &Crop{0.1, 0.2, 0.5, 0.6}, Filter: "Amber", Strength: 0.5,
				Brightness: 0.1, Contrast: -0.2, Warmth: 0.3, Saturation: -1, Vignette: 0.4,
				TiltShift: &TiltShift{Mode: Linear, X: 0.4, Y: 0.6, Size: 0.2, Angle: 15}}},
		{name: "tilt-shift defaults", in: `{"tilt_shift":{"mode":"radial"}}`, want: &Recipe{TiltShift: &TiltShift{Mode: Radial, X: 0.5, Y: 0.5, Size: 0.5}}},
		{name: "unknown field", in: `{"sepia":1}`, err: `no field "sepia"`},
		{name: "other case", in: `{"Filter":"Silver"}`, err: `no field "Filter"`},
		{name: "unknown crop field", in: `{"crop":{"x":0,"y":0,"w":1,"h":1,"z":0}}`, err: `crop has no field "z"`},
		{name: "half a crop", in: `{"crop":{"x":0,"y":0}}`, err: "crop needs all"},
		{name: "crop as a list", in: `{"crop":[0,0,1,1]}`, err: "crop must be a JSON object"},
		{name: "reversed crop", in: `{"crop":{"x":0.9,"y":0,"w":-0.5,"h":1}}`, err: "reversed"},
		{name: "crop outside", in: `{"crop":{"x":0.9,"y":0,"w":0.5,"h":1}}`, err: "outside"},
		{name: "crop of nothing", in: `{"crop":{"x":0.9,"y":0,"w":0.001,"h":1}}`, err: "too small"},
		{name: "rotate", in: `{"rotate":45}`, err: "rotate must be"},
		{name: "rotate a fraction", in: `{"rotate":90.5}`, err: "rotate"},
		{name: "huge number", in: `{"brightness":1e999}`, err: "brightness"},
		{name: "not a number", in: `{"brightness":NaN}`, err: "JSON"},
		{name: "text for a number", in: `{"warmth":"1"}`, err: "warmth"},
		{name: "out of range", in: `{"vignette":1.5}`, err: "vignette must be between 0 and 1"},
		{name: "filter of another service", in: `{"filter":"Clarendon"}`, err: `no filter named "Clarendon"`},
		{name: "tilt mode", in: `{"tilt_shift":{"mode":"star"}}`, err: "tilt_shift.mode"},
		{name: "tilt place", in: `{"tilt_shift":{"mode":"radial","x":2}}`, err: "tilt_shift.x"},
		{name: "list", in: `[]`, err: "JSON object"},
		{name: "nothing", in: ``, err: "JSON object"},
		{name: "more after it", in: `{} {}`, err: "something after"},
		{name: "too long", in: `{"filter":"` + strings.Repeat("x", maxRecipe) + `"}`, err: "longer than"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := Parse([]byte(tt.in))
			if tt.err != "" {
				if !tintype.IsKind(err, tintype.Invalid) || !strings.Contains(err.Error(), tt.err) {
					t.Fatalf("Parse gave error %v, want Invalid with %q", err, tt.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("recipe (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCanonicalRefusesWhatJSONCannotSay(t *testing.T) {
	t.Parallel()
	for name, r := range map[string]*Recipe{
		"NaN":             {Brightness: math.NaN()},
		"infinity":        {Warmth: math.Inf(1)},
		"NaN crop":        {Crop: &Crop{X: math.NaN(), W: 1, H: 1}},
		"infinite crop":   {Crop: &Crop{W: math.Inf(1), H: 1}},
		"NaN tilt-shift":  {TiltShift: &TiltShift{Mode: Radial, Size: math.NaN()}},
		"negative degree": {Rotate: -90},
	} {
		if _, err := r.Canonical(); !tintype.IsKind(err, tintype.Invalid) {
			t.Errorf("%s: error %v, want Invalid", name, err)
		}
	}
}

func TestWithFilter(t *testing.T) {
	t.Parallel()
	if r, err := WithFilter(Normal); r != nil || err != nil {
		t.Errorf("WithFilter(Normal) = %v, %v; want nil, nil", r, err)
	}
	for _, name := range Filters() {
		r, err := WithFilter(name)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(&Recipe{Filter: name, Strength: 1}, r); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestFilters(t *testing.T) {
	t.Parallel()
	if n := len(Filters()); n < 12 {
		t.Errorf("%d filters, want a dozen", n)
	}
	seen := map[string]bool{}
	for _, f := range filters() {
		if seen[f.Name] || f.Name == "" || f.Name == Normal || f.About == "" {
			t.Errorf("filter %q has a name twice, or no name or description", f.Name)
		}
		seen[f.Name] = true
		if f.Matrix != nil && len(f.Matrix) != 9 {
			t.Errorf("%s: a matrix of %d", f.Name, len(f.Matrix))
		}
		for _, c := range [][][2]int{f.Tone, f.Red, f.Green, f.Blue} {
			for i := 1; i < len(c); i++ {
				if c[i][0] <= c[i-1][0] || c[i][1] < c[i-1][1] {
					t.Errorf("%s: the curve %v does not ascend", f.Name, c)
				}
			}
			at := curve(c)
			for v := 1; v <= one; v++ {
				if at(v) < at(v-1)-2 { // two of 4080: the rounding of its terms
					t.Errorf("%s: the curve %v falls at %d", f.Name, c, v)
					break
				}
			}
		}
		// What is lighter stays lighter: no filter turns tones around.
		line := make([]byte, 256*3)
		for i := range line {
			line[i] = byte(i / 3)
		}
		l := f.compile()
		out := make([]int32, len(line))
		l.line(out, line, 3, unit)
		for i := 3; i < len(out); i += 3 {
			before, after := out[i-3]*871+out[i-2]*2929+out[i-1]*296, out[i]*871+out[i+1]*2929+out[i+2]*296
			if after < before-4*unit {
				t.Errorf("%s: luma falls from %d to %d at grey %d", f.Name, before/unit, after/unit, i/3)
				break
			}
		}
	}
}

func TestApply(t *testing.T) {
	t.Parallel()
	grey := func(v byte) []byte { return bytes.Repeat([]byte{v}, 3*16) }
	mean := func(pix []byte, c int) float64 {
		sum := 0
		for i := c; i < len(pix); i += 3 {
			sum += int(pix[i])
		}
		return float64(sum) / float64(len(pix)/3)
	}
	tests := []struct {
		name   string
		recipe *Recipe
		check  func(r, g, b float64) bool
	}{
		{"nil changes nothing", nil, func(r, g, b float64) bool { return r == 100 && g == 100 && b == 100 }},
		{"brighter", &Recipe{Brightness: 0.5}, func(r, g, b float64) bool { return r > 115 && r == g && g == b }},
		{"darker", &Recipe{Brightness: -0.5}, func(r, g, b float64) bool { return r < 85 && r == g && g == b }},
		{"more contrast", &Recipe{Contrast: 1}, func(r, _, _ float64) bool { return r < 95 }},
		{"less contrast", &Recipe{Contrast: -1}, func(r, _, _ float64) bool { return r > 105 }},
		{"warmer", &Recipe{Warmth: 1}, func(r, g, b float64) bool { return r > g && g > b }},
		{"cooler", &Recipe{Warmth: -1}, func(r, g, b float64) bool { return r < g && g < b }},
		{"grey has no saturation", &Recipe{Saturation: 1}, func(r, g, b float64) bool { return r == 100 && g == 100 && b == 100 }},
		{"vignette darkens", &Recipe{Vignette: 1}, func(r, _, _ float64) bool { return r < 95 }},
		{"tilt-shift keeps flat areas", &Recipe{TiltShift: &TiltShift{Mode: Linear, Y: 1}}, func(r, g, b float64) bool { return r == 100 && g == 100 && b == 100 }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			pix := grey(100)
			tt.recipe.Apply(pix, 4, 4, 3)
			if r, g, b := mean(pix, 0), mean(pix, 1), mean(pix, 2); !tt.check(r, g, b) {
				t.Errorf("grey 100 became %.1f %.1f %.1f", r, g, b)
			}
		})
	}
}

func TestSaturationToGrey(t *testing.T) {
	t.Parallel()
	pix := picture("noise", 16, 16, 3, 3)
	(&Recipe{Saturation: -1}).Apply(pix, 16, 16, 3)
	for i := 0; i < len(pix); i += 3 {
		if pix[i] != pix[i+1] || pix[i+1] != pix[i+2] {
			t.Fatalf("pixel %d is %v, not grey", i/3, pix[i:i+3])
		}
	}
}

func TestApplyAgreesWithAlpha(t *testing.T) {
	t.Parallel()
	recipe := &Recipe{Filter: "Gloaming", Strength: 0.7, Contrast: 0.4, Vignette: 0.5, TiltShift: &TiltShift{Mode: Radial, X: 0.3, Y: 0.3}}
	rgb, rgba := picture("noise", 31, 17, 3, 5), picture("noise", 31, 17, 4, 5)
	before := bytes.Clone(rgba)
	recipe.Apply(rgb, 31, 17, 3)
	recipe.Apply(rgba, 31, 17, 4)
	for i := range 31 * 17 {
		if !bytes.Equal(rgb[3*i:3*i+3], rgba[4*i:4*i+3]) {
			t.Fatalf("pixel %d: %v without alpha, %v with it", i, rgb[3*i:3*i+3], rgba[4*i:4*i+3])
		}
		if rgba[4*i+3] != before[4*i+3] {
			t.Fatalf("pixel %d: alpha %d became %d", i, before[4*i+3], rgba[4*i+3])
		}
	}
}

func TestGeometry(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		recipe *Recipe
		w, h   int
		want   Geometry
	}{
		{"nil", nil, 400, 300, Geometry{TurnedWidth: 400, TurnedHeight: 300, FrameWidth: 400, FrameHeight: 300, Width: 400, Height: 300}},
		{"quarter turn", &Recipe{Rotate: 90}, 400, 300,
			Geometry{Rotate: 90, TurnedWidth: 300, TurnedHeight: 400, FrameWidth: 300, FrameHeight: 400, Width: 300, Height: 400}},
		{"crop after the turn", &Recipe{Rotate: 270, Crop: &Crop{X: 0.5, Y: 0.25, W: 0.5, H: 0.5}}, 400, 300,
			Geometry{Rotate: 270, TurnedWidth: 300, TurnedHeight: 400, FrameWidth: 300, FrameHeight: 400, X: 150, Y: 100, Width: 150, Height: 200}},
		{"square by 45", &Recipe{Straighten: 45}, 100, 100,
			Geometry{Straighten: 45, TurnedWidth: 100, TurnedHeight: 100, FrameWidth: 100 / math.Sqrt2, FrameHeight: 100 / math.Sqrt2, Width: 70, Height: 70}},
		{"one pixel", &Recipe{Crop: &Crop{X: 0.99, Y: 0.99, W: 0.01, H: 0.01}}, 1, 1,
			Geometry{TurnedWidth: 1, TurnedHeight: 1, FrameWidth: 1, FrameHeight: 1, Width: 1, Height: 1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			near := cmp.Comparer(func(a, b float64) bool { return math.Abs(a-b) < 1e-9 })
			if diff := cmp.Diff(tt.want, tt.recipe.Geometry(tt.w, tt.h), near); diff != "" {
				t.Errorf("geometry (-want +got):\n%s", diff)
			}
		})
	}
}

// The corners of the frame, turned back, lie within the picture: no empty corner is ever shown.
func TestGeometryHasNoEmptyCorner(t *testing.T) {
	t.Parallel()
	for _, s := range [][2]int{{400, 300}, {300, 400}, {1000, 100}, {77, 76}} {
		for deg := -45.0; deg <= 45; deg += 2.5 {
			g := (&Recipe{Straighten: deg}).Geometry(s[0], s[1])
			sin, cos := math.Sincos(-deg * math.Pi / 180)
			for _, corner := range [][2]float64{{-1, -1}, {1, -1}, {1, 1}, {-1, 1}} {
				x, y := corner[0]*g.FrameWidth/2, corner[1]*g.FrameHeight/2
				bx, by := x*cos-y*sin, x*sin+y*cos
				if math.Abs(bx) > float64(s[0])/2+1e-6 || math.Abs(by) > float64(s[1])/2+1e-6 {
					t.Errorf("%v turned by %g: the corner %v is outside", s, deg, corner)
				}
			}
			cw := int(math.Round(float64(s[0])*math.Abs(cos) + float64(s[1])*math.Abs(sin)))
			ch := int(math.Round(float64(s[1])*math.Abs(cos) + float64(s[0])*math.Abs(sin)))
			if x, y, w, h := g.OnCanvas(cw, ch); x < 0 || y < 0 || w < 1 || h < 1 || x+w > cw || y+h > ch {
				t.Errorf("%v turned by %g: %d,%d %d×%d is not on the canvas of %d×%d", s, deg, x, y, w, h, cw, ch)
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range append(gradeRecipes(), vectorRecipes()...) {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := Parse(data)
		if err != nil {
			if !tintype.IsKind(err, tintype.Invalid) {
				t.Fatalf("error of kind %v: %v", tintype.KindOf(err), err)
			}
			return
		}
		if r == nil {
			return
		}
		sent, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		again, err := Parse(sent)
		if err != nil {
			t.Fatalf("the canonical %s is refused: %v", sent, err)
		}
		if diff := cmp.Diff(r, again); diff != "" {
			t.Fatalf("canonical form moves (-first +second):\n%s", diff)
		}
		g := r.Geometry(37, 23)
		if g.Width < 1 || g.Height < 1 || g.X < 0 || g.Y < 0 || g.X+g.Width > g.TurnedWidth || g.Y+g.Height > g.TurnedHeight {
			t.Fatalf("%s: geometry %+v", sent, g)
		}
		pix := picture("noise", 9, 7, 3, 1)
		r.Apply(pix, 9, 7, 3)
	})
}
