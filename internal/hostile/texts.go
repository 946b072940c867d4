package hostile

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"
)

// naughty are texts that have broken others' software, each once for what it is.
var naughty = []string{
	"undefined", "null", "NaN", "true", "\\", "\\\\", "1/0", "0x0", "-1", "1e1000", "'", "\"", "''", "'; DROP TABLE posts; --", "' OR '1'='1", "%", "_", "%%%", "$1", "$$", "${7*7}", "{{7*7}}", "{{.}}", "<%= 7 %>", "#{7}", "%s%n%d", "`id`", "$(id)", "|| id", "../../../etc/passwd", "C:\\", "CON", "file:///etc/passwd",
	"<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg/onload=alert(1)>", "javascript:alert(1)", "\"><script>alert(1)</script>", "'-alert(1)-'", "</title><script>alert(1)</script>", "<!--", "]]>", "&lt;b&gt;", "[a](javascript:alert(1))", "<meta http-equiv=refresh content=0;url=//evil.example>",
	"Ω≈ç√∫˜µ≤≥÷", "田中さんにあげて下さい", "部落格", "찦차를 타고", "̡͓̞ͅI̗̘̦͝n͇͇͙v̮̫ok̲̫̙͈i̖͙̭̹̠̞n̡̻̮̣̺g̲͈͙̭͙̬͎ ̰t͔̦h̞̲e̢̤", "😍👩🏽\u200d🤝\u200d👨🏿🇺🇸🏳️\u200d🌈", "👾 🙇 💁", "\u202btest\u202b", "\u2066test\u2067", "\u202etest", "\u200b\u200c\u200d", "ﬁ", "ﷺ", "İıſß", "Ａ", "1.000,00", "١٢٣", "\u00a0 \u3000", "\ufffe", "\U0010ffff", "ZWJ\u200d", "e\u0301",
	"#tag #日本語 #", "##", "# a", "@nobody @ @@", "@" + "a", "http://a.example/?q=1&b=<>", "tsquery & | ! ( ) :*", "a NEAR b", "\"a\" OR -b", "^$.*+?()[]{}|", "(a+)+$", strings.Repeat("a", 200) + "!", "\tb\t",
}

