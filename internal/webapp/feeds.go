package webapp

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"html"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/tintype/tintype/internal/api"
	"github.com/tintype/tintype/internal/imaging"
	"github.com/tintype/tintype/internal/tintype"
)

// Feeds for feed readers, of posts that everybody may see: Atom (RFC 4287) and
// RSS 2.0, both with Media RSS for the pictures. No cookie is looked at: readers
// have none, and a feed must be the same for all.

// feedSize is how many posts a feed has.
const feedSize = 20

// feedFormats are the last segments of feeds' addresses, with their types.
var feedFormats = map[string]string{"feed.atom": "application/atom+xml", "feed.rss": "application/rss+xml"}

// feed is what both formats are written from.
type feed struct {
	title, subtitle string
	page, self      string // addresses
	icon            string
	author          *tintype.User // nil where entries have different ones
	since           time.Time     // when it was updated if it has no posts
	posts           []*tintype.Post
	authors         map[tintype.ID]*tintype.User
	base, media     string // scheme and host of pages, and of pictures
	generator       string
}

// userFeed answers with a user's posts; 404 if not everybody may see them.
func (h *Handler) userFeed(w http.ResponseWriter, r *http.Request, name, file string) {
	ctx := r.Context()
	base, ok := h.base(w, r)
	if !ok {
		return
	}
	u, err := h.cfg.People.UserByName(ctx, 0, name)
	if err == nil && u.Private {
		err = &tintype.Error{Kind: tintype.NotFound, Msg: "the posts of a private user have no feed"}
	}
	var posts []*tintype.Post
	if err == nil {
		posts, _, err = h.cfg.Posts.ByUser(ctx, 0, u.ID, tintype.Page{Count: feedSize})
	}
	if err != nil {
		h.absent(w, r, "feed", err)
		return
	}
	f := feed{title: nameOf(u) + " (@" + u.Username + ")", subtitle: strings.Join(strings.Fields(u.Bio), " "), page: base + "/" + u.Username,
		self: base + "/" + u.Username + "/" + file, author: u, since: u.ID.Time(), posts: posts, authors: map[tintype.ID]*tintype.User{u.ID: u}}
	if u.AvatarKey != "" { // few readers draw the others, which are SVG
		f.icon = h.cfg.Requests.MediaBase(base) + api.AvatarPath(u)
	}
	h.feed(w, r, base, file, &f)
}

// tagFeed answers with the posts of a tag, latest tagged first. A tag that nobody
// used has a feed without entries: it may be watched from the beginning.
func (h *Handler) tagFeed(w http.ResponseWriter, r *http.Request, segment, file string) {
	ctx := r.Context()
	base, ok := h.base(w, r)
	if !ok {
		return
	}
	name, err := tagOf(segment)
	var posts []*tintype.Post
	if err == nil {
		posts, _, _, err = h.cfg.Tags.Posts(ctx, 0, name, tintype.Page{Count: feedSize})
	}
	authors := map[tintype.ID]*tintype.User{}
	for _, p := range posts {
		if err == nil && authors[p.UserID] == nil {
			authors[p.UserID], err = h.cfg.People.User(ctx, 0, p.UserID)
		}
	}
	if err != nil {
		h.absent(w, r, "feed", err)
		return
	}
	page := base + "/tags/" + url.PathEscape(name)
	f := feed{title: "#" + name, page: page, self: page + "/" + file, since: time.UnixMilli(tintype.EpochMillis), posts: posts, authors: authors}
	h.feed(w, r, base, file, &f)
}

// tagOf reads a tag from a segment of an address.
func tagOf(segment string) (string, error) {
	name, err := url.PathUnescape(segment)
	if err != nil {
		return "", tintype.FieldError("name", "that is not a tag")
	}
	tag, ok := tintype.FoldTag(name)
	if !ok {
		return "", tintype.FieldError("name", "that is not a tag")
	}
	return tag, nil
}

// absent answers that there is no such thing, in words: nobody reads a page here.
func (h *Handler) absent(w http.ResponseWriter, r *http.Request, thing string, err error) {
	w.Header().Set("Cache-Control", "private, no-store")
	switch tintype.KindOf(err) {
	case tintype.NotFound, tintype.NotAllowed, tintype.Invalid:
		http.Error(w, "there is no "+thing+" here", http.StatusNotFound)
	case tintype.Unavailable:
		w.Header().Set("Retry-After", "60")
		http.Error(w, "the "+thing+" cannot be had at the moment", http.StatusServiceUnavailable)
	default:
		h.cfg.Log.ErrorContext(r.Context(), "a "+thing+" failed", "route", r.Pattern, "error", err)
		http.Error(w, "the "+thing+" cannot be had", http.StatusInternalServerError)
	}
}

