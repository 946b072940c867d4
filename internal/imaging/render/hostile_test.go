package render

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tintype/tintype/internal/imaging"
	"github.com/tintype/tintype/internal/tintype"
)

// refuse checks that a file is refused, with one of the kinds, and that the
// sentence for people is one.
func refuse(t *testing.T, p *imaging.Pool, file []byte, kinds ...tintype.Kind) {
	t.Helper()
	var s shelf
	_, err := p.Render(t.Context(), bytes.NewReader(file), imaging.Plan{Sizes: imaging.PostSizes()}, s.create)
	if err == nil {
		t.Error("it was accepted")
		return
	}
	var e *tintype.Error
	if !errors.As(err, &e) || !slices.Contains(kinds, e.Kind) {
		t.Errorf("%v: %v, want %v", tintype.KindOf(err), err, kinds)
	}
	if e != nil && (len(e.Msg) < 20 || strings.Contains(e.Msg, "vips") || strings.Contains(e.Msg, "goroutine")) {
		t.Errorf("not a sentence for people: %q", e.Msg)
	}
	t.Logf("%v: %s", e.Kind, e.Msg)
}

func TestBombs(t *testing.T) {
	t.Parallel()
	be := binary.BigEndian
	zeros := zipped(make([]byte, 200<<20))
	small := encoded(t, "image/png", upright(64, 64), 64, 64)
	jpeg := encoded(t, "image/jpeg", upright(64, 64), 64, 64)
	sof := bytes.Index(jpeg, []byte{0xff, 0xc0})
	sized := func(w, h uint16) []byte {
		b := slices.Clone(jpeg)
		be.PutUint16(b[sof+5:], h)
		be.PutUint16(b[sof+7:], w)
		return b
	}
	webp := withRIFF(encoded(t, "image/webp", upright(64, 64), 64, 64), 16383, 16383, 0)
	avif := encoded(t, "image/avif", upright(64, 64), 64, 64)
	ispe := bytes.Index(avif, []byte("ispe"))
	wide := slices.Clone(avif)
	be.PutUint32(wide[ispe+8:], 17000)
	be.PutUint32(wide[ispe+12:], 17000)
	lying := slices.Clone(avif)
	be.PutUint32(lying[ispe+8:], 4000)
	be.PutUint32(lying[ispe+12:], 4000)
	heic := encoded(t, "image/heic", upright(64, 64), 64, 64)
	huge := slices.Clone(heic)
	at := bytes.Index(huge, []byte("ispe"))
	be.PutUint32(huge[at+8:], 1<<31-1)
	be.PutUint32(huge[at+12:], 1<<31-1)

	const (
		large = tintype.TooLarge
		bad   = tintype.Unprocessable
	)
	p := caged(t, imaging.Config{Children: 1, Timeout: 20 * time.Second})
	good := encoded(t, "image/jpeg", upright(64, 64), 64, 64)
	for _, test := range []struct {
		name  string
		file  []byte
		kinds []tintype.Kind // none: it may be accepted, as what is excessive in it is not looked at
	}{
		{"PNG 65535², one bit", pngHeader(65535, 65535, 1, 0, chunk("IDAT", zeros)), []tintype.Kind{large}},
		{"PNG of 2³¹−1 × 1", pngHeader(1<<31-1, 1, 1, 0, chunk("IDAT", zeros)), []tintype.Kind{large, bad}},
		{"PNG of 0 × 0", pngHeader(0, 0, 8, 2), []tintype.Kind{bad}},
		{"PNG of 1 × 2000000", pngHeader(1, 2000000, 8, 0, chunk("IDAT", zipped(make([]byte, 2*2000000)))), nil},
		{"PNG of 99 megapixels of nothing", pngHeader(11000, 9000, 8, 2, chunk("IDAT", zipped(make([]byte, 9000*(11000*3+1))))), nil},
		{"PNG of 99 megapixels, cut", pngHeader(11000, 9000, 16, 6, chunk("IDAT", zipped(make([]byte, 1000)))), []tintype.Kind{bad}},
		{"PNG with too much data", pngHeader(64, 64, 8, 0, chunk("IDAT", zeros)), nil},
		{"PNG with a zTXt bomb", withChunks(small, chunk("zTXt", append([]byte("Comment\x00\x00"), zeros...))), nil},
		{"PNG with an iTXt bomb", withChunks(small, chunk("iTXt", append([]byte("Comment\x00\x01\x00\x00\x00"), zeros...))), nil},
		{"PNG with an iCCP bomb", withChunks(small, chunk("iCCP", append([]byte("icc\x00\x00"), zeros...))), nil},
		{"PNG with 10,000 texts", withChunks(small, slices.Repeat([][]byte{chunk("tEXt", []byte("a\x00b"))}, 10000)...), nil},
		{"JPEG of 65500² from few bytes", sized(65500, 65500), []tintype.Kind{large}},
		{"JPEG of 9900² from few bytes", sized(9900, 9900), []tintype.Kind{bad}},
		{"JPEG of 0 × 0", sized(0, 0), []tintype.Kind{bad}},
		{"JPEG of many scans", manyScans(t, 3000), nil},
		{"WebP that says 16383²", webp, []tintype.Kind{large, bad}},
		{"AVIF that says 17000²", wide, []tintype.Kind{large, bad}},
		{"AVIF that says 4000² and is 64²", lying, nil},
		{"HEIC that says 2³¹−1 squared", huge, []tintype.Kind{large, bad}},
		{"GIF of 65535²", gifSized(t, 65535, 65535), nil},
		{"GIF of 9900² with a small frame", gifSized(t, 9900, 9900), nil},
		{"GIF of 5,000 frames", gifOf(t, upright(16, 16), 16, 16, 5000), nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			if len(test.file) > 8<<20 {
				t.Fatalf("the bomb has %d bytes itself", len(test.file))
			}
			if test.kinds != nil {
				refuse(t, p, test.file, test.kinds...)
			} else {
				_, err := p.Render(t.Context(), bytes.NewReader(test.file), imaging.Plan{Sizes: imaging.PostSizes()}, discard)
				if err != nil && !tintype.IsKind(err, bad) && !tintype.IsKind(err, large) {
					t.Errorf("%v", err)
				}
				t.Log(err)
			}
			rendered(t, p, good, "", "150s")
		})
	}
}

