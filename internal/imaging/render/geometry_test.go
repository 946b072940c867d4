package render

import (
	"fmt"
	"math"
	"testing"

	"github.com/tintype/tintype/internal/imaging"
	"github.com/tintype/tintype/internal/tintype"
)

func TestSizes(t *testing.T) {
	t.Parallel()
	p := caged(t, imaging.Config{})
	all := append(imaging.PostSizes(), imaging.LegacySizes()...)
	for _, test := range []struct {
		w, h int
		want map[string][2]int
	}{
		{4000, 3000, map[string][2]int{"1080": {1080, 810}, "640": {640, 480}, "612s": {612, 612}, "320s": {320, 320}, "306s": {306, 306}, "150s": {150, 150}}},
		{3000, 4000, map[string][2]int{"1080": {1080, 1440}, "640": {640, 853}, "612s": {612, 612}, "320s": {320, 320}, "306s": {306, 306}, "150s": {150, 150}}},
		// Wide ones keep enough height for the squares.
		{6000, 700, map[string][2]int{"1080": {1080, 126}, "640": {640, 75}, "612s": {612, 612}, "320s": {320, 320}, "306s": {306, 306}, "150s": {150, 150}}},
		// Nothing is enlarged.
		{800, 500, map[string][2]int{"1080": {800, 500}, "640": {640, 400}, "612s": {500, 500}, "320s": {320, 320}, "306s": {306, 306}, "150s": {150, 150}}},
		{100, 40, map[string][2]int{"1080": {100, 40}, "640": {100, 40}, "612s": {40, 40}, "320s": {40, 40}, "306s": {40, 40}, "150s": {40, 40}}},
		{1, 1, map[string][2]int{"1080": {1, 1}, "640": {1, 1}, "612s": {1, 1}, "320s": {1, 1}, "306s": {1, 1}, "150s": {1, 1}}},
		{3, 30000, map[string][2]int{"1080": {1, 10000}, "640": {1, 10000}, "612s": {3, 3}, "320s": {3, 3}, "306s": {3, 3}, "150s": {3, 3}}},
		{30000, 3, map[string][2]int{"1080": {1080, 1}, "640": {640, 1}, "612s": {3, 3}, "320s": {3, 3}, "306s": {3, 3}, "150s": {3, 3}}},
	} {
		t.Run(fmt.Sprintf("%dx%d", test.w, test.h), func(t *testing.T) {
			res, files := rendered(t, p, encoded(t, "image/jpeg", upright(test.w, test.h), test.w, test.h), "", all...)
			if len(res.Renditions) != len(all) || res.Blurhash == "" {
				t.Fatalf("%+v", res)
			}
			for i, r := range res.Renditions {
				if want := test.want[r.Name]; [2]int{r.Width, r.Height} != want {
					t.Errorf("%s: %d × %d, want %v", r.Name, r.Width, r.Height, want)
				}
				if _, w, h := rgb(t, files[r.Name]); w != r.Width || h != r.Height || r.Bytes != int64(len(files[r.Name])) {
					t.Errorf("%s: is %d × %d in %d bytes, said %+v", r.Name, w, h, len(files[r.Name]), r)
				}
				if want := []string{"1080", "640", "612s", "320s", "306s", "150s"}[i]; r.Name != want {
					t.Errorf("%s comes at place %d", r.Name, i)
				}
			}
		})
	}
}

