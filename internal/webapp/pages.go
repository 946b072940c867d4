package webapp

import (
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/tintype/tintype/internal/api"
	"github.com/tintype/tintype/internal/imaging"
	"github.com/tintype/tintype/internal/tintype"
)

// page is what is known of an address before any script runs.
type page struct {
	Site        string
	Title       string
	Description string
	URL         string // canonical; "" writes no preview tags at all
	Kind        string // og:type
	Image       *picture
	Large       bool // the image is the point

	Heading  string
	Byline   *link
	Pictures []picture
	Text     []string // paragraphs

	Alternates []alternate // other forms of the page

	Secret  bool // for whoever has the link, and nobody else to find
	private bool
}

type picture struct {
	URL           string
	Width, Height int
	Alt           string
	Link          string
}

// pictureOf is a rendition of one picture of p; media is where pictures come from.
func pictureOf(media string, p *tintype.Post, m *tintype.Media, size string) picture {
	width, height := api.Dimensions(m, size)
	return picture{URL: media + api.MediaPath(p, m, size), Width: width, Height: height, Alt: m.AltText}
}

type alternate struct{ Type, Title, URL string }

type link struct{ URL, Text string }

var pageHead = template.Must(template.New("head").Parse(
	`<title>{{if .Title}}{{.Title}} · {{end}}{{.Site}}</title>
{{- if .Secret}}
    <meta name="robots" content="noindex, nofollow, noarchive" />
    <meta name="referrer" content="no-referrer" />
{{- end}}
{{- if .URL}}
    {{- if not .Secret}}
    <link rel="canonical" href="{{.URL}}" />
    {{- end}}
    <meta name="description" content="{{.Description}}" />
    <meta property="og:site_name" content="{{.Site}}" />
    <meta property="og:type" content="{{.Kind}}" />
    <meta property="og:title" content="{{.Title}}" />
    <meta property="og:description" content="{{.Description}}" />
    <meta property="og:url" content="{{.URL}}" />
    {{- with .Image}}
    <meta property="og:image" content="{{.URL}}" />
    <meta property="og:image:width" content="{{.Width}}" />
    <meta property="og:image:height" content="{{.Height}}" />
    <meta property="og:image:alt" content="{{.Alt}}" />
    <meta name="twitter:image" content="{{.URL}}" />
    {{- end}}
    <meta name="twitter:card" content="{{if .Large}}summary_large_image{{else}}summary{{end}}" />
    <meta name="twitter:title" content="{{.Title}}" />
    <meta name="twitter:description" content="{{.Description}}" />
    {{- range .Alternates}}
    <link rel="alternate" type="{{.Type}}" title="{{.Title}}" href="{{.URL}}" />
    {{- end}}
{{- end}}`))

var pageBody = template.Must(template.New("body").Parse(
	`{{if .Heading}}<main><h1>{{.Heading}}</h1>
{{- with .Byline}}<p><a href="{{.URL}}">{{.Text}}</a></p>{{end}}
{{- range .Text}}<p>{{.}}</p>{{end}}
{{- range .Pictures}}{{if .Link}}<a href="{{.Link}}">{{end}}<img src="{{.URL}}" width="{{.Width}}" height="{{.Height}}" alt="{{.Alt}}">{{if .Link}}</a>{{end}}
{{end}}</main>{{else}}{{.Site}} needs JavaScript to show this page.{{end}}`))

// notFound tells a failure of ours from a thing that is not there, for this viewer.
func (h *Handler) notFound(w http.ResponseWriter, r *http.Request, err error) {
	switch tintype.KindOf(err) {
	case tintype.NotFound, tintype.NotAllowed, tintype.Invalid:
		h.page(w, r, http.StatusNotFound, page{private: true})
	case tintype.Unavailable:
		w.Header().Set("Retry-After", "5")
		h.page(w, r, http.StatusServiceUnavailable, page{private: true})
	default:
		h.cfg.Log.ErrorContext(r.Context(), "a page failed", "route", r.Pattern, "error", err)
		h.page(w, r, http.StatusInternalServerError, page{private: true})
	}
}

