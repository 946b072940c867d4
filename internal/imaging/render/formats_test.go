package render

import (
	"bytes"
	"testing"

	"github.com/tintype/tintype/internal/imaging"
	"github.com/tintype/tintype/internal/tintype"
)

// Each format comes out of the cage as what it says it is, looks like the JPEG, and says nothing of the original.
func TestFormats(t *testing.T) {
	t.Parallel()
	p := caged(t, imaging.Config{})
	file := planted(t)["image/jpeg"]
	jpeg := func(size string) []byte {
		_, files := rendered(t, p, file, "", size)
		return files[size]
	}
	for _, f := range imaging.Formats() {
		t.Run(string(f), func(t *testing.T) {
			var s shelf
			sizes := imaging.PostSizes()
			res, err := p.Render(t.Context(), bytes.NewReader(file), imaging.Plan{Sizes: sizes, Format: f}, s.create)
			if err != nil {
				t.Fatal(err)
			}
			if len(res.Renditions) != len(sizes) || len(s.files) != len(sizes) {
				t.Fatalf("%d renditions, %d files, want %d", len(res.Renditions), len(s.files), len(sizes))
			}
			for size, b := range s.files {
				if got := imaging.Sniff(b); got != f.Type() {
					t.Errorf("%s is %q, want %q", size, got, f.Type())
				}
				for _, secret := range []string{canary, gpsText, gpsOther, "Canary Optics", "Exif", "EXIF"} {
					if bytes.Contains(b, []byte(secret)) {
						t.Errorf("%s tells %q", size, secret)
					}
				}
				a, w, h, err := Pixels(b)
				if err != nil {
					t.Fatal(err)
				}
				j, jw, jh, err := Pixels(jpeg(size))
				if err != nil {
					t.Fatal(err)
				}
				if w != jw || h != jh {
					t.Fatalf("%s is %d × %d, the JPEG %d × %d", size, w, h, jw, jh)
				}
				if d := difference(a, j); d > 6 {
					t.Errorf("%s differs by %.1f of 255 from the JPEG", size, d)
				}
			}
		})
	}
	_, err := p.Render(t.Context(), bytes.NewReader(file), imaging.Plan{Sizes: []string{imaging.Size640}, Format: "bmp"}, imaging.Buffers{}.Open)
	if !tintype.IsKind(err, tintype.Invalid) {
		t.Errorf("another format: %v", err)
	}
}
