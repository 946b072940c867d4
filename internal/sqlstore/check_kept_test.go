package sqlstore_test

import (
	"testing"

	"github.com/tintype/tintype/internal/shard"
	"github.com/tintype/tintype/internal/sqlstore/storetest"
	"github.com/tintype/tintype/internal/tintype"
)

// keptThings are cat's album of her post, with a link to each, ann's collection of it, and a comment of ben's that waits for cat.
type keptThings struct{ album, postLink, albumLink, collection, held tintype.ID }

func (s *checkedSite) keep() (k keptThings) {
	k = keptThings{s.cat + 520, s.cat + 521, s.cat + 522, s.ann + 523, s.cat + 524}
	s.at(s.cat, `INSERT INTO {s}albums (id, user_id, title, description, private, cover_id) VALUES ($1, $2, 't', '', 0, $3)`, k.album, s.cat, s.post)
	s.at(s.cat, `INSERT INTO {s}album_posts (album_id, post_id, place) VALUES ($1, $2, 1)`, k.album, s.post)
	const link = `INSERT INTO {s}secret_links (id, user_id, post_id, album_id, expires, openings, opened) VALUES ($1, $2, $3, $4, 0, 0, 0)`
	s.at(s.cat, link, k.postLink, s.cat, s.post, 0)
	s.at(s.cat, link, k.albumLink, s.cat, 0, k.album)
	s.at(s.ann, `INSERT INTO {s}collections (user_id, id, name, cover_id) VALUES ($1, $2, 'n', $3)`, s.ann, k.collection, s.post)
	s.at(s.ann, `INSERT INTO {s}collection_posts (user_id, collection_id, post_id, op) VALUES ($1, $2, $3, 7)`, s.ann, k.collection, s.post)
	s.at(s.ann, `INSERT INTO {s}saved (user_id, post_id, op) VALUES ($1, $2, 6)`, s.ann, s.post)
	s.at(s.cat, `INSERT INTO {s}held_comments (post_id, id, user_id, author_id, text, why) VALUES ($1, $2, $3, $4, 'rude', 1)`, s.post, k.held, s.cat, s.ben)
	s.at(s.ben, `INSERT INTO {s}my_comments (user_id, id, post_id) VALUES ($1, $2, $3)`, s.ben, k.held, s.post)
	return k
}

