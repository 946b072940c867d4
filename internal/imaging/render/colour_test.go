package render

import (
	"bytes"
	stdimage "image"
	"image/color"
	"image/png"
	"slices"
	"testing"

	"github.com/tintype/tintype/internal/imaging"
)

// inSpace is an sRGB picture in the colours of one of libvips's own profiles.
func inSpace(tb testing.TB, pix []byte, w, h int, profile string, strip bool) []byte {
	tb.Helper()
	if err := load(); err != nil {
		tb.Fatal(err)
	}
	s := stages{}
	defer s.close()
	s.push(fromPixels(pix, w, h, 3))
	s.call("icc_transform", args{"output-profile", profile, "input-profile", "srgb"})
	if s.err != nil {
		tb.Fatal(s.err)
	}
	opts := args{"Q", "98", "subsample-mode", "off"}
	if strip {
		opts = append(opts, "strip", "true")
	}
	b, err := s.top().encode("jpegsave_buffer", opts)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func TestColours(t *testing.T) {
	t.Parallel()
	const w, h = 120, 80
	pix := upright(w, h)
	grey := slices.Clone(pix)
	for i := 0; i < len(grey); i += 3 {
		grey[i+1], grey[i+2] = grey[i], grey[i]
	}
	p := caged(t, imaging.Config{})
	for _, test := range []struct {
		name  string
		file  []byte
		want  []byte
		limit float64 // mean difference
	}{
		{"Display P3", inSpace(t, pix, w, h, "p3", false), pix, 3},
		{"sRGB with its profile", inSpace(t, pix, w, h, "srgb", false), pix, 2.5},
		{"CMYK with a profile", inSpace(t, pix, w, h, "cmyk", false), pix, 25}, // a press cannot print these blues
		{"CMYK without", inSpace(t, pix, w, h, "cmyk", true), pix, 25},
		{"a profile that is none", withSegments(encoded(t, "image/jpeg", pix, w, h), segment(0xe2, []byte("ICC_PROFILE\x00\x01\x01"), bytes.Repeat([]byte("x"), 500))), pix, 2.5},
		{"16-bit PNG", pngOf(t, w, h, func(x, y int) color.Color {
			c := pix[(y*w+x)*3:]
			return color.RGBA64{uint16(c[0]) * 257, uint16(c[1]) * 257, uint16(c[2]) * 257, 65535}
		}), pix, 2.5},
		{"16-bit grey PNG", pngOf(t, w, h, func(x, y int) color.Color { return color.Gray16{uint16(pix[(y*w+x)*3]) * 257} }), grey, 2.5},
		{"grey PNG", pngOf(t, w, h, func(x, y int) color.Color { return color.Gray{pix[(y*w+x)*3]} }), grey, 2.5},
		{"transparent PNG", pngOf(t, w, h, func(x, y int) color.Color { return color.NRGBA{0, 0, 0, 0} }), bytes.Repeat([]byte{255}, w*h*3), 1},
		{"half transparent PNG", pngOf(t, w, h, func(x, y int) color.Color { return color.NRGBA{0, 0, 0, 128} }), bytes.Repeat([]byte{127}, w*h*3), 2},
		{"half transparent 16-bit PNG", pngOf(t, w, h, func(x, y int) color.Color { return color.NRGBA64{0, 0, 0, 32768} }), bytes.Repeat([]byte{127}, w*h*3), 2},
		{"palette with a transparent colour", palettePNG(t, w, h), bytes.Repeat([]byte{255}, w*h*3), 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, files := rendered(t, p, test.file, "", imaging.PostSizes()...)
			got, gw, gh := rgb(t, files["1080"])
			if gw != w || gh != h {
				t.Fatalf("%d × %d", gw, gh)
			}
			if d := difference(got, test.want); d > test.limit {
				t.Errorf("differs by %.2f, from %v at the first pixel to %v", d, test.want[:3], got[:3])
			}
		})
	}
	// The test of P3 means something only if its bytes are not sRGB's.
	raw, _, _ := rgb(t, inSpace(t, pix, w, h, "p3", true))
	if d := difference(raw, pix); d < 4 {
		t.Errorf("P3 differs from sRGB by %.2f only", d)
	}
}

func pngOf(tb testing.TB, w, h int, at func(x, y int) color.Color) []byte {
	tb.Helper()
	type settable interface {
		stdimage.Image
		Set(x, y int, c color.Color)
	}
	var im settable
	r := stdimage.Rect(0, 0, w, h)
	switch at(0, 0).(type) {
	case color.RGBA64:
		im = stdimage.NewRGBA64(r)
	case color.NRGBA64:
		im = stdimage.NewNRGBA64(r)
	case color.Gray16:
		im = stdimage.NewGray16(r)
	case color.Gray:
		im = stdimage.NewGray(r)
	default:
		im = stdimage.NewNRGBA(r)
	}
	for y := range h {
		for x := range w {
			im.Set(x, y, at(x, y))
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, im); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func palettePNG(tb testing.TB, w, h int) []byte {
	tb.Helper()
	im := stdimage.NewPaletted(stdimage.Rect(0, 0, w, h), color.Palette{color.NRGBA{10, 20, 30, 0}, color.NRGBA{200, 0, 0, 255}})
	var b bytes.Buffer
	if err := png.Encode(&b, im); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func TestFirstFrame(t *testing.T) {
	t.Parallel()
	p := caged(t, imaging.Config{Children: 1})
	pix := upright(120, 80)
	for frames, animated := range map[int]bool{1: false, 3: true} {
		res, files := rendered(t, p, gifOf(t, pix, 120, 80, frames), "", "1080")
		if res.Animated != animated || res.Width != 120 || res.Height != 80 {
			t.Errorf("%d frames: %+v", frames, res.Info)
		}
		checkCorners(t, files["1080"])
	}
}
