package api

import (
	"net/http"
	"time"

	"github.com/tintype/tintype/internal/collect"
	"github.com/tintype/tintype/internal/imaging"
	"github.com/tintype/tintype/internal/knobs"
	"github.com/tintype/tintype/internal/tintype"
)

// SecretHeaders says of an answer that is for whoever has a secret link that nobody else is to keep, find or learn of it.
func SecretHeaders(h http.Header) {
	h.Set("Cache-Control", "private, no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Robots-Tag", "noindex, nofollow, noarchive")
}

type secretLinkJSON struct {
	ID       tintype.ID  `json:"id"`
	URL      string      `json:"url"`
	Kind     string      `json:"kind"` // "post" or "album"
	Media    *tintype.ID `json:"media_id"`
	Album    *tintype.ID `json:"album_id"`
	Title    string      `json:"title"` // the album's, or how the caption begins
	Picture  string      `json:"picture,omitempty"`
	Gone     bool        `json:"gone,omitempty"` // what it is of is not there any more
	Created  seconds     `json:"created_time"`
	Expires  seconds     `json:"expires_time"` // null: never
	Expired  bool        `json:"expired"`
	Openings int64       `json:"openings"`
	Opened   seconds     `json:"opened_time"`
}

func (a *API) linkOut(c *call, l collect.Link) secretLinkJSON {
	out := secretLinkJSON{ID: l.ID, URL: c.base + "/s/" + l.Token, Kind: "post", Media: idOrNull(l.SecretLink.Post), Album: idOrNull(l.SecretLink.Album), Created: seconds(l.ID.Time()),
		Expires: seconds(l.Expires), Expired: l.Expired(a.cfg.Clock()), Openings: l.Openings, Opened: seconds(l.Opened)}
	switch {
	case l.SecretLink.Album != 0:
		if out.Kind = "album"; l.Album != nil {
			out.Title = l.Album.Title
		}
		out.Gone = l.Album == nil
	case l.Post != nil:
		out.Title = l.Post.Caption
		if r := []rune(out.Title); len(r) > 100 {
			out.Title = string(r[:100])
		}
		if l.Shows {
			out.Picture = a.LinkedPicture(c.base, l.Post, &l.Post.Media[0], imaging.Size150s, l.ID)
		}
	default:
		out.Gone = true
	}
	return out
}

// LinkedPicture is the address of a rendition of a picture that is seen through a secret link.
func (a *API) LinkedPicture(base string, p *tintype.Post, m *tintype.Media, size string, link tintype.ID) string {
	return a.mediaBase(base, true) + MediaPath(p, m, size) + a.signer.linkQuery(p.ID, link)
}

func (a *API) listLinks(c *call) error {
	list, err := a.cfg.SecretLinks.List(c.r.Context(), c.viewer())
	if err != nil {
		return err
	}
	out := make([]secretLinkJSON, len(list))
	for i, l := range list {
		out[i] = a.linkOut(c, l)
	}
	return c.json(http.StatusOK, out)
}

// addLink makes a link to a post or an album. It expires a number of seconds from now, or at a time, or never.
func (a *API) addLink(c *call) error {
	var in struct {
		Media  string `json:"media_id"`
		Album  string `json:"album_id"`
		In     int    `json:"expires_in"`
		At     int    `json:"expires_time"` // seconds since 1970
		Always bool   `json:"never_expires"`
	}
	if err := c.decode(&in); err != nil {
		return err
	}
	ways := 0
	for _, is := range [...]bool{in.In != 0, in.At != 0, in.Always} {
		if is {
			ways++
		}
	}
	if ways != 1 {
		return tintype.FieldError("expires_in", "please say once when the link expires: expires_in, expires_time or never_expires")
	}
	var expires time.Time
	switch {
	case in.In != 0:
		if in.In < 0 || in.In > 1<<30 {
			return tintype.FieldError("expires_in", "expires_in is a number of seconds")
		}
		expires = a.cfg.Clock().Add(time.Duration(in.In) * time.Second)
	case in.At != 0:
		expires = time.Unix(int64(in.At), 0)
	}
	var post, album tintype.ID
	ok := (in.Media == "") != (in.Album == "")
	if ok && in.Media != "" {
		post, ok = parseMediaID(in.Media)
	} else if ok {
		var err error
		album, err = tintype.ParseID(in.Album)
		ok = err == nil
	}
	if !ok {
		return tintype.FieldError("media_id", "a link is of one post (media_id) or one album (album_id)")
	}
	l, err := a.cfg.SecretLinks.Add(c.r.Context(), c.viewer(), post, album, expires)
	if err != nil {
		return err
	}
	return c.json(http.StatusCreated, a.linkOut(c, l))
}

