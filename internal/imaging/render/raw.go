package render

import (
	"fmt"
	"slices"

	"github.com/tintype/tintype/internal/imaging"
)

// RawChain does with one JPEG what any program must that uses libvips to make
// the four sizes of a post: decode once, shrink from size to size, encode. No
// child, no protocol, no metadata, no colour management, no blurhash. It is what
// Render's cost is measured against, and gives the number of bytes it made.
//
// It loads libvips into this process, which is not for servers.
func RawChain(jpeg []byte) (int, error) {
	if err := load(); err != nil {
		return 0, err
	}
	s := stages{}
	defer s.close()
	s.push(decode("thumbnail_buffer", jpeg, args{"width", "1080", "height", "16383", "size", "down"}))
	s.memory()
	total := s.encoded()
	for _, o := range []args{
		{"width", "640", "height", "16383"},
		{"width", "320", "height", "320", "crop", "centre"},
		{"width", "150", "height", "150", "crop", "centre"},
	} {
		s.call("thumbnail_image", o)
		s.memory()
		total += s.encoded()
	}
	if s.err != nil {
		return 0, fmt.Errorf("imaging: raw chain: %w", s.err)
	}
	return total, nil
}

// encoded is how many bytes the last image has as a JPEG.
func (s *stages) encoded() int {
	if s.err != nil {
		return 0
	}
	var b []byte
	b, s.err = s.top().encode("jpegsave_buffer", jpegOptions)
	return len(b)
}

// Trial gives what encodes a JPEG, scaled to a width, with options of libvips
// (name, value, …) besides those that renditions of that format have, for measuring
// what formats cost and weigh. Like RawChain it loads libvips into this process.
func Trial(jpeg []byte, width int) (encode func(f imaging.Format, options ...string) ([]byte, error), err error) {
	if err := load(); err != nil {
		return nil, err
	}
	s := stages{}
	defer s.close()
	s.push(decode("thumbnail_buffer", jpeg, args{"width", fmt.Sprint(width), "height", "16383", "size", "down"}))
	s.plainSRGB()
	if s.err != nil {
		return nil, s.err
	}
	pix, err := s.top().pixels()
	if err != nil {
		return nil, err
	}
	w, h := s.top().width(), s.top().height()
	return func(f imaging.Format, options ...string) ([]byte, error) {
		im, err := fromPixels(pix, w, h, 3)
		if err != nil {
			return nil, err
		}
		defer im.close()
		e, ok := encoderOf(f)
		if !ok {
			return nil, fmt.Errorf("imaging: no format %q", f)
		}
		return im.encode(e.operation, slices.Concat(e.options, options)) // the last word counts
	}, nil
}

// Pixels decodes a rendition: rows from top to bottom, three bytes to a pixel.
// Like RawChain it loads libvips into this process.
func Pixels(file []byte) (pix []byte, width, height int, err error) {
	if err := load(); err != nil {
		return nil, 0, 0, err
	}
	s := stages{}
	defer s.close()
	s.push(decode(loaders[imaging.Sniff(file)].operation, file, nil))
	s.plainSRGB()
	if s.err != nil {
		return nil, 0, 0, s.err
	}
	pix, err = s.top().pixels()
	return pix, s.top().width(), s.top().height(), err
}

// Scale gives a JPEG scaled to a width, for measuring with. Like RawChain it
// loads libvips into this process.
func Scale(jpeg []byte, width int) ([]byte, error) {
	if err := load(); err != nil {
		return nil, err
	}
	im, err := decode("thumbnail_buffer", jpeg, args{"width", fmt.Sprint(width), "height", "16383"})
	if err != nil {
		return nil, err
	}
	defer im.close()
	return im.encode("jpegsave_buffer", args{"Q", "92"})
}
