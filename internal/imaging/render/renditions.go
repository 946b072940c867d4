package render

import (
	"encoding/binary"
	"fmt"
	stdimage "image"
	"slices"
	"strconv"
	"strings"

	"github.com/bbrks/go-blurhash"

	"github.com/tintype/tintype/internal/imaging"
	"github.com/tintype/tintype/internal/tintype"
)

// jpegOptions are how every JPEG rendition is encoded. Colour is kept at full
// resolution: halving it, as is the custom at this quality, saves a fifth of the
// bytes and is what people see as smeared reds and lettering.
var jpegOptions = args{"Q", quality(imaging.JPEG), "strip", "true", "subsample-mode", "off"}

func quality(f imaging.Format) string { return strconv.Itoa(f.Quality()) }

// encoder is how a format is written.
type encoder struct {
	class     string // libvips's class: it and all derived from it are allowed
	operation string // what encodes to memory
	options   args
}

// encoderOf gives how a format is written; "" is JPEG.
func encoderOf(f imaging.Format) (encoder, bool) {
	if f == "" {
		f = imaging.JPEG
	}
	e, ok := encoders[f]
	return e, ok
}

// encoders are all encoders that are allowed to run. The qualities are those at
// which a rendition looks as its JPEG does, and the efforts those beyond which
// bytes become dear; docs/adr/0037 has the numbers.
var encoders = map[imaging.Format]encoder{
	imaging.JPEG: {"VipsForeignSaveJpeg", "jpegsave_buffer", jpegOptions},
	imaging.WebP: {"VipsForeignSaveWebp", "webpsave_buffer", args{"Q", quality(imaging.WebP), "effort", "2", "smart-subsample", "true", "strip", "true"}},
	imaging.AVIF: {"VipsForeignSaveHeif", "heifsave_buffer", args{"Q", quality(imaging.AVIF), "compression", "av1", "effort", "2", "subsample-mode", "off", "strip", "true"}},
}

// blurhashSide is the side of the picture that a blurhash is taken of: it holds
// three half waves at most, so that sixteen samples are plenty.
const blurhashSide = 16

// renditions makes all sizes of an edited picture, each of the next larger, and
// encodes them, largest first.
func renditions(base *image, names []string, format imaging.Format) (imaging.Result, [][]byte, error) {
	enc, ok := encoderOf(format)
	if !ok || !haveOperation(enc.operation) {
		return imaging.Result{}, nil, tintype.Errorf(tintype.UnsupportedMedia, "this site has no encoder for %.10s pictures", format)
	}
	names = slices.Clone(names)
	slices.SortFunc(names, func(a, b string) int {
		if sa, sb := imaging.Square(a), imaging.Square(b); sa != sb {
			return map[bool]int{true: 1, false: -1}[sa]
		}
		return imaging.Width(b) - imaging.Width(a)
	})
	var (
		res   imaging.Result
		files [][]byte
		made  = []*image{base} // in the true aspect ratio, and then squares; each smaller than the one before
	)
	defer func() {
		for _, im := range made[1:] {
			im.close()
		}
	}()
	whole := base // the smallest in the true aspect ratio
	for _, name := range names {
		im, err := derive(made, name)
		if err != nil {
			return res, nil, broken(err)
		}
		if im != made[len(made)-1] && im != base {
			made = append(made, im)
		}
		if !imaging.Square(name) {
			whole = im
		}
		f, err := im.encode(enc.operation, enc.options)
		if format == imaging.WebP {
			f = pictureOnly(f)
		}
		if err != nil {
			return res, nil, broken(err)
		}
		files = append(files, f)
		res.Renditions = append(res.Renditions, imaging.Rendition{Name: name, Width: im.width(), Height: im.height(), Bytes: int64(len(f))})
	}
	hash, err := blurhashOf(whole)
	if err != nil {
		return res, nil, broken(err)
	}
	res.Blurhash = hash
	return res, files, nil
}

