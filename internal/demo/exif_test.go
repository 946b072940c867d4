package demo

import (
	"bytes"
	"image/jpeg"
	"math"
	"testing"
	"time"

	"github.com/bep/imagemeta"
)

func TestExifReadsBack(t *testing.T) {
	t.Parallel()
	s := Shot{Make: "Halide", Model: "H-1", Lens: "Halide 35mm F2", Taken: time.Date(2026, 5, 4, 6, 7, 8, 0, time.UTC),
		ExposureDenominator: 250, Aperture: 5.6, ISO: 400, FocalLength: 35, Latitude: -33.0472, Longitude: -71.6127, HasPoint: true}
	b, err := EncodeJPEG(Draw(1, 160, 120), s)
	if err != nil {
		t.Fatal(err)
	}
	if m, err := jpeg.Decode(bytes.NewReader(b)); err != nil || m.Bounds().Dx() != 160 {
		t.Fatalf("the picture does not decode: %v", err)
	}
	got := map[string]any{}
	var tags imagemeta.Tags
	if _, err := imagemeta.Decode(imagemeta.Options{R: bytes.NewReader(b), ImageFormat: imagemeta.JPEG, Sources: imagemeta.EXIF,
		HandleTag: func(ti imagemeta.TagInfo) error { got[ti.Tag] = ti.Value; tags.Add(ti); return nil }}); err != nil {
		t.Fatal(err)
	}
	if got["Make"] != "Halide" || got["Model"] != "H-1" || got["LensModel"] != "Halide 35mm F2" || got["DateTimeOriginal"] != "2026:05:04 06:07:08" {
		t.Errorf("fields read back as %v", got)
	}
	lat, lon, err := tags.GetLatLong()
	if err != nil || math.Abs(lat-s.Latitude) > 1e-4 || math.Abs(lon-s.Longitude) > 1e-4 {
		t.Errorf("place read back as %v, %v, %v", lat, lon, err)
	}
}
