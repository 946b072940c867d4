package render

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	stdimage "image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"io"
	"slices"
	"sync"
	"testing"

	"github.com/tintype/tintype/internal/imaging"
)

// upright is a picture without symmetry, smooth enough to survive lossy coding:
// 3 bands of 8 bits.
func upright(w, h int) []byte {
	pix := make([]byte, 0, w*h*3)
	for y := range h {
		for x := range w {
			r, g, b := 40+180*x/w, 40+180*y/h, 90
			if x < w/3 && y < h/4 { // a blue corner, top left
				b = 240
			}
			pix = append(pix, byte(r), byte(g), byte(b))
		}
	}
	return pix
}

// stored is how a camera stores an upright picture of w × h whose EXIF says orientation.
func stored(pix []byte, w, h, orientation int) (out []byte, sw, sh int) {
	sw, sh = w, h
	if orientation >= 5 {
		sw, sh = h, w
	}
	for sy := range sh {
		for sx := range sw {
			x, y := sx, sy
			switch orientation {
			case 2:
				x = w - 1 - sx
			case 3:
				x, y = w-1-sx, h-1-sy
			case 4:
				y = h - 1 - sy
			case 5:
				x, y = sy, sx
			case 6:
				x, y = w-1-sy, sx
			case 7:
				x, y = w-1-sy, h-1-sx
			case 8:
				x, y = sy, h-1-sx
			}
			at := (y*w + x) * 3
			out = append(out, pix[at:at+3]...)
		}
	}
	return out, sw, sh
}

// savers encode, in the test's own process, for what is fed to the cage.
var savers = map[string]struct {
	op   string
	opts args
}{
	"image/jpeg": {"jpegsave_buffer", args{"Q", "95", "subsample-mode", "off"}},
	"image/png":  {"pngsave_buffer", args{}},
	"image/webp": {"webpsave_buffer", args{"Q", "95"}},
	"image/heic": {"heifsave_buffer", args{"Q", "90", "compression", "hevc", "effort", "0", "bitdepth", "8"}},
	"image/avif": {"heifsave_buffer", args{"Q", "90", "compression", "av1", "effort", "0", "bitdepth", "8"}},
}

// encoded is a picture as a file of a kind, without metadata.
func encoded(tb testing.TB, kind string, pix []byte, w, h int) []byte {
	tb.Helper()
	if kind == "image/gif" {
		return gifOf(tb, pix, w, h, 1)
	}
	if err := load(); err != nil {
		tb.Fatal(err)
	}
	im, err := fromPixels(pix, w, h, len(pix)/(w*h))
	if err != nil {
		tb.Fatal(err)
	}
	defer im.close()
	s := savers[kind]
	b, err := im.encode(s.op, append(args{"strip", "true"}, s.opts...))
	if err != nil {
		tb.Fatalf("encode %s: %v", kind, err)
	}
	return b
}

// converted is a JPEG, with its metadata, as a file of another kind.
func converted(tb testing.TB, kind string, jpeg []byte) []byte {
	tb.Helper()
	if err := load(); err != nil {
		tb.Fatal(err)
	}
	im, err := decode("jpegload_buffer", jpeg, nil)
	if err != nil {
		tb.Fatal(err)
	}
	defer im.close()
	s := savers[kind]
	b, err := im.encode(s.op, s.opts)
	if err != nil {
		tb.Fatalf("encode %s: %v", kind, err)
	}
	return b
}

// gifOf has frames frames, of which the first is the picture.
func gifOf(tb testing.TB, pix []byte, w, h, frames int) []byte {
	tb.Helper()
	var palette color.Palette
	for i := range 216 {
		palette = append(palette, color.RGBA{uint8(i / 36 * 51), uint8(i / 6 % 6 * 51), uint8(i % 6 * 51), 255})
	}
	g := &gif.GIF{}
	for n := range frames {
		im := stdimage.NewPaletted(stdimage.Rect(0, 0, w, h), palette)
		for i := 0; n == 0 && i < w*h; i++ {
			im.Set(i%w, i/w, color.RGBA{pix[i*3], pix[i*3+1], pix[i*3+2], 255})
		}
		g.Image, g.Delay = append(g.Image, im), append(g.Delay, 10)
	}
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, g); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// rgb decodes a rendition with Go's own decoder.
func rgb(tb testing.TB, file []byte) (pix []byte, w, h int) {
	tb.Helper()
	im, err := jpeg.Decode(bytes.NewReader(file))
	if err != nil {
		tb.Fatalf("the rendition is no JPEG: %v", err)
	}
	b := im.Bounds()
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			r, g, bl, _ := im.At(x, y).RGBA()
			pix = append(pix, byte(r>>8), byte(g>>8), byte(bl>>8))
		}
	}
	return pix, b.Dx(), b.Dy()
}

