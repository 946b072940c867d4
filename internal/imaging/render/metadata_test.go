package render

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tintype/tintype/internal/imaging"
	"github.com/tintype/tintype/internal/tintype"
)

// The canaries: texts that are planted where cameras and programs write, and a
// position. No byte of a rendition may tell of either.
const (
	canary    = "CANARY-yellow-bird"
	gpsText   = "12,20.740700N"
	gpsOther  = "98.765432"
	xmpPacket = `<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">` +
		`<rdf:Description xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/" exif:GPSLatitude="` + gpsText + `" exif:GPSLongitude="` + gpsOther + `">` +
		`<dc:creator>` + canary + `</dc:creator></rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>`
)

// plantedExif holds the canary in texts, as undefined bytes and in a thumbnail, and the position.
func plantedExif(tb testing.TB) []byte {
	thumb := withSegments(encoded(tb, "image/jpeg", upright(32, 24), 32, 24), segment(0xfe, []byte(canary)))
	return exifOfTags(binary.BigEndian,
		ifd{tagMake: "Canary Optics", tagModel: "Yellow 1", 0x010e: canary, 0x013b: canary, tagDateTime: "2024:05:06 07:08:09"},
		ifd{
			tagExposureTime: []uint32{1, 250}, tagFNumber: []uint32{28, 10}, tagISO: uint16(400), tagDateOriginal: "2024:05:06 07:08:09",
			tagOffsetOrig: "+02:00", tagFocalLength: []uint32{35, 1}, tagLensModel: "35mm f/2", 0x9286: []byte("ASCII\x00\x00\x00" + canary),
			0xa431: canary, 0x927c: []byte("maker's note " + canary),
		},
		ifd{
			tagGPSLatRef: "N", tagGPSLat: []uint32{12, 1, 20, 1, 444420, 10000}, tagGPSLonRef: "W", tagGPSLon: []uint32{98, 1, 45, 1, 555552, 10000},
			0x001d: canary,
		}, thumb)
}

// iccProfile is one that says nothing but the canary, which makes it unusable.
func iccProfile() []byte {
	b := make([]byte, 128)
	copy(b[36:], "acsp")
	b = binary.BigEndian.AppendUint32(b, 1)
	b = binary.BigEndian.AppendUint32(append(b, "desc"...), 144)
	b = binary.BigEndian.AppendUint32(b, 64)
	b = append(b, "desc\x00\x00\x00\x00\x00\x00\x00\x20sRGB "+canary+"\x00"...)
	b = append(b, make([]byte, 256-len(b))...)
	binary.BigEndian.PutUint32(b, uint32(len(b)))
	return b
}

// planted are files of every format with the canaries in every place there is.
func planted(tb testing.TB) map[string][]byte {
	pix := upright(160, 120)
	ex, xmp := plantedExif(tb), []byte(xmpPacket)
	iptc := []byte("\x1c\x02\x78\x00" + string(rune(len(canary))) + canary)
	irb := append([]byte("Photoshop 3.0\x008BIM\x04\x04\x00\x00\x00\x00\x00"+string(rune(len(iptc)))), iptc...)
	guid := strings.Repeat("A", 32)
	extended := append([]byte("http://ns.adobe.com/xmp/extension/\x00"+guid), 0, 0, byte(len(xmp)>>8), byte(len(xmp)), 0, 0, 0, 0)
	mpf := append([]byte("MPF\x00"), exifOfTags(binary.BigEndian, ifd{0xb000: []byte("0100"), 0xb001: canary}, nil, nil, nil)...)
	trailer := []byte("<script>" + canary + "</script> PK\x03\x04 ftypmp42 " + gpsOther)

	withAll := func(b []byte) []byte {
		return withSegments(b,
			segment(0xe1, []byte("Exif\x00\x00"), ex),
			segment(0xe1, []byte("http://ns.adobe.com/xap/1.0/\x00"), xmp),
			segment(0xe1, extended, xmp),
			segment(0xed, irb),
			segment(0xe2, []byte("ICC_PROFILE\x00\x01\x01"), iccProfile()),
			segment(0xe2, mpf),
			segment(0xee, []byte(canary)),
			segment(0xfe, []byte(canary+" "+gpsOther)))
	}
	jpeg := encoded(tb, "image/jpeg", pix, 160, 120)
	rich := withAll(jpeg)
	png := withChunks(encoded(tb, "image/png", pix, 160, 120),
		chunk("iCCP", append([]byte("ICC "+canary+"\x00\x00"), zipped(iccProfile())...)),
		chunk("eXIf", ex),
		chunk("tEXt", []byte("Comment\x00"+canary+" "+gpsOther)),
		chunk("tEXt", []byte("profile\x00/etc/passwd")),
		chunk("zTXt", append([]byte("Description\x00\x00"), zipped([]byte(canary))...)),
		chunk("zTXt", append([]byte("Raw profile type exif\x00\x00"), zipped(fmt.Appendf(nil, "\nexif\n%8d\n%x\n", len(ex), ex))...)),
		chunk("iTXt", append([]byte("XML:com.adobe.xmp\x00\x00\x00\x00\x00"), xmp...)),
		chunk("caNb", []byte(canary)))
	webp := withRIFF(encoded(tb, "image/webp", pix, 160, 120), 160, 120, 0x2c,
		riff("ICCP", iccProfile()), riff("EXIF", ex), riff("XMP ", xmp), riff("CNRY", []byte(canary)))
	gif := encoded(tb, "image/gif", pix, 160, 120)
	gif = slices.Concat(gif[:len(gif)-1], []byte("\x21\xfe"), []byte{byte(len(canary))}, []byte(canary), []byte("\x00\x21\xff\x0bXMP DataXMP"),
		xmp, []byte("\x01\x00"), []byte("\x3b"))
	return map[string][]byte{
		"image/jpeg": append(rich, trailer...),
		"image/png":  append(png, trailer...),
		"image/webp": append(webp, trailer...),
		"image/gif":  append(gif, trailer...),
		"image/heic": append(converted(tb, "image/heic", rich), trailer...),
		"image/avif": append(converted(tb, "image/avif", rich), trailer...),
	}
}

