package hostile

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
)

// The status of a file that is not taken: by its kind, as a picture, by its size.
const (
	otherKind = http.StatusUnsupportedMediaType
	badFile   = http.StatusUnprocessableEntity
	tooLarge  = http.StatusRequestEntityTooLarge
)

// upload sends a file as ben would.
func (r *Round) upload(ctx context.Context, name, typ string, file []byte) Answer {
	body, ct := fileForm(name, typ, file)
	return r.send(ctx, request{method: "POST", path: "/v1/uploads", token: r.ben.token, body: body, typ: ct})
}

// accepted wants a file to be taken, and what is made of it to hold none of the words.
func (r *Round) accepted(ctx context.Context, name string, file []byte, words ...string) {
	r.maybe(ctx, name, file, []int{success}, words...)
}

// refuse wants a file to be refused as one of these: at once by its first bytes, or when it is published by its pixels.
func (r *Round) refuse(ctx context.Context, name string, file []byte, statuses ...int) {
	r.maybe(ctx, name, file, statuses)
}

// maybe wants the fate of a file to be one of the statuses. What is published must be clean; it is deleted again.
func (r *Round) maybe(ctx context.Context, name string, file []byte, statuses []int, never ...string) {
	a := r.upload(ctx, "photo.jpg", "image/jpeg", file)
	var up struct{ Data struct{ ID string } }
	if a.Status/100 != 2 || !a.JSON(&up) {
		r.want(name, a, statuses...)
		return
	}
	a = r.want(name, r.send(ctx, ask("POST", "/v1/media", r.ben.token, map[string]any{"uploads": []string{up.Data.ID}})), statuses...)
	var post struct {
		Data struct {
			ID         string
			Renditions []struct{ URL string }
		}
	}
	if a.Status/100 != 2 || !a.JSON(&post) {
		if err := r.must(ctx, ask("DELETE", "/v1/uploads/"+up.Data.ID, r.ben.token, nil), nil); err != nil {
			r.fail("%s: %v", name, err)
		}
		return
	}
	if len(post.Data.Renditions) == 0 {
		r.fail("%s: it was published without pictures", name)
	}
	for _, rendition := range post.Data.Renditions {
		p := r.send(ctx, request{method: "GET", path: rendition.URL})
		if p.Status != 200 || p.Header.Get("Content-Type") != "image/jpeg" || p.Header.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(p.Header.Get("Content-Security-Policy"), "sandbox") || !bytes.HasPrefix(p.Body, []byte("\xff\xd8\xff")) {
			r.fail("%s: its picture is %d %v", name, p.Status, p.Header)
		}
		said, whole := words(p.Body)
		if !whole {
			r.fail("%s: what was made of it is no whole JPEG", name)
		}
		for _, w := range append(never, "GPS", "Exif\x00", "<script", "<?php", "PK\x03\x04", "ns.adobe.com") {
			if bytes.Contains(said, []byte(w)) {
				r.fail("%s: what was made of it holds %q", name, w)
			}
		}
	}
	if err := r.must(ctx, ask("DELETE", "/v1/media/"+post.Data.ID, r.ben.token, nil), nil); err != nil {
		r.fail("%s: %v", name, err)
	}
}