func (a *API) endLink(c *call) error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	if err := a.cfg.SecretLinks.End(c.r.Context(), c.viewer(), id); err != nil {
		return err
	}
	return c.null()
}

// sharedJSON is what a secret link shows, and all that it shows: nothing in it leads on to the owner's other things.
type sharedJSON struct {
	Kind        string           `json:"kind"`
	From        sharedOwnerJSON  `json:"from"`
	Title       string           `json:"title,omitempty"`
	Description string           `json:"description,omitempty"`
	Expires     seconds          `json:"expires_time"`
	Posts       []sharedPostJSON `json:"posts"`
	Next        *tintype.ID      `json:"next_cursor"`
}

type sharedOwnerJSON struct {
	Username       string `json:"username"`
	FullName       string `json:"full_name"`
	ProfilePicture string `json:"profile_picture"`
}

type sharedPostJSON struct {
	Created  seconds             `json:"created_time"`
	Caption  string              `json:"caption"`
	Location string              `json:"location,omitempty"`
	Pictures []sharedPictureJSON `json:"pictures"`
}

type sharedPictureJSON struct {
	Alt        string                `json:"alt_text"`
	Blurhash   string                `json:"blurhash"`
	Renditions []sharedRenditionJSON `json:"renditions"` // the largest first
}

type sharedRenditionJSON struct {
	URL    string `json:"url"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
}

func (a *API) openLink(c *call) error {
	SecretHeaders(c.w.Header())
	n, err := c.count(maxMediaCount)
	if err != nil {
		return err
	}
	after, err := c.cursor("cursor")
	if err != nil {
		return err
	}
	ctx := c.r.Context()
	shown, err := a.cfg.SecretLinks.Open(ctx, c.params.get("token"), addressKey(c.addr), after, n)
	if err != nil {
		return err
	}
	if after == 0 && c.r.Method == http.MethodGet && a.cfg.Knobs.Closed(knobs.Writes) == nil {
		a.cfg.SecretLinks.Opened(ctx, shown.Link.ID)
	}
	out := sharedJSON{Kind: "post", From: sharedOwnerJSON{shown.Owner.Username, shown.Owner.FullName, c.pictures + AvatarPath(shown.Owner)},
		Expires: seconds(shown.Link.Expires), Posts: make([]sharedPostJSON, len(shown.Posts)), Next: idOrNull(shown.Next)}
	if shown.Album != nil {
		out.Kind, out.Title, out.Description = "album", shown.Album.Title, shown.Album.Description
	}
	for i, p := range shown.Posts {
		post := sharedPostJSON{Created: seconds(p.ID.Time()), Caption: p.Caption, Pictures: make([]sharedPictureJSON, len(p.Media))}
		if p.Location != nil {
			post.Location = p.Location.Name
		}
		for j := range p.Media {
			m := &p.Media[j]
			pic := sharedPictureJSON{Alt: m.AltText, Blurhash: m.Blurhash}
			for _, size := range renditionSizes {
				w, h := Dimensions(m, size)
				pic.Renditions = append(pic.Renditions, sharedRenditionJSON{a.LinkedPicture(c.base, p, m, size, shown.Link.ID), w, h})
			}
			post.Pictures[j] = pic
		}
		out.Posts[i] = post
	}
	return c.json(http.StatusOK, out)
}

// From names where a request comes from, as far as one party is taken to command it; "" if it cannot be known.
func (a *API) From(r *http.Request) string {
	addr, _, _, err := a.origin(r)
	if err != nil {
		return ""
	}
	return addressKey(addr)
}
