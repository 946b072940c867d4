package app

import (
	"context"
	"time"

	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/tintype"
	"github.com/tintype/tintype/internal/words"
)

// Bulk gives what fills an empty site with finished rows; what happened after
// recent becomes activity. The site must not be served meanwhile.
func (a *App) Bulk(recent time.Time) sqlstore.Bulk {
	return sqlstore.Bulk{R: a.Backend.Router, Recent: recent, Timelines: a.homeTimelines(), Keys: words.TypoKeys}
}

// Shards lists the logical shards that take new users.
func (a *App) Shards() []tintype.Shard { return a.Backend.Router.Open() }

// Sizes gives how many bytes each database takes on disk, the directory's first.
func (a *App) Sizes(ctx context.Context) ([]DatabaseSize, error) {
	var out []DatabaseSize
	for _, db := range a.Backend.Router.Databases() {
		n, err := db.Size(ctx)
		if err != nil {
			return nil, err
		}
		out = append(out, DatabaseSize{Name: db.Name, Bytes: n})
	}
	return out, nil
}

// DatabaseSize is what a database takes on disk.
type DatabaseSize struct {
	Name  string
	Bytes int64
}
