package hostile

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
)

// metadataItems are B26 to B43: what stands beside the pixels, and videos.
func metadataItems() []Item {
	any := []int{success, badFile, tooLarge, otherKind}
	const word = "hostilecanary"
	return []Item{
		{ID: "B26", What: "the eight orientations, landscape and portrait", Do: func(ctx context.Context, r *Round) {
			for o := uint16(1); o <= 8; o++ {
				r.turned(ctx, o, 320, 240)
			}
		}},
		{ID: "B27", What: "orientations that do not exist, and two directories", Do: func(ctx context.Context, r *Round) {
			for _, o := range []uint16{0, 9, 65535} {
				r.accepted(ctx, fmt.Sprint(o), withSegment(photo("o"), 0xe1, exif(o)))
			}
			r.accepted(ctx, "twice", withSegment(withSegment(photo("o"), 0xe1, exif(6)), 0xe1, exif(3)))
		}},
		{ID: "B28", What: "EXIF that loops, counts 2³²−1, points beyond its end", Do: func(ctx context.Context, r *Round) {
			loop := exif(1)
			binary.LittleEndian.PutUint32(loop[len(loop)-4:], 8)
			r.accepted(ctx, "loop", withSegment(photo("e"), 0xe1, loop))
			for name, e := range map[string][12]byte{
				"count": entry(0x010f, 2, 1<<32-1, 8), "beyond": entry(0x010f, 2, 100, 1<<31), "self": entry(0x8769, 4, 1, 8), "far": entry(0x8769, 4, 1, 1<<32-2),
				"rationals": entry(0x829a, 5, 1<<29, 0), "no type": entry(0x010f, 99, 5, 0),
			} {
				r.accepted(ctx, name, withSegment(photo("e"), 0xe1, exif(1, e)))
			}
			many := make([][12]byte, 4000)
			for i := range many {
				many[i] = entry(0x8769, 4, 1, 8)
			}
			r.accepted(ctx, "4,000 directories", withSegment(photo("e"), 0xe1, exif(1, many...)))
		}},
		{ID: "B29", What: "another picture as EXIF thumbnail", Do: func(ctx context.Context, r *Round) {
			thumb := withSegment(photo("thumb"), 0xfe, []byte(word))
			r.accepted(ctx, "thumbnail", withSegment(photo("e"), 0xe1, append(exif(1), thumb...)), word)
		}},
		{ID: "B30", What: "positions and words in twelve places of three kinds", Do: func(ctx context.Context, r *Round) {
			gps := []byte("12.345678,98.765432 " + word)
			for name, file := range map[string][]byte{
				"EXIF":        withSegment(photo("g"), 0xe1, append(exif(1, entry(0x8825, 4, 1, 8)), gps...)),
				"XMP":         withSegment(photo("g"), 0xe1, append([]byte("http://ns.adobe.com/xap/1.0/\x00<x:xmpmeta>"), gps...)),
				"long XMP":    withSegment(photo("g"), 0xe1, append([]byte("http://ns.adobe.com/xmp/extension/\x00"), gps...)),
				"IPTC":        withSegment(photo("g"), 0xed, append([]byte("Photoshop 3.0\x008BIM\x04\x04"), gps...)),
				"comment":     withSegment(photo("g"), 0xfe, gps),
				"MPF":         withSegment(photo("g"), 0xe2, append([]byte("MPF\x00"), gps...)),
				"ICC's name":  withSegment(photo("g"), 0xe2, append([]byte("ICC_PROFILE\x00\x01\x01"), gps...)),
				"JFIF's end":  withSegment(photo("g"), 0xe0, append([]byte("JFXX\x00"), gps...)),
				"PNG's tEXt":  withChunks(aPNG("g"), chunk("tEXt", append([]byte("Raw profile type exif\x00"), gps...))),
				"PNG's zTXt":  withChunks(aPNG("g"), chunk("zTXt", append([]byte("XML:com.adobe.xmp\x00\x00"), zipped(gps)...))),
				"PNG's eXIf":  withChunks(aPNG("g"), chunk("eXIf", append(exif(1)[6:], gps...))),
				"the trailer": slices.Concat(photo("g"), gps),
			} {
				r.accepted(ctx, name, file, word, "12.345678")
			}
		}},
		{ID: "B31", What: "XMP that claims 100 MB, refers to files, or unfolds", Do: func(ctx context.Context, r *Round) {
			for name, x := range map[string]string{
				"long":  "http://ns.adobe.com/xmp/extension/\x00" + strings.Repeat("A", 32) + "\x06\x40\x00\x00\x00\x00\x00\x00",
				"XXE":   "http://ns.adobe.com/xap/1.0/\x00<!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><x:xmpmeta>&a;</x:xmpmeta>",
				"laugh": "http://ns.adobe.com/xap/1.0/\x00<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;\">]><x:xmpmeta>&c;</x:xmpmeta>",
			} {
				r.accepted(ctx, name, withSegment(photo("x"), 0xe1, []byte(x)), "root:", "xmpmeta")
			}
		}},
		{ID: "B32", What: "colour profiles that are cut off, lie, or are none", Do: func(ctx context.Context, r *Round) {
			icc := binary.BigEndian.AppendUint32(nil, 1<<31)
			icc = append(icc, bytes.Repeat([]byte("scnrRGB XYZ "), 20)...)
			for name, p := range map[string][]byte{"cut": icc[:60], "lies": icc, "noise": noise(3, 30000), "empty": {}} {
				r.maybe(ctx, name, withSegment(photo("i"), 0xe2, append([]byte("ICC_PROFILE\x00\x01\x01"), p...)), any)
			}
		}},
		{ID: "B33", What: "PNGs of every depth, and with gAMA of 0", Do: func(ctx context.Context, r *Round) {
			for _, c := range []struct{ depth, colour byte }{{1, 0}, {2, 0}, {4, 0}, {8, 0}, {16, 0}, {8, 2}, {16, 2}, {8, 4}, {16, 4}, {8, 6}, {16, 6}} {
				channels := map[byte]int{0: 1, 2: 3, 4: 2, 6: 4}[c.colour]
				row := 1 + (64*channels*int(c.depth)+7)/8
				r.accepted(ctx, fmt.Sprintf("depth %d, colour %d", c.depth, c.colour), pngOf(64, 64, c.depth, c.colour, chunk("IDAT", zipped(make([]byte, row*64)))))
			}
			r.accepted(ctx, "gAMA 0", withChunks(aPNG("g"), chunk("gAMA", make([]byte, 4))))
		}},
		{ID: "B34", What: "a palette whose colours are not all there", Do: func(ctx context.Context, r *Round) {
			r.maybe(ctx, "palette", pngOf(64, 64, 8, 3, chunk("PLTE", []byte{1, 2, 3}), chunk("IDAT", zipped(bytes.Repeat([]byte{0, 255}, 64*33)[:65*64]))), any)
			r.maybe(ctx, "no palette", pngOf(64, 64, 8, 3, chunk("IDAT", zipped(make([]byte, 65*64)))), any)
		}},
		{ID: "B35", What: "PNGs with wrong checksums, orders and ends", Do: func(ctx context.Context, r *Round) {
			b := aPNG("crc")
			bad := slices.Clone(b)
			bad[30] ^= 1
			r.maybe(ctx, "checksum", bad, any)
			r.maybe(ctx, "no end", b[:len(b)-12], any)
			r.accepted(ctx, "after the end", slices.Concat(b, chunk("tEXt", []byte("a\x00"+word))), word)
			r.maybe(ctx, "end first", slices.Concat([]byte(pngMagic), b[len(b)-12:], b[8:]), any)
			r.maybe(ctx, "two heads", withChunks(b, b[8:33]), any)
		}},
		{ID: "B36", What: "WebPs with wrong lengths and damaged codes", Do: func(ctx context.Context, r *Round) {
			for _, n := range []uint32{0, 1, 7, 1<<32 - 1} {
				b := slices.Clone(aWebP)
				binary.LittleEndian.PutUint32(b[4:], n)
				r.maybe(ctx, fmt.Sprintf("RIFF of %d", n), b, any)
			}
			for i := range r.many(40) {
				b := slices.Clone(aWebP)
				copy(b[20+i*3:], noise(uint64(i), 30))
				r.maybe(ctx, fmt.Sprintf("damage %d", i), b, any)
			}
		}},
		{ID: "B37", What: "HEICs without codec settings, with circles, with overlays", Do: func(ctx context.Context, r *Round) {
			for from, to := range map[string]string{"hvcC": "xxxx", "iref": "xxxx", "ipma": "xxxx", "iloc": "xxxx", "pitm": "xxxx", "hvc1": "iovl", "grid": "iden", "ispe": "unci"} {
				r.maybe(ctx, from+" to "+to, bytes.Replace(aHEIC, []byte(from), []byte(to), 1), any)
			}
			circle := box("iref", []byte{0, 0, 0, 0}, box("dimg", []byte{0, 1, 0, 1, 0, 1}))
			r.maybe(ctx, "circle", bytes.Replace(aHEIC, []byte("iref"), circle[4:8], 1), any)
		}},
		{ID: "B38", What: "AVIFs with damaged settings", Do: func(ctx context.Context, r *Round) {
			at := bytes.Index(anAVIF, []byte("av1C"))
			for i := range 12 {
				b := slices.Clone(anAVIF)
				b[at+4+i%4] ^= 1 << (i * 2 % 8)
				r.maybe(ctx, fmt.Sprintf("av1C %d", i), b, any)
			}
		}},
		{ID: "B39", What: "a picture with a film behind it", Do: func(ctx context.Context, r *Round) {
			r.accepted(ctx, "film", slices.Concat(photo("live"), box("ftyp", []byte("mp42")), box("mdat", []byte(word))), word)
		}},
		{ID: "B40", What: "a picture with more pictures behind it", Do: func(ctx context.Context, r *Round) {
			mpf := withSegment(photo("one"), 0xe2, []byte("MPF\x00MM\x00*\x00\x00\x00\x08\x00\x03"))
			r.accepted(ctx, "MPF", slices.Concat(mpf, withSegment(photo("two"), 0xfe, []byte(word))), word)
		}},
		{ID: "B41", What: "videos: MP4, fragmented, WebM, AVI, MPEG, Ogg, audio", Do: func(ctx context.Context, r *Round) {
			for name, file := range map[string][]byte{
				"MP4":        slices.Concat(box("ftyp", []byte("isom\x00\x00\x02\x00isomavc1")), box("moov", box("mvhd", make([]byte, 100)))),
				"fragmented": slices.Concat(box("ftyp", []byte("iso5\x00\x00\x02\x00iso5dash")), box("moof", nil), box("mdat", nil)),
				"QuickTime":  slices.Concat(box("ftyp", []byte("qt  \x00\x00\x00\x00qt  ")), box("moov", nil)),
				"no head":    box("moov", box("mvhd", make([]byte, 100))),
				"WebM":       []byte("\x1a\x45\xdf\xa3\x01\x00\x00\x00\x00\x00\x00\x1f\x42\x86"), "AVI": []byte("RIFF\x00\x00\x00\x00AVI LIST"), "WAV": []byte("RIFF\x00\x00\x00\x00WAVEfmt "),
				"MPEG": []byte("\x00\x00\x01\xba\x44"), "Ogg": []byte("OggS\x00\x02"), "MP3": []byte("ID3\x03\x00"), "FLAC": []byte("fLaC\x00"), "AVIF frames": slices.Concat(box("ftyp", []byte("avis\x00\x00\x00\x00avis"))),
			} {
				a := r.want(name, r.upload(ctx, "film.mp4", "video/mp4", append(file, make([]byte, 500)...)), otherKind, badFile)
				if a.Status == otherKind && len(a.Type()) == 0 {
					r.fail("%s: no polite refusal", name)
				}
			}
		}},
		{ID: "B42", What: "boxes of 0, 1, 2⁶³ bytes, and a thousand deep", Do: func(ctx context.Context, r *Round) {
			deep := []byte{}
			for range 1000 {
				deep = box("moov", deep)
			}
			for name, rest := range map[string][]byte{"0": {0, 0, 0, 0, 'm', 'e', 't', 'a'}, "1": {0, 0, 0, 1, 'm', 'e', 't', 'a', 0x7f, 255, 255, 255, 255, 255, 255, 255}, "deep": deep, "7": {0, 0, 0, 7, 'm', 'e', 't', 'a'}} {
				r.refuse(ctx, "heic "+name, slices.Concat(aHEIC[:24], rest), badFile, otherKind)
				r.refuse(ctx, "mp4 "+name, slices.Concat(box("ftyp", []byte("isom\x00\x00\x02\x00")), rest), otherKind, badFile)
			}
		}},
		{ID: "B43", What: "a video with a position in its metadata", Do: func(ctx context.Context, r *Round) {
			r.refuse(ctx, "©xyz", slices.Concat(box("ftyp", []byte("mp42\x00\x00\x00\x00mp42")), box("moov", box("udta", box("\xa9xyz", []byte("+12.3456+098.7654/"))))), otherKind)
		}},
	}
}

// turned publishes nothing: it uploads a picture whose EXIF says how it lies, and asks for its size as shown.
func (r *Round) turned(ctx context.Context, orientation uint16, w, h int) {
	name := fmt.Sprintf("orientation %d", orientation)
	a := r.want(name, r.upload(ctx, "a.jpg", "image/jpeg", withSegment(photo(name), 0xe1, exif(orientation))), success)
	var up struct{ Data struct{ Width, Height int } }
	if orientation >= 5 {
		w, h = h, w
	}
	if !a.JSON(&up) || up.Data.Width != w || up.Data.Height != h {
		r.fail("%s: it is %d × %d, not %d × %d", name, up.Data.Width, up.Data.Height, w, h)
	}
}

// base64Of is s in base64.
func base64Of(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
