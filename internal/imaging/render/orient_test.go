package render

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
	"testing"

	"github.com/tintype/tintype/internal/imaging"
)

// oriented is a file of a kind whose picture is upright once its EXIF orientation is applied.
func oriented(tb testing.TB, kind string, pix []byte, w, h, orientation int) []byte {
	tb.Helper()
	st, sw, sh := stored(pix, w, h, orientation)
	order := binary.AppendByteOrder(binary.LittleEndian)
	if orientation%2 == 0 {
		order = binary.BigEndian
	}
	ex := exifOfTags(order, ifd{tagOrientation: uint16(orientation), tagMake: "Tintype"}, nil, nil, nil)
	b := encoded(tb, kind, st, sw, sh)
	switch kind {
	case "image/jpeg":
		return withSegments(b, segment(0xe1, []byte("Exif\x00\x00"), ex))
	case "image/png":
		return withChunks(b, chunk("eXIf", ex))
	case "image/webp":
		return withRIFF(b, sw, sh, 0x08, riff("EXIF", ex))
	}
	tb.Fatalf("no EXIF in %s here", kind)
	return nil
}

func TestOrientation(t *testing.T) {
	t.Parallel()
	p := caged(t, imaging.Config{})
	for _, kind := range []string{"image/jpeg", "image/png", "image/webp"} {
		for _, shape := range []struct{ w, h int }{{96, 64}, {64, 96}, {1300, 700}} {
			pix := upright(shape.w, shape.h)
			want, _, _ := rgb(t, encoded(t, "image/jpeg", pix, shape.w, shape.h))
			for o := 1; o <= 8; o++ {
				t.Run(fmt.Sprintf("%s %dx%d %d", kind, shape.w, shape.h, o), func(t *testing.T) {
					res, files := rendered(t, p, oriented(t, kind, pix, shape.w, shape.h, o), "", imaging.PostSizes()...)
					if res.Width != shape.w || res.Height != shape.h {
						t.Errorf("measured %d × %d, want %d × %d", res.Width, res.Height, shape.w, shape.h)
					}
					if res.Camera == nil || res.Camera.Make != "Tintype" {
						t.Errorf("camera %+v", res.Camera)
					}
					got, w, h := rgb(t, files["1080"])
					if r := res.Renditions[0]; r.Width != w || r.Height != h {
						t.Errorf("said %d × %d, is %d × %d", r.Width, r.Height, w, h)
					}
					if shape.w <= 1080 {
						if w != shape.w || h != shape.h {
							t.Fatalf("%d × %d, want %d × %d", w, h, shape.w, shape.h)
						}
						if d := difference(got, want); d > 2.5 {
							t.Errorf("differs from the upright picture by %.2f", d)
						}
					} else {
						checkCorners(t, files["1080"])
						if w != 1080 || h != 582 && h != 581 {
							t.Errorf("%d × %d", w, h)
						}
					}
					for _, f := range files {
						checkCorners(t, f)
					}
				})
			}
		}
	}
}

// checkCorners looks for the blue corner of upright in the top left, and for the
// other corners' colours.
func checkCorners(t *testing.T, file []byte) {
	t.Helper()
	pix, w, h := rgb(t, file)
	at := func(x, y int) []byte { return pix[(y*w+x)*3:][:3] }
	tl, tr, bl, br := at(w/20, h/20), at(w-1-w/20, h/20), at(w/20, h-1-h/20), at(w-1-w/20, h-1-h/20)
	if !(tl[2] > 180 && tr[2] < 140 && bl[2] < 140 && br[2] < 140) || !(tr[0] > tl[0]+40 && br[0] > bl[0]+40 && bl[1] > tl[1]+40 && br[1] > tr[1]+40) {
		t.Errorf("not upright: corners %v %v %v %v", tl, tr, bl, br)
	}
}

func TestOddOrientations(t *testing.T) {
	t.Parallel()
	p := caged(t, imaging.Config{Children: 1})
	pix := upright(96, 64)
	b := encoded(t, "image/jpeg", pix, 96, 64)
	for _, o := range []uint16{0, 9, 65535} {
		file := withSegments(b, segment(0xe1, []byte("Exif\x00\x00"), exifOfTags(binary.LittleEndian, ifd{tagOrientation: o}, nil, nil, nil)))
		res, files := rendered(t, p, file, "", "1080")
		if res.Width != 96 || res.Height != 64 {
			t.Errorf("orientation %d: %d × %d", o, res.Width, res.Height)
		}
		checkCorners(t, files["1080"])
	}
}