func TestNoMetadataInRenditions(t *testing.T) {
	t.Parallel()
	p := caged(t, imaging.Config{})
	dir := t.TempDir()
	for kind, file := range planted(t) {
		if n := bytes.Count(file, []byte(canary)); n < 2 {
			t.Fatalf("%s: the canary was planted %d times", kind, n)
		}
		for _, recipe := range []string{"", `{"filter":"","crop":{"x":0,"y":0,"w":0.9,"h":0.9},"straighten":2}`} {
			t.Run(fmt.Sprintf("%s edited=%t", kind, recipe != ""), func(t *testing.T) {
				res, files := rendered(t, p, file, recipe, append(imaging.PostSizes(), imaging.LegacySizes()...)...)
				if res.Type != kind {
					t.Errorf("type %s", res.Type)
				}
				for name, f := range files {
					checkNoMetadata(t, f)
					path := filepath.Join(dir, strings.ReplaceAll(kind, "/", "-")+name+".jpg")
					if err := os.WriteFile(path, f, 0o600); err != nil {
						t.Fatal(err)
					}
				}
			})
		}
	}
	checkWithExiftool(t, dir)
}

// checkNoMetadata looks for the canaries, and for any segment but those that a
// decoder needs.
func checkNoMetadata(t *testing.T, file []byte) {
	t.Helper()
	for _, s := range []string{canary, "Canary", "anary", gpsText, gpsOther, "98.76", "98,45", "Exif", "xpacket", "adobe", "Photoshop", "ICC_PROFILE", "MPF", "root:", "<script", "PK\x03\x04"} {
		if bytes.Contains(file, []byte(s)) {
			t.Errorf("%q is in a rendition", s)
		}
	}
	if !bytes.HasSuffix(file, []byte{0xff, 0xd9}) {
		t.Errorf("a rendition does not end where JPEG does")
	}
	for at := 2; at+4 <= len(file); {
		marker, n := file[at+1], int(binary.BigEndian.Uint16(file[at+2:]))
		switch {
		case file[at] != 0xff:
			t.Fatalf("no marker at %d", at)
		case marker == 0xda:
			return
		case marker == 0xe0 && n == 16 && string(file[at+4:at+9]) == "JFIF\x00" && file[at+16] == 0 && file[at+17] == 0: // and no thumbnail in it
		case marker == 0xdb, marker == 0xc0, marker == 0xc2, marker == 0xc4, marker == 0xdd:
		default:
			t.Errorf("segment %x of %d bytes", marker, n)
		}
		at += 2 + n
	}
}

func checkWithExiftool(t *testing.T, dir string) {
	exiftool, err := exec.LookPath("exiftool")
	if err != nil {
		t.Log("exiftool is not installed: its opinion is missing")
		return
	}
	out, err := exec.Command(exiftool, "-j", "-a", "-u", "-U", "-ee", "-G1", dir).Output()
	if err != nil {
		t.Fatal(err)
	}
	var list []map[string]any
	if err := json.Unmarshal(out, &list); err != nil || len(list) < 12 {
		t.Fatalf("%d files, %v", len(list), err)
	}
	for _, tags := range list {
		for tag, v := range tags {
			group, _, _ := strings.Cut(tag, ":")
			if !slices.Contains([]string{"SourceFile", "ExifTool", "System", "File", "JFIF", "Composite"}, group) || strings.Contains(fmt.Sprint(v), "anary-") {
				t.Errorf("%v: exiftool finds %s = %v", tags["SourceFile"], tag, v)
			}
		}
	}
}

