package api

import (
	"net/http"

	"github.com/tintype/tintype/internal/tintype"
)

// storedJSON is how many bytes files of a kind, or a database, take.
type storedJSON struct {
	Kind  string `json:"kind"`
	Bytes int64  `json:"bytes"`
}

func storedOf(kinds map[tintype.StoredKind]int64) (list []storedJSON, sum int64) {
	for _, k := range tintype.StoredKinds() {
		list = append(list, storedJSON{k.String(), kinds[k]})
		sum += kinds[k]
	}
	return list, sum
}

// getStorage tells an admin what the site takes, of what it may.
func (a *API) getStorage(c *call) error {
	u, err := a.cfg.Storage.Usage(c.r.Context())
	if err != nil {
		return err
	}
	type database struct {
		Name  string `json:"name"`
		Bytes int64  `json:"bytes"`
	}
	files, _ := storedOf(u.Kinds)
	databases := []database{}
	for _, d := range u.Databases {
		databases = append(databases, database(d))
	}
	return c.json(http.StatusOK, map[string]any{
		"used": u.Used, "limit": u.Limit, "level": u.Level, "at": seconds(u.At), "files": files, "databases": databases,
	})
}

// getMyStorage tells somebody what their own files take.
func (a *API) getMyStorage(c *call) error {
	kinds, err := a.cfg.Storage.Mine(c.r.Context(), c.viewer())
	if err != nil {
		return err
	}
	files, sum := storedOf(kinds)
	return c.json(http.StatusOK, map[string]any{"used": sum, "files": files})
}
