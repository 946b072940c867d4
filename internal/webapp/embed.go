package webapp

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"html/template"
	"net/http"
	"strconv"
	"strings"

	"github.com/tintype/tintype/internal/api"
	"github.com/tintype/tintype/internal/imaging"
	"github.com/tintype/tintype/internal/tintype"
)

// Embeds: a post as a small page of its own that other sites may frame. It
// needs no script, and shows what everybody may see: no cookie is looked at, so
// that framing it tells the site around it nothing about who looks.

// embed is what the page is made of.
type embed struct {
	Lang      string
	Words     *embedWords
	Site      string
	Home      string
	URL       string // of the post; "" if there is nothing to show
	Title     string
	Name      string
	Username  string
	Profile   string
	Avatar    string
	Pictures  []picture
	Likes     string
	Comments  string
	Text      []string
	Published string // for machines
	Date      string // for people
}

// embedWords are the page's words in one language.
type embedWords struct {
	View, Gone, Pictures, Photos string // formats
	likes, comments              func(int64) string
	date                         string
}

var embedLanguages = map[string]*embedWords{
	"en": {View: "View on %s", Gone: "This photo is not available.", Pictures: "%d photos, scroll sideways", Photos: "%d photos",
		likes:    func(n int64) string { return plural(n, "like", "likes") },
		comments: func(n int64) string { return plural(n, "comment", "comments") },
		date:     "2 January 2006"},
	"zh": {View: "在 %s 上查看", Gone: "这张照片无法显示。", Pictures: "%d 张照片，可左右滑动", Photos: "%d 张照片",
		likes:    func(n int64) string { return fmt.Sprintf("%d 次赞", n) },
		comments: func(n int64) string { return fmt.Sprintf("%d 条评论", n) },
		date:     "2006年1月2日"},
}

func plural(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.FormatInt(n, 10) + " " + many
}

// language is the first of a request's languages that there are words for.
func language(r *http.Request) string {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Language"), ",") {
		tag, _, _ := strings.Cut(strings.TrimSpace(part), ";")
		main, _, _ := strings.Cut(strings.ToLower(tag), "-")
		if embedLanguages[main] != nil {
			return main
		}
	}
	return "en"
}

const embedStyle = `
:root{color-scheme:light dark;--surface:light-dark(#fffdf8,#1d1a17);--sunken:light-dark(#ece7dc,#292520);--ink:light-dark(#1d1a16,#f0eadf);--ink-2:light-dark(#665e52,#aba191);--line:light-dark(#ddd6c8,#332e28);--accent:light-dark(#7a5a24,#d9b878)}
*{box-sizing:border-box}
body{margin:0;font:15px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif;color:var(--ink);background:var(--surface);overflow-wrap:anywhere}
main{max-width:640px;margin:0 auto;border:1px solid var(--line);border-radius:10px;overflow:hidden;background:var(--surface)}
a{color:inherit;text-decoration:none}
a:focus-visible,.pictures:focus-visible{outline:2px solid var(--accent);outline-offset:-2px}
header{display:flex;align-items:center;gap:12px;padding:12px 16px}
header a{display:flex;align-items:center;gap:12px;min-width:0;min-height:44px}
header .who{flex:1}
header img{border-radius:50%;background:var(--sunken);flex:none}
.id{min-width:0;line-height:1.25}
.name{margin:0;font:inherit;font-weight:600;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.handle,.meta{color:var(--ink-2);font-size:13px}
.view{flex:none;color:var(--accent);font-weight:600;font-size:13px}
.pictures{display:flex;overflow-x:auto;scroll-snap-type:x mandatory;background:var(--sunken)}
.pictures a{flex:0 0 100%;scroll-snap-align:center;display:flex;align-items:center}
.pictures img{display:block;width:100%;height:auto}
.many a{flex-basis:94%}
.pictures a+a{position:relative;margin-left:4px}
.pictures a+a img{position:absolute;inset:0;height:100%;object-fit:contain}
.words{padding:12px 16px 16px}
.words p{margin:0 0 4px}
.counts{font-weight:600}
.counts span+span:before{content:"·";margin:0 6px;color:var(--ink-2);font-weight:400}
.gone{margin:0;font:inherit;padding:48px 16px;text-align:center;color:var(--ink-2)}
.gone a{color:var(--accent);font-weight:600}
`

var embedPage = template.Must(template.New("embed").Parse(`<!doctype html>
<html lang="{{.Lang}}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">
<title>{{if .Title}}{{.Title}} · {{end}}{{.Site}}</title>
{{- if .URL}}<link rel="canonical" href="{{.URL}}">{{end}}
<style>` + embedStyle + `</style></head>
<body><main>
{{- if .URL}}
<header><a class="who" href="{{.Profile}}" target="_blank" rel="noopener"><img src="{{.Avatar}}" alt="" width="40" height="40"><div class="id"><h1 class="name">{{.Name}}</h1><span class="handle">@{{.Username}}</span></div></a>
<a class="view" href="{{.URL}}" target="_blank" rel="noopener">{{printf .Words.View .Site}}</a></header>
<div class="pictures{{if gt (len .Pictures) 1}} many" tabindex="0" role="group" aria-label="{{printf .Words.Pictures (len .Pictures)}}{{end}}">
{{- range $i, $p := .Pictures}}<a href="{{$.URL}}" target="_blank" rel="noopener"><img src="{{.URL}}" width="{{.Width}}" height="{{.Height}}" alt="{{.Alt}}"{{if $i}} loading="lazy"{{end}}></a>{{end}}</div>
<div class="words"><p class="counts">{{if gt (len .Pictures) 1}}<span>{{printf .Words.Photos (len .Pictures)}}</span>{{end}}<span>{{.Likes}}</span><span>{{.Comments}}</span></p>
{{- range .Text}}<p>{{.}}</p>{{end}}
<p class="meta"><time datetime="{{.Published}}">{{.Date}}</time></p></div>
{{- else}}
<h1 class="gone">{{.Words.Gone}}<br><a href="{{.Home}}" target="_blank" rel="noopener">{{.Site}}</a></h1>
{{- end}}
</main></body></html>
`))

