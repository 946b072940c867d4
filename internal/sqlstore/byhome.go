package sqlstore

import (
	"context"

	"golang.org/x/sync/errgroup"

	"github.com/tintype/tintype/internal/tintype"
)

// eachHome calls f for every group, several at a time where there are several,
// and gives the first error. f must guard what it shares.
func eachHome(ctx context.Context, groups []HomeIDs, f func(ctx context.Context, g HomeIDs) error) error {
	if len(groups) == 1 {
		return f(ctx, groups[0])
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(8)
	for _, group := range groups {
		g.Go(func() error { return f(ctx, group) })
	}
	return g.Wait()
}

// partition groups items by the home of the ID that key gives for them, keeping their order within each group.
func partition[T any](r Router, items []T, key func(T) tintype.ID) []homeItems[T] {
	var out []homeItems[T]
next:
	for _, it := range items {
		h := r.Home(key(it).Shard())
		for i := range out {
			if out[i].home.DB == h.DB && out[i].home.Schema == h.Schema {
				out[i].items = append(out[i].items, it)
				continue next
			}
		}
		out = append(out, homeItems[T]{home: h, items: []T{it}})
	}
	return out
}

type homeItems[T any] struct {
	home  Home
	items []T
}

// newest is page.Max as an exclusive upper bound for SQL.
func newest(page tintype.Page) tintype.ID {
	if page.Max == 0 {
		return 1<<63 - 1
	}
	return page.Max
}
