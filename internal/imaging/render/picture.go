package render

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"strings"

	"github.com/tintype/tintype/internal/imaging"
	"github.com/tintype/tintype/internal/imaging/grade"
	"github.com/tintype/tintype/internal/imaging/wire"
	"github.com/tintype/tintype/internal/tintype"
)

// picture is an original whose header was read.
type picture struct {
	file        []byte
	kind        string // MIME type
	width       int    // as stored, before it is oriented
	height      int
	orientation int  // EXIF's 1..8: how to get it upright
	convert     bool // its colours are not sRGB's: by their profile, or CMYK
	cmyk        bool
	info        imaging.Info
}

// do does one job. The files are in the order of the renditions.
func do(r *request) (imaging.Result, [][]byte, error) {
	var recipe *grade.Recipe
	if r.large {
		return imaging.Result{}, nil, tintype.Errorf(tintype.TooLarge, "the file is larger than the %d MB allowed", r.MaxBytes>>20)
	}
	if len(r.Recipe) > 0 {
		var err error
		if recipe, err = grade.Parse(r.Recipe); err != nil {
			return imaging.Result{}, nil, err
		}
	}
	p, err := look(r.original, r.MaxPixels)
	if err != nil {
		return imaging.Result{}, nil, err
	}
	if r.Op == wire.OpProbe {
		return imaging.Result{Info: p.info}, nil, nil
	}
	base, err := p.base(recipe, r.Sizes)
	if err != nil {
		return imaging.Result{}, nil, err
	}
	defer base.close()
	res, files, err := renditions(base, r.Sizes, imaging.Format(r.Format))
	res.Info = p.info
	return res, files, err
}

// look reads the header of a file, and refuses what is not to be decoded.
func look(file []byte, maxPixels int64) (*picture, error) {
	kind := imaging.Sniff(file[:min(len(file), imaging.SniffLen)])
	l, ok := loaders[kind]
	if !ok {
		return nil, tintype.Errorf(tintype.UnsupportedMedia, "this is not a kind of picture that can be used here")
	}
	if !haveOperation(l.operation) {
		return nil, tintype.Errorf(tintype.UnsupportedMedia, "this site has no decoder for %s pictures", strings.TrimPrefix(kind, "image/"))
	}
	if l.class == heif {
		file = wholeBoxes(file)
	}
	im, err := decode(l.operation, file, args{"access", "sequential", "fail-on", "error"})
	if err != nil {
		return nil, broken(err)
	}
	defer im.close()
	p := &picture{file: file, kind: kind, width: im.width(), height: im.height(), orientation: 1}
	if n := int64(p.width) * int64(p.height); n > maxPixels {
		return nil, tintype.Errorf(tintype.TooLarge, "the picture has %d megapixels (%d × %d); at most %d are allowed",
			(n+500_000)/1_000_000, p.width, p.height, maxPixels/1_000_000)
	}
	// HEIF turns and mirrors by properties of its own, which libheif has applied;
	// an EXIF orientation beside them only repeats that.
	ex := readExif(exifOf(im, file, kind))
	if kind != "image/heic" && kind != "image/avif" && ex.orientation != 0 {
		p.orientation = ex.orientation
	}
	w, h := p.width, p.height
	if p.orientation >= 5 {
		w, h = h, w
	}
	p.info = imaging.Info{Type: kind, Width: w, Height: h, Camera: ex.camera, Lat: ex.lat, Lon: ex.lon}
	if kind == "image/gif" || kind == "image/webp" {
		p.info.Animated = im.field("n-pages", 1) > 1
	}
	profile := im.blob("icc-profile-data", 1<<20)
	p.cmyk = im.space() == "cmyk"
	p.convert = p.cmyk || profile != nil && !isSRGB(profile)
	return p, nil
}

// exifOf is the file's EXIF: what libvips found or, as not every version of it
// looks into PNG, the first eXIf chunk.
func exifOf(im *image, file []byte, kind string) []byte {
	if b := im.blob("exif-data", maxExif); b != nil || kind != "image/png" {
		return b
	}
	for at := 8; at+12 <= len(file); {
		n := int(binary.BigEndian.Uint32(file[at:]))
		if n > len(file)-at-12 {
			return nil
		}
		if string(file[at+4:at+8]) == "eXIf" {
			return file[at+8 : at+8+n]
		}
		at += n + 12
	}
	return nil
}

