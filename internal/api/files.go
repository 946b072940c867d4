package api

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/tintype/tintype/internal/account"
	"github.com/tintype/tintype/internal/blob"
	"github.com/tintype/tintype/internal/imaging"
	"github.com/tintype/tintype/internal/tintype"
)

// How files may be kept. A public one never changes under its name, but its
// owner may go private: caches that many share are told (see package webcache),
// and ask again after an hour in any case. A private one is asked for again
// each time, so that whoever lost access loses it now.
const (
	keepPublic  = "public, max-age=31536000, s-maxage=3600, immutable"
	keepPrivate = "private, no-cache"
	// keepSoon is for a public one of which a better format is on its way.
	keepSoon = "public, max-age=60, s-maxage=60"
	sandbox  = "sandbox; default-src 'none'"
)

// file answers with a stored file: ranges, conditions, a fixed type, and
// nothing that a browser could run.
// vary are the headers that it depends on, besides who asks where not everybody may.
func (c *call) serveFile(f blob.File, typ, etag, cache string, vary ...string) error {
	defer f.Close()
	h := c.w.Header()
	h.Set("Content-Type", typ)
	h.Set("Cache-Control", cache)
	h.Set("Content-Security-Policy", sandbox)
	h.Set("Etag", `"`+etag+`"`)
	if cache != keepPrivate {
		h.Set("Cross-Origin-Resource-Policy", "cross-origin") // feeds of others may show it
		h.Del("Vary")
	}
	for _, v := range vary {
		h.Add("Vary", v)
	}
	c.wrote = true
	http.ServeContent(c.w, c.r, "", f.Info().Modified, f)
	return nil
}

// gone makes every reason not to show a file look alike.
func gone(err error) error {
	switch tintype.KindOf(err) {
	case tintype.NotFound, tintype.NotAllowed, tintype.Invalid, tintype.Forbidden, tintype.Unauthenticated:
		return errNoMedia
	}
	return err
}

func (a *API) getRendition(c *call) error {
	post, err := tintype.ParseShortcode(c.params.get("shortcode"))
	if err != nil {
		return errNoMedia
	}
	key, size := c.params.get("key"), c.params.get("size")
	if imaging.Width(size) == 0 {
		return errNoMedia
	}
	ctx := c.r.Context()
	accept := acceptedFormats(c.r.Header)
	f, err := a.cfg.Files.OpenMedia(ctx, c.viewer(), post, key, size, accept...)
	signed := false
	if err != nil && errors.Is(gone(err), errNoMedia) {
		if viewer := a.signer.viewer(post, c.query); viewer != 0 && viewer != c.viewer() {
			signed = true
			// Nor does somebody who was suspended see anything by what was signed for them before.
			var users []*tintype.User
			if users, err = a.cfg.People.Users(ctx, []tintype.ID{viewer}); err == nil && (users[0] == nil || users[0].State != tintype.UserActive) {
				err = errNoMedia
			}
			if err == nil {
				f, err = a.cfg.Files.OpenMedia(ctx, viewer, post, key, size, accept...)
			}
		} else if link := a.signer.link(post, c.query); link != 0 {
			signed = true
			// A link that was withdrawn shows nothing, whatever was signed for it.
			if viewer, err = a.cfg.SecretLinks.Through(ctx, link, post); err == nil {
				f, err = a.cfg.Files.OpenMedia(ctx, viewer, post, key, size, accept...)
			}
		}
	}
	if err != nil {
		return gone(err)
	}
	cache := keepPrivate
	switch {
	case f.Public && c.r.URL.RawQuery == "":
		// Under this one address alone: it is the one that caches are told to forget.
		cache = keepPublic
		if f.Coming {
			cache = keepSoon
		}
	case f.Public, signed:
		// No cookie opened it, so a page that shows it learns nothing by being visited.
		c.w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
	}
	etag := key + "-" + size
	if f.Format != imaging.JPEG {
		etag += "-" + string(f.Format)
	}
	return c.serveFile(f, f.Format.Type(), etag, cache, "Accept")
}

// acceptedFormats are the formats besides JPEG that a client names in its Accept
// headers, the best first. One that takes anything has not asked for them.
func acceptedFormats(h http.Header) (formats []imaging.Format) {
	list := strings.Split(strings.Join(h.Values("Accept"), ","), ",")
	for _, f := range imaging.Formats() {
		if f != imaging.JPEG && slices.ContainsFunc(list, func(item string) bool { return takes(item, f.Type()) }) {
			formats = append(formats, f)
		}
	}
	return formats
}

