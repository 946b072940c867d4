package webapp

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"strconv"
	"strings"

	"github.com/tintype/tintype/internal/account"
	"github.com/tintype/tintype/internal/api"
	"github.com/tintype/tintype/internal/collect"
	"github.com/tintype/tintype/internal/tintype"
)

// Posts gives posts that a viewer may see. post.Service provides it.
type Posts interface {
	Get(ctx context.Context, viewer, post tintype.ID) (*tintype.Post, error)
	ByUser(ctx context.Context, viewer, user tintype.ID, page tintype.Page) (posts []*tintype.Post, more bool, err error)
}

// People gives people whom a viewer may know of. graph.Service provides it.
type People interface {
	User(ctx context.Context, viewer, id tintype.ID) (*tintype.User, error)
	UserByName(ctx context.Context, viewer tintype.ID, name string) (*tintype.User, error)
}

// Tags gives posts with a tag that a viewer may see, latest tagged first. discover.Tags provides it.
type Tags interface {
	Posts(ctx context.Context, viewer tintype.ID, name string, page tintype.Page) (posts []*tintype.Post, newest, next tintype.ID, err error)
}

// Albums gives albums that a viewer may see. collect.Albums provides it.
type Albums interface {
	Get(ctx context.Context, viewer, id tintype.ID) (collect.Album, error)
}

// Links gives what secret links show. collect.Links provides it.
type Links interface {
	Open(ctx context.Context, token, from string, after tintype.ID, n int) (*collect.Shared, error)
}

// Site gives the site's name. account.Service provides it.
type Site interface {
	Site(ctx context.Context) (account.Site, error)
}

// Requests tells of a request what the API knows of it. api.API provides it.
type Requests interface {
	// ViewerOf is whose session the request carries, 0 for nobody.
	ViewerOf(ctx context.Context, r *http.Request) tintype.ID
	// BaseURL is scheme and host for links.
	BaseURL(r *http.Request) (string, error)
	// MediaBase is scheme and host of pictures on a page whose own are base.
	MediaBase(base string) string
	// From names where the request comes from.
	From(r *http.Request) string
	// LinkedPicture is the address of a rendition of a picture that is seen through a secret link, on a page whose own are base.
	LinkedPicture(base string, p *tintype.Post, m *tintype.Media, size string, link tintype.ID) string
}

// Config is what a Handler is made of. All is required but the last two.
type Config struct {
	Files        fs.FS
	Posts        Posts
	People       People
	Tags         Tags
	Albums       Albums
	Links        Links
	Site         Site
	Requests     Requests
	Log          *slog.Logger
	ImageOrigins []string // where pictures come from besides where the pages do, as https://media.example
	TileOrigin   string   // where map tiles come from; "" for the site itself
}

// Handler serves the app. Make it with New.
type Handler struct {
	cfg   Config
	files map[string]*file
	shell [3]string // index.html: before the title, up to the noscript element, after it
	built bool
	csp   string

	embedCSP string
}

// Routes lists the patterns of all pages, for metrics and tests.
func Routes() []string {
	return []string{"/", "/sign-in", "/sign-up", "/new", "/people", "/search", "/explore", "/activity", "/settings/{rest}", "/about/photos", "/admin/{rest}", "/places/{id}", "/nearby", "/oauth/authorize",
		"/p/{code}", "/p/{code}/embed", "/p/{code}/media", "/{username}", "/{username}/map", "/{username}/tagged", "/activity/following", "/{username}/feed.atom", "/{username}/feed.rss",
		"/forgot-password", "/reset-password", "/confirm-email", "/undo-email", "/sign-in/back",
		"/{username}/albums", "/{username}/albums/{id}", "/saved/{rest}", secretPattern,
		"/tags/{name}", "/tags/{name}/feed.atom", "/tags/{name}/feed.rss", "/{file}", "/{unknown}"}
}