// difference is the mean difference of two pictures' samples.
func difference(a, b []byte) float64 {
	if len(a) != len(b) {
		return 255
	}
	sum := 0
	for i := range a {
		sum += max(int(a[i])-int(b[i]), int(b[i])-int(a[i]))
	}
	return float64(sum) / float64(len(a))
}

// caged gives a pool of real children that ends with the test.
func caged(tb testing.TB, cfg imaging.Config) *imaging.Pool {
	p := newPool(cfg)
	tb.Cleanup(func() {
		p.Close()
		if n := p.Children(); n != 0 {
			tb.Errorf("%d children are left", n)
		}
	})
	return p
}

// shelf keeps renditions by name.
type shelf struct {
	mu    sync.Mutex
	files map[string][]byte
}

func (s *shelf) create(name string) (io.WriteCloser, error) { return &book{shelf: s, name: name}, nil }

type book struct {
	bytes.Buffer
	shelf *shelf
	name  string
}

func (b *book) Close() error {
	b.shelf.mu.Lock()
	defer b.shelf.mu.Unlock()
	if b.shelf.files == nil {
		b.shelf.files = make(map[string][]byte)
	}
	b.shelf.files[b.name] = b.Bytes()
	return nil
}

// rendered renders a file that must be good.
func rendered(tb testing.TB, p *imaging.Pool, file []byte, recipe string, sizes ...string) (imaging.Result, map[string][]byte) {
	tb.Helper()
	var s shelf
	plan := imaging.Plan{Sizes: sizes}
	if recipe != "" {
		plan.Recipe = []byte(recipe)
	}
	res, err := p.Render(tb.Context(), bytes.NewReader(file), plan, s.create)
	if err != nil {
		tb.Fatalf("Render: %v", err)
	}
	return res, s.files
}

// ifd is a directory of EXIF for the writer below: tag → value.
type ifd map[uint16]any // string, uint16, []uint32 pairs of rationals, []byte as undefined

// exifOfTags writes EXIF without the "Exif" prefix: the main directory, those for
// the photo and for GPS, and a thumbnail.
func exifOfTags(order binary.AppendByteOrder, main, photo, gps ifd, thumbnail []byte) []byte {
	head := []byte("II*\x00")
	if order == binary.AppendByteOrder(binary.BigEndian) {
		head = []byte("MM\x00*")
	}
	out := order.AppendUint32(head, 8)
	var write func(d ifd, links map[uint16]ifd, next func(at int) []byte)
	write = func(d ifd, links map[uint16]ifd, next func(at int) []byte) {
		var tags []uint16
		for tag := range d {
			tags = append(tags, tag)
		}
		for tag := range links {
			tags = append(tags, tag)
		}
		slices.Sort(tags)
		start := len(out)
		dir := order.AppendUint16(nil, uint16(len(tags)))
		extra := []byte{}
		dataAt := start + 2 + 12*len(tags) + 4
		put := func(tag, kind uint16, count int, data []byte) {
			dir = order.AppendUint16(order.AppendUint16(dir, tag), kind)
			dir = order.AppendUint32(dir, uint32(count))
			if len(data) <= 4 {
				dir = append(append(dir, data...), make([]byte, 4-len(data))...)
				return
			}
			dir = order.AppendUint32(dir, uint32(dataAt+len(extra)))
			extra = append(extra, data...)
			if len(extra)%2 != 0 {
				extra = append(extra, 0)
			}
		}
		patch := map[uint16]int{}
		for _, tag := range tags {
			switch v := d[tag].(type) {
			case string:
				put(tag, 2, len(v)+1, append([]byte(v), 0))
			case uint16:
				put(tag, 3, 1, order.AppendUint16(nil, v))
			case []uint32:
				var b []byte
				for _, n := range v {
					b = order.AppendUint32(b, n)
				}
				put(tag, 5, len(v)/2, b)
			case []byte:
				put(tag, 7, len(v), v)
			case nil:
				put(tag, 4, 1, []byte{0, 0, 0, 0})
				patch[tag] = start + len(dir) - 4
			}
		}
		nextAt := start + len(dir)
		out = append(append(append(out, dir...), 0, 0, 0, 0), extra...)
		for tag, d := range links {
			copy(out[patch[tag]:], order.AppendUint32(nil, uint32(len(out))))
			write(d, nil, nil)
		}
		if next != nil {
			copy(out[nextAt:], order.AppendUint32(nil, uint32(len(out))))
			out = append(out, next(len(out))...)
		}
	}
	var thumb func(at int) []byte
	if thumbnail != nil {
		thumb = func(at int) []byte {
			b := order.AppendUint16(nil, 2)
			for _, e := range [][2]uint32{{0x0201, uint32(at + 2 + 24 + 4)}, {0x0202, uint32(len(thumbnail))}} {
				b = order.AppendUint32(order.AppendUint16(order.AppendUint16(b, uint16(e[0])), 4), 1)
				b = order.AppendUint32(b, e[1])
			}
			return append(order.AppendUint32(b, 0), thumbnail...)
		}
	}
	links := map[uint16]ifd{}
	if photo != nil {
		links[tagExifIFD] = photo
	}
	if gps != nil {
		links[tagGPSIFD] = gps
	}
	write(main, links, thumb)
	return out
}

