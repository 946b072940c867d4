package api

import (
	"net/http"

	"github.com/tintype/tintype/internal/imaging"
)

// fileJSON is one file of a picture.
type fileJSON struct {
	Size   string `json:"size,omitempty"` // of a rendition: its name
	Type   string `json:"type"`
	Width  int    `json:"width,omitempty"`
	Height int    `json:"height,omitempty"`
	Bytes  int64  `json:"bytes"`
}

// listFiles tells the owner of a post what is kept of each picture.
func (a *API) listFiles(c *call) error {
	id, err := c.media("id")
	if err != nil {
		return err
	}
	kept, err := a.cfg.Files.Files(c.r.Context(), c.viewer(), id)
	if err != nil {
		return err
	}
	type picture struct {
		Original   fileJSON   `json:"original"`
		Renditions []fileJSON `json:"renditions"`
	}
	out := make([]picture, len(kept))
	for i, k := range kept {
		out[i] = picture{Original: fileJSON(k.Original), Renditions: []fileJSON{}}
		for _, r := range k.Renditions {
			out[i].Renditions = append(out[i].Renditions, fileJSON(r))
		}
	}
	return c.json(http.StatusOK, out)
}

// getPictures tells anybody what happens to a photo here, from the settings that it happens by.
func (a *API) getPictures(c *call) error {
	type size struct {
		Name     string `json:"name"`
		Width    int    `json:"width"`
		Square   bool   `json:"square"`
		OnDemand bool   `json:"on_demand"` // made when a client first asks for it
	}
	type format struct {
		Type    string `json:"type"`
		Quality int    `json:"quality"`
		Later   bool   `json:"later"` // made after the post is published
	}
	var sizes []size
	for _, s := range imaging.PostSizes() {
		sizes = append(sizes, size{Name: s, Width: imaging.Width(s), Square: imaging.Square(s)})
	}
	for _, s := range imaging.LegacySizes() {
		sizes = append(sizes, size{Name: s, Width: imaging.Width(s), Square: imaging.Square(s), OnDemand: true})
	}
	formats := []format{{Type: imaging.JPEG.Type(), Quality: imaging.JPEG.Quality()}}
	for _, f := range a.cfg.Formats() {
		formats = append(formats, format{Type: f.Type(), Quality: f.Quality(), Later: true})
	}
	return c.json(http.StatusOK, map[string]any{
		"accepts": a.cfg.Accepts, "upload_bytes": a.uploadBytes(), "megapixels": a.cfg.MaxPixels / 1e6,
		"sizes": sizes, "formats": formats, "unused_hours": int(uploadLife.Hours()),
	})
}
