package hostile

import (
	"bytes"
	"compress/zlib"
	_ "embed" // the files of kinds that the standard library does not write
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"hash/fnv"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"iter"
	"mime/multipart"
	"net/textproto"
	"slices"
)

//go:embed files/flower.webp
var aWebP []byte

//go:embed files/dunes.avif
var anAVIF []byte

//go:embed files/dunes.heic
var aHEIC []byte

// pixels is a picture that differs with seed.
func pixels(w, h int, seed string) *image.RGBA {
	f := fnv.New64a()
	_, _ = f.Write([]byte(seed))
	n := f.Sum64()
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.Set(x, y, color.RGBA{uint8(x + int(n&255)), uint8(y*3 + int(n>>8&255)), uint8(n >> 16), 255})
		}
	}
	return m
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err) // writing to memory does not err
	}
	return v
}

// photo is a small JPEG that differs with seed.
func photo(seed string) []byte {
	var b bytes.Buffer
	must(0, jpeg.Encode(&b, pixels(320, 240, seed), nil))
	return b.Bytes()
}

func aPNG(seed string) []byte {
	var b bytes.Buffer
	must(0, png.Encode(&b, pixels(160, 120, seed)))
	return b.Bytes()
}

func aGIF(w, h, frames int) []byte {
	g := &gif.GIF{}
	for range frames {
		g.Image = append(g.Image, image.NewPaletted(image.Rect(0, 0, w, h), color.Palette{color.Black, color.White}))
		g.Delay = append(g.Delay, 0)
	}
	var b bytes.Buffer
	must(0, gif.EncodeAll(&b, g))
	return b.Bytes()
}

// kinds is a good file of each kind that is taken, in one order, so that what
// is made of them with a seed is the same each time.
func kinds() iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		for _, k := range []struct {
			typ  string
			file []byte
		}{
			{"image/jpeg", photo("kinds")}, {"image/png", aPNG("kinds")}, {"image/gif", aGIF(64, 48, 1)},
			{"image/webp", aWebP}, {"image/avif", anAVIF}, {"image/heic", aHEIC},
		} {
			if !yield(k.typ, k.file) {
				return
			}
		}
	}
}

// words are the parts of a JPEG in which something can be said: its
// application segments and comments, and what follows its end. Its coded
// pixels, where any three letters occur by chance, and the tables that they are
// coded with are left out. The second result says whether it could be walked
// from the first marker to the last.
func words(b []byte) ([]byte, bool) {
	var said []byte
	for at := 2; at+4 <= len(b) && b[at] == 0xff; {
		marker, size := b[at+1], int(binary.BigEndian.Uint16(b[at+2:]))
		next := at + 2 + size
		if next > len(b) {
			return said, false
		}
		if marker >= 0xe0 && marker <= 0xef || marker == 0xfe {
			said = append(said, b[at:next]...)
		}
		at = next
		if marker != 0xda {
			continue
		}
		for ; at+1 < len(b); at++ { // to the next marker that is neither a stuffed 0xff nor a restart
			if m := b[at+1]; b[at] == 0xff && m != 0 && (m < 0xd0 || m > 0xd7) {
				break
			}
		}
		if at+1 < len(b) && b[at+1] == 0xd9 {
			return append(said, b[at+2:]...), true
		}
	}
	return said, false
}

// chunk is a chunk of a PNG.
func chunk(typ string, data []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	b = append(append(b, typ...), data...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

const pngMagic = "\x89PNG\r\n\x1a\n"

// pngOf is a PNG of w × h with these chunks between header and end.
func pngOf(w, h uint32, depth, colour byte, chunks ...[]byte) []byte {
	ihdr := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)
	b := slices.Concat([]byte(pngMagic), chunk("IHDR", append(ihdr, depth, colour, 0, 0, 0)))
	return slices.Concat(append([][]byte{b}, append(chunks, chunk("IEND", nil))...)...)
}

// withChunks puts chunks before the pixels of a PNG.
func withChunks(file []byte, chunks ...[]byte) []byte {
	at := len(pngMagic) + 25
	return slices.Concat(file[:at], slices.Concat(chunks...), file[at:])
}

// withSegment puts a segment behind the first marker of a JPEG.
func withSegment(file []byte, marker byte, data []byte) []byte {
	head := []byte{0xff, marker, byte((len(data) + 2) >> 8), byte(len(data) + 2)}
	return slices.Concat(file[:2], head, data, file[2:])
}

func zipped(b []byte) []byte {
	var out bytes.Buffer
	w := zlib.NewWriter(&out)
	must(w.Write(b))
	must(0, w.Close())
	return out.Bytes()
}

// resized says in a JPEG's frame header that it is w × h.
func resized(file []byte, w, h uint16) []byte {
	b := slices.Clone(file)
	at := bytes.Index(b, []byte{0xff, 0xc0})
	binary.BigEndian.PutUint16(b[at+5:], h)
	binary.BigEndian.PutUint16(b[at+7:], w)
	return b
}

// box is an atom of an MP4 or HEIF file.
func box(typ string, data ...[]byte) []byte {
	body := slices.Concat(data...)
	return slices.Concat(binary.BigEndian.AppendUint32(nil, uint32(len(body)+8)), []byte(typ), body)
}

// saysSize writes w × h into the first property of that kind of a HEIF file.
func saysSize(file []byte, w, h uint32) []byte {
	b := slices.Clone(file)
	at := bytes.Index(b, []byte("ispe"))
	binary.BigEndian.PutUint32(b[at+8:], w)
	binary.BigEndian.PutUint32(b[at+12:], h)
	return b
}

// exif is an APP1 segment's data with an orientation and a position.
func exif(orientation uint16, entries ...[12]byte) []byte {
	le := binary.LittleEndian
	all := append([][12]byte{entry(0x0112, 3, 1, uint32(orientation))}, entries...)
	b := le.AppendUint16([]byte("Exif\x00\x00II*\x00\x08\x00\x00\x00"), uint16(len(all)))
	for _, e := range all {
		b = append(b, e[:]...)
	}
	return le.AppendUint32(b, 0)
}

// entry is a line of an EXIF directory.
func entry(tag, typ uint16, count, value uint32) (e [12]byte) {
	le := binary.LittleEndian
	le.PutUint16(e[0:], tag)
	le.PutUint16(e[2:], typ)
	le.PutUint32(e[4:], count)
	le.PutUint32(e[8:], value)
	return e
}

type part struct {
	header textproto.MIMEHeader
	body   []byte
}

// form is a multipart body of these parts, and its type.
func form(parts ...part) (body []byte, contentType string) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, p := range parts {
		pw := must(w.CreatePart(p.header))
		must(pw.Write(p.body))
	}
	must(0, w.Close())
	return b.Bytes(), w.FormDataContentType()
}

// rawForm is a multipart body in which nothing is quoted or mended.
func rawForm(boundary, disposition, typ string, file []byte) []byte {
	return slices.Concat(fmt.Appendf(nil, "--%s\r\nContent-Disposition: %s\r\nContent-Type: %s\r\n\r\n", boundary, disposition, typ), file, fmt.Appendf(nil, "\r\n--%s--\r\n", boundary))
}
