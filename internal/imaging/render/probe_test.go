package render

import (
	"bytes"
	"encoding/binary"
	img "image"
	"image/jpeg"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/tintype/tintype/internal/imaging"
	"github.com/tintype/tintype/internal/tintype"
)

// noisy is a JPEG file of some megabytes, with a picture that does not compress.
func noisy(t *testing.T) []byte {
	t.Helper()
	m := img.NewRGBA(img.Rect(0, 0, 1500, 1000))
	r := rand.New(rand.NewPCG(1, 2))
	for i := range m.Pix {
		m.Pix[i] = byte(r.Uint32())
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 97}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// after puts segments behind a JPEG's first marker.
func after(jpeg []byte, segments ...[]byte) []byte {
	out := append([]byte(nil), jpeg[:2]...)
	for _, s := range segments {
		out = append(out, s...)
	}
	return append(out, jpeg[2:]...)
}

func appSegment(marker byte, payload []byte) []byte {
	return append(binary.BigEndian.AppendUint16([]byte{0xff, marker}, uint16(len(payload)+2)), payload...)
}

// A large JPEG is probed by its beginning; the answer must be that of the whole
// file, also where the headers are longer than the beginning.
func TestProbeOfLargeFiles(t *testing.T) {
	t.Parallel()
	plain := noisy(t)
	if len(plain) < 1<<20 {
		t.Fatalf("the sample has only %d bytes", len(plain))
	}
	// Orientation 6: the picture is upright as 1000 by 1500.
	turned := appSegment(0xe1, append([]byte("Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00\x06\x00\x00\x00"), 0, 0, 0, 0))
	var talk [][]byte
	for range 30 {
		talk = append(talk, appSegment(0xfe, bytes.Repeat([]byte{'x'}, 60_000)))
	}
	pool := newPool(imaging.Config{Children: 1})
	t.Cleanup(func() { pool.Close() })
	for _, c := range []struct {
		name string
		file []byte
		w, h int
		kind tintype.Kind
	}{
		{name: "plain", file: plain, w: 1500, h: 1000},
		{name: "turned", file: after(plain, turned), w: 1000, h: 1500},
		{name: "turned, behind two megabytes of comments", file: after(plain, append(talk, turned)...), w: 1000, h: 1500},
		{name: "broken from the start", file: append([]byte{0xff, 0xd8, 0xff}, bytes.Repeat([]byte{7}, 2<<20)...), kind: tintype.Unprocessable},
	} {
		whole, wholeErr := pool.Probe(t.Context(), struct{ io.Reader }{bytes.NewReader(c.file)})
		info, err := pool.Probe(t.Context(), bytes.NewReader(c.file))
		if c.kind != tintype.Internal {
			if !tintype.IsKind(err, c.kind) || !tintype.IsKind(wholeErr, c.kind) {
				t.Errorf("%s: %v by its beginning, %v whole; want %v", c.name, err, wholeErr, c.kind)
			}
			continue
		}
		if err != nil || wholeErr != nil || info.Width != c.w || info.Height != c.h || info.Width != whole.Width || info.Height != whole.Height {
			t.Errorf("%s: %dx%d, %v by its beginning, %dx%d, %v whole; want %dx%d", c.name, info.Width, info.Height, err, whole.Width, whole.Height, wholeErr, c.w, c.h)
		}
	}
}
