package api

import (
	"context"
	"net/http"
	"time"

	"github.com/tintype/tintype/internal/account"
)

// Leaving is the deletion of one's account. account.Service provides it.
type Leaving interface {
	Leave(ctx context.Context, p account.Principal, password, code string, grace time.Duration, c account.Client) (due time.Time, err error)
}

func (a *API) leave(c *call) error {
	var in proof
	if err := c.decode(&in); err != nil {
		return err
	}
	due, err := a.cfg.Leaving.Leave(c.r.Context(), c.who, in.Password, in.Code, a.cfg.Grace, c.client())
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, map[string]seconds{"due_time": seconds(due)})
}
