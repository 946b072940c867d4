package api

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/tintype/tintype/internal/imaging"
	"github.com/tintype/tintype/internal/tintype"
)

// oembedJSON is a photo of oEmbed 1.0 (oembed.com, section 2.3.4.1) with the
// original's fields beside. author_id is a number, as the original's was: whoever
// reads JSON numbers as doubles must take the part behind '_' of media_id instead.
type oembedJSON struct {
	Version         string `json:"version"`
	Type            string `json:"type"`
	Title           string `json:"title"`
	URL             string `json:"url"`
	Width           int    `json:"width"`
	Height          int    `json:"height"`
	AuthorName      string `json:"author_name"`
	AuthorID        int64  `json:"author_id"`
	AuthorURL       string `json:"author_url"`
	MediaID         string `json:"media_id"`
	ProviderName    string `json:"provider_name"`
	ProviderURL     string `json:"provider_url"`
	ThumbnailURL    string `json:"thumbnail_url"`
	ThumbnailWidth  int    `json:"thumbnail_width"`
	ThumbnailHeight int    `json:"thumbnail_height"`
}

var (
	errNoEmbed  = &statusError{shown{http.StatusNotFound, "APINotFoundError"}, "there is no photo at this address that everybody may see"}
	errOnlyJSON = &statusError{shown{http.StatusNotImplemented, "APIInvalidParametersError"}, "oEmbed is answered as JSON only"} // as oembed.com, section 2.3, asks
)

// oembedSizes are the sizes that fit, the largest first.
var oembedSizes = [...]string{imaging.Size612s, imaging.Size320s, imaging.Size306s, imaging.Size150s}

// oembed describes the photo at an address of ours that everybody may see, to
// anybody: no credential is looked at.
func (a *API) oembed(c *call) error {
	c.bare = true
	address, err := c.param("url")
	if err != nil {
		return err
	}
	if address == "" {
		return tintype.FieldError("url", "please give the address of a post as url")
	}
	if f, err := c.param("format"); err != nil {
		return err
	} else if f != "" && f != "json" {
		return errOnlyJSON
	}
	most := imaging.Width(oembedSizes[0])
	for _, name := range [...]string{"maxwidth", "maxheight"} {
		text, err := c.param(name)
		if err != nil {
			return err
		}
		if text == "" {
			continue
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return tintype.FieldError(name, "%s must be a number of pixels", name)
		}
		most = min(most, n)
	}
	id, ok := postAt(address, c.base)
	if !ok {
		return errNoEmbed
	}
	ctx := c.r.Context()
	p, err := a.cfg.Posts.Get(ctx, 0, id)
	if err != nil {
		return unembeddable(err)
	}
	author, err := a.cfg.People.User(ctx, 0, p.UserID)
	if err != nil {
		return unembeddable(err)
	}
	site, err := a.cfg.Site.Site(ctx)
	if err != nil {
		return err
	}
	m := &p.Media[0]
	out := oembedJSON{Version: "1.0", Type: "photo", Title: p.Caption, AuthorName: author.Username, AuthorID: int64(author.ID),
		AuthorURL: c.base + "/" + author.Username, MediaID: p.MediaID(), ProviderName: site.Name, ProviderURL: c.base + "/"}
	for _, size := range oembedSizes {
		out.URL = c.pictures + MediaPath(p, m, size)
		if out.Width, out.Height = Dimensions(m, size); out.Width <= most {
			break
		}
	}
	out.Width, out.Height = min(out.Width, most), min(out.Height, most) // the smallest is shown smaller still
	out.ThumbnailURL = c.pictures + MediaPath(p, m, imaging.Size150s)
	out.ThumbnailWidth, out.ThumbnailHeight = Dimensions(m, imaging.Size150s)
	text, err := json.Marshal(out)
	if err != nil {
		return err
	}
	c.send(http.StatusOK, append(c.begin(), text...))
	return nil
}

// unembeddable makes every reason not to show a post look alike.
func unembeddable(err error) error {
	switch tintype.KindOf(err) {
	case tintype.NotFound, tintype.NotAllowed:
		return errNoEmbed
	}
	return err
}

// postAt reads the address of a post's page on the site at base. http and https
// are the same site.
func postAt(address, base string) (tintype.ID, bool) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.User != nil {
		return 0, false
	}
	_, host, _ := strings.Cut(base, "://")
	if !strings.EqualFold(u.Host, host) {
		return 0, false
	}
	code, ok := strings.CutPrefix(u.Path, "/p/")
	if !ok {
		return 0, false
	}
	code, _, _ = strings.Cut(code, "/")
	id, err := tintype.ParseShortcode(code)
	return id, err == nil
}
