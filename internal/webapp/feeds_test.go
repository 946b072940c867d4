package webapp

import (
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/tintype/tintype/internal/tintype"
)

// element is any XML, as a strict parser gives it: names with their namespaces, not prefixes.
type element struct {
	XMLName xml.Name
	Attrs   []xml.Attr `xml:",any,attr"`
	Text    string     `xml:",chardata"`
	Inside  []element  `xml:",any"`
}

const (
	atomNS  = "http://www.w3.org/2005/Atom"
	mediaNS = "http://search.yahoo.com/mrss/"
)

func (e element) all(space, name string) []element {
	var out []element
	for _, c := range e.Inside {
		if c.XMLName.Space == space && c.XMLName.Local == name {
			out = append(out, c)
		}
	}
	return out
}

// one gives the only element of a name.
func (e element) one(t *testing.T, space, name string) element {
	t.Helper()
	list := e.all(space, name)
	if len(list) != 1 {
		t.Fatalf("%s has %d elements %s", e.XMLName.Local, len(list), name)
	}
	return list[0]
}

func (e element) attr(name string) string {
	for _, a := range e.Attrs {
		if a.Name.Local == name && a.Name.Space == "" {
			return a.Value
		}
	}
	return ""
}

func parseXML(t *testing.T, r *http.Response) element {
	t.Helper()
	d := xml.NewDecoder(r.Body)
	d.Strict = true
	var e element
	if err := d.Decode(&e); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		t.Errorf("there is something behind the document: %v", err)
	}
	return e
}