// New makes a Handler of a built app, or of none.
func New(cfg Config) (*Handler, error) {
	files, err := readFiles(cfg.Files)
	if err != nil {
		return nil, err
	}
	h := &Handler{cfg: cfg, files: files}
	images := "'self' data: blob:"
	for _, o := range cfg.ImageOrigins {
		images += " " + o
	}
	h.csp = "default-src 'self'; img-src " + strings.TrimSpace(images+" "+cfg.TileOrigin) + "; frame-ancestors 'none'; object-src 'none'; base-uri 'none'; form-action 'self'; worker-src 'self' blob:"
	if h.embedCSP, err = embedPolicy(images); err != nil {
		return nil, err
	}
	index := files["/index.html"]
	if index == nil {
		return h, nil
	}
	delete(files, "/index.html")
	h.built = true
	if h.shell, err = split(index.data); err != nil {
		return nil, err
	}
	return h, nil
}

// split cuts index.html where the title and the words for those without scripts stand.
func split(index []byte) (parts [3]string, err error) {
	before, rest, ok := bytes.Cut(index, []byte("<title>"))
	_, rest, ok2 := bytes.Cut(rest, []byte("</title>"))
	middle, rest, ok3 := bytes.Cut(rest, []byte("<noscript>"))
	_, after, ok4 := bytes.Cut(rest, []byte("</noscript>"))
	if !ok || !ok2 || !ok3 || !ok4 {
		return parts, fmt.Errorf("webapp: index.html has no <title> or no <noscript>")
	}
	return [3]string{string(before), string(middle), string(after)}, nil
}

// ServeHTTP answers with a file or a page.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		r.Pattern = "/{unknown}"
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "this address is for reading only", http.StatusMethodNotAllowed)
		return
	}
	path := r.URL.EscapedPath()
	if f := h.files[path]; f != nil {
		r.Pattern = "/{file}"
		f.serve(w, r)
		return
	}
	if len(path) > 1 {
		path = strings.TrimSuffix(path, "/")
	}
	switch path {
	case "/", "/sign-in", "/sign-up", "/new", "/people", "/search", "/explore", "/activity", "/nearby", "/oauth/authorize",
		"/forgot-password", "/reset-password", "/confirm-email", "/undo-email", "/sign-in/back":
		r.Pattern = path
		h.page(w, r, http.StatusOK, page{})
		return
	case "/robots.txt":
		r.Pattern = "/{file}"
		w.Header().Set("Content-Type", types[".txt"])
		_, _ = w.Write([]byte("User-agent: *\nDisallow: /v1/\nDisallow: /oauth/\n")) // the client may have gone
		return
	}
	segments := strings.Split(strings.TrimPrefix(path, "/"), "/")
	switch {
	case segments[0] == "settings", segments[0] == "admin":
		r.Pattern = "/" + segments[0] + "/{rest}"
		h.page(w, r, http.StatusOK, page{})
	case segments[0] == "saved":
		r.Pattern = "/saved/{rest}"
		h.page(w, r, http.StatusOK, page{private: true})
	case segments[0] == "s" && len(segments) == 2:
		r.Pattern = secretPattern
		h.secret(w, r, segments[1])
	case path == "/about/photos":
		r.Pattern = path
		h.page(w, r, http.StatusOK, page{})
	case segments[0] == "places" && len(segments) == 2:
		r.Pattern = "/places/{id}"
		h.page(w, r, http.StatusOK, page{})
	case segments[0] == "p" && len(segments) == 3 && segments[2] == "embed":
		r.Pattern = "/p/{code}/embed"
		h.embed(w, r, segments[1])
	case segments[0] == "p" && len(segments) == 3 && segments[2] == "media":
		r.Pattern = "/p/{code}/media"
		h.media(w, r, segments[1])
	case segments[0] == "tags" && len(segments) == 2:
		r.Pattern = "/tags/{name}"
		h.tag(w, r, segments[1])
	case segments[0] == "tags" && len(segments) == 3 && feedFormats[segments[2]] != "":
		r.Pattern = "/tags/{name}/" + segments[2]
		h.tagFeed(w, r, segments[1], segments[2])
	case len(segments) == 2 && feedFormats[segments[1]] != "" && strings.IndexByte(segments[0], '%') < 0:
		r.Pattern = "/{username}/" + segments[1]
		h.userFeed(w, r, segments[0], segments[1])
	case segments[0] == "p" && len(segments) >= 2:
		r.Pattern = "/p/{code}"
		h.post(w, r, segments[1])
	case len(segments) == 2 && segments[0] == "activity" && segments[1] == "following":
		r.Pattern = "/activity/following"
		h.page(w, r, http.StatusOK, page{})
	case len(segments) == 2 && (segments[1] == "map" || segments[1] == "tagged") && strings.IndexByte(segments[0], '%') < 0:
		r.Pattern = "/{username}/" + segments[1]
		h.profile(w, r, segments[0])
	case len(segments) == 2 && segments[1] == "albums" && strings.IndexByte(segments[0], '%') < 0:
		r.Pattern = "/{username}/albums"
		h.profile(w, r, segments[0])
	case len(segments) == 3 && segments[1] == "albums" && strings.IndexByte(segments[0], '%') < 0:
		r.Pattern = "/{username}/albums/{id}"
		h.album(w, r, segments[0], segments[2])
	case len(segments) == 1 && strings.IndexByte(segments[0], '%') < 0:
		r.Pattern = "/{username}"
		h.profile(w, r, segments[0])
	default:
		r.Pattern = "/{unknown}"
		h.page(w, r, http.StatusNotFound, page{})
	}
}

