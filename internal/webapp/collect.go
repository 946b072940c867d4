package webapp

import (
	"net/http"
	"strings"

	"github.com/tintype/tintype/internal/imaging"
	"github.com/tintype/tintype/internal/tintype"
)

// album answers with the page of an album of somebody's own posts.
func (h *Handler) album(w http.ResponseWriter, r *http.Request, name, segment string) {
	ctx := r.Context()
	base, ok := h.base(w, r)
	if !ok {
		return
	}
	viewer := h.cfg.Requests.ViewerOf(ctx, r)
	owner, err := h.cfg.People.UserByName(ctx, viewer, name)
	var id tintype.ID
	if err == nil {
		id, err = tintype.ParseID(segment)
	}
	if err != nil {
		h.notFound(w, r, err)
		return
	}
	a, err := h.cfg.Albums.Get(ctx, viewer, id)
	if err == nil && a.UserID != owner.ID {
		err = &tintype.Error{Kind: tintype.NotFound, Msg: "this album does not exist"}
	}
	if err != nil {
		h.notFound(w, r, err)
		return
	}
	if owner.Private || a.Private {
		// For this viewer's eyes, and not for previews: the app shows it.
		h.page(w, r, http.StatusOK, page{Title: a.Title, private: true})
		return
	}
	out := page{
		Title:       a.Title,
		Description: shorten(strings.Join(strings.Fields(a.Description), " "), 300),
		URL:         base + "/" + owner.Username + "/albums/" + id.String(),
		Kind:        "article",
		Heading:     a.Title,
		Byline:      &link{base + "/" + owner.Username, "@" + owner.Username},
		Text:        paragraphs(a.Description),
		private:     viewer != 0,
	}
	if out.Description == "" {
		out.Description = "An album by @" + owner.Username
	}
	for _, p := range a.Face {
		small := pictureOf(h.cfg.Requests.MediaBase(base), p, &p.Media[0], imaging.Size320s)
		small.Link = base + "/p/" + p.ID.Shortcode()
		out.Pictures = append(out.Pictures, small)
	}
	if len(out.Pictures) > 0 {
		out.Image = &out.Pictures[0]
	}
	h.page(w, r, http.StatusOK, out)
}

// secretPattern is the pages of which nobody else is to learn, those that show nothing (any more) too.
const secretPattern = "/s/{token}"

// secret answers with what a secret link shows: for whoever has it, whoever they are, and in its previews no more than that.
func (h *Handler) secret(w http.ResponseWriter, r *http.Request, token string) {
	ctx := r.Context()
	base, ok := h.base(w, r)
	if !ok {
		return
	}
	shown, err := h.cfg.Links.Open(ctx, token, h.cfg.Requests.From(r), 0, gridSize)
	if tintype.IsKind(err, tintype.RateLimited) {
		w.Header().Set("Retry-After", "600")
		h.page(w, r, http.StatusTooManyRequests, page{Secret: true})
		return
	}
	if err != nil {
		h.notFound(w, r, err)
		return
	}
	who := nameOf(shown.Owner)
	out := page{Title: who, Description: "A photo by " + who, URL: base + "/s/" + token, Kind: "article", Large: true, Heading: who, Secret: true}
	var about string
	if shown.Album != nil {
		out.Title, out.Heading, out.Description, about = shown.Album.Title, shown.Album.Title, "An album by "+who, shown.Album.Description
	} else if len(shown.Posts) > 0 {
		if about = shown.Posts[0].Caption; about != "" {
			out.Title = who + ": " + shorten(firstLine(about), 80)
		}
	}
	if about != "" {
		out.Description = shorten(strings.Join(strings.Fields(about), " "), 300)
	}
	out.Text = paragraphs(about)
	for _, p := range shown.Posts {
		for i := range p.Media {
			pic := pictureOf(base, p, &p.Media[i], imaging.Size1080)
			pic.URL = h.cfg.Requests.LinkedPicture(base, p, &p.Media[i], imaging.Size1080, shown.Link.ID)
			out.Pictures = append(out.Pictures, pic)
		}
	}
	if len(out.Pictures) > 0 {
		out.Image = &out.Pictures[0]
	}
	h.page(w, r, http.StatusOK, out)
}
