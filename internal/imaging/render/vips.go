package render

/*
#cgo LDFLAGS: -ldl
#include <stdlib.h>
#include "vips.h"
*/
import "C"

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"unsafe"
)

// libvips is the library, by the name that its ABI has had since version 8.0.
const libvips = "libvips.so.42"

var (
	loadOnce sync.Once
	errLoad  error
)

// load opens and starts libvips in this process, once.
func load() error {
	loadOnce.Do(func() {
		name := C.CString(libvips)
		defer C.free(unsafe.Pointer(name))
		if msg := C.tt_load(name); msg != nil {
			errLoad = fmt.Errorf("libvips is needed to process pictures (Debian: apt install libvips42): %s", C.GoString(msg))
			C.free(unsafe.Pointer(msg))
			return
		}
		if C.tt_init() != 0 {
			errLoad = fmt.Errorf("libvips does not start: %w", vipsError())
		}
	})
	return errLoad
}

// vipsError is what libvips has to say of the last failure, and of what it only
// warned of since.
func vipsError() error {
	msg := C.tt_error()
	defer C.free(unsafe.Pointer(msg))
	text := strings.TrimSpace(C.GoString(msg))
	if text == "" {
		text = "no reason given"
	}
	if len(text) > 1000 {
		text = text[:1000]
	}
	return errors.New(text)
}

func vipsVersion() string {
	return fmt.Sprintf("%d.%d.%d", int(C.tt_version(0)), int(C.tt_version(1)), int(C.tt_version(2)))
}

// codecVersion is the version of libheif or libwebp; "" if it is not known.
func codecVersion(codec string) string {
	name := C.CString(codec)
	defer C.free(unsafe.Pointer(name))
	var packed C.int
	if text := C.tt_codec_version(name, &packed); text != nil {
		return C.GoString(text)
	}
	if packed == 0 {
		return ""
	}
	return fmt.Sprintf("%d.%d.%d", int(packed)>>16&255, int(packed)>>8&255, int(packed)&255)
}

func block(class string, state bool) {
	name := C.CString(class)
	defer C.free(unsafe.Pointer(name))
	on := C.int(0)
	if state {
		on = 1
	}
	C.tt_block(name, on)
}

func haveOperation(nick string) bool {
	name := C.CString(nick)
	defer C.free(unsafe.Pointer(name))
	return C.tt_have(name) != 0
}

// image is a libvips image: a pipeline that gives pixels when they are asked
// for, or pixels in memory. It is freed by close, which a nil image allows.
type image struct {
	p   *C.VipsImage
	pin *runtime.Pinner // keeps the Go memory in place that the pixels come from
}

func (im *image) close() {
	if im == nil || im.p == nil {
		return
	}
	C.tt_unref(im.p)
	im.p = nil
	if im.pin != nil {
		im.pin.Unpin()
	}
}

func (im *image) width() int  { return int(C.tt_width(im.p)) }
func (im *image) height() int { return int(C.tt_height(im.p)) }
func (im *image) bands() int  { return int(C.tt_bands(im.p)) }

// eightBit reports whether the samples are unsigned bytes.
func (im *image) eightBit() bool { return C.tt_format(im.p) == 0 }

func (im *image) hasAlpha() bool { return C.tt_has_alpha(im.p) != 0 }

// space is the colour space's name, as libvips has it: "srgb", "b-w", "cmyk", …
func (im *image) space() string { return C.GoString(C.tt_interpretation(im.p)) }

// field is an integer of the metadata, or missing.
func (im *image) field(name string, missing int) int {
	n := C.CString(name)
	defer C.free(unsafe.Pointer(n))
	return int(C.tt_get_int(im.p, n, C.int(missing)))
}

// blob is a copy of the first bytes of a field of the metadata, at most limit; nil if there is none.
func (im *image) blob(name string, limit int) []byte {
	n := C.CString(name)
	defer C.free(unsafe.Pointer(n))
	var size C.size_t
	p := C.tt_get_blob(im.p, n, &size)
	if p == nil {
		return nil
	}
	length := C.int(min(int(size), limit))
	return C.GoBytes(unsafe.Pointer(p), length)
}

// args are options of an operation: name, value, name, value.
type args []string

// call runs an operation on an image.
func (im *image) call(op string, opts args) (*image, error) {
	out := &image{}
	if _, err := run(op, im.p, nil, opts, &out.p); err != nil {
		return nil, err
	}
	return out, nil
}

// decode runs an operation that makes an image of an encoded one. buf is used,
// in place, until the image and all that was made from it are closed.
func decode(op string, buf []byte, opts args) (*image, error) {
	out := &image{pin: new(runtime.Pinner)}
	out.pin.Pin(unsafe.SliceData(buf))
	if _, err := run(op, nil, buf, opts, &out.p); err != nil {
		out.pin.Unpin()
		return nil, err
	}
	return out, nil
}

// encode runs an operation that makes bytes of an image.
func (im *image) encode(op string, opts args) ([]byte, error) { return run(op, im.p, nil, opts, nil) }

func run(op string, in *C.VipsImage, buf []byte, opts args, out **C.VipsImage) ([]byte, error) {
	name := C.CString(op)
	defer C.free(unsafe.Pointer(name))
	list := (**C.char)(C.calloc(C.size_t(len(opts)+1), C.size_t(unsafe.Sizeof(name))))
	defer C.free(unsafe.Pointer(list))
	for i, s := range opts {
		c := C.CString(s)
		defer C.free(unsafe.Pointer(c))
		unsafe.Slice(list, len(opts))[i] = c
	}
	var (
		result *C.VipsImage
		blob   unsafe.Pointer
		size   C.size_t
		bad    C.int
	)
	n := C.int(len(opts) / 2)
	src, length := unsafe.Pointer(unsafe.SliceData(buf)), C.size_t(len(buf))
	if out == nil {
		bad = C.tt_call(name, in, src, length, list, n, nil, &blob, &size)
	} else {
		bad = C.tt_call(name, in, src, length, list, n, &result, nil, nil)
	}
	if bad != 0 {
		return nil, vipsError()
	}
	if out != nil {
		*out = result
		return nil, nil
	}
	defer C.free(blob)
	return C.GoBytes(blob, C.int(size)), nil
}

// inMemory computes all pixels.
func (im *image) inMemory() (*image, error) {
	p := C.tt_copy_memory(im.p)
	if p == nil {
		return nil, vipsError()
	}
	return &image{p: p}, nil
}

// pixels computes all pixels and gives a copy of them: rows from top to bottom,
// bands interleaved.
func (im *image) pixels() ([]byte, error) {
	var size C.size_t
	p := C.tt_to_memory(im.p, &size)
	if p == nil {
		return nil, vipsError()
	}
	defer C.tt_free(p)
	return C.GoBytes(p, C.int(size)), nil
}

// fromPixels is an sRGB image of 8-bit pixels, which are used in place.
func fromPixels(pix []byte, width, height, bands int) (*image, error) {
	if len(pix) != width*height*bands || len(pix) == 0 {
		return nil, fmt.Errorf("%d bytes for %d × %d × %d", len(pix), width, height, bands)
	}
	im := &image{pin: new(runtime.Pinner)}
	im.pin.Pin(unsafe.SliceData(pix))
	im.p = C.tt_from_memory(unsafe.Pointer(unsafe.SliceData(pix)), C.size_t(len(pix)), C.int(width), C.int(height), C.int(bands))
	if im.p == nil {
		im.pin.Unpin()
		return nil, vipsError()
	}
	return im, nil
}

// trimC gives memory that the C library keeps for later back to the system.
func trimC() { C.tt_trim() }
