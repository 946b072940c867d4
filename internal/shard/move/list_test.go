package move

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tintype/tintype/internal/tintype"
)

func TestListAndVerify(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := newSite(t)
	s.fill(t, 0, 30)
	list := func() map[tintype.Shard]Shard {
		t.Helper()
		all, err := s.m.List(ctx)
		if err != nil {
			t.Fatal(err)
		}
		out := map[tintype.Shard]Shard{}
		for _, sh := range all {
			out[sh.Shard] = sh
		}
		return out
	}
	verify := func() []string {
		t.Helper()
		found, err := s.m.Verify(ctx, true, func(string) {})
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, f := range found {
			out = append(out, f.Database+": "+f.What)
		}
		return out
	}
	if got := list()[moved]; got.Database != "pg0" || got.Users != 20 || got.Posts != 30 || got.Bytes == 0 || got.Move != nil || got.Lost != "" {
		t.Errorf("%+v", got)
	}
	if got := verify(); len(got) > 0 {
		t.Errorf("found %q, want nothing", got)
	}

	made, err := s.m.Create(ctx, "pg1", 3)
	if err != nil || len(made) != 3 {
		t.Fatalf("made %v, %v", made, err)
	}
	for _, n := range made {
		if got := list()[n]; got.Database != "pg1" || got.Lost != "" {
			t.Errorf("made %+v", got)
		}
	}

	if !s.dieAt(t, "fence: renamed", func(m *Mover) error { _, err := m.Move(ctx, moved, "pg1", Options{}); return err }) {
		t.Fatal("the point was not reached")
	}
	got := list()[moved]
	if got.Database != "pg0" || got.Move == nil || got.Move.State != Fencing || !strings.Contains(got.Lost, "--resume") || got.Posts != 30 {
		t.Errorf("left between two homes: %+v", got)
	}
	if !slices.ContainsFunc(verify(), func(f string) bool { return strings.Contains(f, "its schema s0042 is not there") }) {
		t.Errorf("left between two homes: found %q", verify())
	}
	if _, err := s.m.Resume(ctx, moved, Options{}); err != nil {
		t.Fatal(err)
	}

	// What no move accounts for, and rows that are where nobody looks for them.
	s.exec(t, 0, "CREATE SCHEMA gone_s0042", "CREATE TABLE gone_s0042.users (id BIGINT)", "CREATE TABLE gone_s0042.posts (id BIGINT)", "CREATE PUBLICATION tintype_s0042")
	s.exec(t, 1, "UPDATE s0042.posts SET user_id = 1 WHERE id = (SELECT min(id) FROM s0042.posts)",
		"INSERT INTO public.river_job (args, kind, max_attempts, metadata) VALUES ('{}', 'edge', 1, '{\"shard\": 7}')")
	s.exec(t, 0, "INSERT INTO directory.accounts (user_id, password_hash, admin, state, locale, created) VALUES (7 << 10, '!', 0, 0, 'en', 0)")
	want := []string{
		"pg0: 1 accounts have no user on it",
		"pg0: the schema gone_s0042 belongs to no shard of the map",
		"pg0: the publication tintype_s0042 belongs to no move",
		"pg1: 1 rows of s0042.posts belong to other shards by their user_id",
		"pg1: 1 of its jobs are still here",
	}
	if diff := cmp.Diff(want, verify()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestEven(t *testing.T) {
	t.Parallel()
	sh := func(n tintype.Shard, db string, bytes int64) Shard {
		return Shard{Shard: n, Database: db, Bytes: bytes, Users: 1}
	}
	for _, tc := range []struct {
		name   string
		shards []Shard
		by     By
		want   []tintype.Shard
		after  map[string]int64
	}{
		{name: "a new database", shards: []Shard{sh(1, "a", 40), sh(2, "a", 30), sh(3, "a", 30)}, by: Bytes, want: []tintype.Shard{1}, after: map[string]int64{"a": 60, "b": 40}},
		{name: "even", shards: []Shard{sh(1, "a", 50), sh(2, "b", 51)}, by: Bytes, after: map[string]int64{"a": 50, "b": 51}},
		{name: "one that is too large", shards: []Shard{sh(1, "a", 100)}, by: Bytes, after: map[string]int64{"a": 100, "b": 0}},
		{name: "by users", shards: []Shard{sh(1, "a", 1), sh(2, "a", 99), sh(3, "a", 1), sh(4, "a", 1)}, by: Users, want: []tintype.Shard{1, 2}, after: map[string]int64{"a": 2, "b": 2}},
		{name: "what is being moved stays", shards: []Shard{{Shard: 1, Database: "a", Bytes: 50, Move: &Underway{}}, sh(2, "a", 50)}, by: Bytes, want: []tintype.Shard{2}, after: map[string]int64{"a": 50, "b": 50}},
		{name: "no shards", by: Bytes, after: map[string]int64{"a": 0, "b": 0}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			plan := even(tc.shards, tc.by, []string{"a", "b"})
			var got []tintype.Shard
			for _, s := range plan.Steps {
				got = append(got, s.Shard)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("shards: -want +got:\n%s", diff)
			}
			if diff := cmp.Diff(tc.after, plan.After); diff != "" {
				t.Errorf("after: -want +got:\n%s", diff)
			}
		})
	}
}
