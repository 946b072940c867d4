package sqlstore_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/shard"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/sqlstore/storetest"
	"github.com/tintype/tintype/internal/tintype"
)

// checks are all that there are, with what rules do for them done here in the plainest way.
func (s *checkedSite) checks() sqlstore.Checks {
	tags, spots := sqlstore.Tags{R: s.r}, sqlstore.Spots{R: s.r}
	in := func(l tintype.Location) (out []tintype.ID) {
		if l.ID != 0 {
			out = append(out, spots.ID(tintype.SpotKey(l.ID)))
		}
		if l.HasPoint {
			out = append(out, spots.ID(fmt.Sprintf("cell:%.0f", l.Latitude)))
		}
		return out
	}
	c := sqlstore.Checks{
		R: s.r, Clock: checkClock, Spots: in,
		Rename: func(ctx context.Context, post tintype.ID, was ...tintype.ID) (bool, error) {
			for _, u := range append(was, s.ann, s.ben, s.dan) {
				applyPhotoTag(ctx, s.t, s.r, job.PhotoTag{Post: post, User: u, Op: post})
			}
			return true, nil
		},
		Retag: func(ctx context.Context, post tintype.ID, was ...string) (bool, error) {
			truth, err := tags.Truth(ctx, post)
			if err != nil {
				return false, err
			}
			by := map[string]tintype.ID{}
			if truth != nil {
				was = append(was, truth.Post.Tags...)
				truth.Post.Tags, by = truth.Tags(0)
				if err := (sqlstore.Posts{R: s.r, Clock: checkClock}).SetTags(ctx, &truth.Post); err != nil {
					return false, err
				}
				was = append(was, truth.Post.Tags...)
			}
			for _, name := range was {
				op, on := by[name]
				if _, err := tags.Put(ctx, name, tintype.TagPost{Post: post, Op: op, On: on, Open: on && truth.Open}); err != nil {
					return false, err
				}
			}
			return true, nil
		},
		Respot: func(ctx context.Context, post tintype.ID, was ...tintype.ID) (bool, error) {
			truth, err := spots.Truth(ctx, post)
			if err != nil {
				return false, err
			}
			var is []tintype.ID
			row := tintype.SpotPost{Post: post}
			if truth != nil {
				l := truth.Location
				is = in(l)
				row = tintype.SpotPost{Post: post, Latitude: l.Latitude, Longitude: l.Longitude, HasPoint: l.HasPoint, Open: truth.Open, On: true}
			}
			for _, spot := range append(was, is...) {
				r := row
				if !slices.Contains(is, spot) {
					r = tintype.SpotPost{Post: post}
				}
				if _, err := spots.Put(ctx, spot, r); err != nil {
					return false, err
				}
			}
			return true, nil
		},
	}
	if s.more != nil {
		s.more(&c)
	}
	return c
}

