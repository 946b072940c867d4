package hostile

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"
	"sync"
)

// formItems are B44 to B55: how files are sent, and what is done with them.
func formItems() []Item {
	return []Item{
		{ID: "B44", What: "multipart forms that are broken, endless or ambiguous, and 20 file names", Do: brokenForms},
		{ID: "B45", What: "lengths that are wrong, chunks with extensions, uploads that end early", Do: func(ctx context.Context, r *Round) {
			body, ct := fileForm("a.jpg", "image/jpeg", photo("len"))
			head := func(more string) string {
				return "POST /v1/uploads HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + r.ben.token + "\r\nContent-Type: " + ct + "\r\n" + more + "\r\n"
			}
			n := len(body)
			r.want("too small", r.raw(ctx, head("Content-Length: "+strconv.Itoa(n-20)+"\r\n")+string(body)), refused)
			r.want("negative", r.raw(ctx, head("Content-Length: -1\r\n")+string(body)), refused)
			r.want("twice", r.raw(ctx, head("Content-Length: 1\r\nContent-Length: 2\r\n")+string(body)), refused)
			chunked := func(ext string) string {
				return head("Transfer-Encoding: chunked\r\n") + fmt.Sprintf("%x%s\r\n", n, ext) + string(body) + "\r\n0\r\nX-Trailer: a\r\n\r\n"
			}
			r.want("trailers", r.raw(ctx, chunked("")), success, refused)
			r.want("extensions", r.raw(ctx, chunked(";"+strings.Repeat("a", 20000))), refused, success, cut)
			for i := 1; i < 10; i += 10 / r.many(10) {
				r.early(ctx, head("Content-Length: "+strconv.Itoa(n)+"\r\n")+string(body[:n*i/10]))
			}
		}},
		{ID: "B46", What: "files at the limit of size, and a byte beyond", Do: func(ctx context.Context, r *Round) {
			const limit = 50 << 20
			pad := func(n int) []byte { b := photo("limit"); return append(b, make([]byte, n-len(b))...) }
			r.want("beyond", r.upload(ctx, "a.jpg", "image/jpeg", pad(limit+1)), tooLarge)
			r.want("at it", r.upload(ctx, "a.jpg", "image/jpeg", pad(limit)), success)
			body := pad(limit + 1)
			req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.site.URL+"/v1/uploads", struct{ *bytes.Reader }{bytes.NewReader(body)})
			if err != nil {
				r.fail("%v", err)
				return
			}
			req.ContentLength = -1
			req.Header.Set("Content-Type", "image/jpeg")
			req.Header.Set("Authorization", "Bearer "+r.ben.token)
			resp, err := r.client.Do(req)
			a := Answer{}
			if err == nil {
				a.Status, a.Header = resp.StatusCode, resp.Header
				a.Body, _ = io.ReadAll(io.LimitReader(resp.Body, 1<<20))
				resp.Body.Close()
			}
			r.want("beyond, without a length", a, tooLarge, cut)
		}},
		{ID: "B47", What: "files sent at once for the last bytes of the room that the operator gives", Do: lastBytes},
		{ID: "B48", What: "one post sent 100 times at once with one key", Do: func(ctx context.Context, r *Round) {
			id := r.freshUpload(ctx)
			q := ask("POST", "/v1/media", r.ben.token, map[string]any{"uploads": []string{id}, "caption": "once"})
			q.header = http.Header{"Idempotency-Key": {"hostile-" + id}}
			posts := map[string]bool{}
			var mu sync.Mutex
			var wg sync.WaitGroup
			for range r.many(100) {
				wg.Go(func() {
					a := r.send(ctx, q)
					var p struct{ Data struct{ ID string } }
					mu.Lock()
					defer mu.Unlock()
					r.want("again", a, success, http.StatusConflict)
					if a.Status/100 == 2 && a.JSON(&p) {
						posts[p.Data.ID] = true
					}
				})
			}
			wg.Wait()
			if len(posts) != 1 {
				r.fail("%d posts were made", len(posts))
			}
		}},
		{ID: "B49", What: "one key with another body", Do: func(ctx context.Context, r *Round) {
			id := r.freshUpload(ctx)
			key := http.Header{"Idempotency-Key": {"hostile-other-" + id}}
			q := ask("POST", "/v1/media", r.ben.token, map[string]any{"uploads": []string{id}, "caption": "one"})
			q.header = key
			r.want("first", r.send(ctx, q), success)
			q = ask("POST", "/v1/media", r.ben.token, map[string]any{"uploads": []string{r.freshUpload(ctx)}, "caption": "another"})
			q.header = key
			r.want("another body", r.send(ctx, q), http.StatusConflict, badFile, http.StatusBadRequest)
			q.header = http.Header{"Idempotency-Key": {strings.Repeat("k", 5000)}}
			r.want("long key", r.send(ctx, q), refused)
		}},
		{ID: "B50", What: "uploads in parts", Absent: "there are none: a file comes in one request, and is sent again if it breaks off"},
		{ID: "B51", What: "uploads by signed address", Absent: "there are none: the store is written to by the site alone"},
		{ID: "B52", What: "another's upload, one used before, twice, twenty-one, deleted", Do: func(ctx context.Context, r *Round) {
			post := func(name string, ids ...string) {
				a := r.want(name, r.send(ctx, ask("POST", "/v1/media", r.ben.token, map[string]any{"uploads": ids})), refused)
				r.unseen(name, a)
			}
			own := r.freshUpload(ctx)
			post("another's", r.ana.upload)
			post("another's behind one's own", own, r.ana.upload)
			post("twice", own, own)
			post("of nobody", "1", "9223372036854775807")
			many := make([]string, 21)
			for i := range many {
				many[i] = own
			}
			post("21", many...)
			gone := r.freshUpload(ctx)
			r.want("delete", r.send(ctx, ask("DELETE", "/v1/uploads/"+gone, r.ben.token, nil)), success)
			post("deleted", gone)
			r.want("publish", r.send(ctx, ask("POST", "/v1/media", r.ben.token, map[string]any{"uploads": []string{own}})), success)
			post("used", own)
			for _, path := range []string{"/v1/uploads/" + r.ana.upload, "/v1/uploads/" + r.ana.upload + "/preview.jpg"} {
				r.want("look at another's", r.send(ctx, ask("GET", path, r.ben.token, nil)), refused)
			}
			r.want("delete another's", r.send(ctx, ask("DELETE", "/v1/uploads/"+r.ana.upload, r.ben.token, nil)), refused)
			r.want("it is still there", r.send(ctx, ask("GET", "/v1/uploads/"+r.ana.upload, r.ana.token, nil)), success)
		}},
		{ID: "B53", What: "descriptions that are too long or no text", Do: func(ctx context.Context, r *Round) {
			for name, alt := range map[string]string{"long": `"` + strings.Repeat("a", 1000000) + `"`, "long, within the body": `"` + strings.Repeat("a", 20000) + `"`, "NUL": `"a\u0000b"`, "half a pair": `"a\ud800b"`, "bytes": "\"a\xff\xfeb\"", "number": "7"} {
				body := `{"uploads":["` + r.freshUpload(ctx) + `"],"alt_texts":[` + alt + `]}`
				r.want(name, r.send(ctx, ask("POST", "/v1/media", r.ben.token, body)), refused)
			}
		}},
		{ID: "B54", What: "edits whose numbers are none", Do: func(ctx context.Context, r *Round) {
			for _, edit := range []string{`{"crop":{"x":1e309,"y":0,"width":1,"height":1}}`, `{"crop":{"x":0.9,"y":0.9,"width":-0.5,"height":-0.5}}`, `{"crop":{"x":"NaN","y":0,"width":1,"height":1}}`, `{"straighten":1e300}`, `{"exposure":-1e9}`, `{"filter":"../../etc"}`, `[]`, `"x"`, `{"unknown":1}`} {
				body := `{"uploads":["` + r.freshUpload(ctx) + `"],"edits":[` + edit + `]}`
				r.want(edit, r.send(ctx, ask("POST", "/v1/media", r.ben.token, body)), refused)
			}
		}},
	}
}

