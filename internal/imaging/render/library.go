package render

import (
	"fmt"

	"github.com/tintype/tintype/internal/imaging"
)

// loader is how a type of file is decoded.
type loader struct {
	class     string // libvips's class: it and all derived from it are allowed
	operation string // what decodes it from memory
}

const heif = "VipsForeignLoadHeif"

// loaders are all decoders that are allowed to run, by MIME type.
var loaders = map[string]loader{
	"image/jpeg": {"VipsForeignLoadJpeg", "jpegload_buffer"},
	"image/png":  {"VipsForeignLoadPng", "pngload_buffer"},
	"image/webp": {"VipsForeignLoadWebp", "webpload_buffer"},
	"image/heic": {heif, "heifload_buffer"},
	"image/avif": {heif, "heifload_buffer"},
	"image/gif":  {"VipsForeignLoadNsgif", "gifload_buffer"},
}

// open loads libvips, forbids all of its readers and writers of files but those
// that are needed, and uses each part once, so that what is loaded on first use
// is loaded before the cage closes.
func open() error {
	if err := load(); err != nil {
		return err
	}
	for _, class := range []string{"untrusted", "VipsForeignLoad", "VipsForeignSave"} {
		block(class, true)
	}
	for _, e := range encoders {
		block(e.class, false)
	}
	for _, l := range loaders {
		block(l.class, false)
	}
	return warm()
}

// warm makes a small picture go the whole way.
func warm() error {
	const w, h = 200, 150
	pix := make([]byte, w*h*3)
	for i := range pix {
		pix[i] = byte(i * 7)
	}
	im, err := fromPixels(pix, w, h, 3)
	if err != nil {
		return err
	}
	defer im.close()
	jpeg, err := im.encode("jpegsave_buffer", jpegOptions)
	if err != nil {
		return fmt.Errorf("libvips cannot encode JPEG: %w", err)
	}
	r := &request{original: jpeg}
	r.Op, r.Sizes, r.MaxPixels, r.MaxBytes = "render", []string{imaging.Size150s}, w*h, 1<<20
	for f, e := range encoders {
		r.Format = string(f)
		if _, _, err := do(r); err != nil && f == imaging.JPEG {
			return err
		} else if err != nil {
			block(e.class, true) // libheif may be here and its AV1 not: then this format is not to be had
		}
	}
	return nil
}

// hello is what the server is told of this child.
func hello(layers map[string]string) imaging.Status {
	s := imaging.Status{Layers: layers, Versions: map[string]string{"libvips": vipsVersion()}}
	for _, c := range []string{"libheif", "libwebp"} {
		if v := codecVersion(c); v != "" {
			s.Versions[c] = v
		}
	}
	for _, t := range imaging.Types() {
		if haveOperation(loaders[t].operation) {
			s.Loaders = append(s.Loaders, t)
		}
	}
	return s
}