// pictureOnly gives a WebP file with nothing but its picture: libvips adds EXIF of
// its own, of how many pixels go to an inch, even where there was none.
// The format: https://developers.google.com/speed/webp/docs/riff_container
func pictureOnly(file []byte) []byte {
	for at := 12; at+8 <= len(file); {
		n := int(binary.LittleEndian.Uint32(file[at+4:]))
		end := at + 8 + n + n%2
		if n < 0 || end > len(file) {
			break
		}
		if name := string(file[at : at+4]); name == "VP8 " || name == "VP8L" {
			out := binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(4+end-at))
			return slices.Concat(out, []byte("WEBP"), file[at:end])
		}
		at = end
	}
	return file
}

// derive makes one size of the smallest image made so far that it can be made of;
// it gives that image itself if it has the size already.
func derive(made []*image, name string) (*image, error) {
	base, side := made[0], imaging.Width(name)
	if imaging.Square(name) {
		side = min(side, base.width(), base.height())
		from := base
		for _, im := range made {
			if min(im.width(), im.height()) >= side {
				from = im
			}
		}
		if from.width() == side && from.height() == side {
			return from, nil
		}
		return shrink(from, side, side, "centre")
	}
	// Rounding may make a side differ by one from what was planned for the base.
	ratio := float64(base.height()) / float64(base.width())
	w := min(side, base.width(), max(1, int(imaging.MaxSide/ratio)))
	h := min(scaled(float64(w), ratio), imaging.MaxSide)
	from := base
	for _, im := range made {
		if im.width() >= w && im.height() >= h {
			from = im
		}
	}
	if from.width() == w && from.height() == h {
		return from, nil
	}
	return shrink(from, w, h, "none")
}

// shrink gives a picture of w × h in memory, cut in the middle if crop is "centre".
func shrink(from *image, w, h int, crop string) (*image, error) {
	size := "force"
	if crop != "none" {
		size = "both"
	}
	im, err := from.call("thumbnail_image", args{"width", fmt.Sprint(w), "height", fmt.Sprint(h), "size", size, "crop", crop, "no-rotate", "true"})
	if err != nil {
		return nil, err
	}
	defer im.close()
	if im.width() != w || im.height() != h {
		return nil, fmt.Errorf("%d × %d instead of %d × %d", im.width(), im.height(), w, h)
	}
	return im.inMemory()
}

// blurhashOf is a blurhash of 4 × 3 waves, or 3 × 4 for an upright picture.
func blurhashOf(im *image) (string, error) {
	pix, err := im.pixels()
	if err != nil {
		return "", err
	}
	x, y := 4, 3
	if im.height() > im.width() {
		x, y = 3, 4
	}
	return blurhash.Encode(x, y, averaged(pix, im.width(), im.height()))
}

// averaged shrinks pixels of three bands to a small picture of averages.
func averaged(pix []byte, width, height int) *stdimage.RGBA {
	w, h := min(blurhashSide, width), min(blurhashSide, height)
	small := stdimage.NewRGBA(stdimage.Rect(0, 0, w, h))
	for sy := range h {
		for sx := range w {
			var sum [3]int
			n := 0
			for y := sy * height / h; y < (sy+1)*height/h; y++ {
				row := pix[(y*width+sx*width/w)*3 : (y*width+(sx+1)*width/w)*3]
				for i := 0; i+2 < len(row); i += 3 {
					sum[0] += int(row[i])
					sum[1] += int(row[i+1])
					sum[2] += int(row[i+2])
					n++
				}
			}
			at := small.PixOffset(sx, sy)
			for i, v := range sum {
				small.Pix[at+i] = byte(v / n)
			}
			small.Pix[at+3] = 255
		}
	}
	return small
}

// broken is the error for a file that could not be decoded: what people are told
// is whether it is cut short or damaged; libvips's own words are for logs.
func broken(err error) error {
	text := strings.ToLower(err.Error())
	msg := "the picture could not be decoded: the file is damaged"
	for _, s := range []string{"premature", "truncated", "end of file", "end of input", "end of stream", "unexpected e", "not enough", "read error"} {
		if strings.Contains(text, s) {
			msg = "the picture could not be decoded: the file is cut short"
			break
		}
	}
	return &tintype.Error{Kind: tintype.Unprocessable, Msg: msg, Err: err}
}