// pictures gives src and alt of every img of a piece of HTML, and whether it holds anything else than was meant.
func pictures(t *testing.T, text string) (srcs, alts []string) {
	t.Helper()
	nodes, err := html.ParseFragment(strings.NewReader(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.ElementNode {
			switch n.Data {
			case "html", "head", "body", "p", "a":
			case "img":
				src, alt := "", "absent"
				for _, a := range n.Attr {
					switch a.Key {
					case "src":
						src = a.Val
					case "alt":
						alt = a.Val
					case "width", "height":
					default:
						t.Errorf("an img has %s", a.Key)
					}
				}
				srcs, alts = append(srcs, src), append(alts, alt)
			default:
				t.Errorf("the content holds <%s>: %s", n.Data, text)
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	for _, n := range nodes {
		walk(n)
	}
	return srcs, alts
}

// TestAtom holds a feed against what RFC 4287 requires, with text that would break out of it.
func TestAtom(t *testing.T) {
	t.Parallel()
	hostile := "]]></content><script>alert(1)</script> \"'& \x01 你好"
	files, o := site(hostile)
	o.post.Tags = []string{"dawn", "拂晓"}
	o.post.Media = append(o.post.Media, tintype.Media{Key: "two", Width: 640, Height: 640, AltText: "the second"})
	h := newHandler(t, files, o)
	r := ask(h, "/ada/feed.atom")
	if got := r.Header.Get("Content-Type"); r.StatusCode != http.StatusOK || got != "application/atom+xml; charset=utf-8" {
		t.Fatalf("%d %q", r.StatusCode, got)
	}
	f := parseXML(t, r)
	if f.XMLName.Space != atomNS || f.XMLName.Local != "feed" {
		t.Fatalf("the root is %v", f.XMLName)
	}
	page := "https://photos.example/p/" + o.post.ID.Shortcode()
	if id := f.one(t, atomNS, "id").Text; id != "https://photos.example/ada/feed.atom" {
		t.Errorf("id %q", id)
	}
	if f.one(t, atomNS, "title").Text == "" || f.one(t, atomNS, "author").one(t, atomNS, "name").Text == "" {
		t.Error("no title or author")
	}
	if got := f.one(t, atomNS, "updated").Text; got != o.post.ID.Time().UTC().Format(time.RFC3339) {
		t.Errorf("updated %q", got)
	}
	rels := map[string]string{}
	for _, l := range f.all(atomNS, "link") {
		rels[l.attr("rel")] = l.attr("href")
	}
	if rels["self"] != "https://photos.example/ada/feed.atom" || rels["alternate"] != "https://photos.example/ada" {
		t.Errorf("links %v", rels)
	}
	e := f.one(t, atomNS, "entry")
	if e.one(t, atomNS, "id").Text != page || e.one(t, atomNS, "link").attr("href") != page {
		t.Error("an entry's id or link is not its page")
	}
	for _, name := range []string{"published", "updated"} {
		if at, err := time.Parse(time.RFC3339, e.one(t, atomNS, name).Text); err != nil || !at.Equal(o.post.ID.Time().Truncate(time.Second)) {
			t.Errorf("%s: %v, %v", name, at, err)
		}
	}
	if !strings.Contains(e.one(t, atomNS, "title").Text, "</content><script>") {
		t.Errorf("the title lost its text: %q", e.one(t, atomNS, "title").Text)
	}
	if tags := e.all(atomNS, "category"); len(tags) != 2 || tags[1].attr("term") != "拂晓" {
		t.Errorf("categories %v", tags)
	}
	content := e.one(t, atomNS, "content")
	srcs, alts := pictures(t, content.Text)
	if content.attr("type") != "html" || len(srcs) != 2 || srcs[0] != "https://photos.example/m/"+o.post.ID.Shortcode()+"/key/1080.jpg" || alts[1] != "the second" || !strings.Contains(alts[0], "<script>") {
		t.Errorf("content %v %v", srcs, alts)
	}
	media := e.all(mediaNS, "content")
	if len(media) != 2 || media[0].attr("url") != srcs[0] || media[0].attr("width") != "1080" || media[0].attr("height") != "720" || media[0].attr("medium") != "image" ||
		media[1].one(t, mediaNS, "description").Text != "the second" {
		t.Errorf("media %v", media)
	}
}

func TestRSS(t *testing.T) {
	t.Parallel()
	files, o := site("Ada & <friends>")
	o.post.Edited = o.post.ID.Time().Add(time.Hour)
	h := newHandler(t, files, o)
	r := ask(h, "/ada/feed.rss")
	if got := r.Header.Get("Content-Type"); r.StatusCode != http.StatusOK || got != "application/rss+xml; charset=utf-8" {
		t.Fatalf("%d %q", r.StatusCode, got)
	}
	root := parseXML(t, r)
	if root.XMLName.Local != "rss" || root.attr("version") != "2.0" {
		t.Fatalf("the root is %v", root.XMLName)
	}
	c := root.one(t, "", "channel")
	for _, name := range []string{"title", "link", "description"} {
		if c.one(t, "", name).Text == "" {
			t.Errorf("the channel has no %s", name)
		}
	}
	if c.one(t, atomNS, "link").attr("rel") != "self" {
		t.Error("no link to itself")
	}
	img := c.one(t, "", "image")
	if img.one(t, "", "link").Text != c.one(t, "", "link").Text || img.one(t, "", "title").Text != c.one(t, "", "title").Text || img.one(t, "", "url").Text == "" {
		t.Error("the image does not agree with its channel")
	}
	it := c.one(t, "", "item")
	page := "https://photos.example/p/" + o.post.ID.Shortcode()
	if g := it.one(t, "", "guid"); g.Text != page || g.attr("isPermaLink") != "true" || it.one(t, "", "link").Text != page {
		t.Errorf("guid %v", g)
	}
	if at, err := mail.ParseDate(it.one(t, "", "pubDate").Text); err != nil || !at.Equal(o.post.ID.Time().Truncate(time.Second)) {
		t.Errorf("pubDate: %v, %v", at, err)
	}
	if at, err := mail.ParseDate(c.one(t, "", "lastBuildDate").Text); err != nil || !at.Equal(o.post.Edited.Truncate(time.Second)) {
		t.Errorf("lastBuildDate: %v, %v", at, err)
	}
	if _, alts := pictures(t, it.one(t, "", "description").Text); len(alts) != 1 || alts[0] != "Ada & <friends>" {
		t.Errorf("alternative texts %q", alts)
	}
	if len(it.all(mediaNS, "content")) != 1 || it.one(t, "http://purl.org/dc/elements/1.1/", "creator").Text == "" {
		t.Error("no media or no creator")
	}
}

// TestTagFeed: entries of different authors each say who it was.
func TestTagFeed(t *testing.T) {
	t.Parallel()
	files, o := site("Ada")
	o.post.Tags = []string{"拂晓"}
	h := newHandler(t, files, o)
	for _, path := range []string{"/tags/%E6%8B%82%E6%99%93/feed.atom", "/tags/unused/feed.atom"} {
		r := ask(h, path)
		if r.StatusCode != http.StatusOK {
			t.Fatalf("%s: %d", path, r.StatusCode)
		}
		f := parseXML(t, r)
		if f.one(t, atomNS, "id").Text != "https://photos.example"+path || f.one(t, atomNS, "updated").Text == "" || f.one(t, atomNS, "title").Text == "" {
			t.Errorf("%s is %s", path, f.one(t, atomNS, "id").Text)
		}
		entries := f.all(atomNS, "entry")
		if strings.Contains(path, "unused") {
			if len(entries) != 0 {
				t.Errorf("entries of a tag that nobody used: %v", entries)
			}
		} else if len(entries) != 1 || entries[0].one(t, atomNS, "author").one(t, atomNS, "uri").Text != "https://photos.example/ada" {
			t.Errorf("entries %v", entries)
		}
	}
	if r := ask(h, "/tags/%E6%8B%82%E6%99%93/feed.rss"); r.StatusCode != http.StatusOK || len(parseXML(t, r).one(t, "", "channel").all("", "item")) != 1 {
		t.Errorf("RSS: %d", r.StatusCode)
	}
	for _, path := range []string{"/tags/a%20b/feed.atom", "/tags/%FF/feed.rss", "/tags/a-b"} {
		if r := ask(h, path); r.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d", path, r.StatusCode)
		}
	}
	r := ask(h, "/tags/%E6%8B%82%E6%99%93")
	if text := body(t, r); r.StatusCode != http.StatusOK || !strings.Contains(text, `href="https://photos.example/tags/%E6%8B%82%E6%99%93/feed.atom"`) {
		t.Errorf("the page of a tag: %d %s", r.StatusCode, text)
	}
	if r := ask(h, "/places/7"); r.StatusCode != http.StatusOK {
		t.Errorf("the page of a place: %d", r.StatusCode)
	}
}

func TestFeedConditions(t *testing.T) {
	t.Parallel()
	files, o := site("Ada")
	h := newHandler(t, files, o)
	for _, path := range []string{"/ada/feed.atom", "/ada/feed.rss"} {
		r := ask(h, path)
		etag := r.Header.Get("Etag")
		if etag == "" || r.Header.Get("Cache-Control") != "no-cache" {
			t.Errorf("%s: %v", path, r.Header)
		}
		if r := ask(h, path, "If-None-Match", etag); r.StatusCode != http.StatusNotModified || body(t, r) != "" {
			t.Errorf("%s: with its tag: %d", path, r.StatusCode)
		}
	}
	r := ask(h, "/ada/feed.atom")
	o.post.Caption = "another"
	if again := ask(h, "/ada/feed.atom", "If-None-Match", r.Header.Get("Etag")); again.StatusCode != http.StatusOK {
		t.Errorf("after a change: %d", again.StatusCode)
	}
	// Posts go, too, and then nothing in a feed is newer than what a reader has.
	if again := ask(h, "/ada/feed.atom", "If-Modified-Since", time.Now().UTC().Format(http.TimeFormat)); again.StatusCode != http.StatusOK {
		t.Errorf("asked by date: %d", again.StatusCode)
	}
	text := body(t, ask(h, "/ada"))
	for _, want := range []string{`<link rel="alternate" type="application/atom&#43;xml"`, `href="https://photos.example/ada/feed.atom"`, `href="https://photos.example/ada/feed.rss"`} {
		if !strings.Contains(text, want) {
			t.Errorf("the profile does not point to its feeds: no %s in %s", want, text)
		}
	}
	o.user.Private = true
	for _, path := range []string{"/ada/feed.atom", "/ada/feed.rss", "/nobody/feed.atom"} {
		if r := ask(h, path); r.StatusCode != http.StatusNotFound || strings.Contains(body(t, r), "another") || r.Header.Get("Cache-Control") != "private, no-store" {
			t.Errorf("%s of a private user or of nobody: %d", path, r.StatusCode)
		}
	}
	if text := body(t, ask(h, "/ada")); strings.Contains(text, "feed.atom") {
		t.Error("a private profile points to a feed")
	}
}

func TestEmbed(t *testing.T) {
	t.Parallel()
	files, o := site("Ada")
	o.post.Likes, o.post.Comments = 1, 3
	h := newHandler(t, files, o)
	path := "/p/" + o.post.ID.Shortcode() + "/embed"
	r := ask(h, path)
	csp := r.Header.Get("Content-Security-Policy")
	if r.StatusCode != http.StatusOK || !strings.Contains(csp, "frame-ancestors *") || !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "script") || strings.Contains(csp, "unsafe") ||
		r.Header.Get("X-Frame-Options") != "" || r.Header.Get("Vary") != "Accept-Language" {
		t.Errorf("%d %v", r.StatusCode, r.Header)
	}
	text := body(t, r)
	for _, want := range []string{`lang="en"`, "1 like<", "3 comments<", `alt="Ada"`, `href="https://photos.example/p/` + o.post.ID.Shortcode() + `"`, "View on Looms &amp; &lt;Co&gt;", "@ada", "2026"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
	if strings.Contains(text, "<script") {
		t.Error("there is a script")
	}
	if text := body(t, ask(h, path, "Accept-Language", "fr, zh-CN;q=0.9, en;q=0.8")); !strings.Contains(text, `lang="zh"`) || !strings.Contains(text, "1 次赞") || !strings.Contains(text, "2026年") {
		t.Errorf("in Chinese:\n%s", text)
	}
	if text := body(t, ask(h, "/p/"+o.post.ID.Shortcode())); !strings.Contains(text, `type="application/json&#43;oembed"`) ||
		!strings.Contains(text, `href="https://photos.example/oembed?url=https%3A%2F%2Fphotos.example%2Fp%2F`+o.post.ID.Shortcode()+`"`) {
		t.Errorf("the page does not point to its description:\n%s", text)
	}
	o.user.Private = true
	for _, path := range []string{path, "/p/AAAA/embed", "/p/!/embed"} {
		if r := ask(h, path); r.StatusCode != http.StatusNotFound || strings.Contains(body(t, r), "/m/") {
			t.Errorf("%s of a private user or of nobody: %d", path, r.StatusCode)
		}
	}
}

func TestMediaRedirect(t *testing.T) {
	t.Parallel()
	files, o := site("Ada")
	h := newHandler(t, files, o)
	base := "/p/" + o.post.ID.Shortcode() + "/media"
	for _, tt := range []struct{ path, size string }{{base, "306s"}, {base + "/", "306s"}, {base + "/?size=t", "150s"}, {base + "?size=m", "306s"}, {base + "/?size=l", "612s"}} {
		r := ask(h, tt.path)
		if r.StatusCode != http.StatusFound || r.Header.Get("Location") != "https://photos.example/m/"+o.post.ID.Shortcode()+"/key/"+tt.size+".jpg" {
			t.Errorf("%s: %d %s", tt.path, r.StatusCode, r.Header.Get("Location"))
		}
	}
	if r := ask(h, base+"?size=xl"); r.StatusCode != http.StatusBadRequest {
		t.Errorf("a size that is none: %d", r.StatusCode)
	}
	o.user.Private = true
	if r := ask(h, base); r.StatusCode != http.StatusNotFound || r.Header.Get("Location") != "" {
		t.Errorf("of a private user: %d", r.StatusCode)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodPost, base, nil))
	if w.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", w.Code)
	}
}
