package sqlstore_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tintype/tintype/internal/shard"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/sqlstore/storetest"
	"github.com/tintype/tintype/internal/tintype"
)

func TestProfiles(t *testing.T) {
	t.Parallel()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		ctx := context.Background()
		p := sqlstore.Profiles{R: r}
		id, err := p.MintUser(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if thing, err := p.MintFor(ctx, id); err != nil || thing <= id || thing.Shard() != id.Shard() {
			t.Errorf("minted %v for %v, %v", thing, id, err)
		}
		u := &tintype.User{ID: id, Username: "ann", FullName: "Ann", Bio: "b", Website: "w", Private: true}
		if err := p.InsertProfile(ctx, u, signedUp); err != nil {
			t.Fatal(err)
		}
		mustBlame(t, p.InsertProfile(ctx, u, signedUp), "conflict ")
		got, err := p.Profile(ctx, id)
		if d := cmp.Diff(u, got); d != "" || err != nil {
			t.Error(d, err)
		}
		if name, err := p.FenceProfile(ctx, id, signedUp); name != "ann" || err != nil {
			t.Error(name, err)
		}

		never := func() bool { return false }
		if ok, err := p.Rename(ctx, id, "bea", "cat", never); ok || err != nil {
			t.Error("renamed from a name that was not theirs", err)
		}
		if ok, err := p.Rename(ctx, id, "ann", "cat", func() bool { return true }); ok || err != nil {
			t.Error("renamed too late", err)
		}
		if ok, err := p.Rename(ctx, id, "ann", "cat", never); !ok || err != nil {
			t.Error(ok, err)
		}
		full, public := "Cat", false
		if u, err := p.UpdateProfile(ctx, id, tintype.ProfileChanges{FullName: &full, Private: &public}); err != nil || u.FullName != "Cat" || u.Bio != "b" || u.Private || u.Username != "cat" {
			t.Errorf("%+v, %v", u, err)
		}
		if u, err := p.UpdateProfile(ctx, id, tintype.ProfileChanges{}); err != nil || u.FullName != "Cat" {
			t.Errorf("%+v, %v", u, err)
		}
		old := func(k string) []string { return []string{"avatars/" + k} }
		for _, key := range []string{"k1", "k1", "k2", ""} {
			if u, err := p.SetAvatarKey(ctx, id, key, old); err != nil || u.AvatarKey != key {
				t.Errorf("%+v, %v", u, err)
			}
		}
		if err := p.SetUserState(ctx, id, tintype.UserSuspended); err != nil {
			t.Fatal(err)
		}
		if u, _ := p.Profile(ctx, id); u.State != tintype.UserSuspended {
			t.Errorf("%+v", u)
		}

		// Who is fenced off cannot come any more, and is nobody.
		late, _ := p.MintUser(ctx)
		for range 2 {
			if name, err := p.FenceProfile(ctx, late, signedUp); name != "" || err != nil {
				t.Error(name, err)
			}
		}
		mustBlame(t, p.InsertProfile(ctx, &tintype.User{ID: late, Username: "late"}, signedUp), "conflict ")
		_, err = p.UpdateProfile(ctx, late, tintype.ProfileChanges{FullName: &full})
		mustBlame(t, err, "not found ")
		_, err = p.UpdateProfile(ctx, late+1, tintype.ProfileChanges{FullName: &full})
		mustBlame(t, err, "not found ")
		mustBlame(t, p.SetUserState(ctx, late, tintype.UserActive), "not found ")
		if u, err := p.Profile(ctx, late+1); u != nil || err != nil {
			t.Error(u, err)
		}
	})
}

func TestPeople(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func() time.Time { return signedUp }, func(t *testing.T, r *shard.Router) {
		ctx := context.Background()
		s := sqlstore.People{R: r}
		index := func(id tintype.ID, weight int, words ...string) {
			t.Helper()
			if err := s.Index(ctx, id, words, weight); err != nil {
				t.Fatal(err)
			}
		}
		index(1, 0, "anna", "karenina")
		index(2, 5, "anna", "kern", "annabel")
		index(3, 9, "boris", "annan")
		index(4, 1, "王", "小王")
		index(5, 1, "gone")
		index(5, 1)
		tests := []struct {
			name     string
			prefixes []string
			n        int
			want     []tintype.ID
		}{
			{name: "prefix, weightiest first", prefixes: []string{"ann"}, n: 10, want: []tintype.ID{3, 2, 1}},
			{name: "limit", prefixes: []string{"ann"}, n: 2, want: []tintype.ID{3, 2}},
			{name: "two words", prefixes: []string{"ann", "k"}, n: 10, want: []tintype.ID{2, 1}},
			{name: "three words", prefixes: []string{"ann", "k", "annab"}, n: 10, want: []tintype.ID{2}},
			{name: "Chinese", prefixes: []string{"小"}, n: 10, want: []tintype.ID{4}},
			{name: "taken out", prefixes: []string{"gone"}, n: 10},
			{name: "none", prefixes: []string{"zzz"}, n: 10},
		}
		for _, test := range tests {
			got, err := s.SearchPeople(ctx, test.prefixes, test.n)
			if d := cmp.Diff(test.want, got); d != "" || err != nil {
				t.Errorf("%s: %s %v", test.name, d, err)
			}
		}
	})
}

// TestPeopleByWeight: the most followed are found however many others begin alike, and each once.
func TestPeopleByWeight(t *testing.T) {
	t.Parallel()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		ctx := t.Context()
		rows := make(sqlstore.Rows, 6000)
		for i := range rows {
			rows[i] = []int64{int64(i + 1)}
		}
		fill := &sqlstore.Stmt{Name: "test.people", SQL: `INSERT INTO {s}people (word, user_id, weight) SELECT 'an' || CAST(i AS TEXT), i, 1 FROM {rows $1 i} WHERE true`}
		if err := r.Directory().Write(ctx, func(tx *sqlstore.Tx) error {
			_, err := tx.Exec(ctx, fill, rows)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		s := sqlstore.People{R: r}
		for id, weight := range map[tintype.ID]int{7000: 9, 7001: 20, 7002: 0} {
			if err := s.Index(ctx, id, []string{"anz", "anzi", "anz i"}, weight); err != nil {
				t.Fatal(err)
			}
		}
		got, err := s.SearchPeople(ctx, []string{"an"}, 3)
		if err != nil || len(got) != 3 || !slices.Equal(got[:2], []tintype.ID{7001, 7000}) || got[2] > 6000 {
			t.Errorf("found %v, %v", got, err)
		}
		if got, err := s.SearchPeople(ctx, []string{"anz"}, 9); err != nil || !slices.Equal(got, []tintype.ID{7001, 7000, 7002}) {
			t.Errorf("found %v, %v", got, err)
		}
	})
}
