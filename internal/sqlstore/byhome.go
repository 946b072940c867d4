package sqlstore

import (
	"context"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/tintype/tintype/internal/tintype"
)

// eachHome calls f for every group, several at a time where there are several,
// and gives the first error. A home that is unavailable keeps the others from
// nothing: the error is partial then. f must guard what it shares.
func eachHome(ctx context.Context, groups []HomeIDs, f func(ctx context.Context, g HomeIDs) error) error {
	if len(groups) == 1 {
		return partial(ctx, f(ctx, groups[0]))
	}
	var mu sync.Mutex
	var down error
	g, all := errgroup.WithContext(ctx)
	g.SetLimit(8)
	for _, group := range groups {
		g.Go(func() error {
			err := f(all, group)
			if !tintype.IsKind(err, tintype.Unavailable) || all.Err() != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			down = err
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	return partial(ctx, down)
}

// partial marks that what other homes had was given along, if err is that one is unavailable.
func partial(ctx context.Context, err error) error {
	if !tintype.IsKind(err, tintype.Unavailable) || ctx.Err() != nil {
		return err
	}
	return &tintype.Error{Kind: tintype.Unavailable, Partial: true, Msg: "a part of the site is down; please try again", RetryAfter: 1, Err: err}
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