// takes reports whether an item of an Accept header names a type and does not refuse it.
func takes(item, typ string) bool {
	name, params, _ := strings.Cut(item, ";")
	if !strings.EqualFold(strings.TrimSpace(name), typ) {
		return false
	}
	for p := range strings.SplitSeq(params, ";") {
		if k, v, _ := strings.Cut(p, "="); strings.EqualFold(strings.TrimSpace(k), "q") {
			q, err := strconv.ParseFloat(strings.TrimSpace(v), 64)
			return err == nil && q > 0
		}
	}
	return true
}

func (a *API) getAvatar(c *call) error {
	id, err := c.id("id")
	if err != nil {
		return errNoMedia
	}
	key := c.params.get("key")
	text := c.params.get("size")
	size, err := strconv.Atoi(text)
	if err != nil || !slices.Contains(account.AvatarSizes(), size) || strconv.Itoa(size) != text {
		return errNoMedia
	}
	// It is shown as long as it is its user's, and they may be shown at all.
	users, err := a.cfg.People.Users(c.r.Context(), []tintype.ID{id})
	if err != nil {
		return err
	}
	if u := users[0]; u == nil || u.State != tintype.UserActive || u.AvatarKey != key {
		return errNoMedia
	}
	f, err := a.cfg.Avatars.OpenAvatar(c.r.Context(), id, key, size)
	if err != nil {
		return gone(err)
	}
	return c.serveFile(f, "image/jpeg", key+"-"+text, keepPublic)
}

// getDefaultAvatar draws a letter on a colour.
func (a *API) getDefaultAvatar(c *call) error {
	hue, err := strconv.Atoi(c.params.get("hue"))
	if err != nil || hue < 0 || hue >= 360 || hue%hueStep != 0 {
		return errNoMedia
	}
	code, err := strconv.ParseInt(c.params.get("letter"), 16, 32)
	r := rune(code)
	if err != nil || strconv.FormatInt(code, 16) != c.params.get("letter") || !(r == '?' || unicode.IsLetter(r) || unicode.IsDigit(r)) {
		return errNoMedia
	}
	svg := fmt.Appendf(nil, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 150 150" width="150" height="150">`+
		`<rect width="150" height="150" fill="hsl(%d 42%% 46%%)"/>`+
		`<text x="75" y="75" dy=".35em" text-anchor="middle" font-family="system-ui,sans-serif" font-size="72" font-weight="600" fill="#fff">%c</text></svg>`, hue, r)
	h := c.w.Header()
	h.Set("Content-Type", "image/svg+xml; charset=utf-8")
	h.Set("Cache-Control", keepPublic)
	h.Set("Content-Security-Policy", sandbox)
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Del("Vary")
	h.Set(headerLength, strconv.Itoa(len(svg)))
	c.wrote = true
	if c.r.Method != http.MethodHead {
		_, _ = c.w.Write(svg) // the client may have gone
	}
	return nil
}

func (a *API) getUploadPreview(c *call) error {
	id, err := c.id("id")
	if err != nil {
		return errNoMedia
	}
	f, err := a.cfg.Uploads.OpenPreview(c.r.Context(), c.viewer(), id)
	if err != nil {
		return gone(err)
	}
	return c.serveFile(f, "image/jpeg", "preview-"+id.String(), keepPrivate)
}

// extensions names downloads; a missing type has none.
var extensions = map[string]string{"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp", "image/heic": ".heic",
	"image/avif": ".avif", "image/gif": ".gif"}

func (a *API) getOriginal(c *call) error {
	id, err := c.media("id")
	if err != nil {
		return err
	}
	n, err := c.number("n")
	if err != nil {
		return err
	}
	f, m, err := a.cfg.Files.OpenOriginal(c.r.Context(), c.viewer(), id, n)
	if err != nil {
		return err
	}
	typ := m.OriginalType
	if extensions[typ] == "" {
		typ = "application/octet-stream"
	}
	c.w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s-%d%s"`, id.Shortcode(), n+1, extensions[typ]))
	return c.serveFile(f, typ, "original-"+m.Key, keepPrivate)
}