// fileItems are B1 to B14: what is no picture, or no whole one.
func fileItems() []Item {
	return []Item{
		{ID: "B1", What: "an empty file", Do: func(ctx context.Context, r *Round) {
			r.refuse(ctx, "empty", nil, badFile, otherKind, http.StatusBadRequest)
		}},
		{ID: "B2", What: "a file of one byte", Do: func(ctx context.Context, r *Round) {
			r.refuse(ctx, "one byte", []byte{0xff}, otherKind, badFile)
		}},
		{ID: "B3", What: "the first bytes of each kind and nothing else", Do: func(ctx context.Context, r *Round) {
			for kind, file := range kinds() {
				r.refuse(ctx, kind, file[:12], badFile, otherKind)
			}
		}},
		{ID: "B4", What: "each kind, cut off at every sixteenth", Do: func(ctx context.Context, r *Round) {
			for kind, file := range kinds() {
				for i := 1; i < 16; i += 16 / r.many(16) {
					r.refuse(ctx, fmt.Sprintf("%s, %d of 16", kind, i), file[:len(file)*i/16], badFile, otherKind)
				}
			}
		}},
		{ID: "B5", What: "a megabyte of noise", Do: func(ctx context.Context, r *Round) {
			r.refuse(ctx, "noise", noise(1, 1<<20), otherKind)
		}},
		{ID: "B6", What: "the head of each kind and then noise", Do: func(ctx context.Context, r *Round) {
			for kind, file := range kinds() {
				r.maybe(ctx, kind, slices.Concat(file[:min(len(file)/2, 200)], noise(2, 100<<10)), []int{badFile, otherKind, tooLarge})
			}
		}},
		{ID: "B7", What: "each kind with flipped bits (seeded)", Do: func(ctx context.Context, r *Round) {
			rnd := rand.New(rand.NewPCG(7, 7))
			for kind, file := range kinds() {
				for i := range r.many(100) {
					bad := slices.Clone(file)
					for range 1 + i%3 {
						bad[rnd.IntN(min(len(bad), 2000))] ^= 1 << rnd.IntN(8)
					}
					r.maybe(ctx, fmt.Sprintf("%s, flip %d", kind, i), bad, []int{success, badFile, otherKind, tooLarge})
				}
			}
		}},
		{ID: "B8", What: "a picture under another name and type", Do: func(ctx context.Context, r *Round) {
			for _, c := range []struct{ name, typ string }{{"a.gif", "image/gif"}, {"a.svg", "image/svg+xml"}, {"a.exe", "application/x-msdownload"}, {"a", "text/html"}} {
				a := r.want(c.name, r.upload(ctx, c.name, c.typ, aPNG(c.name)), success)
				var up struct{ Data struct{ Type string } }
				if !a.JSON(&up) || up.Data.Type != "image/png" {
					r.fail("%s: taken as %q", c.name, up.Data.Type)
				}
			}
		}},
		{ID: "B9", What: "HTML that says it is a JPEG", Do: func(ctx context.Context, r *Round) {
			r.refuse(ctx, "HTML", []byte("<!doctype html><script>alert(1)</script>"), otherKind)
		}},
		{ID: "B10", What: "SVG with scripts, foreign objects, entities, other files", Do: func(ctx context.Context, r *Round) {
			for name, file := range map[string]string{
				"script":   `<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`,
				"foreign":  `<svg xmlns="http://www.w3.org/2000/svg"><foreignObject><body onload="alert(1)"/></foreignObject></svg>`,
				"file":     `<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>`,
				"entities": `<?xml version="1.0"?><!DOCTYPE s [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><svg>&b;</svg>`,
			} {
				r.refuse(ctx, name, []byte(file), otherKind)
			}
		}},
		{ID: "B11", What: "PDF, PostScript, MVG, MSL, TIFF, BMP, PSD and ten kinds more", Do: func(ctx context.Context, r *Round) {
			for _, head := range []string{"%PDF-1.4\n", "%!PS-Adobe-3.0 EPSF-3.0\n", "push graphic-context\n", `<?xml version="1.0"?><image><read filename="caption:@/etc/passwd"/></image>`,
				"gimp xcf file\x00", "8BPS\x00\x01", "II*\x00\x08\x00\x00\x00", "MM\x00*\x00\x00\x00\x08", "BM\x00\x00\x00\x00", "\x00\x00\x01\x00\x01\x00", "SIMPLE  =                    T",
				"\xb6\xa6\xf2\x08", "\x08\xf2\xa6\xb6", strings.Repeat("\x00", 128) + "DICM", "1,2,3\n4,5,6\n", "P6\n64 64\n255\n", "\xff\x0a\x00\x00", "\x00\x00\x00\x0cjP  \r\n\x87\n", "\x76\x2f\x31\x01"} {
				r.refuse(ctx, fmt.Sprintf("%.8q", head), append([]byte(head), photo("tail")...), otherKind)
			}
		}},
		{ID: "B12", What: "files that are a picture and something else", Do: func(ctx context.Context, r *Round) {
			payload := []byte("=1;/*<html><script>alert(1)</script><?php system($_GET[0]); ?>*/")
			r.accepted(ctx, "GIF and script", slices.Concat(aGIF(8, 8, 1), payload), "alert(1)")
			r.accepted(ctx, "JPEG, HTML in its comment", withSegment(photo("c"), 0xfe, payload), "alert(1)")
			r.accepted(ctx, "PNG, PHP in its text", withChunks(aPNG("t"), chunk("tEXt", append([]byte("a\x00"), payload...))), "alert(1)")
			r.accepted(ctx, "JPEG and ZIP", slices.Concat(photo("z"), []byte("PK\x03\x04"), payload), "alert(1)")
			r.refuse(ctx, "PDF and JPEG", slices.Concat([]byte("%PDF-1.4\n"), photo("p")), otherKind)
		}},
		{ID: "B13", What: "a video with HTML in its metadata", Do: func(ctx context.Context, r *Round) {
			r.refuse(ctx, "udta", slices.Concat(box("ftyp", []byte("isom\x00\x00\x02\x00isomiso2")), box("moov", box("udta", []byte("<script>alert(1)</script>")))), otherKind)
		}},
		{ID: "B14", What: "playlists that name other files", Do: func(ctx context.Context, r *Round) {
			for _, file := range []string{"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", "ffconcat version 1.0\nfile /etc/passwd\n", "concat:/etc/passwd|/etc/hosts", "subfile,,start,0,end,0,,:/etc/passwd"} {
				r.refuse(ctx, fmt.Sprintf("%.10q", file), []byte(file), otherKind)
			}
		}},
	}
}

// noise is n bytes that are the same for a seed.
func noise(seed uint64, n int) []byte {
	rnd := rand.New(rand.NewPCG(seed, 0))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(rnd.Uint32())
	}
	return b
}