// feed writes f, unless the reader has it already.
func (h *Handler) feed(w http.ResponseWriter, r *http.Request, base, file string, f *feed) {
	f.base, f.media, f.generator = base, h.cfg.Requests.MediaBase(base), h.siteName(r)
	if f.subtitle == "" {
		f.subtitle = "Photos on " + f.generator
	}
	var doc any
	if file == "feed.atom" {
		doc = f.atom()
	} else {
		doc = f.rss()
	}
	b := bytes.NewBufferString(xml.Header)
	if err := xml.NewEncoder(b).Encode(doc); err != nil {
		h.absent(w, r, "feed", err)
		return
	}
	sum := sha256.Sum256(b.Bytes())
	hd := w.Header()
	hd.Set("Content-Type", feedFormats[file]+"; charset=utf-8")
	hd.Set("X-Content-Type-Options", "nosniff")
	hd.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	hd.Set("Cross-Origin-Resource-Policy", "cross-origin")
	// Asked for again each time, so that who goes private is gone at once; and by what is in
	// it alone: where a post went, nothing is newer than what a reader has.
	hd.Set("Cache-Control", "no-cache")
	hd.Set("Etag", `"`+hex.EncodeToString(sum[:12])+`"`)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(b.Bytes()))
}

// updated is when the feed last changed.
func (f *feed) updated() time.Time {
	last := f.since
	for _, p := range f.posts {
		if t := changed(p); t.After(last) {
			last = t
		}
	}
	return last
}

func changed(p *tintype.Post) time.Time {
	if p.Edited.IsZero() {
		return p.ID.Time()
	}
	return p.Edited
}

func (f *feed) link(p *tintype.Post) string { return f.base + "/p/" + p.ID.Shortcode() }

// entryTitle is the first line of the caption, or who took it.
func (f *feed) entryTitle(p *tintype.Post) string {
	if t := shorten(firstLine(p.Caption), 80); t != "" {
		return t
	}
	if u := f.authors[p.UserID]; u != nil {
		return "Photo by " + nameOf(u)
	}
	return "Photo"
}

// content is a post as HTML: its pictures, each with its alternative text, and the caption.
func (f *feed) content(p *tintype.Post) string {
	var b strings.Builder
	for i := range p.Media {
		m := pictureOf(f.media, p, &p.Media[i], imaging.Size1080)
		b.WriteString(`<p><a href="` + html.EscapeString(f.link(p)) + `"><img src="` + html.EscapeString(m.URL) + `" alt="` +
			html.EscapeString(m.Alt) + `" width="` + strconv.Itoa(m.Width) + `" height="` + strconv.Itoa(m.Height) + `"></a></p>`)
	}
	for _, line := range paragraphs(p.Caption) {
		b.WriteString("<p>" + html.EscapeString(line) + "</p>")
	}
	return b.String()
}

type mediaContent struct {
	URL         string      `xml:"url,attr"`
	Type        string      `xml:"type,attr"`
	Medium      string      `xml:"medium,attr"`
	Width       int         `xml:"width,attr"`
	Height      int         `xml:"height,attr"`
	Description *mediaText  `xml:"media:description,omitempty"`
	Thumbnail   *mediaThumb `xml:"media:thumbnail"`
}

type mediaText struct {
	Type string `xml:"type,attr"`
	Text string `xml:",chardata"`
}

type mediaThumb struct {
	URL    string `xml:"url,attr"`
	Width  int    `xml:"width,attr"`
	Height int    `xml:"height,attr"`
}

func (f *feed) contents(p *tintype.Post) []mediaContent {
	out := make([]mediaContent, len(p.Media))
	for i := range p.Media {
		m := pictureOf(f.media, p, &p.Media[i], imaging.Size1080)
		small := pictureOf(f.media, p, &p.Media[i], imaging.Size320s)
		out[i] = mediaContent{URL: m.URL, Type: "image/jpeg", Medium: "image", Width: m.Width, Height: m.Height,
			Thumbnail: &mediaThumb{small.URL, small.Width, small.Height}}
		if m.Alt != "" {
			out[i].Description = &mediaText{"plain", m.Alt}
		}
	}
	return out
}

const mediaSpace = "http://search.yahoo.com/mrss/"

type atomFeed struct {
	XMLName   xml.Name    `xml:"feed"`
	Space     string      `xml:"xmlns,attr"`
	Media     string      `xml:"xmlns:media,attr"`
	ID        string      `xml:"id"`
	Title     string      `xml:"title"`
	Subtitle  string      `xml:"subtitle"`
	Updated   string      `xml:"updated"`
	Links     []atomLink  `xml:"link"`
	Author    *atomPerson `xml:"author"`
	Generator string      `xml:"generator"`
	Icon      string      `xml:"icon,omitempty"`
	Entries   []atomEntry `xml:"entry"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr"`
	Href string `xml:"href,attr"`
}