// wholeBoxes gives a HEIF file without what follows its last box that makes
// sense, or from a second beginning on: phones and jokers append things, and
// libheif would stumble over them.
func wholeBoxes(file []byte) []byte {
	at := uint64(0)
	for uint64(len(file))-at >= 8 {
		n := uint64(binary.BigEndian.Uint32(file[at:]))
		switch {
		case n == 0: // up to the end
			return file
		case n == 1 && uint64(len(file))-at >= 16:
			n = binary.BigEndian.Uint64(file[at+8:])
		}
		if n < 8 || n > uint64(len(file))-at || at > 0 && string(file[at+4:at+8]) == "ftyp" {
			break
		}
		at += n
	}
	return file[:at]
}

// isSRGB reports whether an ICC profile calls itself sRGB, as most do: converting
// from it would cost time and change nothing.
func isSRGB(profile []byte) bool {
	if len(profile) < 132 {
		return false
	}
	n := min(binary.BigEndian.Uint32(profile[128:]), 100)
	for tag := profile[132:]; n > 0 && len(tag) >= 12; n, tag = n-1, tag[12:] {
		if string(tag[:4]) != "desc" {
			continue
		}
		at, size := int64(binary.BigEndian.Uint32(tag[4:])), int64(binary.BigEndian.Uint32(tag[8:]))
		if at+size > int64(len(profile)) {
			return false
		}
		// The text is ASCII or UTF-16; with the zeros taken out both read the same.
		name := strings.ToLower(string(bytes.ReplaceAll(profile[at:at+min(size, 400)], []byte{0}, nil)))
		return strings.Contains(name, "srgb") && !strings.Contains(name, "linear") && !strings.Contains(name, "scrgb")
	}
	return false
}

// frame is the size of the picture that all renditions are made of, and where it
// lies in the original.
type frame struct {
	geometry      grade.Geometry
	scale         float64 // of the original's pixels, at most 1
	width, height int     // of the result
}

// plan finds the smallest result that all sizes can be made of.
func (p *picture) plan(recipe *grade.Recipe, sizes []string) frame {
	f := frame{geometry: recipe.Geometry(p.info.Width, p.info.Height)}
	w, h := float64(f.geometry.Width), float64(f.geometry.Height)
	for _, s := range sizes {
		side := float64(imaging.Width(s))
		if imaging.Square(s) {
			f.scale = max(f.scale, side/min(w, h))
		} else {
			f.scale = max(f.scale, min(side/w, imaging.MaxSide/h))
		}
	}
	f.scale = min(f.scale, 1)
	f.width, f.height = scaled(w, f.scale), scaled(h, f.scale)
	return f
}

func scaled(side, scale float64) int { return max(1, int(math.Round(side*scale))) }

// base gives the edited picture in 8-bit sRGB, 3 bands, in memory, with nothing
// of the original's metadata.
func (p *picture) base(recipe *grade.Recipe, sizes []string) (*image, error) {
	f := p.plan(recipe, sizes)
	w, h := scaled(float64(p.info.Width), f.scale), scaled(float64(p.info.Height), f.scale)
	loadW, loadH := w, h
	if p.orientation >= 5 {
		loadW, loadH = h, w
	}
	// Orienting is left to us, so that it is done once, and after shrinking.
	opts := args{"width", fmt.Sprint(loadW), "height", fmt.Sprint(loadH), "size", "force", "no-rotate", "true",
		// The same twice: libvips 8.14 hears only the first, later ones only the second.
		"option-string", "fail-on=error", "fail-on", "error"}
	if p.convert {
		opts = append(opts, "export-profile", "srgb", "intent", "relative")
		if p.cmyk { // one without a profile is taken for a common press's
			opts = append(opts, "import-profile", "cmyk")
		}
	}
	s := stages{}
	defer s.close()
	_ = vipsError() // warnings of what came before
	im, err := decode("thumbnail_buffer", p.file, opts)
	s.push(im, err)
	s.plainSRGB()
	s.orient(p.orientation)
	s.shape(f, w, h)
	if s.err != nil {
		return nil, broken(s.err)
	}
	pix, err := s.top().pixels()
	if err != nil {
		return nil, broken(err)
	}
	// A JPEG may end as it should and yet hold only part of its picture; libjpeg
	// fills up with grey and warns.
	if w := vipsError(); strings.Contains(strings.ToLower(w.Error()), "premature end") {
		return nil, broken(w)
	}
	recipe.Apply(pix, s.top().width(), s.top().height(), 3)
	return fromPixels(pix, s.top().width(), s.top().height(), 3)
}
