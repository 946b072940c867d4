package sqlstore_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tintype/tintype/internal/shard"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/sqlstore/storetest"
	"github.com/tintype/tintype/internal/tintype"
)

func TestForeignKeys(t *testing.T) {
	t.Parallel()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		s := sqlstore.ForeignKeys{R: r}
		get := func(namespace string, keys ...string) []tintype.ID {
			t.Helper()
			ids, err := s.Get(t.Context(), namespace, keys)
			if err != nil {
				t.Fatal(err)
			}
			return ids
		}
		put := func(namespace string, pairs map[string]tintype.ID) error {
			var keys []string
			var ids []tintype.ID
			for k, id := range pairs {
				keys, ids = append(keys, k), append(ids, id)
			}
			return s.Put(t.Context(), namespace, keys, ids)
		}
		odd := "https://exämple.org/@\"anna\"?q=1\\2"
		if err := put("remote", map[string]tintype.ID{odd: 5, "b": 1<<62 + 1, "7": 7}); err != nil {
			t.Fatal(err)
		}
		if err := put("old", map[string]tintype.ID{"b": 9}); err != nil {
			t.Fatal(err)
		}
		if got := get("remote", "nobody", "b", odd, "b", "7"); !slices.Equal(got, []tintype.ID{0, 1<<62 + 1, 5, 1<<62 + 1, 7}) {
			t.Errorf("got %v", got)
		}
		if got := get("old", "b", odd); !slices.Equal(got, []tintype.ID{9, 0}) {
			t.Errorf("in another namespace: %v", got)
		}
		if got := get("old"); len(got) != 0 {
			t.Errorf("nothing: %v", got)
		}
		if err := put("remote", map[string]tintype.ID{"b": 1<<62 + 1, "c": 3}); err != nil {
			t.Errorf("once more: %v", err)
		}
		if err := put("remote", map[string]tintype.ID{"d": 4, "b": 2}); !tintype.IsKind(err, tintype.Conflict) {
			t.Errorf("mapped to something else: %v", err)
		}
		if got := get("remote", "b", "c", "d"); !slices.Equal(got, []tintype.ID{1<<62 + 1, 3, 0}) {
			t.Errorf("after a conflict: %v", got)
		}
		for _, bad := range []string{"", "a\x00b", "\xff", strings.Repeat("x", 513)} {
			if err := put("remote", map[string]tintype.ID{bad: 1}); !tintype.IsKind(err, tintype.Invalid) {
				t.Errorf("the key %.20q: %v", bad, err)
			}
			if _, err := s.Get(t.Context(), bad, []string{"a"}); !tintype.IsKind(err, tintype.Invalid) {
				t.Errorf("the namespace %.20q: %v", bad, err)
			}
		}
	})
}

// TestNoMapFromPostToOwner: the original had to keep a map from pictures to
// their owners, 300 million pairs. Here the ID of a post says where its row is,
// and so does the ID that the API gives, which names the owner besides.
func TestNoMapFromPostToOwner(t *testing.T) {
	t.Parallel()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		homes := map[tintype.Shard]bool{}
		for i := range 12 {
			owner := addUser(t, r, r.Pick(), fmt.Sprint("owner", i), false)
			p := &tintype.Post{UserID: owner}
			if _, err := publish(t, r, p, 1, tintype.Once{}); err != nil {
				t.Fatal(err)
			}
			if p.ID.Shard() != owner.Shard() {
				t.Errorf("the post %v is on shard %d, its owner %v on %d", p.ID, p.ID.Shard(), owner, owner.Shard())
			}
			homes[owner.Shard()] = true
			// From nothing but the number.
			id, err := tintype.ParseID(p.ID.String())
			if err != nil {
				t.Fatal(err)
			}
			found, err := (sqlstore.Posts{R: r, Clock: time.Now}).Posts(t.Context(), []tintype.ID{id})
			if err != nil || len(found) != 1 || found[0].UserID != owner {
				t.Errorf("the post %v: %v, %v", id, found, err)
			}
			post, user, _ := strings.Cut(p.MediaID(), "_")
			if post != p.ID.String() || user != owner.String() {
				t.Errorf("the API's ID of post %v of %v is %s", p.ID, owner, p.MediaID())
			}
		}
		if len(homes) < 2 {
			t.Errorf("all owners are on one shard")
		}
	})
}
