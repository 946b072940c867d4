package hostile

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// archiveItems are B55, B80 and B95: archives that are brought, archives that are fetched, letters that set passwords.
func archiveItems() []Item {
	return []Item{
		{ID: "B55", What: "zips that unfold, overlap, lie, lead out, are doubled, linked, locked, or none", Do: func(ctx context.Context, r *Round) {
			for name, file := range hostileZips(r.many(100000)) {
				r.bring(ctx, name, file)
			}
			for _, body := range []string{`{}`, `{"name":"a.zip","bytes":0}`, `{"name":"a.zip","bytes":-1}`, `{"name":"a.zip","bytes":9223372036854775807}`, `{"name":"a.zip","bytes":1e400}`, `{"name":"` + strings.Repeat("n", 20000) + `","bytes":5}`} {
				r.want(fmt.Sprintf("begin with %.40s", body), r.send(ctx, ask("POST", "/v1/users/self/imports", r.ben.token, body)), refused)
			}
			var begun struct{ Data struct{ ID string } }
			if a := r.want("begin", r.send(ctx, ask("POST", "/v1/users/self/imports", r.ben.token, map[string]any{"name": "a.zip", "bytes": 100})), success); !a.JSON(&begun) {
				return
			}
			path := "/v1/users/self/imports/" + begun.Data.ID
			put := func(name, token, at string, body []byte) {
				r.want(name, r.send(ctx, request{method: "PUT", path: path + "/parts/" + at, token: token, body: body, typ: "application/octet-stream"}), refused)
			}
			put("another's", r.ana.token, "0", make([]byte, 100))
			put("nobody's", "", "0", make([]byte, 100))
			put("too long", r.ben.token, "0", make([]byte, 101))
			put("too short", r.ben.token, "0", make([]byte, 99))
			for _, n := range []string{"1", "-1", "999999999999", "9223372036854775808", "a", "%00"} {
				put("part "+n, r.ben.token, n, make([]byte, 100))
			}
			r.want("look at another's", r.send(ctx, ask("GET", path, r.ana.token, nil)), refused)
			r.want("list another's", r.send(ctx, ask("GET", path+"/items", r.ana.token, nil)), refused)
			r.want("start what has not come", r.send(ctx, ask("POST", path, r.ben.token, `{"action":"start"}`)), refused)
			r.want("delete another's", r.send(ctx, ask("DELETE", path, r.ana.token, nil)), refused)
			r.want("delete", r.send(ctx, ask("DELETE", path, r.ben.token, nil)), success)
		}},
		{ID: "B80", What: "another's archive, fetched, fetched in odd ranges, deleted", Do: func(ctx context.Context, r *Round) {
			var e struct {
				Data struct{ ID, State, URL string }
			}
			if a := r.want("begin", r.send(ctx, ask("POST", "/v1/users/self/exports", r.ana.token, `{}`)), success); !a.JSON(&e) {
				return
			}
			id := e.Data.ID
			r.until(ctx, "ana's archive is made", func() bool {
				var list struct {
					Data []struct{ ID, State, URL string }
				}
				if a := r.send(ctx, ask("GET", "/v1/users/self/exports", r.ana.token, nil)); !a.JSON(&list) {
					return false
				}
				for _, one := range list.Data {
					if one.ID == id && one.State == "done" {
						e.Data.URL = one.URL
						return true
					}
				}
				return false
			})
			for name, token := range map[string]string{"ben": r.ben.token, "an admin": r.admin.token, "nobody": ""} {
				for _, q := range []request{ask("GET", e.Data.URL, token, nil), ask("GET", "/v1/users/self/exports/"+id+"/archive.zip", token, nil), ask("DELETE", "/v1/users/self/exports/"+id, token, nil)} {
					r.unseen(name, r.want(name, r.send(ctx, q), refused))
				}
			}
			for _, rng := range []string{"bytes=0-0", "bytes=-1", "bytes=99999999999-", "bytes=5-2", "bytes=0-0,2-3,5-6"} {
				q := ask("GET", "/v1/users/self/exports/"+id+"/archive.zip", r.ana.token, nil)
				q.header = map[string][]string{"Range": {rng}}
				r.want(rng, r.send(ctx, q), success, refused)
			}
			whole := r.want("by ana", r.send(ctx, ask("GET", "/v1/users/self/exports/"+id+"/archive.zip", r.ana.token, nil)), success)
			if _, err := zip.NewReader(bytes.NewReader(whole.Body), int64(len(whole.Body))); err != nil {
				r.fail("what ana gets is no zip: %v", err)
			}
			r.want("deleted", r.send(ctx, ask("DELETE", "/v1/users/self/exports/"+id, r.ana.token, nil)), success)
			r.want("gone", r.send(ctx, ask("GET", "/v1/users/self/exports/"+id+"/archive.zip", r.ana.token, nil)), refused)
		}},
		{ID: "B95", What: "links of letters that are forged, of another kind, used twice; a Host of another's", Do: resets},
	}
}

