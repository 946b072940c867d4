package demo

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/jpeg"
	"math"
	"sort"
	"time"
)

// Shot is what a camera writes beside a picture.
type Shot struct {
	Make, Model, Lens   string
	Taken               time.Time
	ExposureDenominator uint32 // 250 for 1/250 s
	Aperture            float64
	ISO                 uint16
	FocalLength         float64 // millimetres
	Latitude, Longitude float64
	HasPoint            bool
}

// EncodeJPEG gives m as a JPEG file with s as EXIF, as a camera would write it.
func EncodeJPEG(m image.Image, s Shot) ([]byte, error) {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 88}); err != nil {
		return nil, err
	}
	plain := b.Bytes()
	tiff := s.tiff()
	out := make([]byte, 0, len(plain)+len(tiff)+10)
	out = append(out, plain[:2]...) // SOI
	out = append(out, 0xff, 0xe1)
	out = binary.BigEndian.AppendUint16(out, uint16(len(tiff)+8))
	out = append(out, "Exif\x00\x00"...)
	out = append(out, tiff...)
	return append(out, plain[2:]...), nil
}

// The field types and tags of EXIF 2.32 that are used here.
const (
	typeASCII, typeShort, typeLong, typeRational = 2, 3, 4, 5

	tagMake, tagModel, tagOrientation, tagExifIFD, tagGPSIFD               = 0x010f, 0x0110, 0x0112, 0x8769, 0x8825
	tagExposure, tagFNumber, tagISO, tagTaken, tagFocal, tagLens           = 0x829a, 0x829d, 0x8827, 0x9003, 0x920a, 0xa434
	tagLatitudeRef, tagLatitude, tagLongitudeRef, tagLongitude, tagGPSDate = 1, 2, 3, 4, 0x1d
)

type field struct {
	tag, kind uint16
	count     uint32
	data      []byte
}

func ascii(tag uint16, s string) field {
	return field{tag, typeASCII, uint32(len(s) + 1), append([]byte(s), 0)}
}

func short(tag, v uint16) field {
	return field{tag, typeShort, 1, binary.LittleEndian.AppendUint16(nil, v)}
}

func long(tag uint16, v uint32) field {
	return field{tag, typeLong, 1, binary.LittleEndian.AppendUint32(nil, v)}
}

func rationals(tag uint16, v ...[2]uint32) field {
	f := field{tag: tag, kind: typeRational, count: uint32(len(v))}
	for _, r := range v {
		f.data = binary.LittleEndian.AppendUint32(f.data, r[0])
		f.data = binary.LittleEndian.AppendUint32(f.data, r[1])
	}
	return f
}

func (s Shot) tiff() []byte {
	exif := []field{
		rationals(tagExposure, [2]uint32{1, max(s.ExposureDenominator, 1)}),
		rationals(tagFNumber, [2]uint32{uint32(math.Round(s.Aperture * 10)), 10}),
		short(tagISO, s.ISO),
		ascii(tagTaken, s.Taken.Format("2006:01:02 15:04:05")),
		rationals(tagFocal, [2]uint32{uint32(math.Round(s.FocalLength * 10)), 10}),
		ascii(tagLens, s.Lens),
	}
	var gps []field
	if s.HasPoint {
		ref := func(v float64, plus, minus string) string {
			if v < 0 {
				return minus
			}
			return plus
		}
		gps = []field{
			ascii(tagLatitudeRef, ref(s.Latitude, "N", "S")),
			rationals(tagLatitude, degrees(s.Latitude)...),
			ascii(tagLongitudeRef, ref(s.Longitude, "E", "W")),
			rationals(tagLongitude, degrees(s.Longitude)...),
			ascii(tagGPSDate, s.Taken.Format("2006:01:02")),
		}
	}
	main := func(exifAt, gpsAt uint32) []field {
		f := []field{ascii(tagMake, s.Make), ascii(tagModel, s.Model), short(tagOrientation, 1), long(tagExifIFD, exifAt)}
		if gps != nil {
			f = append(f, long(tagGPSIFD, gpsAt))
		}
		return f
	}
	const header = 8
	exifAt := header + size(main(0, 0))
	gpsAt := exifAt + size(exif)
	out := append([]byte("II*\x00"), 8, 0, 0, 0)
	out = directory(out, main(exifAt, gpsAt))
	out = directory(out, exif)
	if gps != nil {
		out = directory(out, gps)
	}
	return out
}

// degrees splits an angle into whole degrees, whole minutes and hundredths of seconds.
func degrees(v float64) [][2]uint32 {
	v = math.Abs(v)
	d := math.Floor(v)
	m := math.Floor((v - d) * 60)
	s := ((v-d)*60 - m) * 60
	return [][2]uint32{{uint32(d), 1}, {uint32(m), 1}, {uint32(math.Round(s * 100)), 100}}
}

func size(fields []field) uint32 {
	n := 2 + 12*len(fields) + 4
	for _, f := range fields {
		if len(f.data) > 4 {
			n += len(f.data) + len(f.data)%2
		}
	}
	return uint32(n)
}

// directory appends an image file directory; out's length is its offset.
func directory(out []byte, fields []field) []byte {
	sort.Slice(fields, func(i, j int) bool { return fields[i].tag < fields[j].tag })
	at := len(out) + 2 + 12*len(fields) + 4
	var long []byte
	out = binary.LittleEndian.AppendUint16(out, uint16(len(fields)))
	for _, f := range fields {
		out = binary.LittleEndian.AppendUint16(out, f.tag)
		out = binary.LittleEndian.AppendUint16(out, f.kind)
		out = binary.LittleEndian.AppendUint32(out, f.count)
		if len(f.data) <= 4 {
			out = append(out, append(f.data, 0, 0, 0, 0)[:4]...)
			continue
		}
		out = binary.LittleEndian.AppendUint32(out, uint32(at+len(long)))
		long = append(long, f.data...)
		if len(f.data)%2 == 1 {
			long = append(long, 0)
		}
	}
	return append(append(out, 0, 0, 0, 0), long...)
}
