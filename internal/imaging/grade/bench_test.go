package grade

import "testing"

// 1080 × 1350, the largest rendition of a portrait picture: 1.46 megapixels.
func BenchmarkApply(b *testing.B) {
	const w, h = 1080, 1350
	recipes := []struct {
		name   string
		recipe *Recipe
	}{
		{"filter", &Recipe{Filter: "Amber", Strength: 1}},
		{"filter_with_vignette", &Recipe{Filter: "Collodion", Strength: 0.8}},
		{"adjustments", &Recipe{Brightness: 0.2, Contrast: 0.3, Warmth: 0.1, Saturation: -0.2}},
		{"all", &Recipe{Filter: "Amber", Strength: 0.8, Brightness: 0.2, Contrast: 0.3, Warmth: 0.1, Saturation: -0.2, Vignette: 0.5}},
		{"tilt_shift", &Recipe{TiltShift: &TiltShift{Mode: Linear, X: 0.5, Y: 0.5, Size: 0.3, Angle: 20}}},
	}
	for _, r := range recipes {
		b.Run(r.name, func(b *testing.B) {
			pix := picture("noise", w, h, 3, 1)
			b.SetBytes(int64(len(pix)))
			for b.Loop() {
				r.recipe.Apply(pix, w, h, 3)
			}
		})
	}
}