// TestRecipeGeometry renders a picture whose colours tell where each pixel comes
// from, and looks whether they are where the recipe puts them.
func TestRecipeGeometry(t *testing.T) {
	t.Parallel()
	p := caged(t, imaging.Config{})
	for _, shape := range []struct{ w, h int }{{640, 480}, {480, 640}, {3000, 2000}} {
		pix := ramp(shape.w, shape.h)
		for _, test := range []struct {
			recipe string
			rotate int
			flip   bool
			deg    float64
			crop   [4]float64
		}{
			{recipe: `{"flip":true}`, flip: true, crop: [4]float64{0, 0, 1, 1}},
			{recipe: `{"rotate":90}`, rotate: 90, crop: [4]float64{0, 0, 1, 1}},
			{recipe: `{"rotate":180,"flip":true}`, rotate: 180, flip: true, crop: [4]float64{0, 0, 1, 1}},
			{recipe: `{"rotate":270}`, rotate: 270, crop: [4]float64{0, 0, 1, 1}},
			{recipe: `{"crop":{"x":0.25,"y":0.5,"w":0.5,"h":0.25}}`, crop: [4]float64{0.25, 0.5, 0.5, 0.25}},
			{recipe: `{"crop":{"x":0.9,"y":0.9,"w":0.1,"h":0.1},"rotate":90}`, rotate: 90, crop: [4]float64{0.9, 0.9, 0.1, 0.1}},
			{recipe: `{"straighten":10}`, deg: 10, crop: [4]float64{0, 0, 1, 1}},
			{recipe: `{"straighten":-37.5,"flip":true,"rotate":90,"crop":{"x":0.1,"y":0.6,"w":0.4,"h":0.3}}`, rotate: 90, flip: true, deg: -37.5, crop: [4]float64{0.1, 0.6, 0.4, 0.3}},
			{recipe: `{"straighten":45,"crop":{"x":0,"y":0,"w":0.2,"h":0.2}}`, deg: 45, crop: [4]float64{0, 0, 0.2, 0.2}},
		} {
			for _, orientation := range []int{1, 6} {
				t.Run(fmt.Sprintf("%dx%d %s %d", shape.w, shape.h, test.recipe, orientation), func(t *testing.T) {
					file := oriented(t, "image/jpeg", pix, shape.w, shape.h, orientation)
					res, files := rendered(t, p, file, test.recipe, "1080")
					if res.Width != shape.w || res.Height != shape.h {
						t.Errorf("the original measures %d × %d", res.Width, res.Height)
					}
					got, w, h := rgb(t, files["1080"])
					tw, th := float64(shape.w), float64(shape.h)
					if test.rotate%180 != 0 {
						tw, th = th, tw
					}
					sin, cos := math.Sincos(test.deg * math.Pi / 180)
					k := min(tw/(tw*cos+th*math.Abs(sin)), th/(tw*math.Abs(sin)+th*cos))
					fw, fh := tw*k, th*k
					wantW := math.Min(1080, fw*test.crop[2])
					if math.Abs(float64(w)-wantW) > 1.5 || math.Abs(float64(h)-wantW*fh*test.crop[3]/(fw*test.crop[2])) > 2 {
						t.Errorf("%d × %d, want about %.1f wide", w, h, wantW)
					}
					worst := 0.0
					for _, at := range [][2]float64{{0.05, 0.05}, {0.95, 0.05}, {0.5, 0.5}, {0.05, 0.95}, {0.95, 0.95}, {0.3, 0.7}} {
						x, y := int(at[0]*float64(w)), int(at[1]*float64(h))
						// From the result back to the upright original: crop, straighten, rotate, flip.
						fx := (test.crop[0]+test.crop[2]*(float64(x)+0.5)/float64(w))*fw - fw/2
						fy := (test.crop[1]+test.crop[3]*(float64(y)+0.5)/float64(h))*fh - fh/2
						sx, sy := fx*cos+fy*sin+tw/2, -fx*sin+fy*cos+th/2
						u, v := sx/tw, sy/th
						switch test.rotate {
						case 90:
							u, v = v, 1-u
						case 180:
							u, v = 1-u, 1-v
						case 270:
							u, v = 1-v, u
						}
						if test.flip {
							u = 1 - u
						}
						c := got[(y*w+x)*3:]
						worst = max(worst, math.Abs(float64(c[0])-(20+215*u)), math.Abs(float64(c[1])-(20+215*v)))
					}
					if worst > 5 {
						t.Errorf("a colour is off by %.1f", worst)
					}
				})
			}
		}
	}
}

// ramp is red from left to right and green from top to bottom.
func ramp(w, h int) []byte {
	pix := make([]byte, 0, w*h*3)
	for y := range h {
		for x := range w {
			pix = append(pix, byte(20+215*(2*x+1)/(2*w)), byte(20+215*(2*y+1)/(2*h)), 60)
		}
	}
	return pix
}

func TestRecipeGrades(t *testing.T) {
	t.Parallel()
	p := caged(t, imaging.Config{Children: 1})
	pix := upright(300, 200)
	file := encoded(t, "image/jpeg", pix, 300, 200)
	_, files := rendered(t, p, file, `{"saturation":-1}`, imaging.PostSizes()...)
	for name, f := range files {
		got, _, _ := rgb(t, f)
		for i := 0; i < len(got); i += 3 {
			if max(got[i], got[i+1], got[i+2])-min(got[i], got[i+1], got[i+2]) > 6 {
				t.Fatalf("%s: %v is not grey", name, got[i:i+3])
			}
		}
	}
	for _, recipe := range []string{`{"filter":"No such filter"}`, `{"rotate":45}`, `[]`, `{"crop":{"x":2,"y":0,"w":1,"h":1}}`, `{"unknown":1}`, `{`} {
		_, err := p.Render(t.Context(), reader(file), imaging.Plan{Recipe: []byte(recipe), Sizes: imaging.PostSizes()}, discard)
		if !tintype.IsKind(err, tintype.Invalid) {
			t.Errorf("%s: %v, want an Invalid", recipe, err)
		}
	}
}