// manyScans is a progressive JPEG whose last scan is repeated.
func manyScans(tb testing.TB, n int) []byte {
	if err := load(); err != nil {
		tb.Fatal(err)
	}
	im, err := fromPixels(upright(1024, 1024), 1024, 1024, 3)
	if err != nil {
		tb.Fatal(err)
	}
	defer im.close()
	b, err := im.encode("jpegsave_buffer", args{"interlace", "true", "strip", "true"})
	if err != nil {
		tb.Fatal(err)
	}
	at := bytes.LastIndex(b, []byte{0xff, 0xda})
	table := bytes.LastIndex(b[:at], []byte{0xff, 0xc4})
	scan := b[max(table, 2) : len(b)-2]
	return slices.Concat(b[:len(b)-2], bytes.Repeat(scan, n), b[len(b)-2:])
}

// gifSized is a small GIF whose screen is said to be w × h.
func gifSized(tb testing.TB, w, h uint16) []byte {
	b := gifOf(tb, upright(16, 16), 16, 16, 1)
	binary.LittleEndian.PutUint16(b[6:], w)
	binary.LittleEndian.PutUint16(b[8:], h)
	return b
}

// samples is a good file of each format.
func samples(tb testing.TB) map[string][]byte {
	m := map[string][]byte{"progressive": manyScans(tb, 0)}
	// Noise, so that no byte of the files is without meaning.
	pix := upright(160, 120)
	rnd := rand.New(rand.NewPCG(1, 2))
	for i := range pix {
		pix[i] += byte(rnd.IntN(32))
	}
	for _, kind := range imaging.Types() {
		m[kind] = encoded(tb, kind, pix, 160, 120)
	}
	m["large jpeg"] = encoded(tb, "image/jpeg", upright(2600, 1900), 2600, 1900) // shrunk while it is decoded
	return m
}

// TestTruncated: what is cut short is refused, always; never half a picture.
func TestTruncated(t *testing.T) {
	t.Parallel()
	p := caged(t, imaging.Config{})
	for kind, file := range samples(t) {
		t.Run(kind, func(t *testing.T) {
			for i := range 16 {
				cut := file[:len(file)*i/16]
				_, err := p.Render(t.Context(), bytes.NewReader(cut), imaging.Plan{Sizes: imaging.PostSizes()}, discard)
				switch {
				case err == nil:
					t.Errorf("%d of 16 parts: accepted", i)
				case !tintype.IsKind(err, tintype.Unprocessable) && !(len(cut) < 12 && tintype.IsKind(err, tintype.UnsupportedMedia)):
					t.Errorf("%d of 16 parts: %v", i, err)
				}
			}
			rendered(t, p, file, "", imaging.PostSizes()...)
		})
	}
}

