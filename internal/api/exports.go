package api

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/tintype/tintype/internal/tintype"
)

// Exports is archives of what users own. mydata.Service provides it.
type Exports interface {
	BeginExport(ctx context.Context, user tintype.ID) (tintype.Export, error)
	Exports(ctx context.Context, user tintype.ID) ([]tintype.Export, error)
	OpenExport(ctx context.Context, user, id tintype.ID) (io.ReadSeekCloser, tintype.Export, error)
	DeleteExport(ctx context.Context, user, id tintype.ID) error
}

// taskStates are what the states of exports and imports are called.
var taskStates = map[tintype.TaskState]string{
	tintype.TaskReceiving: "receiving", tintype.TaskReading: "reading", tintype.TaskWaiting: "waiting", tintype.TaskRunning: "running",
	tintype.TaskPaused: "paused", tintype.TaskDone: "done", tintype.TaskFailed: "failed", tintype.TaskUndoing: "undoing", tintype.TaskUndone: "undone",
	tintype.TaskRefused: "paused", // it goes on by itself, or when it is asked to
}

type exportJSON struct {
	ID      tintype.ID `json:"id"`
	State   string     `json:"state"`
	Done    int64      `json:"done"`
	Total   int64      `json:"total"`
	Bytes   int64      `json:"bytes,omitempty"`
	Created seconds    `json:"created_time"`
	Expires seconds    `json:"expires_time"`
	whyJSON
	URL string `json:"url,omitempty"`
}

func (c *call) exportJSON(e tintype.Export) exportJSON {
	out := exportJSON{ID: e.ID, State: taskStates[e.State], Done: e.Done, Total: max(e.Total, e.Done), Bytes: e.Bytes,
		Created: seconds(e.Created), Expires: seconds(e.Expires), whyJSON: newWhy(e.Reason)}
	if e.State == tintype.TaskDone {
		out.URL = c.base + "/v1/users/self/exports/" + e.ID.String() + "/archive.zip"
	}
	return out
}

func (a *API) beginExport(c *call) error {
	if err := c.decode(&struct{}{}); err != nil {
		return err
	}
	e, err := a.cfg.Exports.BeginExport(c.r.Context(), c.viewer())
	if err != nil {
		return err
	}
	return c.json(http.StatusCreated, c.exportJSON(e))
}

func (a *API) listExports(c *call) error {
	list, err := a.cfg.Exports.Exports(c.r.Context(), c.viewer())
	if err != nil {
		return err
	}
	out := make([]exportJSON, len(list))
	for i, e := range list {
		out[i] = c.exportJSON(e)
	}
	return c.json(http.StatusOK, out)
}

func (a *API) deleteExport(c *call) error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	if err := a.cfg.Exports.DeleteExport(c.r.Context(), c.viewer(), id); err != nil {
		return err
	}
	return c.null()
}

// getExport sends the archive, or a range of it: whoever loses the line goes on where it was.
func (a *API) getExport(c *call) error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	f, e, err := a.cfg.Exports.OpenExport(c.r.Context(), c.viewer(), id)
	if err != nil {
		return err
	}
	defer f.Close()
	h := c.w.Header()
	h.Set("Content-Type", "application/zip")
	h.Set("Cache-Control", keepPrivate)
	h.Set("Content-Security-Policy", sandbox)
	h.Set("Etag", fmt.Sprintf(`"export-%v"`, e.ID))
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="tintype-%s.zip"`, e.Created.UTC().Format("2006-01-02")))
	c.wrote = true
	http.ServeContent(&patient{c.w, http.NewResponseController(c.w)}, c.r, "", e.Created, f)
	return nil
}

// patient lets an answer take as long as it needs, as long as some of it is taken every minute.
type patient struct {
	http.ResponseWriter
	rc *http.ResponseController
}

func (p *patient) Write(b []byte) (int, error) {
	_ = p.rc.SetWriteDeadline(time.Now().Add(time.Minute)) // a writer in a test has none
	return p.ResponseWriter.Write(b)
}