// TestChecksOfTimelines breaks what is made from posts, and has it found and mended.
func TestChecksOfTimelines(t *testing.T) {
	t.Parallel()
	type at struct {
		tag, spot tintype.ID
		name      string
	}
	tests := []struct {
		name   string
		damage func(s *checkedSite, a at)
		want   []string
	}{
		{
			name:   "a row that never came",
			damage: func(s *checkedSite, a at) { s.at(a.tag, `DELETE FROM {s}tag_posts WHERE tag_id = $1`, a.tag) },
			want:   []string{"tags: is missing from tag_posts", "tag_counts: counts 1 posts; there are 0"},
		},
		{
			name: "a row that was left behind",
			damage: func(s *checkedSite, a at) {
				s.at(s.cat, `UPDATE {s}posts SET caption = '', tags = '' WHERE id = $1`, s.post)
			},
			want: []string{"tag_posts: has no business there"},
		},
		{
			name: "the row of a post that is gone",
			damage: func(s *checkedSite, a at) {
				s.at(a.tag, `INSERT INTO {s}tag_posts (tag_id, post_id, op, open) VALUES ($1, $2, $2, 1)`, a.tag, s.post+1)
				s.at(a.tag, `UPDATE {s}tags SET media = 2 WHERE id = $1`, a.tag)
				s.directory(`UPDATE {s}tag_names SET weight = 2 WHERE name = $1`, a.name)
			},
			want: []string{"tag_posts: has no business there"},
		},
		{
			name:   "who may see it",
			damage: func(s *checkedSite, a at) { s.at(s.cat, `UPDATE {s}users SET private = 1 WHERE id = $1`, s.cat) },
			want:   []string{"tags: is there otherwise than it is by now", "spots: is there otherwise than it is by now"},
		},
		{
			name:   "words that nobody read",
			damage: func(s *checkedSite, a at) { s.at(s.cat, `UPDATE {s}posts SET tags = '' WHERE id = $1`, s.post) },
			want:   []string{"tags: says tags [], and its words have [", "tag_posts: has no business there"},
		},
		{
			name: "a comment of the owner's that nobody read",
			damage: func(s *checkedSite, a at) {
				s.at(s.cat, `UPDATE {s}posts SET comments = 2 WHERE id = $1`, s.post)
				s.at(s.cat, `INSERT INTO {s}comments (post_id, id, user_id, text) VALUES ($1, $2, $3, 'and #more')`, s.post, s.comment+1<<22, s.cat)
				s.at(s.cat, `INSERT INTO {s}my_comments (user_id, id, post_id) VALUES ($1, $2, $3)`, s.cat, s.comment+1<<22, s.post)
			},
			want: []string{"tags: and its words have ["},
		},
		{
			name: "counters",
			damage: func(s *checkedSite, a at) {
				s.at(a.tag, `UPDATE {s}tags SET media = 7 WHERE id = $1`, a.tag)
				s.at(a.spot, `UPDATE {s}spots SET media = 0 WHERE id = $1`, a.spot)
			},
			want: []string{"tag_counts: counts 7 posts; there are 1", "spot_counts: counts 0 posts; there are 1"},
		},
		{
			name:   "a name that the directory lost",
			damage: func(s *checkedSite, a at) { s.directory(`DELETE FROM {s}tag_names WHERE name = $1`, a.name) },
			want:   []string{"tag_counts: has weight 0 instead of 1"},
		},
		{
			name: "a timeline without a row of its own",
			damage: func(s *checkedSite, a at) {
				s.at(a.tag, `DELETE FROM {s}tags WHERE id = $1`, a.tag)
				s.at(a.spot, `DELETE FROM {s}spots WHERE id = $1`, a.spot)
			},
			want: []string{"tag_posts: without a row of its own", "spot_posts: without a row of its own"},
		},
		{
			name:   "a place that a post never came to",
			damage: func(s *checkedSite, a at) { s.at(a.spot, `DELETE FROM {s}spot_posts WHERE spot_id = $1`, a.spot) },
			want:   []string{"spots: is missing from spot_posts", "spot_counts: counts 1 posts; there are 0"},
		},
		{
			name: "a place that a post has left",
			damage: func(s *checkedSite, a at) {
				s.at(s.cat, `UPDATE {s}posts SET place_id = 0, place_name = '', latitude = NULL, longitude = NULL WHERE id = $1`, s.post)
			},
			want: []string{"spot_posts: has no business there", "spot_posts: has no business there"},
		},
		{
			name: "a point that moved within its cell",
			damage: func(s *checkedSite, a at) {
				s.at(s.cat, `UPDATE {s}posts SET latitude = latitude + 0.0625 WHERE id = $1`, s.post)
			},
			want: []string{"spots: is there otherwise than it is by now"},
		},
	}
	storetest.Run(t, checkClock, func(t *testing.T, r *shard.Router) {
		for i, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				s := newCheckedSite(t, r, i)
				ctx := t.Context()
				a := at{name: fmt.Sprintf("sea%d", i)}
				place := tintype.FirstNamed + tintype.ID(i)
				s.at(s.cat, `UPDATE {s}posts SET caption = $1, tags = $2, place_id = $3, place_name = 'here', latitude = $4, longitude = 0.5 WHERE id = $5`,
					"at the #"+a.name, a.name, place, float64(i)+0.125, s.post)
				a.tag, a.spot = sqlstore.Tags{R: r}.ID(a.name), sqlstore.Spots{R: r}.ID(tintype.SpotKey(place))
				if _, err := s.checks().Retag(ctx, s.post); err != nil {
					t.Fatal(err)
				}
				if _, err := s.checks().Respot(ctx, s.post); err != nil {
					t.Fatal(err)
				}
				if found := s.check(); len(found) != 0 {
					t.Fatalf("a sound site has findings: %q", brief(found))
				}
				test.damage(s, a)
				found := s.check()
				expectFindings(t, found, test.want)
				for _, f := range found {
					if !f.Mendable || f.Do != "" {
						t.Errorf("%s cannot be repaired", f.What)
					}
				}
				s.mend(found)
				s.mend(s.check()) // counters, once their rows are right
				if left := s.check(); len(left) != 0 {
					t.Fatalf("after the repair there is still %q", brief(left))
				}
			})
		}
	})
}
