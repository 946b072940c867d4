package render

import (
	"bytes"
	"encoding/binary"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/tintype/tintype/internal/tintype"
)

// exif is what is kept of a file's EXIF.
type exif struct {
	orientation int // 1..8; 0 if it is not given or nonsense
	camera      *tintype.Camera
	lat, lon    *float64 // degrees; both or neither
}

// The tags that are read.
const (
	tagMake         = 0x010f
	tagModel        = 0x0110
	tagOrientation  = 0x0112
	tagDateTime     = 0x0132
	tagExposureTime = 0x829a
	tagFNumber      = 0x829d
	tagExifIFD      = 0x8769
	tagISO          = 0x8827
	tagGPSIFD       = 0x8825
	tagDateOriginal = 0x9003
	tagOffset       = 0x9010
	tagOffsetOrig   = 0x9011
	tagFocalLength  = 0x920a
	tagLensModel    = 0xa434

	tagGPSLatRef = 1
	tagGPSLat    = 2
	tagGPSLonRef = 3
	tagGPSLon    = 4
)

// maxExif is how many bytes of EXIF are looked at: JPEG can hold 64 kB of it,
// other formats more, of which the rest is maker's notes and thumbnails.
const maxExif = 256 << 10

// maxEntries is how many entries of one directory are looked at.
const maxEntries = 512

// readExif reads a block of EXIF, with or without its "Exif" prefix. It takes
// what makes sense and drops what does not; it never fails. It follows no chain of
// directories: only the first, and the two that the first one names.
func readExif(b []byte) exif {
	b = bytes.TrimPrefix(b[:min(len(b), maxExif)], []byte("Exif\x00\x00"))
	t := tiff{data: b}
	if len(b) < 8 {
		return exif{}
	}
	switch string(b[:4]) {
	case "II*\x00":
		t.order = binary.LittleEndian
	case "MM\x00*":
		t.order = binary.BigEndian
	default:
		return exif{}
	}
	main := t.directory(t.order.Uint32(b[4:]))
	sub := t.directory(main.offset(tagExifIFD))
	gps := t.directory(main.offset(tagGPSIFD))

	var e exif
	if o, ok := main.number(tagOrientation); ok && o >= 1 && o <= 8 && o == math.Trunc(o) {
		e.orientation = int(o)
	}
	c := tintype.Camera{
		Make:        main.text(tagMake),
		Model:       main.text(tagModel),
		Lens:        sub.text(tagLensModel),
		Exposure:    sub.exposure(),
		Aperture:    sub.measure(tagFNumber, 1e3, 10),
		ISO:         int(sub.measure(tagISO, 1e8, 1)),
		FocalLength: sub.measure(tagFocalLength, 1e5, 10),
		Taken:       taken(main, sub),
	}
	if c != (tintype.Camera{}) {
		e.camera = &c
	}
	lat, ok1 := gps.degrees(tagGPSLat, tagGPSLatRef, "S", 90)
	lon, ok2 := gps.degrees(tagGPSLon, tagGPSLonRef, "W", 180)
	// Cameras that have not found a satellite yet write 0, 0.
	if ok1 && ok2 && (lat != 0 || lon != 0) {
		e.lat, e.lon = &lat, &lon
	}
	return e
}

// tiff is the container that EXIF comes in.
type tiff struct {
	data  []byte
	order binary.ByteOrder
}

// entry is one value of a directory: count items of a type.
type entry struct {
	kind, count int
	data        []byte // all of it
	order       binary.ByteOrder
}

// directory holds the first entry of each tag.
type directory map[uint16]entry

// typeSizes are the bytes of one item of each TIFF type.
var typeSizes = [...]int{1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}