// freshUpload is an upload of ben's that is in no post.
func (r *Round) freshUpload(ctx context.Context) string {
	r.counter++
	a := r.upload(ctx, "a.jpg", "image/jpeg", photo(strconv.Itoa(r.counter)))
	var up struct{ Data struct{ ID string } }
	if a.Status/100 != 2 || !a.JSON(&up) {
		r.fail("no upload: %d %.200q", a.Status, a.Body)
	}
	return up.Data.ID
}

// early sends the beginning of a request and goes away.
func (r *Round) early(ctx context.Context, beginning string) {
	a, err := r.dialAndLeave(ctx, beginning)
	if err != nil {
		r.fail("%v", err)
	}
	r.note(a)
}

func brokenForms(ctx context.Context, r *Round) {
	file := photo("form")
	send := func(name, ct string, body []byte, statuses ...int) {
		r.want(name, r.send(ctx, request{method: "POST", path: "/v1/uploads", token: r.ben.token, body: body, typ: ct}), statuses...)
	}
	const b = "hostile"
	ok := rawForm(b, `form-data; name="file"; filename="a.jpg"`, "image/jpeg", file)
	ct := "multipart/form-data; boundary=" + b
	send("no boundary", "multipart/form-data", ok, refused)
	send("empty boundary", `multipart/form-data; boundary=""`, ok, refused)
	send("long boundary", "multipart/form-data; boundary="+strings.Repeat("b", 200), ok, refused)
	send("other boundary", "multipart/form-data; boundary=other", ok, refused)
	send("no end", ct, bytes.TrimSuffix(ok, []byte("--\r\n")), refused, success)
	send("line feeds", ct, bytes.ReplaceAll(rawForm(b, `form-data; name="file"`, "image/jpeg", []byte("x")), []byte("\r\n"), []byte("\n")), refused)
	send("nested", ct, rawForm(b, `form-data; name="file"`, "multipart/mixed; boundary=in", rawForm("in", `file; filename="a.jpg"`, "image/jpeg", file)), refused)
	send("no name", ct, rawForm(b, `form-data; filename="a.jpg"`, "image/jpeg", file), refused)
	send("another name", ct, rawForm(b, `form-data; name="other"; filename="a.jpg"`, "image/jpeg", file), refused)
	send("no disposition", ct, rawForm(b, "", "image/jpeg", file), refused)
	send("nothing", ct, nil, refused)
	send("only an end", ct, []byte("--"+b+"--\r\n"), refused)
	fd := func(disposition string) part {
		return part{textproto.MIMEHeader{"Content-Disposition": {disposition}}, file}
	}
	two, twoType := form(fd(`form-data; name="file"; filename="a"`), fd(`form-data; name="file"; filename="b"`))
	send("two files", twoType, two, success, refused)
	var many []part
	for i := range 10000 {
		many = append(many, part{textproto.MIMEHeader{"Content-Disposition": {`form-data; name="p` + strconv.Itoa(i) + `"`}}, []byte("x")})
	}
	lots, lotsType := form(many...)
	send("10,000 parts", lotsType, lots, refused)
	h := textproto.MIMEHeader{"Content-Disposition": {`form-data; name="file"; filename="a"`}}
	for i := range 10000 {
		h.Set("X-"+strconv.Itoa(i), "y")
	}
	heads, headsType := form(part{h, file})
	send("10,000 headers", headsType, heads, refused, success)
	for _, name := range []string{"../../../../etc/passwd", `..\\..\\x`, "a\x00.jpg", "a\r\nSet-Cookie: x=y", "\u202egpj.exe", "CON", "🙂.jpg", "", strings.Repeat("n", 60000), "-rf", "%2e%2e%2f", "a;b", "a\"b", "|ls", "$(id)", "<script>.jpg"} {
		clean := strings.NewReplacer("\r", " ", "\n", " ", "\x00", " ").Replace(name)
		send(fmt.Sprintf("file name %.20q", name), ct, rawForm(b, fmt.Sprintf(`form-data; name="file"; filename="%s"`, clean), "image/jpeg", file), success, refused)
		if clean != name {
			send(fmt.Sprintf("file name %.20q, raw", name), ct, rawForm(b, fmt.Sprintf(`form-data; name="file"; filename="%s"`, name), "image/jpeg", file), success, refused)
		}
	}
	send("file name of another charset", ct, rawForm(b, `form-data; name="file"; filename*=nonsense'xx'%ff%fe`, "image/jpeg", file), success, refused)
	send("base64", ct, rawForm(b, `form-data; name="file"`, "image/jpeg\r\nContent-Transfer-Encoding: base64", []byte(base64Of(string(file)))), refused)
	send("an address as the type", ct+url.QueryEscape("; charset=../../x"), ok, refused, success)
}