// textItems are B60 to B68: what people write, who they say they are, and how.
func textItems() []Item {
	return []Item{
		{ID: "B60", What: "a list of naughty texts in every field; they come back as they were", Do: naughtyTexts},
		{ID: "B61", What: "captions of 100,000 marks, mentions, tags, joiners, overrides", Do: func(ctx context.Context, r *Round) {
			for name, text := range map[string]string{
				"mentions": strings.Repeat("@"+r.ana.name+" ", 5000), "tags": strings.Repeat("#a ", 5000), "one tag": "#" + strings.Repeat("a", 2000), "marks": "a" + strings.Repeat("\u0301", 30000),
				"families": strings.Repeat("👩\u200d👩\u200d👧\u200d👦", 1000), "overrides": strings.Repeat("\u202e", 1000), "isolates": strings.Repeat("\u2066", 1000), "long": strings.Repeat("a", 60000), "regular": strings.Repeat("aaaa ", 400) + "!",
				"distinct tags": distinctTags(400),
			} {
				r.want("caption of "+name, r.send(ctx, ask("PATCH", "/v1/media/"+r.ben.post, r.ben.token, map[string]any{"caption": text})), success, refused)
				r.want("comment of "+name, r.send(ctx, ask("POST", "/v1/media/"+r.ben.post+"/comments", r.ben.token, map[string]any{"text": text})), success, refused)
			}
			r.want("back", r.send(ctx, ask("PATCH", "/v1/media/"+r.ben.post, r.ben.token, map[string]any{"caption": "for everybody"})), success)
		}},
		{ID: "B62", What: "scripts, templates and markup in what pages show", Do: func(ctx context.Context, r *Round) {
			for _, text := range []string{"</title><script>alert(1)</script>", "\"><svg/onload=alert(1)>", "{{constructor.constructor('alert(1)')()}}", "<meta http-equiv=\"refresh\" content=\"0;url=//evil.example\">", "\" onmouseover=\"alert(1)", "--><script>alert(1)</script>", "]]><script>alert(1)</script>"} {
				r.want("caption", r.send(ctx, ask("PATCH", "/v1/media/"+r.ben.post, r.ben.token, map[string]any{"caption": text})), success)
				r.want("name", r.send(ctx, ask("PATCH", "/v1/users/self", r.ben.token, map[string]any{"full_name": text[:min(len(text), 25)], "bio": text})), success, refused)
				for _, page := range []string{"/p/" + r.ben.code, "/p/" + r.ben.code + "/embed", "/" + r.ben.name, "/" + r.ben.name + "/feed.atom", "/" + r.ben.name + ".rss", "/tags/a"} {
					a := r.send(ctx, request{method: "GET", path: page, header: http.Header{"Accept": {"text/html"}}})
					r.note(a)
					for _, bad := range []string{"<script>alert", "<svg/onload", "content=\"0;url=//evil", " onmouseover=\"alert"} {
						if strings.Contains(string(a.Body), bad) {
							r.fail("%s shows %q as it is", page, bad)
						}
					}
				}
			}
			r.want("back", r.send(ctx, ask("PATCH", "/v1/users/self", r.ben.token, map[string]any{"full_name": "Ben", "bio": ""})), success)
			r.want("back", r.send(ctx, ask("PATCH", "/v1/media/"+r.ben.post, r.ben.token, map[string]any{"caption": "for everybody"})), success)
		}},
		{ID: "B63", What: "websites of javascript:, data:, with credentials, of 8 kB", Do: func(ctx context.Context, r *Round) {
			for _, u := range []string{"javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:alert(1)", "java\tscript:alert(1)", "data:text/html,x", "//evil.example", "http://", "https://user:pass@evil.example", "ftp://a.example", "http://[::1%25eth0]/", "http://a.example:0/", "http://a b.example", "https://" + strings.Repeat("a", 8000) + ".example", "vbscript:x", "file:///etc/passwd", "blob:x", "http:\\\\evil.example", "\x00https://a.example"} {
				a := r.want(u, r.send(ctx, ask("PATCH", "/v1/users/self", r.ben.token, map[string]any{"website": u})), success, refused)
				var self struct{ Data struct{ Website string } }
				if a.Status/100 == 2 && a.JSON(&self) && !strings.HasPrefix(self.Data.Website, "https://") && !strings.HasPrefix(self.Data.Website, "http://") {
					r.fail("%q is kept as %q", u, self.Data.Website)
				}
			}
		}},
		{ID: "B64", What: "usernames that look alike, are reserved, too long, of no letters", Do: func(ctx context.Context, r *Round) {
			for _, name := range []string{"", "a/b", "a b", ".", "..", ".a", "a.", "a..b", "admin", "Admin", "api", "v1", ".well-known", "oauth", "m", "media", "settings", "explore", strings.Repeat("a", 31), strings.Repeat("a", 5000), "İstanbul", "аdmin", "a\u200db", "\u202ea", "Ａdmin", "a\x00b", "a\nb", "a@b", "#a", "<b>", "%00", "a%2fb", "-", "👾"} {
				r.want(fmt.Sprintf("%.20q", name), r.send(ctx, ask("POST", "/v1/users", "", map[string]any{"username": name, "password": "a long enough passphrase"})), refused)
			}
			for _, name := range []string{strings.ToUpper(r.ana.name), strings.Replace(r.ana.name, "a", "а", 1), strings.Replace(r.ana.name, "a", "ａ", 1), r.ana.name + " ", " " + r.ana.name, r.ana.name + "\u200b"} {
				r.want("like another's: "+name, r.send(ctx, ask("POST", "/v1/users", "", map[string]any{"username": name, "password": "a long enough passphrase"})), refused)
			}
		}},
		{ID: "B65", What: "e-mail addresses with line breaks, comments, two @, 320 characters", Do: func(ctx context.Context, r *Round) {
			for _, m := range []string{"a", "a@", "@b", "a@b@c.example", "a@b.example\r\nBcc: x@evil.example", "a@b.example\nX: y", "\"a b\"@c.example,d@e.example", "a(comment)@b.example", "<a@b.example>", strings.Repeat("a", 320) + "@b.example", "a@" + strings.Repeat("b", 300) + ".example", "a\x00@b.example", "a@b..example", "a@-b.example", strings.Repeat("(", 20000) + "a@b.example"} {
				r.want(fmt.Sprintf("%.30q", m), r.send(ctx, ask("PATCH", "/v1/users/self", r.ben.token, map[string]any{"email": m, "password": r.ben.password})), refused)
			}
		}},
		{ID: "B66", What: "passwords that are empty, common, of a megabyte, with NUL", Do: func(ctx context.Context, r *Round) {
			for name, p := range map[string]string{"empty": "", "short": "abc", "common": "password", "a megabyte": strings.Repeat("a", 1<<20), "too long": strings.Repeat("a", 5000)} {
				r.want(name, r.send(ctx, ask("POST", "/v1/users", "", map[string]any{"username": "pw_" + strings.ReplaceAll(name, " ", "_"), "password": p})), refused)
				r.want(name+", signing in", r.send(ctx, ask("POST", "/v1/session", "", map[string]any{"login": "nobody_at_all", "password": p})), refused)
			}
			// Seventy-two bytes are no limit: a password that differs behind them is another one.
			long := strings.Repeat("p", 72)
			r.want("sign up", r.send(ctx, ask("POST", "/v1/users", "", map[string]any{"username": "long_password", "password": long + "one"})), success)
			r.want("another end", r.send(ctx, ask("POST", "/v1/session", "", map[string]any{"login": "long_password", "password": long + "two"})), refused)
			r.want("the same in another form", r.send(ctx, ask("POST", "/v1/session", "", map[string]any{"login": "long_password", "password": long + "one\x00"})), refused)
			r.want("the right one", r.send(ctx, ask("POST", "/v1/session", "", map[string]any{"login": "long_password", "password": long + "one"})), success)
		}},
		{ID: "B67", What: "fields that only the server sets: admin, counts, IDs, times", Do: func(ctx context.Context, r *Round) {
			for _, field := range []string{`"is_admin":true`, `"id":"1"`, `"role":"admin"`, `"state":"active"`, `"counts":{"followed_by":9}`, `"created_time":"1"`, `"verified":true`, `"user_id":"` + r.ana.id + `"`, `"password_hash":"x"`, `"quota":1e9`} {
				r.want("profile with "+field, r.send(ctx, ask("PATCH", "/v1/users/self", r.ben.token, "{"+field+"}")), refused)
				r.want("sign-up with "+field, r.send(ctx, ask("POST", "/v1/users", "", `{"username":"mass_assigned","password":"a long enough passphrase",`+field+"}")), refused)
				r.want("post with "+field, r.send(ctx, ask("POST", "/v1/media", r.ben.token, `{"uploads":["`+r.ben.upload+`"],`+field+"}")), refused)
			}
			var self struct {
				Data struct {
					Admin bool `json:"is_admin"`
				}
			}
			if a := r.send(ctx, ask("GET", "/v1/users/self", r.ben.token, nil)); !a.JSON(&self) || self.Data.Admin {
				r.fail("ben is an admin now")
			}
		}},
		{ID: "B68", What: "other methods, and headers that name another one", Do: func(ctx context.Context, r *Round) {
			for _, m := range []string{"TRACE", "CONNECT", "PUT", "PATCH", "PROPFIND", "BREW", "get", "OPTIONS", "HEAD"} {
				a := r.want(m, r.send(ctx, request{method: m, path: "/v1/media/" + r.ana.post, token: r.ben.token}), refused, http.StatusNoContent, http.StatusNotImplemented)
				r.unseen(m, a)
			}
			for _, h := range []string{"X-Http-Method-Override", "X-Http-Method", "X-Method-Override", "X-Original-Method"} {
				q := request{method: "GET", path: "/v1/media/" + r.ben.post, token: r.ben.token, header: http.Header{h: {"DELETE"}}}
				r.want(h, r.send(ctx, q), success)
				q = ask("POST", "/v1/media/"+r.ben.post+"/likes?_method=DELETE", r.ben.token, url.Values{"_method": {"DELETE"}})
				r.want("_method", r.send(ctx, q), success, refused)
			}
			r.want("the post is there", r.send(ctx, ask("GET", "/v1/media/"+r.ben.post, r.ben.token, nil)), success)
		}},
	}
}

