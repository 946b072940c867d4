package imaging

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"

	"github.com/tintype/tintype/internal/tintype"
)

// SniffLen is how many of a file's first bytes Sniff looks at, at most.
const SniffLen = 512

// The brands of the ISO base media file format that mean one kind of coding.
var (
	heicBrands = []string{"heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs"}
	avifBrands = []string{"avif", "avis"}
	heifBrands = []string{"mif1", "mif2", "msf1", "miaf", "MiHB", "MiHE"} // either of them, or another
)

// Sniff names the MIME type of a file by its first bytes, one of Types, or ""
// for every other file. What a file is called or claims to be plays no part.
func Sniff(head []byte) string {
	has := func(prefix string) bool { return bytes.HasPrefix(head, []byte(prefix)) }
	switch {
	case has("\xff\xd8\xff"):
		return "image/jpeg"
	case has("\x89PNG\r\n\x1a\n"):
		return "image/png"
	case has("GIF87a"), has("GIF89a"):
		return "image/gif"
	case has("RIFF") && len(head) >= 12 && string(head[8:12]) == "WEBP":
		return "image/webp"
	case len(head) >= 12 && string(head[4:8]) == "ftyp":
		return sniffBrands(head)
	}
	return ""
}

// sniffBrands reads the ftyp box: its major brand decides, unless it is one that
// says only "pictures", when the first of the compatible brands that says more does.
func sniffBrands(head []byte) string {
	end := min(int(min(binary.BigEndian.Uint32(head), SniffLen)), len(head))
	major := string(head[8:12])
	brands := []string{major}
	if slices.Contains(heifBrands, major) {
		for at := 16; at+4 <= end; at += 4 {
			brands = append(brands, string(head[at:at+4]))
		}
	}
	for _, b := range brands {
		switch {
		case slices.Contains(avifBrands, b):
			return "image/avif"
		case slices.Contains(heicBrands, b):
			return "image/heic"
		}
	}
	return ""
}

// accepted is what people are told they can send.
const accepted = "JPEG, PNG, WebP, HEIC, AVIF and GIF"

// checkHead refuses what no decoder is to see.
func checkHead(head []byte) (string, error) {
	if len(head) == 0 {
		return "", tintype.Errorf(tintype.Unprocessable, "the file is empty")
	}
	kind := Sniff(head)
	if kind == "" {
		return "", tintype.Errorf(tintype.UnsupportedMedia, "this is not a kind of picture that can be used here%s; accepted are %s",
			guess(head), accepted)
	}
	return kind, nil
}

// guess says in a few words what a refused file seems to be, if that is plain.
func guess(head []byte) string {
	for _, g := range []struct{ magic, name string }{
		{"%PDF", "a PDF document"}, {"II*\x00", "a TIFF or camera raw file"}, {"MM\x00*", "a TIFF or camera raw file"}, {"BM", "a BMP picture"},
		{"8BPS", "a Photoshop file"}, {"PK\x03\x04", "an archive or office document"}, {"\x00\x00\x00\x0cJXL ", "a JPEG XL picture"},
		{"\xff\x0a", "a JPEG XL picture"}, {"\x00\x00\x00\x0cjP", "a JPEG 2000 picture"}, {"\x1aE\xdf\xa3", "a video"},
	} {
		if strings.HasPrefix(string(head), g.magic) {
			return " (it looks like " + g.name + ")"
		}
	}
	text := strings.ToLower(strings.TrimLeft(string(head), "\xef\xbb\xbf \t\r\n"))
	switch {
	case strings.HasPrefix(text, "<svg"), strings.HasPrefix(text, "<?xml") && strings.Contains(text, "<svg"):
		return " (it looks like an SVG drawing)"
	case strings.HasPrefix(text, "<!doctype html"), strings.HasPrefix(text, "<html"):
		return " (it looks like a web page)"
	case len(head) >= 12 && string(head[4:8]) == "ftyp":
		return " (it looks like a video)"
	}
	return ""
}