// TestBitFlips: what is damaged is decoded or refused, and neither takes more than its child.
func TestBitFlips(t *testing.T) {
	t.Parallel()
	flips := 150
	if testing.Short() {
		flips = 20
	}
	p := caged(t, imaging.Config{Timeout: 20 * time.Second})
	for kind, file := range samples(t) {
		t.Run(kind, func(t *testing.T) {
			h := fnv.New64()
			_, _ = h.Write([]byte(kind))
			rnd := rand.New(rand.NewPCG(7, h.Sum64()))
			accepted := 0
			for i := range flips {
				bad := slices.Clone(file)
				for range 1 + i%4 {
					// Half of them hit the headers, where there is most to break.
					n := len(bad)
					if rnd.IntN(2) == 0 {
						n = min(n, 700)
					}
					bad[rnd.IntN(n)] ^= 1 << rnd.IntN(8)
				}
				_, err := p.Render(t.Context(), bytes.NewReader(bad), imaging.Plan{Sizes: imaging.PostSizes()}, discard)
				switch tintype.KindOf(err) {
				case tintype.Unprocessable, tintype.UnsupportedMedia, tintype.TooLarge:
				default:
					if err != nil {
						t.Errorf("flip %d: %v", i, err)
					}
					accepted++
				}
			}
			t.Logf("%d of %d accepted", accepted, flips)
			rendered(t, p, file, "", imaging.PostSizes()...)
		})
	}
}

// TestOnlyPictures: what is no picture of an accepted type is refused before any
// decoder sees it, whatever it holds.
func TestOnlyPictures(t *testing.T) {
	t.Parallel()
	p := caged(t, imaging.Config{Children: 1})
	jpeg := encoded(t, "image/jpeg", upright(64, 64), 64, 64)
	for _, test := range []struct {
		name string
		head string
	}{
		{"SVG", `<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script><image href="file:///etc/passwd"/></svg>`},
		{"SVG with entities", `<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]><svg>&a;</svg>`},
		{"PDF", "%PDF-1.4\n1 0 obj\n"},
		{"PostScript", "%!PS-Adobe-3.0 EPSF-3.0\n"},
		{"TIFF", "II*\x00\x08\x00\x00\x00"},
		{"big TIFF", "MM\x00+\x00\x08\x00\x00"},
		{"BMP", "BM\x00\x00\x00\x00"},
		{"ICO", "\x00\x00\x01\x00\x01\x00"},
		{"PSD", "8BPS\x00\x01"},
		{"XCF", "gimp xcf file"},
		{"JPEG XL", "\xff\x0a\x00\x00"},
		{"JPEG 2000", "\x00\x00\x00\x0cjP  \r\n\x87\n"},
		{"OpenEXR", "\x76\x2f\x31\x01"},
		{"Radiance", "#?RADIANCE\n"},
		{"FITS", "SIMPLE  =                    T"},
		{"VIPS", "\xb6\xa6\xf2\x08"},
		{"PPM", "P6\n64 64\n255\n"},
		{"CSV", "1,2,3\n4,5,6\n"},
		{"MVG", "push graphic-context\nviewbox 0 0 640 480\nfill 'url(https://example.com/\"|ls \"-la)'\n"},
		{"MSL", `<?xml version="1.0"?><image><read filename="caption:@/etc/passwd"/></image>`},
		{"HTML", "<!doctype html><script>alert(1)</script>"},
		{"MP4", "\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom"},
		{"HLS", "#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n"},
		{"ZIP", "PK\x03\x04"},
		{"ELF", "\x7fELF\x02\x01\x01"},
		{"JSON", `{"@context":"https://www.w3.org/ns/activitystreams"}`},
		{"a JPEG after a space", " "},
	} {
		t.Run(test.name, func(t *testing.T) {
			refuse(t, p, append([]byte(test.head), jpeg...), tintype.UnsupportedMedia)
		})
	}
	if n := p.Children(); n != 0 {
		t.Errorf("%d children were started for files that are no pictures", n)
	}
}

// TestOnlyMagic: the first bytes are right and nothing else is.
func TestOnlyMagic(t *testing.T) {
	t.Parallel()
	p := caged(t, imaging.Config{Children: 1})
	noise := make([]byte, 100<<10)
	rnd := rand.New(rand.NewPCG(3, 4))
	for i := range noise {
		noise[i] = byte(rnd.IntN(256))
	}
	for kind, magic := range map[string]string{
		"image/jpeg": "\xff\xd8\xff", "image/png": "\x89PNG\r\n\x1a\n", "image/webp": "RIFF\x00\x90\x01\x00WEBP", "image/gif": "GIF89a",
		"image/heic": "\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "image/avif": "\x00\x00\x00\x18ftypavif\x00\x00\x00\x00mif1avif",
	} {
		for name, rest := range map[string][]byte{"nothing": nil, "noise": noise, "zeros": make([]byte, 1000), "text": []byte("/*<script>alert(1)</script>*/")} {
			t.Run(kind+" "+name, func(t *testing.T) {
				refuse(t, p, append([]byte(magic), rest...), tintype.Unprocessable, tintype.TooLarge)
			})
		}
	}
}