// directory reads the directory at an offset; entries that reach outside the data are left out.
func (t tiff) directory(at uint32) directory {
	if at < 8 || int64(at)+2 > int64(len(t.data)) {
		return nil
	}
	rest := t.data[at:]
	n := min(int(t.order.Uint16(rest)), maxEntries)
	rest = rest[2:]
	d := make(directory)
	for ; n > 0 && len(rest) >= 12; n, rest = n-1, rest[12:] {
		tag, kind, count := t.order.Uint16(rest), int(t.order.Uint16(rest[2:])), t.order.Uint32(rest[4:])
		if kind >= len(typeSizes) || typeSizes[kind] == 0 || count == 0 || count > maxExif {
			continue
		}
		size := int64(count) * int64(typeSizes[kind])
		data := rest[8:12]
		if size > 4 {
			from := int64(t.order.Uint32(data))
			if from+size > int64(len(t.data)) {
				continue
			}
			data = t.data[from : from+size]
		}
		if _, twice := d[tag]; !twice {
			d[tag] = entry{kind: kind, count: int(count), data: data[:size], order: t.order}
		}
	}
	return d
}

// at is item i of the entry as a number.
func (e entry) at(i int) (float64, bool) {
	if i >= e.count {
		return 0, false
	}
	d := e.data[i*typeSizes[e.kind]:]
	switch e.kind {
	case 1, 7:
		return float64(d[0]), true
	case 3:
		return float64(e.order.Uint16(d)), true
	case 4:
		return float64(e.order.Uint32(d)), true
	case 5:
		num, den := float64(e.order.Uint32(d)), float64(e.order.Uint32(d[4:]))
		return num / den, den != 0
	case 8:
		return float64(int16(e.order.Uint16(d))), true
	case 9:
		return float64(int32(e.order.Uint32(d))), true
	case 10:
		num, den := float64(int32(e.order.Uint32(d))), float64(int32(e.order.Uint32(d[4:])))
		return num / den, den != 0
	}
	return 0, false
}

func (d directory) number(tag uint16) (float64, bool) {
	e, ok := d[tag]
	if !ok {
		return 0, false
	}
	return e.at(0)
}

func (d directory) offset(tag uint16) uint32 {
	v, ok := d.number(tag)
	if e := d[tag]; !ok || e.kind != 4 && e.kind != 3 {
		return 0
	}
	return uint32(v)
}

// measure is a positive number below limit, rounded to 1/steps; else 0.
func (d directory) measure(tag uint16, limit, steps float64) float64 {
	v, ok := d.number(tag)
	if !ok || !(v > 0 && v < limit) {
		return 0
	}
	return math.Round(v*steps) / steps
}

// text is a text up to its first NUL, trimmed.
func (d directory) text(tag uint16) string {
	e, ok := d[tag]
	if !ok || e.kind != 2 {
		return ""
	}
	s, _, _ := bytes.Cut(e.data[:min(len(e.data), 200)], []byte{0})
	return strings.TrimSpace(strings.ToValidUTF8(string(s), "?"))
}

// exposure is a time in seconds, as a fraction below a half: "1/250", "0.6", "30".
func (d directory) exposure() string {
	v, ok := d.number(tagExposureTime)
	switch {
	case !ok || !(v > 1e-7 && v < 1e6):
		return ""
	case v < 0.5:
		return "1/" + strconv.FormatFloat(math.Round(1/v), 'f', -1, 64)
	}
	return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64)
}

// degrees reads degrees, minutes and seconds.
func (d directory) degrees(tag, refTag uint16, negative string, limit float64) (float64, bool) {
	e, ok := d[tag]
	if !ok {
		return 0, false
	}
	var v float64
	for i, unit := range []float64{1, 60, 3600} {
		part, ok := e.at(i)
		if !ok && i == 0 || math.IsNaN(part) || part < 0 {
			return 0, false
		}
		if ok {
			v += part / unit
		}
	}
	if !(v <= limit) {
		return 0, false
	}
	if strings.EqualFold(d.text(refTag), negative) {
		v = -v
	}
	return math.Round(v*1e7) / 1e7, true
}

// taken is when the shutter was pressed, by the camera's clock.
func taken(main, sub directory) time.Time {
	for _, c := range []struct{ date, offset string }{
		{sub.text(tagDateOriginal), sub.text(tagOffsetOrig)},
		{main.text(tagDateTime), sub.text(tagOffset)},
	} {
		if t, err := time.Parse("2006:01:02 15:04:05-07:00", c.date+c.offset); err == nil && t.Year() >= 1826 {
			return t
		}
		if t, err := time.Parse("2006:01:02 15:04:05", c.date); err == nil && t.Year() >= 1826 {
			return t
		}
	}
	return time.Time{}
}