func distinctTags(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "#t%d ", i)
	}
	return b.String()
}

// naughtyTexts puts each text into each field. What is taken comes back as it was, but for spaces around it and canonical composition.
func naughtyTexts(ctx context.Context, r *Round) {
	type seen struct {
		Data struct {
			Bio      string
			FullName string `json:"full_name"`
			Text     string
			Caption  *struct{ Text string }
			AltText  string `json:"alt_text"`
		}
	}
	same := func(name, sent, got string) {
		trim := func(s string) string { return strings.Join(strings.Fields(s), " ") }
		if trim(got) != trim(sent) && !strings.ContainsAny(sent, "\u0301\u0321\u0353\ufb01\u2126") && utf8.ValidString(sent) {
			r.fail("%s: %q came back as %q", name, sent, got)
		}
	}
	for i, text := range naughty {
		if r.Short && i%6 != 0 {
			continue
		}
		var s seen
		if a := r.want("bio", r.send(ctx, ask("PATCH", "/v1/users/self", r.ben.token, map[string]any{"bio": text})), success, refused); a.Status == 200 && a.JSON(&s) {
			same("bio", text, s.Data.Bio)
		}
		if a := r.want("caption", r.send(ctx, ask("PATCH", "/v1/media/"+r.ben.post, r.ben.token, map[string]any{"caption": text, "alt_texts": []string{text}})), success, refused); a.Status == 200 && a.JSON(&s) && s.Data.Caption != nil {
			same("caption", text, s.Data.Caption.Text)
			same("alt text", text, s.Data.AltText)
		}
		if a := r.want("comment", r.send(ctx, ask("POST", "/v1/media/"+r.ben.post+"/comments", r.ben.token, map[string]any{"text": text})), success, refused); a.Status/100 == 2 && a.JSON(&s) {
			same("comment", text, s.Data.Text)
		}
		for _, path := range []string{"/v1/users/search?q=", "/v1/tags/search?q=", "/v1/locations/search?q=", "/v1/search/media?q=", "/v1/tags/"} {
			a := r.want(path, r.send(ctx, ask("GET", path+url.PathEscape(text), r.ben.token, nil)), success, refused, moved)
			r.unseen(path, a)
			if a.Status == 200 && !json.Valid(a.Body) {
				r.fail("%s%q: the answer is no JSON", path, text)
			}
		}
	}
	r.want("back", r.send(ctx, ask("PATCH", "/v1/media/"+r.ben.post, r.ben.token, map[string]any{"caption": "for everybody"})), success)
}