func (h *Handler) post(w http.ResponseWriter, r *http.Request, code string) {
	ctx := r.Context()
	id, err := tintype.ParseShortcode(code)
	if err != nil {
		h.notFound(w, r, err)
		return
	}
	base, ok := h.base(w, r)
	if !ok {
		return
	}
	viewer := h.cfg.Requests.ViewerOf(ctx, r)
	p, err := h.cfg.Posts.Get(ctx, viewer, id)
	var author *tintype.User
	if err == nil {
		author, err = h.cfg.People.User(ctx, viewer, p.UserID)
	}
	if err != nil {
		h.notFound(w, r, err)
		return
	}
	if !tintype.EverybodySees(author, p) {
		// For this viewer's eyes, and not for previews: the app shows it.
		h.page(w, r, http.StatusOK, page{Title: nameOf(author), private: true})
		return
	}
	out := page{
		Title:       nameOf(author) + ": " + shorten(firstLine(p.Caption), 80),
		Description: shorten(strings.Join(strings.Fields(p.Caption), " "), 300),
		URL:         base + "/p/" + code,
		Kind:        "article",
		Large:       true,
		Heading:     nameOf(author),
		Byline:      &link{base + "/" + author.Username, "@" + author.Username},
		Text:        paragraphs(p.Caption),
		private:     viewer != 0,
	}
	if p.Caption == "" {
		out.Title = nameOf(author)
		out.Description = "A photo by @" + author.Username
	}
	for i := range p.Media {
		out.Pictures = append(out.Pictures, pictureOf(h.cfg.Requests.MediaBase(base), p, &p.Media[i], imaging.Size1080))
	}
	out.Image = &out.Pictures[0]
	out.Alternates = []alternate{{"application/json+oembed", out.Title, base + "/oembed?url=" + url.QueryEscape(out.URL)}}
	h.page(w, r, http.StatusOK, out)
}

// gridSize is how many posts a profile shows without scripts.
const gridSize = 12

func (h *Handler) profile(w http.ResponseWriter, r *http.Request, name string) {
	ctx := r.Context()
	base, ok := h.base(w, r)
	if !ok {
		return
	}
	viewer := h.cfg.Requests.ViewerOf(ctx, r)
	u, err := h.cfg.People.UserByName(ctx, viewer, name)
	if err != nil {
		h.notFound(w, r, err)
		return
	}
	out := page{
		Title:       nameOf(u) + " (@" + u.Username + ")",
		Description: shorten(strings.Join(strings.Fields(u.Bio), " "), 300),
		URL:         base + "/" + u.Username,
		Kind:        "profile",
		Heading:     nameOf(u) + " (@" + u.Username + ")",
		Text:        paragraphs(u.Bio),
		private:     viewer != 0,
	}
	if out.Description == "" {
		out.Description = "Photos by @" + u.Username
	}
	if u.AvatarKey != "" { // no preview shows the drawn ones
		out.Image = &picture{URL: h.cfg.Requests.MediaBase(base) + api.AvatarPath(u), Width: 150, Height: 150, Alt: nameOf(u)}
	}
	if !u.Private {
		posts, _, err := h.cfg.Posts.ByUser(ctx, viewer, u.ID, tintype.Page{Count: gridSize})
		if err != nil && !tintype.IsKind(err, tintype.NotAllowed) { // who blocks somebody sees that they are there, and no more
			h.notFound(w, r, err)
			return
		}
		for _, p := range posts {
			if !tintype.EverybodySees(u, p) {
				continue // its picture needs a signature, and the app shows it
			}
			small := pictureOf(h.cfg.Requests.MediaBase(base), p, &p.Media[0], imaging.Size320s)
			small.Link = base + "/p/" + p.ID.Shortcode()
			out.Pictures = append(out.Pictures, small)
		}
	}
	if !u.Private {
		out.Alternates = feedsOf(out.Title, out.URL)
	}
	h.page(w, r, http.StatusOK, out)
}

// tag answers with the page of a tag, which points to its feeds.
func (h *Handler) tag(w http.ResponseWriter, r *http.Request, segment string) {
	name, err := tagOf(segment)
	if err != nil {
		h.notFound(w, r, err)
		return
	}
	base, ok := h.base(w, r)
	if !ok {
		return
	}
	out := page{Title: "#" + name, Description: "Photos with #" + name, URL: base + "/tags/" + url.PathEscape(name), Kind: "website", Heading: "#" + name}
	out.Alternates = feedsOf(out.Title, out.URL)
	h.page(w, r, http.StatusOK, out)
}

// feedsOf are the feeds of a page.
func feedsOf(title, page string) []alternate {
	return []alternate{{feedFormats["feed.atom"], title + " (Atom)", page + "/feed.atom"}, {feedFormats["feed.rss"], title + " (RSS)", page + "/feed.rss"}}
}

func nameOf(u *tintype.User) string {
	if u.FullName != "" {
		return u.FullName
	}
	return u.Username
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return line
}

func paragraphs(s string) []string {
	var out []string
	for line := range strings.SplitSeq(s, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}

// shorten cuts a text after at most n characters, at a space if there is one near.
func shorten(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	cut := string([]rune(s)[:n-1])
	if at := strings.LastIndexByte(cut, ' '); at > len(cut)*2/3 {
		cut = cut[:at]
	}
	return cut + "…"
}