// page sends the app with what is known of this address.
func (h *Handler) page(w http.ResponseWriter, r *http.Request, status int, p page) {
	hd := w.Header()
	hd.Set("Content-Type", types[".html"])
	hd.Set("X-Content-Type-Options", "nosniff")
	hd.Set("Content-Security-Policy", h.csp)
	hd.Set("Referrer-Policy", "same-origin")
	hd.Set("Permissions-Policy", "camera=(self), geolocation=(self), microphone=(), payment=(), usb=(), interest-cohort=()")
	hd.Set("Cross-Origin-Opener-Policy", "same-origin")
	hd.Set("X-Frame-Options", "DENY")
	hd.Set("Cache-Control", "no-cache")
	hd.Set("Vary", "Cookie")
	if p.private {
		hd.Set("Cache-Control", "private, no-store")
	}
	if p.Secret || r.Pattern == secretPattern {
		api.SecretHeaders(hd)
	}
	if !h.built {
		h.unbuilt(w)
		return
	}
	p.Site = h.siteName(r)
	var b bytes.Buffer
	b.WriteString(h.shell[0])
	if err := pageHead.Execute(&b, p); err != nil {
		h.cfg.Log.ErrorContext(r.Context(), "a page's head could not be written", "error", err)
	}
	b.WriteString(h.shell[1])
	b.WriteString("<noscript>")
	if err := pageBody.Execute(&b, p); err != nil {
		h.cfg.Log.ErrorContext(r.Context(), "a page's body could not be written", "error", err)
	}
	b.WriteString("</noscript>")
	b.WriteString(h.shell[2])
	write(w, r, status, b.Bytes())
}

// write sends a whole page.
func write(w http.ResponseWriter, r *http.Request, status int, b []byte) {
	w.Header().Set("Content-Length", strconv.Itoa(len(b)))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(b) // the client may have gone
	}
}

// base is scheme and host for links; a request that does not say which is answered so, and ok is false.
func (h *Handler) base(w http.ResponseWriter, r *http.Request) (base string, ok bool) {
	base, err := h.cfg.Requests.BaseURL(r)
	if err != nil {
		http.Error(w, "the Host header is missing or malformed", http.StatusBadRequest)
	}
	return base, err == nil
}

// unbuilt is what a binary without the web app has to say.
func (h *Handler) unbuilt(w http.ResponseWriter) {
	w.Header().Set("Retry-After", "60")
	w.WriteHeader(http.StatusServiceUnavailable)
	_, _ = w.Write([]byte(`<!doctype html><html lang="en"><meta charset="utf-8"><title>Tintype</title>
<h1>The web app was not built</h1>
<p>This program was compiled without it. The API at <code>/v1/</code> works. To have the pages too, run <code>make web</code>
(or <code>make build</code>, which does that first) and start the new program.</p></html>
`))
}
