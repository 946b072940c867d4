package app

import (
	"context"
	"math"

	"github.com/tintype/tintype/internal/account"
	"github.com/tintype/tintype/internal/blob"
	"github.com/tintype/tintype/internal/knobs"
	"github.com/tintype/tintype/internal/server"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/storage"
	"github.com/tintype/tintype/internal/tintype"
)

// makeStorage makes what keeps the site within its room.
func (a *App) makeStorage() {
	a.Storage = storage.New(storage.Config{
		Counts: a.stock(),
		Files:  a.Blobs,
		Databases: func(ctx context.Context) ([]storage.Database, error) {
			sizes, err := a.Sizes(ctx)
			out := make([]storage.Database, len(sizes))
			for i, s := range sizes {
				out[i] = storage.Database(s)
			}
			return out, err
		},
		Limit: func() int64 { return int64(a.Knobs.Number(knobs.StorageGB)) * 1e9 },
		Clock: a.cfg.Clock,
		Log:   a.Log,
	})
}

func (a *App) stock() sqlstore.Storage {
	return sqlstore.Storage{R: a.Backend.Router, Clock: a.cfg.Clock}
}

// weighed counts a new profile picture. Should that fail, `tintype rebuild storage` counts it.
func (a *App) weighed(ctx context.Context, user tintype.ID, bytes int64) {
	if err := a.stock().SetUse(context.WithoutCancel(ctx), user, tintype.StoredAvatars, bytes); err != nil {
		a.Log.WarnContext(ctx, "a profile picture was not counted", "error", err)
	}
}

// recountStorage counts anew what a user's files have: those that rows tell of, and the profile picture by looking at it.
func (a *App) recountStorage(ctx context.Context, u tintype.Seen) (bool, error) {
	users, err := a.Graph.Users(ctx, []tintype.ID{u.ID})
	if err != nil || len(users) == 0 || users[0] == nil {
		return false, err
	}
	var bytes int64
	if key := users[0].AvatarKey; key != "" {
		for _, name := range account.AvatarFiles(u.ID, key) {
			info, err := blob.Stat(ctx, a.Blobs, name)
			if err != nil && !tintype.IsKind(err, tintype.NotFound) {
				return false, err
			}
			bytes += info.Size
		}
	}
	have, err := a.stock().Use(ctx, u.ID)
	if err != nil {
		return false, err
	}
	off := have[tintype.StoredAvatars] != bytes
	if off {
		if err := a.stock().SetUse(ctx, u.ID, tintype.StoredAvatars, bytes); err != nil {
			return false, err
		}
	}
	changed, err := a.checks().RecountStorage(ctx, u.ID)
	return changed || off, err
}

// storageGauges are the numbers that /metrics shows of the room.
func (a *App) storageGauges(all map[string]server.Gauge) map[string]server.Gauge {
	read := func(of func(storage.Usage) int64) func() float64 {
		return func() float64 {
			ctx, cancel := context.WithTimeout(context.Background(), gaugeTime)
			defer cancel()
			u, err := a.Storage.Usage(ctx)
			if err != nil {
				return math.NaN()
			}
			return float64(of(u))
		}
	}
	all["tintype_storage_used_bytes"] = server.Gauge{Help: "Bytes of all files and databases, as they are counted.", Read: read(func(u storage.Usage) int64 { return u.Used })}
	all["tintype_storage_limit_bytes"] = server.Gauge{Help: "Bytes that they may have; 0 for no limit.", Read: read(func(u storage.Usage) int64 { return u.Limit })}
	return all
}