// bring sends an archive. It must be refused with a reason, or what is in it be left out with one; nothing of it becomes a post.
func (r *Round) bring(ctx context.Context, name string, file []byte) {
	type progress struct {
		Data struct {
			ID, State, Reason string
			PartBytes         int `json:"part_bytes"`
			Total             int
		}
	}
	var p progress
	a := r.want(name+", begun", r.send(ctx, ask("POST", "/v1/users/self/imports", r.ben.token, map[string]any{"name": "a.zip", "bytes": len(file)})), success)
	if !a.JSON(&p) || p.Data.PartBytes == 0 {
		return
	}
	path := "/v1/users/self/imports/" + p.Data.ID
	for n := 0; n*p.Data.PartBytes < len(file); n++ {
		part := file[n*p.Data.PartBytes : min(len(file), (n+1)*p.Data.PartBytes)]
		r.want(name+", part "+strconv.Itoa(n), r.send(ctx, request{method: "PUT", path: path + "/parts/" + strconv.Itoa(n), token: r.ben.token, body: part, typ: "application/octet-stream"}), success, refused)
	}
	r.until(ctx, name+" is read", func() bool {
		if a = r.send(ctx, ask("GET", path, r.ben.token, nil)); !a.JSON(&p) {
			return false
		}
		return p.Data.State == "failed" || p.Data.State == "waiting" && p.Data.Total == 0
	})
	if p.Data.State == "failed" && len(p.Data.Reason) < 15 || inside.MatchString(p.Data.Reason) {
		r.fail("%s: the reason is %q", name, p.Data.Reason)
	}
	r.want(name+", deleted", r.send(ctx, ask("DELETE", path, r.ben.token, nil)), success)
}

// hostileZips are archives that were made to do harm, by what they do; n is how many files many are.
func hostileZips(n int) map[string][]byte {
	zipOf := func(fill func(w *zip.Writer)) []byte {
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		fill(w)
		must(0, w.Close())
		return b.Bytes()
	}
	named := func(names ...string) []byte {
		return zipOf(func(w *zip.Writer) {
			for _, name := range names {
				f := must(w.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate}))
				must(f.Write([]byte(`[{"media":[{"uri":"media/a.jpg","creation_timestamp":1}]}]`)))
			}
		})
	}
	bomb := zipOf(func(w *zip.Writer) {
		f := must(w.Create("content/posts_1.json"))
		for range 300 {
			must(f.Write(make([]byte, 1<<20)))
		}
	})
	nested := bomb
	for range 4 {
		inner := nested
		nested = zipOf(func(w *zip.Writer) { must(must(w.Create("inner.zip")).Write(inner)) })
	}
	good := named("content/posts_1.json", "other.txt")
	le := binary.LittleEndian
	end := bytes.LastIndex(good, []byte("PK\x05\x06"))
	central := bytes.Index(good, []byte("PK\x01\x02"))
	second := bytes.LastIndex(good, []byte("PK\x01\x02"))
	changed := func(change func(b []byte)) []byte {
		b := slices.Clone(good)
		change(b)
		return b
	}
	var gz bytes.Buffer
	inner := gzip.NewWriter(&gz)
	outer := gzip.NewWriter(inner)
	must(outer.Write(make([]byte, 10<<20)))
	must(0, outer.Close())
	must(0, inner.Close())
	return map[string][]byte{
		"no zip":                   []byte("hello, this is no zip"),
		"noise":                    noise(9, 5000),
		"a picture":                photo("zip"),
		"gzip in gzip":             gz.Bytes(),
		"300 MB of nothing":        bomb,
		"zips in zips":             nested,
		"files upon each other":    changed(func(b []byte) { copy(b[second+42:second+46], b[central+42:central+46]) }),
		"lying about its size":     changed(func(b []byte) { le.PutUint32(b[central+24:], 5) }),
		"lying upwards":            changed(func(b []byte) { le.PutUint32(b[central+24:], 1<<31) }),
		"another checksum":         changed(func(b []byte) { le.PutUint32(b[central+16:], 1) }),
		"locked":                   changed(func(b []byte) { b[central+8] |= 1; b[6] |= 1 }),
		"an unknown method":        changed(func(b []byte) { b[central+10] = 97 }),
		"a count of 65,534":        changed(func(b []byte) { le.PutUint16(b[end+10:], 65534); le.PutUint16(b[end+8:], 65534) }),
		"a directory beyond":       changed(func(b []byte) { le.PutUint32(b[end+16:], 1<<31) }),
		"a directory of 4 GB":      changed(func(b []byte) { le.PutUint32(b[end+12:], 1<<32-2) }),
		"a name beyond":            changed(func(b []byte) { le.PutUint16(b[central+28:], 60000) }),
		"zip64 without its record": changed(func(b []byte) { le.PutUint32(b[end+16:], 1<<32-1) }),
		"of several parts":         changed(func(b []byte) { b[end+4] = 3 }),
		"cut off":                  good[:len(good)-30],
		"names that lead out":      named("../../../../tmp/x", "/etc/x", `..\..\x`, "C:\\x", "a/../../x", "a\x00b", "content//x"),
		"one name twice":           named("content/posts_1.json", "content/posts_1.json"),
		"a link": zipOf(func(w *zip.Writer) {
			h := &zip.FileHeader{Name: "content/posts_1.json"}
			h.SetMode(os.ModeSymlink | 0o777)
			must(must(w.CreateHeader(h)).Write([]byte("/etc/passwd")))
		}),
		"many files": zipOf(func(w *zip.Writer) {
			for i := range n {
				must(w.CreateHeader(&zip.FileHeader{Name: "f" + strconv.Itoa(i)}))
			}
		}),
		"JSON that is none": zipOf(func(w *zip.Writer) {
			must(must(w.Create("content/posts_1.json")).Write([]byte(`[{"media":` + strings.Repeat("[", 100000))))
		}),
		"files of the machine": zipOf(func(w *zip.Writer) {
			must(must(w.Create("content/posts_1.json")).Write([]byte(`[{"media":[{"uri":"file:///etc/passwd","creation_timestamp":1},{"uri":"../../../etc/passwd","creation_timestamp":-99999999999}]},null,7,{"media":null},{"media":[{"uri":"http://127.0.0.1/x"}]}]`)))
		}),
	}
}