func TestCameraAndPosition(t *testing.T) {
	t.Parallel()
	p := caged(t, imaging.Config{})
	want := &tintype.Camera{
		Make: "Canary Optics", Model: "Yellow 1", Lens: "35mm f/2", Exposure: "1/250", Aperture: 2.8, ISO: 400, FocalLength: 35,
		Taken: time.Date(2024, 5, 6, 5, 8, 9, 0, time.UTC),
	}
	for kind, file := range planted(t) {
		t.Run(kind, func(t *testing.T) {
			info, err := p.Probe(t.Context(), bytes.NewReader(file))
			if err != nil {
				t.Fatal(err)
			}
			if kind == "image/gif" {
				if info.Camera != nil || info.Lat != nil {
					t.Errorf("%+v", info)
				}
				return
			}
			if diff := cmp.Diff(want, info.Camera); diff != "" {
				t.Errorf("camera (-want +got):\n%s", diff)
			}
			if info.Lat == nil || info.Lon == nil || *info.Lat != 12.3456783 || *info.Lon != -98.765432 {
				t.Errorf("position: %v, %v", info.Lat, info.Lon)
			}
		})
	}
}

func TestReadExif(t *testing.T) {
	t.Parallel()
	le := binary.AppendByteOrder(binary.LittleEndian)
	deg := func(d, m, s uint32) []uint32 { return []uint32{d, 1, m, 1, s, 1} }
	gps := func(lat, lon []uint32, latRef, lonRef string) []byte {
		return exifOfTags(le, ifd{}, nil, ifd{tagGPSLat: lat, tagGPSLon: lon, tagGPSLatRef: latRef, tagGPSLonRef: lonRef}, nil)
	}
	whole := plantedExif(t)
	for _, test := range []struct {
		name     string
		in       []byte
		lat, lon float64 // 0, 0 for none
	}{
		{"south and west", gps(deg(33, 30, 0), deg(70, 15, 36), "S", "W"), -33.5, -70.26},
		{"lower case", gps(deg(33, 30, 0), deg(70, 15, 0), "s", "e"), -33.5, 70.25},
		{"no satellite yet", gps(deg(0, 0, 0), deg(0, 0, 0), "N", "E"), 0, 0},
		{"off the earth", gps(deg(91, 0, 0), deg(0, 0, 0), "N", "E"), 0, 0},
		{"zero denominators", gps([]uint32{1, 0, 1, 0, 1, 0}, deg(1, 0, 0), "N", "E"), 0, 0},
		{"degrees only", gps([]uint32{4525, 100}, []uint32{75, 10}, "N", "E"), 45.25, 7.5},
		{"one missing", exifOfTags(le, ifd{}, nil, ifd{tagGPSLat: deg(1, 2, 3)}, nil), 0, 0},
		{"no EXIF", []byte("not EXIF at all"), 0, 0},
		{"nothing", nil, 0, 0},
		{"header only", []byte("II*\x00\x08\x00\x00\x00"), 0, 0},
		{"directory past the end", []byte("II*\x00\xff\xff\xff\xff\x00\x00"), 0, 0},
		{"directory within the header", []byte("II*\x00\x00\x00\x00\x00\x00\x00"), 0, 0},
		{"with its prefix", append([]byte("Exif\x00\x00"), whole...), 12.3456783, -98.765432},
	} {
		e := readExif(test.in)
		var lat, lon float64
		if e.lat != nil {
			lat, lon = *e.lat, *e.lon
		}
		if lat != test.lat || lon != test.lon {
			t.Errorf("%s: %v, %v, want %v, %v", test.name, lat, lon, test.lat, test.lon)
		}
	}
	// A directory that says it is its own sub-directory, and counts without end.
	loop := exifOfTags(le, ifd{tagMake: "x"}, ifd{tagISO: uint16(100)}, nil, nil)
	i := bytes.Index(loop, []byte{0x69, 0x87})
	binary.LittleEndian.PutUint32(loop[i+8:], 8)
	if e := readExif(loop); e.camera == nil || e.camera.Make != "x" {
		t.Errorf("a loop: %+v", e.camera)
	}
	copy(loop[i+4:], "\xff\xff\xff\xff")
	readExif(loop)
}

func FuzzReadExif(f *testing.F) {
	f.Add([]byte("II*\x00\x08\x00\x00\x00"))
	f.Add(exifOfTags(binary.BigEndian, ifd{tagMake: "M", tagOrientation: uint16(6)}, ifd{tagExposureTime: []uint32{1, 3}}, ifd{tagGPSLat: []uint32{1, 1}}, nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		e := readExif(b)
		if e.orientation < 0 || e.orientation > 8 {
			t.Errorf("orientation %d", e.orientation)
		}
		if (e.lat == nil) != (e.lon == nil) || e.lat != nil && !(*e.lat >= -90 && *e.lat <= 90 && *e.lon >= -180 && *e.lon <= 180) {
			t.Errorf("position %v, %v", e.lat, e.lon)
		}
		if c := e.camera; c != nil {
			if !(c.Aperture >= 0) || c.ISO < 0 || !(c.FocalLength >= 0) || len(c.Make) > 800 {
				t.Errorf("camera %+v", c)
			}
		}
	})
}