// TestChecksOfWhatIsKept damages what is kept together, and mends it.
func TestChecksOfWhatIsKept(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		damage func(s *checkedSite, k keptThings)
		want   []string
		verify func(s *checkedSite, k keptThings) (got, want string)
	}{
		{name: "nothing"},
		{
			name: "a saved post that is gone is no damage",
			damage: func(s *checkedSite, k keptThings) {
				s.at(s.ann, `INSERT INTO {s}saved (user_id, post_id, op) VALUES ($1, $2, 8)`, s.ann, s.post+1)
				s.at(s.ann, `INSERT INTO {s}collection_posts (user_id, collection_id, post_id, op) VALUES ($1, $2, $3, 8)`, s.ann, k.collection, s.post+1)
			},
		},
		{
			name:   "a post in a collection that is not saved",
			damage: func(s *checkedSite, k keptThings) { s.at(s.ann, `DELETE FROM {s}saved WHERE user_id = $1`, s.ann) },
			want:   []string{"collections: has 1 posts that are not saved"},
			verify: func(s *checkedSite, k keptThings) (string, string) {
				return s.number(s.ann, "saved WHERE op = 7 AND user_id = "+s.ann.String()), "1"
			},
		},
		{
			name: "a collection that is not there",
			damage: func(s *checkedSite, k keptThings) {
				s.at(s.ann, `DELETE FROM {s}collections WHERE user_id = $1`, s.ann)
			},
			want: []string{"collection_posts: which is not there"},
			verify: func(s *checkedSite, k keptThings) (string, string) {
				return s.number(s.ann, "collection_posts WHERE user_id = "+s.ann.String()), "0"
			},
		},
		{
			name: "a collection's cover that is not in it",
			damage: func(s *checkedSite, k keptThings) {
				s.at(s.ann, `UPDATE {s}collections SET cover_id = 5 WHERE user_id = $1`, s.ann)
			},
			want: []string{"collections: for its cover"},
		},
		{
			name: "a collection of nobody's",
			damage: func(s *checkedSite, k keptThings) {
				nobody := s.ann + 512
				s.at(nobody, `INSERT INTO {s}collections (user_id, id, name, cover_id) VALUES ($1, 5, 'n', 0)`, nobody)
				s.at(nobody, `INSERT INTO {s}collection_posts (user_id, collection_id, post_id, op) VALUES ($1, 5, $2, 7)`, nobody, s.post)
			},
			want: []string{"collections: who is not there"},
			verify: func(s *checkedSite, k keptThings) (string, string) {
				return s.number(s.ann, "saved WHERE user_id = "+(s.ann+512).String()), "0"
			},
		},
		{
			name: "a post in an album that is gone, or another's, or in no album",
			damage: func(s *checkedSite, k keptThings) {
				s.at(s.cat, `INSERT INTO {s}album_posts (album_id, post_id, place) VALUES ($1, $2, 2)`, k.album, s.post+1)
				s.at(s.cat, `INSERT INTO {s}album_posts (album_id, post_id, place) VALUES ($1, $2, 2)`, k.album+9, s.post)
				s.at(s.cat, `INSERT INTO {s}albums (id, user_id, title, description, private, cover_id) VALUES ($1, $2, 't', '', 0, 0)`, k.album+10, s.dan)
				s.at(s.cat, `INSERT INTO {s}album_posts (album_id, post_id, place) VALUES ($1, $2, 1)`, k.album+10, s.post)
			},
			want: []string{"album_posts: which is not there", "album_posts: which is not there", "album_posts: which is user", "?albums: who is not there"},
			verify: func(s *checkedSite, k keptThings) (string, string) {
				return s.number(s.cat, "album_posts WHERE album_id = "+k.album.String()), "1"
			},
		},
		{
			name: "an album's cover that is not in it",
			damage: func(s *checkedSite, k keptThings) {
				s.at(s.cat, `UPDATE {s}albums SET cover_id = 5 WHERE id = $1`, k.album)
			},
			want: []string{"albums: for its cover"},
		},
		{
			name: "an album of nobody's",
			damage: func(s *checkedSite, k keptThings) {
				s.at(s.cat, `INSERT INTO {s}albums (id, user_id, title, description, private, cover_id) VALUES ($1, $2, 't', '', 0, 0)`, k.album+11, s.cat+512)
			},
			want: []string{"albums: who is not there"},
			verify: func(s *checkedSite, k keptThings) (string, string) {
				return s.number(s.cat, "albums WHERE id = "+(k.album+11).String()), "0"
			},
		},
		{
			name: "links to what is not there, or another's",
			damage: func(s *checkedSite, k keptThings) {
				s.at(s.cat, `UPDATE {s}secret_links SET post_id = $1 WHERE id = $2`, s.post+1, k.postLink)
				s.at(s.cat, `UPDATE {s}secret_links SET user_id = $1 WHERE id = $2`, s.cat+512, k.albumLink)
			},
			want: []string{"secret_links: which is not there", "secret_links: but shows what is"},
			verify: func(s *checkedSite, k keptThings) (string, string) {
				return s.number(s.cat, "secret_links WHERE id IN ("+k.postLink.String()+", "+k.albumLink.String()+")"), "0"
			},
		},
		{
			name: "a comment that waits, and its author knows nothing of",
			damage: func(s *checkedSite, k keptThings) {
				s.at(s.ben, `DELETE FROM {s}my_comments WHERE id = $1`, k.held)
			},
			want: []string{"held_comments: is not noted with its author"},
		},
		{
			name: "a comment that waits for another than the post's owner",
			damage: func(s *checkedSite, k keptThings) {
				s.at(s.cat, `UPDATE {s}held_comments SET user_id = $1 WHERE id = $2`, s.ann, k.held)
			},
			want: []string{"held_comments: waits for user"},
			verify: func(s *checkedSite, k keptThings) (string, string) {
				return s.number(s.cat, "held_comments WHERE user_id = "+s.cat.String()), "1"
			},
		},
		{
			name: "a comment that waits on no post",
			damage: func(s *checkedSite, k keptThings) {
				s.at(s.cat, `INSERT INTO {s}held_comments (post_id, id, user_id, author_id, text, why) VALUES ($1, $2, $3, $4, 'rude', 1)`, s.post+1, k.held+1, s.cat, s.ben)
				s.at(s.ben, `INSERT INTO {s}my_comments (user_id, id, post_id) VALUES ($1, $2, $3)`, s.ben, k.held+1, s.post+1)
			},
			want: []string{"held_comments: which is not there"},
			verify: func(s *checkedSite, k keptThings) (string, string) {
				return s.number(s.ben, "my_comments WHERE user_id = "+s.ben.String()), "2"
			},
		},
		{
			name: "a comment that waits, and is shown",
			damage: func(s *checkedSite, k keptThings) {
				s.at(s.cat, `INSERT INTO {s}held_comments (post_id, id, user_id, author_id, text, why) VALUES ($1, $2, $3, $4, 'nice', 1)`, s.post, s.comment, s.cat, s.ben)
			},
			want: []string{"held_comments: is shown as well"},
			verify: func(s *checkedSite, k keptThings) (string, string) {
				return s.number(s.cat, "comments WHERE id = "+s.comment.String()), "1"
			},
		},
	}
	storetest.Run(t, checkClock, func(t *testing.T, r *shard.Router) {
		for i, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				s := newCheckedSite(t, r, i)
				k := s.keep()
				if found := s.check(); len(found) != 0 {
					t.Fatalf("a sound site has findings: %q", brief(found))
				}
				if test.damage == nil {
					return
				}
				test.damage(s, k)
				found := s.check()
				expectFindings(t, found, test.want)
				s.mend(found)
				s.mend(s.check()) // as what was in something is gone, it may be the cover no longer
				if left := s.check(); len(left) != 0 {
					t.Fatalf("after the repair there is still %q", brief(left))
				}
				if test.verify != nil {
					if got, want := test.verify(s, k); got != want {
						t.Errorf("after the repair there are %s, want %s", got, want)
					}
				}
			})
		}
	})
}
