package hostile

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"net/http"
	"strings"
)

// bodyItems are B56 to B59: JSON, types, identifiers, cursors.
func bodyItems() []Item {
	return []Item{
		{ID: "B56", What: "JSON that is none, too deep, too long, doubled, of other encodings", Do: oddJSON},
		{ID: "B57", What: "bodies of other types, compressed, or lying about their charset", Do: func(ctx context.Context, r *Round) {
			good := []byte(`{"bio":"a bio"}`)
			patch := func(name, typ string, body []byte, h http.Header, statuses ...int) {
				r.want(name, r.send(ctx, request{method: "PATCH", path: "/v1/users/self", token: r.ben.token, body: body, typ: typ, header: h}), statuses...)
			}
			for _, typ := range []string{"text/plain", "text/html", "application/xml", "application/octet-stream", "multipart/form-data; boundary=x", "application/json; charset=utf-16", "/", "application/json\x00"} {
				patch("type "+typ, typ, good, nil, refused, cut)
			}
			patch("charset utf-8", "application/json; charset=utf-8", good, nil, success)
			var z bytes.Buffer
			w := gzip.NewWriter(&z)
			must(w.Write(append([]byte(`{"bio":"`), bytes.Repeat([]byte("a"), 50<<20)...)))
			must(0, w.Close())
			for _, coding := range []string{"gzip", "deflate", "br", "zstd", "gzip, gzip"} {
				patch("coding "+coding, "application/json", z.Bytes(), http.Header{"Content-Encoding": {coding}}, refused)
			}
		}},
		{ID: "B58", What: "identifiers of 0, −1, 2⁶³, in hex, of other shards, times and kinds", Do: func(ctx context.Context, r *Round) {
			for _, id := range []string{"0", "-1", "9223372036854775808", "9223372036854775807", "00" + r.ben.id, "0x10", "１２", "1e3", "+1", " 1", "1%00", "1%0a", "..", "%2e%2e", "'", "1;DROP", "self%2f..%2f1", strings.Repeat("9", 5000), r.ana.post, r.ben.id + "_" + r.ana.id, r.ana.post + "_1", "_", "1_2_3"} {
				for _, route := range []string{"/v1/users/%s", "/v1/users/%s/media/recent", "/v1/media/%s", "/v1/media/%s/comments", "/v1/media/%s/likes", "/v1/locations/%s", "/v1/uploads/%s", "/v1/apps/%s"} {
					a := r.want(fmt.Sprintf("GET "+route, id), r.send(ctx, request{method: "GET", path: fmt.Sprintf(route, id), token: r.ben.token}), refused, moved)
					r.unseen(id, a)
				}
				r.want("comment of "+id, r.send(ctx, ask("DELETE", "/v1/media/"+r.ben.post+"/comments/"+id, r.ben.token, nil)), refused, moved)
			}
			for _, code := range []string{"A", "AAAAAAAAAAA", "___________", "!!!", strings.Repeat("A", 4000), "=", "B=", "B%0a", "BUG%0d%0a", r.ana.code, r.ana.code + "=", r.ana.code + "A"} {
				a := r.want("shortcode "+code, r.send(ctx, ask("GET", "/v1/media/shortcode/"+code, r.ben.token, nil)), refused)
				r.unseen(code, a)
			}
		}},
		{ID: "B59", What: "cursors that are forged, another's, of another list; counts of 0, −1, 10⁹", Do: func(ctx context.Context, r *Round) {
			lists := []string{"/v1/users/self/feed", "/v1/users/" + r.ben.id + "/media/recent", "/v1/users/self/activity", "/v1/media/" + r.ben.post + "/comments", "/v1/users/" + r.ben.id + "/followed-by", "/v1/tags/own/media/recent", "/v1/media/popular", "/v1/users/self/media/liked"}
			cursors := []string{"0", "-1", "9223372036854775807", "9223372036854775808", "abc", "AAAA", "eyJpZCI6MX0", "'%20OR%201=1--", "%00", "%ff%fe", strings.Repeat("A", 3000), r.ana.post, r.ana.code}
			for _, list := range lists {
				for _, c := range cursors {
					for _, name := range []string{"cursor", "max_id", "min_id", "next_cursor"} {
						a := r.want(list+"?"+name+"="+c, r.send(ctx, ask("GET", list+"?"+name+"="+c, r.ben.token, nil)), success, refused)
						r.unseen(list, a)
					}
				}
				for _, n := range []string{"0", "-1", "1000000000", "abc", "1e9", "9223372036854775808", "1&count=2", ""} {
					r.want(list+"?count="+n, r.send(ctx, ask("GET", list+"?count="+n, r.ben.token, nil)), success, refused)
				}
				r.want(list+" both ends", r.send(ctx, ask("GET", list+"?min_id="+r.ben.post+"&max_id=1", r.ben.token, nil)), success, refused)
			}
		}},
	}
}

func oddJSON(ctx context.Context, r *Round) {
	send := func(name, body string, statuses ...int) {
		r.want(name, r.send(ctx, ask("PATCH", "/v1/users/self", r.ben.token, body)), statuses...)
	}
	for _, body := range []string{"null", "[]", `"a"`, "7", "true", "{", `{"bio":`, `{"bio":"a"`, `{"bio":"a"}}`, `{"bio":"a"}{"bio":"b"}`, `{"bio":"a"} x`, `{bio:"a"}`, `{'bio':'a'}`, `{"bio":"a",}`, "{\"bio\":\"a\nb\"}",
		`{"unknown":1}`, `{"bio":7}`, `{"bio":["a"]}`, `{"bio":{"a":1}}`, `{"is_private":"yes"}`, `{"is_private":1}`, `{"is_private":-0}`, "\xef\xbb\xbf{\"bio\":\"a\"}", "\xff\xfe{\x00}\x00", `{"bio":"a\u0000b"}`, `{"bio":"a\ud800b"}`, "{\"bio\":\"a\xffb\"}",
		`{"bio":1e400}`, `{"bio":9223372036854775808}`} {
		send(fmt.Sprintf("%.30q", body), body, refused)
	}
	send("two of one key", `{"bio":"a","bio":"b"}`, refused)
	send("nothing at all, to change nothing", "", success, refused)
	send("one key in two cases", `{"bio":"a","BIO":"b"}`, refused)
	send("deep", strings.Repeat(`{"bio":`, 100000)+"1"+strings.Repeat("}", 100000), refused)
	send("deep lists", strings.Repeat("[", 30000), refused)
	send("50 MB", `{"bio":"`+strings.Repeat("a", 50<<20)+`"}`, refused, cut)
	send("many keys", "{"+strings.Repeat(`"a":1,`, 9000)+`"b":1}`, refused)
	send("long number", `{"bio":`+strings.Repeat("9", 50000)+`}`, refused)
	for _, body := range []string{`{"uploads":7}`, `{"uploads":["1e1"]}`, `{"uploads":[1]}`, `{"uploads":[null]}`, `{"uploads":[[]]}`, `{"uploads":["` + r.ben.upload + `"],"location":{"latitude":1e400,"longitude":0}}`,
		`{"uploads":["` + r.ben.upload + `"],"location":{"latitude":91,"longitude":0,"name":"x"}}`, `{"uploads":["` + r.ben.upload + `"],"location":{"latitude":"NaN","longitude":0}}`, `{"uploads":["` + r.ben.upload + `"],"visibility":"everybody"}`} {
		r.want(fmt.Sprintf("a post of %.60s", body), r.send(ctx, ask("POST", "/v1/media", r.ben.token, body)), refused)
	}
}