type atomPerson struct {
	Name string `xml:"name"`
	URI  string `xml:"uri"`
}

type atomEntry struct {
	ID         string         `xml:"id"`
	Title      string         `xml:"title"`
	Published  string         `xml:"published"`
	Updated    string         `xml:"updated"`
	Link       atomLink       `xml:"link"`
	Author     *atomPerson    `xml:"author"`
	Categories []atomCategory `xml:"category"`
	Content    mediaText      `xml:"content"`
	Media      []mediaContent `xml:"media:content"`
}

type atomCategory struct {
	Term string `xml:"term,attr"`
}

func (f *feed) person(u *tintype.User) *atomPerson {
	if u == nil {
		return nil
	}
	return &atomPerson{nameOf(u), f.base + "/" + u.Username}
}

func (f *feed) atom() *atomFeed {
	out := &atomFeed{Space: "http://www.w3.org/2005/Atom", Media: mediaSpace, ID: f.self, Title: f.title, Subtitle: f.subtitle, Updated: rfc3339(f.updated()),
		Links:  []atomLink{{"self", feedFormats["feed.atom"], f.self}, {"alternate", "text/html", f.page}},
		Author: f.person(f.author), Generator: f.generator, Icon: f.icon}
	for _, p := range f.posts {
		e := atomEntry{ID: f.link(p), Title: f.entryTitle(p), Published: rfc3339(p.ID.Time()), Updated: rfc3339(changed(p)),
			Link: atomLink{"alternate", "text/html", f.link(p)}, Author: f.person(f.authors[p.UserID]), Content: mediaText{"html", f.content(p)}, Media: f.contents(p)}
		for _, t := range p.Tags {
			e.Categories = append(e.Categories, atomCategory{t})
		}
		out.Entries = append(out.Entries, e)
	}
	return out
}

func rfc3339(t time.Time) string { return t.UTC().Format(time.RFC3339) }

type rssFeed struct {
	XMLName xml.Name   `xml:"rss"`
	Version string     `xml:"version,attr"`
	Atom    string     `xml:"xmlns:atom,attr"`
	DC      string     `xml:"xmlns:dc,attr"`
	Media   string     `xml:"xmlns:media,attr"`
	Channel rssChannel `xml:"channel"`
}

type rssChannel struct {
	Title       string    `xml:"title"`
	Link        string    `xml:"link"`
	Description string    `xml:"description"`
	Built       string    `xml:"lastBuildDate"`
	Generator   string    `xml:"generator"`
	Self        atomLink  `xml:"atom:link"`
	Image       *rssImage `xml:"image"`
	Items       []rssItem `xml:"item"`
}

type rssImage struct {
	URL   string `xml:"url"`
	Title string `xml:"title"`
	Link  string `xml:"link"`
}

type rssItem struct {
	Title       string         `xml:"title"`
	Link        string         `xml:"link"`
	GUID        rssGUID        `xml:"guid"`
	Published   string         `xml:"pubDate"`
	Creator     string         `xml:"dc:creator,omitempty"`
	Categories  []string       `xml:"category"`
	Description string         `xml:"description"`
	Media       []mediaContent `xml:"media:content"`
}

type rssGUID struct {
	IsPermaLink bool   `xml:"isPermaLink,attr"`
	Text        string `xml:",chardata"`
}

func (f *feed) rss() *rssFeed {
	c := rssChannel{Title: f.title, Link: f.page, Description: f.subtitle, Built: rfc822(f.updated()), Generator: f.generator,
		Self: atomLink{"self", feedFormats["feed.rss"], f.self}}
	if f.icon != "" {
		c.Image = &rssImage{f.icon, f.title, f.page}
	}
	for _, p := range f.posts {
		it := rssItem{Title: f.entryTitle(p), Link: f.link(p), GUID: rssGUID{true, f.link(p)}, Published: rfc822(p.ID.Time()), Categories: p.Tags,
			Description: f.content(p), Media: f.contents(p)}
		if u := f.authors[p.UserID]; u != nil {
			it.Creator = nameOf(u)
		}
		c.Items = append(c.Items, it)
	}
	return &rssFeed{Version: "2.0", Atom: "http://www.w3.org/2005/Atom", DC: "http://purl.org/dc/elements/1.1/", Media: mediaSpace, Channel: c}
}

// rfc822 is a date as RSS wants it, with the four digits of the year that RFC 1123 added.
func rfc822(t time.Time) string { return t.UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT") }