// TestPolyglots: a file that is a picture and something else is a picture, and
// the something else is gone from what is made of it.
func TestPolyglots(t *testing.T) {
	t.Parallel()
	p := caged(t, imaging.Config{Children: 1})
	payload := []byte("=1;/*<html><script>alert(document.domain)</script><?php system($_GET[0]); ?>*/")
	files := samples(t)
	for name, file := range map[string][]byte{
		"HTML in a JPEG's comment": withSegments(files["image/jpeg"], segment(0xfe, payload)),
		"ZIP after a JPEG":         slices.Concat(files["image/jpeg"], []byte("PK\x03\x04"), payload),
		"PHP in a PNG's text":      withChunks(files["image/png"], chunk("tEXt", append([]byte("a\x00"), payload...))),
		"PHP after a PNG":          slices.Concat(files["image/png"], payload),
		"PDF after a WebP":         slices.Concat(files["image/webp"], []byte("%PDF-1.4"), payload),
		"JavaScript after a GIF":   slices.Concat(files["image/gif"], payload),
		"a video after a HEIC":     slices.Concat(files["image/heic"], []byte("\x00\x00\x00\x18ftypmp42"), payload),
	} {
		t.Run(name, func(t *testing.T) {
			_, out := rendered(t, p, file, "", imaging.PostSizes()...)
			for _, f := range out {
				checkNoMetadata(t, f)
				if bytes.Contains(f, []byte("script")) || bytes.Contains(f, []byte("system")) {
					t.Error("the payload is in a rendition")
				}
			}
		})
	}
}

// TestMemoryLimit: a picture that outgrows its child costs the child.
func TestMemoryLimit(t *testing.T) {
	t.Parallel()
	p := caged(t, imaging.Config{Children: 1, MaxMemory: 256 << 20})
	// Interlaced, so that all of it is needed at once: 288 MB.
	big := interlaced(t, 12000, 8000)
	refuse(t, p, big, tintype.Unprocessable)
	_, err := p.Render(t.Context(), bytes.NewReader(big), imaging.Plan{Sizes: imaging.PostSizes()}, discard)
	if err == nil || !strings.Contains(err.Error(), "needs more memory") {
		t.Errorf("%v, want it to say that memory is the reason", err)
	}
	rendered(t, p, encoded(t, "image/jpeg", upright(1600, 1200), 1600, 1200), "", imaging.PostSizes()...)
}

// interlaced is a grey-blue PNG.
func interlaced(tb testing.TB, w, h int) []byte {
	if err := load(); err != nil {
		tb.Fatal(err)
	}
	im, err := fromPixels(make([]byte, w*h*3), w, h, 3)
	if err != nil {
		tb.Fatal(err)
	}
	defer im.close()
	b, err := im.encode("pngsave_buffer", args{"interlace", "true", "compression", "1"})
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// TestLargest: every format at the size that is allowed, in the memory that is allowed.
func TestLargest(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes a while")
	}
	const w, h = 11500, 8690 // 99.9 megapixels
	p := caged(t, imaging.Config{Children: 1})
	pix := make([]byte, w*h*3)
	for i := range pix {
		pix[i] = byte(i / (w * 3) / 40)
	}
	jpeg := encoded(t, "image/jpeg", pix, w, h)
	turned := withSegments(jpeg, segment(0xe1, []byte("Exif\x00\x00"), exifOfTags(binary.BigEndian, ifd{tagOrientation: uint16(6)}, nil, nil, nil)))
	for _, test := range []struct {
		name, recipe string
		file         []byte
	}{
		{"JPEG", "", jpeg},
		{"JPEG, turned", "", turned},
		{"JPEG, straightened and cut small", `{"straighten":5,"crop":{"x":0.5,"y":0.5,"w":0.05,"h":0.05}}`, turned},
		{"interlaced PNG", "", interlaced(t, w, h)},
	} {
		t.Run(test.name, func(t *testing.T) {
			start := time.Now()
			res, _ := rendered(t, p, test.file, test.recipe, imaging.PostSizes()...)
			t.Log(fmt.Sprint(time.Since(start)), res.Renditions)
		})
	}
	over := encoded(t, "image/jpeg", make([]byte, 11600*8690*3), 11600, 8690)
	refuse(t, p, over, tintype.TooLarge)
}
