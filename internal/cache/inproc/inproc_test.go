package inproc_test

import (
	"context"
	"testing"

	"github.com/tintype/tintype/internal/cache"
	"github.com/tintype/tintype/internal/cache/cachetest"
	"github.com/tintype/tintype/internal/cache/inproc"
	"github.com/tintype/tintype/internal/tintype"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	cachetest.Run(t, func(*testing.T) cache.Cache[int64] { return inproc.New[int64](10_000) })
}

func TestBound(t *testing.T) {
	t.Parallel()
	c := inproc.New[int64](100)
	load := func(_ context.Context, missing []cache.Key, set func(cache.Key, int64)) error {
		for _, k := range missing {
			set(k, int64(k.A))
		}
		return nil
	}
	for i := range 10_000 {
		if v, _, err := c.Fetch(context.Background(), []cache.Key{{Kind: cache.KindUser, A: tintype.ID(i)}}, load); err != nil || v[0] != int64(i) {
			t.Fatal(v, err)
		}
	}
	// Room is made behind the setter's back, so the bound is not exact at any moment.
	if n := c.Len(); n > 1000 {
		t.Errorf("%d entries in a cache of 100", n)
	}
	c.Clear()
	if n := c.Len(); n != 0 {
		t.Errorf("%d entries after Clear", n)
	}
}

func BenchmarkFetch20(b *testing.B) {
	c := inproc.New[*int](10_000)
	keys := make([]cache.Key, 20)
	for i := range keys {
		keys[i] = cache.Key{Kind: cache.KindPost, A: tintype.MakeID(1262304000000+int64(i)*7919, 5, 0)}
	}
	load := func(_ context.Context, missing []cache.Key, set func(cache.Key, *int)) error {
		for _, k := range missing {
			set(k, new(int))
		}
		return nil
	}
	ctx := context.Background()
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := c.Fetch(ctx, keys, load); err != nil {
			b.Fatal(err)
		}
	}
}