// segment is a marker segment of JPEG.
func segment(marker byte, data ...[]byte) []byte {
	body := bytes.Join(data, nil)
	return append([]byte{0xff, marker, byte((len(body) + 2) >> 8), byte(len(body) + 2)}, body...)
}

// withSegments puts segments after JPEG's start.
func withSegments(jpeg []byte, segments ...[]byte) []byte {
	return slices.Concat(jpeg[:2], bytes.Join(segments, nil), jpeg[2:])
}

func chunk(kind string, data []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	b = append(append(b, kind...), data...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

// withChunks puts chunks after PNG's header.
func withChunks(png []byte, chunks ...[]byte) []byte {
	const head = 8 + 25
	return slices.Concat(png[:head], bytes.Join(chunks, nil), png[head:])
}

func zipped(b []byte) []byte {
	var z bytes.Buffer
	w := zlib.NewWriter(&z)
	_, _ = w.Write(b)
	_ = w.Close()
	return z.Bytes()
}

// pngHeader is a PNG of any size that holds what it is told to.
func pngHeader(w, h uint32, depth, colour byte, rest ...[]byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, w)
	b = append(binary.BigEndian.AppendUint32(b, h), depth, colour, 0, 0, 0)
	return slices.Concat([]byte("\x89PNG\r\n\x1a\n"), chunk("IHDR", b), bytes.Join(rest, nil), chunk("IEND", nil))
}

// withRIFF makes an extended WebP of a simple one, with more chunks.
func withRIFF(webp []byte, w, h int, flags byte, chunks ...[]byte) []byte {
	body := []byte("WEBP")
	vp8x := make([]byte, 10)
	vp8x[0] = flags
	vp8x[4], vp8x[5], vp8x[6] = byte(w-1), byte((w-1)>>8), byte((w-1)>>16)
	vp8x[7], vp8x[8], vp8x[9] = byte(h-1), byte((h-1)>>8), byte((h-1)>>16)
	var first []byte // what holds the picture; libvips adds EXIF of its own
	for rest := webp[12:]; len(rest) >= 8; {
		n := 8 + int(binary.LittleEndian.Uint32(rest[4:])+1)&^1
		switch string(rest[:4]) {
		case "VP8 ", "VP8L", "ALPH", "ANIM", "ANMF":
			first = append(first, rest[:n]...)
		case "VP8X":
			vp8x[0] |= rest[8] & 0x12 // alpha, animation
		}
		rest = rest[n:]
	}
	body = append(append(append(body, riff("VP8X", vp8x)...), first...), bytes.Join(chunks, nil)...)
	return append(binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(body))), body...)
}

func riff(kind string, data []byte) []byte {
	b := append(binary.LittleEndian.AppendUint32([]byte(kind), uint32(len(data))), data...)
	if len(b)%2 != 0 {
		b = append(b, 0)
	}
	return b
}
