package imaging

import (
	"slices"
	"strings"
	"testing"

	"github.com/tintype/tintype/internal/tintype"
)

func ftyp(major string, compatible ...string) string {
	box := "ftyp" + major + "\x00\x00\x00\x00" + strings.Join(compatible, "")
	return string([]byte{0, 0, 0, byte(len(box) + 4)}) + box
}

func TestSniff(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, head, want string }{
		{"JPEG", "\xff\xd8\xff\xe0\x00\x10JFIF", "image/jpeg"},
		{"PNG", "\x89PNG\r\n\x1a\n", "image/png"},
		{"GIF", "GIF89a/*", "image/gif"},
		{"WebP", "RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"},
		{"iPhone", ftyp("heic", "mif1", "heic"), "image/heic"},
		{"HEIF that says so later", ftyp("mif1", "mif1", "heic"), "image/heic"},
		{"AVIF", ftyp("avif", "mif1", "miaf"), "image/avif"},
		{"AVIF that says so later", ftyp("mif1", "miaf", "avif", "heic"), "image/avif"},
		{"HEIF of nothing known", ftyp("mif1", "mif1", "jpeg"), ""},
		{"brands after the box", ftyp("mif1") + "heic", ""},
		{"MP4", ftyp("isom", "iso2", "avc1", "heic"), ""},
		{"QuickTime", ftyp("qt  "), ""},
		{"WAV", "RIFF\x00\x00\x00\x00WAVEfmt ", ""},
		{"PDF with a JPEG inside", "%PDF-1.4 \xff\xd8\xff", ""},
		{"leading space", " \xff\xd8\xff", ""},
		{"half a magic", "\xff\xd8", ""},
		{"half a ftyp", "\x00\x00\x00\x18ftyphe", ""},
		{"SVG", "<svg xmlns='http://www.w3.org/2000/svg'/>", ""},
		{"nothing", "", ""},
	} {
		if got := Sniff([]byte(test.head)); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

func TestRefusalSaysWhatItIs(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ head, want string }{
		{"%PDF-1.7", "a PDF document"},
		{"II*\x00........", "TIFF"},
		{"BM......", "BMP"},
		{"\xef\xbb\xbf<?xml version='1.0'?><SVG>", "an SVG drawing"},
		{"<!DOCTYPE html>", "a web page"},
		{ftyp("isom"), "a video"},
		{"#!/bin/sh", "JPEG, PNG, WebP, HEIC, AVIF and GIF"},
	} {
		_, err := checkHead([]byte(test.head))
		if !tintype.IsKind(err, tintype.UnsupportedMedia) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: %v, want an UnsupportedMedia with %q", test.head, err, test.want)
		}
	}
}

func FuzzSniff(f *testing.F) {
	for _, s := range []string{"", "\xff\xd8\xff", ftyp("mif1", "heic"), "\xff\xff\xff\xffftypmif1", "RIFF....WEBP"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, head []byte) {
		got := Sniff(head)
		if got != "" && !slices.Contains(Types(), got) {
			t.Errorf("%q is not among the types", got)
		}
		kind, err := checkHead(head)
		if (err == nil) != (got != "") || kind != got {
			t.Errorf("checkHead says %q, %v; Sniff %q", kind, err, got)
		}
		if got != "" && Sniff(append(slices.Clip(head), "trailing bytes"...)) == "" {
			t.Errorf("%q is no picture any more with bytes after it", head)
		}
	})
}