var linkToken = regexp.MustCompile(`[#?&/=]([A-Za-z0-9._~-]{30,})`)

// resets asks for letters and tries what is not in them. Where the site keeps its letters as files, also what is.
func resets(ctx context.Context, r *Round) {
	for _, path := range []string{"/v1/password/reset", "/v1/email/confirm", "/v1/email/undo"} {
		for _, token := range []string{"", "x", strings.Repeat("a", 43), r.ben.token, r.ben.id + "." + strings.Repeat("0", 64), "../..", strings.Repeat("a", 20000), "\x00"} {
			r.want(path, r.send(ctx, ask("POST", path, "", map[string]any{"token": token, "password": "a new passphrase 1"})), refused)
		}
	}
	mail := "ben@" + strings.ToLower(r.canary) + ".example"
	r.want("an address without password", r.send(ctx, ask("PUT", "/v1/users/self/email", r.ben.token, map[string]any{"email": mail})), refused)
	r.want("an address", r.send(ctx, ask("PUT", "/v1/users/self/email", r.ben.token, map[string]any{"email": mail, "password": r.ben.password})), success)
	forgot := func(address string) Answer {
		q := ask("POST", "/v1/password/forgot", "", map[string]any{"email": address})
		q.header = map[string][]string{"X-Forwarded-Host": {"evil.example"}, "Forwarded": {"host=evil.example"}, "Origin": {r.site.URL}}
		return r.want("forgot", r.send(ctx, q), success, refused)
	}
	known, unknown := forgot(mail), forgot("nobody@"+strings.ToLower(r.canary)+".example")
	if known.Status != unknown.Status || !bytes.Equal(known.Body, unknown.Body) {
		r.fail("one can tell who is here: %d %.100q and %d %.100q", known.Status, known.Body, unknown.Status, unknown.Body)
	}
	if r.site.Outbox == "" {
		return
	}
	var letters string
	r.until(ctx, "the letters are written", func() bool {
		letters = ""
		files, err := filepath.Glob(filepath.Join(r.site.Outbox, "*.eml"))
		if err != nil {
			return false
		}
		for _, f := range files {
			if b, err := readFile(f); err == nil && strings.Contains(b, mail) {
				letters += strings.ReplaceAll(b, "=\r\n", "")
			}
		}
		return letters != ""
	})
	if strings.Contains(letters, "evil.example") {
		r.fail("a letter leads to another's host")
	}
	tokens := map[string]bool{}
	for _, m := range linkToken.FindAllStringSubmatch(letters, -1) {
		tokens[strings.TrimPrefix(m[1], "3D")] = true
	}
	if len(tokens) == 0 {
		r.fail("no link is in the letters")
	}
	// The letter to a new address confirms it, once; it sets no password.
	confirmed := 0
	for token := range tokens {
		r.want("another kind", r.send(ctx, ask("POST", "/v1/password/reset", "", map[string]any{"token": token + "x", "password": "a new passphrase 1"})), refused)
		if a := r.send(ctx, ask("POST", "/v1/email/confirm", "", map[string]any{"token": token})); a.Status/100 == 2 {
			confirmed++
			r.want("twice", r.send(ctx, ask("POST", "/v1/email/confirm", "", map[string]any{"token": token})), refused, success)
			r.want("as a password's", r.send(ctx, ask("POST", "/v1/password/reset", "", map[string]any{"token": token, "password": "a new passphrase 1"})), refused)
		}
	}
	if confirmed == 0 {
		r.fail("no letter confirms the address")
	}
	r.want("the password is as it was", r.send(ctx, ask("POST", "/v1/session", "", map[string]any{"login": r.ben.name, "password": r.ben.password})), success)
}

func readFile(name string) (string, error) {
	f, err := os.Open(name) // #nosec G304 -- a letter of the site that was started here
	if err != nil {
		return "", err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, 1<<20))
	return string(b), err
}
