package sqlstore_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/tintype/tintype/internal/shard"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/sqlstore/storetest"
	"github.com/tintype/tintype/internal/tintype"
)

// TestChecksOfWhatIsFound breaks what posts are found by, and what is popular, and has it found and mended.
func TestChecksOfWhatIsFound(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		damage func(s *checkedSite, w sqlstore.Words)
		want   []string
	}{
		{
			name: "a word that a post never came to",
			damage: func(s *checkedSite, w sqlstore.Words) {
				id := w.ID(0, "sea")
				s.at(id, `DELETE FROM {s}word_posts WHERE word_id = $1 AND post_id = $2`, id, s.post)
			},
			want: []string{"words: is missing from word_posts"},
		},
		{
			name: "a word of a picture that its owner does not find",
			damage: func(s *checkedSite, w sqlstore.Words) {
				id := w.ID(s.cat, "gull")
				s.at(id, `DELETE FROM {s}word_posts WHERE word_id = $1 AND post_id = $2`, id, s.post)
			},
			want: []string{"words: is missing from word_posts"},
		},
		{
			name: "words that are no longer said",
			damage: func(s *checkedSite, w sqlstore.Words) {
				s.at(s.cat, `UPDATE {s}posts SET caption = 'the' WHERE id = $1`, s.post)
			},
			want: []string{"word_posts: has no business there", "word_posts: has no business there"},
		},
		{
			name: "words of what is archived",
			damage: func(s *checkedSite, w sqlstore.Words) {
				s.at(s.cat, `UPDATE {s}posts SET archived = 1 WHERE id = $1`, s.post)
			},
			want: slices.Concat(slices.Repeat([]string{"word_posts: has no business there"}, 6), slices.Repeat([]string{"?feeds: "}, 3), slices.Repeat([]string{"?user_counts: "}, 2),
				[]string{"scores: is not as it should be", "popular: is not as it should be"}),
		},
		{
			name: "a score that was lost",
			damage: func(s *checkedSite, _ sqlstore.Words) {
				s.directory(`DELETE FROM {s}popular WHERE post_id = $1`, s.post)
			},
			want: []string{"scores: is not as it should be"},
		},
		{
			name: "the score of a post that is gone",
			damage: func(s *checkedSite, _ sqlstore.Words) {
				s.directory(`INSERT INTO {s}popular (post_id, user_id, score) VALUES ($1, $2, 9)`, s.post+1, s.cat)
			},
			want: []string{"popular: is not as it should be"},
		},
		{
			name: "another score",
			damage: func(s *checkedSite, _ sqlstore.Words) {
				s.directory(`UPDATE {s}popular SET score = 1 WHERE post_id = $1`, s.post)
			},
			want: []string{"scores: is not as it should be", "popular: is not as it should be"},
		},
	}
	storetest.Run(t, checkClock, func(t *testing.T, r *shard.Router) {
		for i, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				s := newCheckedSite(t, r, i)
				words, popular := sqlstore.Words{R: r}, sqlstore.Popular{R: r}
				s.more = func(c *sqlstore.Checks) { plainFinders(c, words, popular) }
				s.at(s.cat, `UPDATE {s}posts SET caption = 'the sea' WHERE id = $1`, s.post)
				s.at(s.cat, `UPDATE {s}media SET alt_text = 'gull' WHERE post_id = $1`, s.post)
				c := s.checks()
				if _, err := c.Reword(t.Context(), s.post); err != nil {
					t.Fatal(err)
				}
				if _, err := c.Rescore(t.Context(), s.post); err != nil {
					t.Fatal(err)
				}
				if found := s.check(); len(found) != 0 {
					t.Fatalf("a sound site has findings: %q", brief(found))
				}
				test.damage(s, words)
				found := s.check()
				expectFindings(t, found, test.want)
				s.mend(found)
				s.mend(s.check())
				if left := s.check(); len(left) != 0 {
					t.Fatalf("after the repair there is still %q", brief(left))
				}
			})
		}
	})
}

// plainFinders do what rules do for these checks in the plainest way.
func plainFinders(c *sqlstore.Checks, words sqlstore.Words, popular sqlstore.Popular) {
	c.Terms = func(texts ...string) []string { return strings.Fields(strings.Join(texts, " ")) }
	c.Reword = func(ctx context.Context, post tintype.ID) (bool, error) {
		said, err := words.Texts(ctx, []tintype.ID{post})
		if err != nil {
			return false, err
		}
		var in []tintype.WordPost
		for _, term := range c.Terms(said[post].Texts...) {
			in = append(in, tintype.WordPost{Word: words.ID(0, term), Post: post}, tintype.WordPost{Word: words.ID(said[post].User, term), Post: post})
		}
		n, err := words.Put(ctx, in, nil)
		return n > 0, err
	}
	score := func(e tintype.Echo) int64 {
		if !e.Open {
			return 0
		}
		return e.Likes + e.Comments
	}
	c.Misscored = func(ctx context.Context, posts []tintype.ID) (wrong []tintype.ID, _ error) {
		truth, err := popular.Echoes(ctx, posts)
		if err != nil {
			return nil, err
		}
		kept, err := popular.Scores(ctx, posts)
		for _, id := range posts {
			if score(truth[id]) != kept[id].Score {
				wrong = append(wrong, id)
			}
		}
		return wrong, err
	}
	c.Rescore = func(ctx context.Context, post tintype.ID) (bool, error) {
		truth, err := popular.Echoes(ctx, []tintype.ID{post})
		if err != nil {
			return false, err
		}
		if n := score(truth[post]); n > 0 {
			return true, popular.Put(ctx, []tintype.Ranked{{Post: post, User: truth[post].User, Score: n}}, nil)
		}
		return true, popular.Put(ctx, nil, []tintype.ID{post})
	}
}