// embedPolicy is the Content-Security-Policy of embeds: pictures, the one style
// sheet by its hash, and any frame around them.
func embedPolicy(images string) (string, error) {
	var b bytes.Buffer
	if err := embedPage.Execute(&b, embed{Words: embedLanguages["en"]}); err != nil {
		return "", err
	}
	_, rest, _ := bytes.Cut(b.Bytes(), []byte("<style>"))
	style, _, ok := bytes.Cut(rest, []byte("</style>"))
	if !ok {
		return "", fmt.Errorf("webapp: the embed has no style")
	}
	sum := sha256.Sum256(style)
	return "default-src 'none'; img-src " + images + "; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; frame-ancestors *; base-uri 'none'; form-action 'none'", nil
}

// embed answers with a post to be framed.
func (h *Handler) embed(w http.ResponseWriter, r *http.Request, code string) {
	base, ok := h.base(w, r)
	if !ok {
		return
	}
	lang := language(r)
	out := embed{Lang: lang, Words: embedLanguages[lang], Site: h.siteName(r), Home: base + "/"}
	status := http.StatusOK
	p, author, err := h.publicPost(r, code)
	switch {
	case err == nil:
		h.fillEmbed(&out, base, p, author)
	case tintype.IsKind(err, tintype.NotFound):
		status = http.StatusNotFound
	case tintype.IsKind(err, tintype.Unavailable):
		status = http.StatusServiceUnavailable
	default:
		h.cfg.Log.ErrorContext(r.Context(), "an embed failed", "error", err)
		status = http.StatusInternalServerError
	}
	var b bytes.Buffer
	if err := embedPage.Execute(&b, out); err != nil {
		h.cfg.Log.ErrorContext(r.Context(), "an embed could not be written", "error", err)
	}
	hd := w.Header()
	hd.Set("Content-Type", types[".html"])
	hd.Set("X-Content-Type-Options", "nosniff")
	hd.Set("Content-Security-Policy", h.embedCSP)
	hd.Set("Cross-Origin-Resource-Policy", "cross-origin")
	hd.Set("Referrer-Policy", "no-referrer")
	hd.Set("Cache-Control", "no-cache")
	hd.Set("Vary", "Accept-Language")
	write(w, r, status, b.Bytes())
}

func (h *Handler) fillEmbed(out *embed, base string, p *tintype.Post, author *tintype.User) {
	media := h.cfg.Requests.MediaBase(base)
	out.URL = base + "/p/" + p.ID.Shortcode()
	out.Name, out.Username, out.Profile, out.Avatar = nameOf(author), author.Username, base+"/"+author.Username, media+api.AvatarPath(author)
	out.Title = out.Name
	if line := shorten(firstLine(p.Caption), 80); line != "" {
		out.Title += ": " + line
	}
	for i := range p.Media {
		out.Pictures = append(out.Pictures, pictureOf(media, p, &p.Media[i], imaging.Size1080))
	}
	out.Likes, out.Comments = out.Words.likes(p.Likes), out.Words.comments(p.Comments)
	out.Text = paragraphs(shorten(p.Caption, 600))
	out.Published, out.Date = rfc3339(p.ID.Time()), p.ID.Time().UTC().Format(out.Words.date)
}

// publicPost gives a post that everybody may see, and its author; NotFound for
// every reason not to show it.
func (h *Handler) publicPost(r *http.Request, code string) (*tintype.Post, *tintype.User, error) {
	gone := &tintype.Error{Kind: tintype.NotFound, Msg: "there is no such post for everybody"}
	id, err := tintype.ParseShortcode(code)
	if err != nil {
		return nil, nil, gone
	}
	p, err := h.cfg.Posts.Get(r.Context(), 0, id)
	var author *tintype.User
	if err == nil {
		author, err = h.cfg.People.User(r.Context(), 0, p.UserID)
	}
	if err == nil && !tintype.EverybodySees(author, p) || tintype.IsKind(err, tintype.NotFound) || tintype.IsKind(err, tintype.NotAllowed) {
		return nil, nil, gone
	}
	return p, author, err
}

// mediaSizes are what the original's letters mean.
var mediaSizes = map[string]string{"": imaging.Size306s, "t": imaging.Size150s, "m": imaging.Size306s, "l": imaging.Size612s}

// media sends to the picture of a post that everybody may see, as the original's
// short links did: ?size=t, m (if none is said) or l.
func (h *Handler) media(w http.ResponseWriter, r *http.Request, code string) {
	w.Header().Set("Cache-Control", "no-cache")
	size, ok := mediaSizes[r.URL.Query().Get("size")]
	if !ok {
		http.Error(w, "size must be t, m or l", http.StatusBadRequest)
		return
	}
	base, ok := h.base(w, r)
	if !ok {
		return
	}
	p, _, err := h.publicPost(r, code)
	if err != nil {
		h.absent(w, r, "picture", err)
		return
	}
	w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
	w.Header().Set("Location", h.cfg.Requests.MediaBase(base)+api.MediaPath(p, &p.Media[0], size))
	w.WriteHeader(http.StatusFound)
}

// siteName is what the site is called.
func (h *Handler) siteName(r *http.Request) string {
	if site, err := h.cfg.Site.Site(r.Context()); err == nil && site.Name != "" {
		return site.Name
	}
	return "Tintype"
}
