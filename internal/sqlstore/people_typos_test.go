package sqlstore_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"github.com/tintype/tintype/internal/shard"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/sqlstore/storetest"
	"github.com/tintype/tintype/internal/tintype"
	"github.com/tintype/tintype/internal/words"
)

func TestPeopleTypos(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func() time.Time { return signedUp }, func(t *testing.T, r *shard.Router) {
		ctx := context.Background()
		s := sqlstore.People{R: r, Keys: words.TypoKeys}
		index := func(id tintype.ID, weight int, words ...string) {
			t.Helper()
			if err := s.Index(ctx, id, words, weight); err != nil {
				t.Fatal(err)
			}
		}
		found := func(asked string) []string {
			t.Helper()
			got, err := s.Beginnings(ctx, words.AskedKeys(asked), 10)
			if err != nil {
				t.Fatal(err)
			}
			slices.Sort(got)
			return got
		}
		index(1, 1, "karenina", "anna")
		index(2, 9, "karen", "anna")
		index(3, 0, "karenin", "小王小王")
		for _, test := range []struct {
			asked string
			want  []string
		}{
			{"karne", []string{"kare", "karen"}},
			{"krenina", []string{"karenin"}},
			{"anma", []string{"anna"}},
			{"zzzzz", nil},
			{"小王", nil},
		} {
			if d := cmp.Diff(test.want, found(test.asked)); d != "" {
				t.Errorf("%s: %s", test.asked, d)
			}
		}
		for _, test := range []struct {
			prefixes []string
			n        int
			want     []tintype.ID
		}{
			{[]string{"karen"}, 10, []tintype.ID{2, 1, 3}},
			{[]string{"karenin", "zoe"}, 10, []tintype.ID{3, 1}},
			{[]string{"karenin", "anna"}, 1, []tintype.ID{2}},
			{nil, 10, nil},
		} {
			got, err := s.NearPeople(ctx, test.prefixes, test.n)
			if d := cmp.Diff(test.want, got); d != "" || err != nil {
				t.Errorf("%q: %s %v", test.prefixes, d, err)
			}
		}
		if got, err := s.Words(ctx, "karen", 2); err != nil || !slices.Equal(got, []string{"karen", "karenin"}) {
			t.Errorf("%q, %v", got, err)
		}
		got, err := s.WordsOf(ctx, []tintype.ID{2, 3, 4})
		for _, list := range got {
			slices.Sort(list)
		}
		if d := cmp.Diff(map[tintype.ID][]string{2: {"anna", "karen"}, 3: {"karenin", "小王小王"}}, got); d != "" || err != nil {
			t.Error(d, err)
		}

		// A beginning stays as long as anybody has a word with it.
		index(2, 9, "boris")
		index(2, 9, "boris")
		if got := found("karne"); !slices.Equal(got, []string{"kare", "karen"}) {
			t.Errorf("Karenina's beginnings are %q", got)
		}
		index(1, 1)
		if got := found("amna"); got != nil {
			t.Errorf("the beginnings %q of those gone are left", got)
		}
		index(3, 1)
		index(2, 1)
		if got := append(found("karne"), found("bors")...); got != nil {
			t.Errorf("the beginnings %q of those gone are left", got)
		}
	})
}

// Those who come and go at once with the same words leave the index as it should be.
func TestPeopleTyposAtOnce(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func() time.Time { return signedUp }, func(t *testing.T, r *shard.Router) {
		s := sqlstore.People{R: r, Keys: words.TypoKeys}
		for range 10 {
			var g errgroup.Group
			for id := range tintype.ID(6) {
				g.Go(func() error {
					for turn := range 3 {
						list := []string{"karenina", "annabel", "boris"}
						if (int(id)+turn)%2 == 0 {
							list = []string{"karenin"}
						}
						if err := s.Index(t.Context(), id+1, list, 1); err != nil {
							return err
						}
					}
					if id == 0 {
						return nil
					}
					return s.Index(t.Context(), id+1, nil, 1)
				})
			}
			if err := g.Wait(); err != nil {
				t.Fatal(err)
			}
			for asked, want := range map[string][]string{"krenina": {"karenin"}, "bois": nil, "annbel": nil} {
				got, err := s.Beginnings(t.Context(), words.AskedKeys(asked), 10)
				slices.Sort(got)
				if err != nil || !slices.Equal(got, want) {
					t.Fatalf("%s finds %q, %v", asked, got, err)
				}
			}
		}
	})
}
