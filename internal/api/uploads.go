package api

import (
	"encoding/hex"
	"net/http"
	"time"

	"github.com/tintype/tintype/internal/tintype"
)

// uploadLife is how long an unpublished upload is kept.
const uploadLife = 24 * time.Hour

type uploadJSON struct {
	ID       tintype.ID      `json:"id"`
	Width    int             `json:"width"`
	Height   int             `json:"height"`
	Type     string          `json:"type"`
	Bytes    int64           `json:"bytes"`
	SHA256   string          `json:"sha256"`
	Expires  seconds         `json:"expires_time"`
	URL      string          `json:"url"`
	Location *pointJSON      `json:"location,omitempty"`
	Camera   *tintype.Camera `json:"camera,omitempty"`
}

type pointJSON struct {
	Latitude  float64 `json:"latitude"`
	Longitude float64 `json:"longitude"`
}

func (c *call) uploadJSON(u *tintype.Upload) uploadJSON {
	out := uploadJSON{ID: u.ID, Width: u.Width, Height: u.Height, Type: u.Type, Bytes: u.Bytes, SHA256: hex.EncodeToString(u.SHA256[:]),
		Expires: seconds(u.Created.Add(uploadLife)), URL: c.base + "/v1/uploads/" + u.ID.String() + "/preview.jpg", Camera: u.Camera}
	if u.Location != nil && u.Location.HasPoint {
		out.Location = &pointJSON{u.Location.Latitude, u.Location.Longitude}
	}
	return out
}

func (a *API) createUpload(c *call) error {
	src, size, err := c.file()
	if err != nil {
		return err
	}
	u, err := a.cfg.Uploads.Upload(c.r.Context(), c.viewer(), src, size)
	if err != nil {
		return err
	}
	return c.json(http.StatusCreated, c.uploadJSON(u))
}

func (a *API) getUpload(c *call) error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	u, err := a.cfg.Uploads.GetUpload(c.r.Context(), c.viewer(), id)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, c.uploadJSON(u))
}

func (a *API) deleteUpload(c *call) error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	if err := a.cfg.Uploads.DeleteUpload(c.r.Context(), c.viewer(), id); err != nil {
		return err
	}
	return c.null()
}