// TestHEIF checks that a turn that HEIF gives twice, as a property of its own
// and as EXIF, is applied once.
func TestHEIF(t *testing.T) {
	t.Parallel()
	p := caged(t, imaging.Config{Children: 1})
	for _, kind := range []string{"image/heic", "image/avif"} {
		for _, test := range []struct {
			name  string
			exif  int
			angle int // of irot, in quarter turns anticlockwise; -1 for none
		}{
			{"plain", 1, -1},
			{"EXIF alone, which is not to be believed", 6, -1},
			{"quarter, both", 6, 3},
			{"half, both", 3, 2},
			{"three quarters, both", 8, 1},
			{"quarter, irot alone", 1, 3},
		} {
			for _, shape := range []struct{ w, h int }{{128, 80}, {80, 128}} {
				t.Run(fmt.Sprintf("%s %s %dx%d", kind, test.name, shape.w, shape.h), func(t *testing.T) {
					pix := upright(shape.w, shape.h)
					turn := map[int]int{-1: 1, 3: 6, 2: 3, 1: 8}[test.angle]
					st, sw, sh := stored(pix, shape.w, shape.h, turn)
					jpeg := withSegments(encoded(t, "image/jpeg", st, sw, sh), segment(0xe1, []byte("Exif\x00\x00"),
						exifOfTags(binary.BigEndian, ifd{tagOrientation: uint16(test.exif), tagModel: "Phone"}, nil, nil, nil)))
					file := converted(t, kind, jpeg)
					if test.angle >= 0 {
						file = withProperty(t, file, append([]byte{0, 0, 0, 9}, append([]byte("irot"), byte(test.angle))...))
					}
					res, files := rendered(t, p, file, "", imaging.PostSizes()...)
					if res.Type != kind || res.Width != shape.w || res.Height != shape.h {
						t.Errorf("%s of %d × %d, want %d × %d", res.Type, res.Width, res.Height, shape.w, shape.h)
					}
					if res.Camera == nil || res.Camera.Model != "Phone" {
						t.Errorf("camera %+v", res.Camera)
					}
					got, w, h := rgb(t, files["1080"])
					if w != shape.w || h != shape.h {
						t.Fatalf("%d × %d, want %d × %d", w, h, shape.w, shape.h)
					}
					if d := difference(got, pix); d > 4 {
						t.Errorf("differs from the upright picture by %.2f", d)
					}
				})
			}
		}
	}
}

// withProperty gives the primary item of a HEIF file one more property. The
// file is one that libheif wrote: ftyp, meta, mdat.
func withProperty(t *testing.T, file, property []byte) []byte {
	t.Helper()
	be := binary.BigEndian
	delta := len(property) + 1 // the property, and one byte of association
	var rewrite func(b []byte) []byte
	rewrite = func(b []byte) []byte {
		var out []byte
		for len(b) >= 8 {
			n := int(be.Uint32(b))
			if n < 8 || n > len(b) {
				t.Fatalf("box of %d bytes", n)
			}
			kind, body := string(b[4:8]), slices.Clone(b[8:n])
			switch kind {
			case "meta":
				body = append(body[:4:4], rewrite(body[4:])...)
			case "iprp":
				body = rewrite(body)
			case "ipco":
				body = append(body, property...)
			case "ipma":
				// version 0, one-byte associations; the first entry is the primary item's
				if body[0] != 0 || body[3]&1 != 0 {
					t.Fatal("an ipma of another kind")
				}
				count := int(body[10])
				body[10]++
				// Turning comes after all that is there; the new property is the last.
				body = slices.Insert(body, 11+count, 0x80|byte(properties(file)+1))
			case "iloc":
				shift(t, body, uint32(delta))
			}
			out = append(append(be.AppendUint32(out, uint32(8+len(body))), kind...), body...)
			b = b[n:]
		}
		return out
	}
	return rewrite(file)
}

// properties counts those in ipco.
func properties(file []byte) int {
	at := bytes.Index(file, []byte("ipco")) - 4
	rest := file[at+8 : at+int(binary.BigEndian.Uint32(file[at:]))]
	n := 0
	for len(rest) >= 8 {
		n++
		rest = rest[binary.BigEndian.Uint32(rest):]
	}
	return n
}

// shift moves all of an iloc box's extents.
func shift(t *testing.T, b []byte, by uint32) {
	t.Helper()
	be := binary.BigEndian
	version, offset, length, base := b[0], int(b[4]>>4), int(b[4]&15), int(b[5]>>4)
	if version > 1 || offset != 4 || length != 4 || base != 0 && base != 4 {
		t.Fatalf("an iloc of another kind: version %d, sizes %d %d %d", version, offset, length, base)
	}
	items := int(be.Uint16(b[6:]))
	b = b[8:]
	for range items {
		b = b[2:]
		inData := false
		if version == 1 {
			inData = be.Uint16(b)&15 == 1
			b = b[2:]
		}
		b = b[2+base:]
		extents := int(be.Uint16(b))
		b = b[2:]
		for range extents {
			if !inData {
				be.PutUint32(b, be.Uint32(b)+by)
			}
			b = b[8:]
		}
	}
}
