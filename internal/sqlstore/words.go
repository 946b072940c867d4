package sqlstore

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/tintype"
)

// Words keeps which posts have a term: everybody's, on the logical shard that the term is dealt out
// to, and each owner's alone, on the owner's. All of it is made from posts, by jobs, and can be made again.
type Words struct{ R Router }

var (
	stmtWordTexts = &Stmt{Name: "words.texts", SQL: `SELECT id, user_id, caption FROM {s}posts WHERE id {in $1} AND archived = 0`}
	stmtWordAlts  = &Stmt{Name: "words.alts", SQL: `
		SELECT post_id, alt_text FROM {s}media WHERE post_id {in $1} AND alt_text <> '' ORDER BY post_id, position`}
	stmtWordPut = &Stmt{Name: "words.put", SQL: `
		INSERT INTO {s}word_posts (word_id, post_id) SELECT w, p FROM {rows $1 w,p} WHERE true ON CONFLICT DO NOTHING`}
	stmtWordDrop = &Stmt{Name: "words.drop", SQL: `
		DELETE FROM {s}word_posts WHERE (word_id, post_id) IN (SELECT w, p FROM {rows $1 w,p})`}
	stmtWordPosts = &Stmt{Name: "words.posts", SQL: `
		SELECT post_id FROM {s}word_posts WHERE word_id = $1 AND post_id < $2 AND post_id > $3 ORDER BY post_id DESC LIMIT $4`}
	stmtWordHave = &Stmt{Name: "words.have", SQL: `SELECT post_id FROM {s}word_posts WHERE word_id = $1 AND post_id {in $2}`}
)

// ID is the number of a term's timeline: of everybody's posts, or of owner's alone if that is not 0. It names
// the logical shard where that is at home.
func (s Words) ID(owner tintype.ID, term string) tintype.ID {
	if owner == 0 {
		key := tintype.WordKey(term)
		return keyed(s.R, tintype.WordID(key), key)
	}
	id := tintype.WordID(tintype.MyWordKey(owner, term))
	return tintype.MakeID(id.UnixMillis(), owner.Shard(), id.Seq())
}

// Texts gives what those of posts that exist and are not archived say: the caption, and the alternative texts of the media.
func (s Words) Texts(ctx context.Context, posts []tintype.ID) (map[tintype.ID]tintype.Said, error) {
	var mu sync.Mutex
	out := make(map[tintype.ID]tintype.Said, len(posts))
	err := eachHome(ctx, ByHome(s.R, posts), func(ctx context.Context, g HomeIDs) error {
		found := make(map[tintype.ID]tintype.Said, len(g.IDs))
		alts := make(map[tintype.ID][]string)
		if err := g.Home.Query(ctx, stmtWordTexts, func(scan Scan) error {
			var post, user tintype.ID
			var caption string
			err := scan(&post, &user, &caption)
			found[post] = tintype.Said{User: user, Texts: []string{caption}}
			return err
		}, g.IDs); err != nil {
			return err
		}
		if err := g.Home.Query(ctx, stmtWordAlts, func(scan Scan) error {
			var post tintype.ID
			var alt string
			err := scan(&post, &alt)
			alts[post] = append(alts[post], alt)
			return err
		}, g.IDs); err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		for post, said := range found {
			out[post] = tintype.Said{User: said.User, Texts: append(said.Texts, alts[post]...)}
		}
		return nil
	})
	return out, err
}

// Put writes that posts are in timelines, and that others are not; changed is how many of these things were not so
// already. What is on one home is written at once.
func (s Words) Put(ctx context.Context, in, out []tintype.WordPost) (changed int64, err error) {
	for _, list := range []struct {
		stmt *Stmt
		rows []tintype.WordPost
	}{{stmtWordDrop, out}, {stmtWordPut, in}} {
		for _, g := range partition(s.R, list.rows, func(w tintype.WordPost) tintype.ID { return w.Word }) {
			// In order, so that two who write the same rows wait for each other one way only.
			slices.SortFunc(g.items, func(a, b tintype.WordPost) int {
				return cmp.Or(cmp.Compare(a.Word, b.Word), cmp.Compare(a.Post, b.Post))
			})
			rows := make(Rows, len(g.items))
			for i, w := range g.items {
				rows[i] = []int64{int64(w.Word), int64(w.Post)}
			}
			var n int64
			if err := g.home.Write(ctx, func(tx *Tx) (err error) {
				n, err = tx.Exec(ctx, list.stmt, rows)
				return err
			}); err != nil {
				return changed, err
			}
			changed += n
		}
	}
	return changed, nil
}

// Posts lists the posts of a timeline, newest first.
func (s Words) Posts(ctx context.Context, word tintype.ID, page tintype.Page) ([]tintype.ID, error) {
	var ids []tintype.ID
	err := s.R.Home(word.Shard()).forPage(ctx, page).Query(ctx, stmtWordPosts, scanIDs(&ids), word, newest(page), page.Min, page.Count)
	return ids, err
}

// Have gives those of posts that are in a timeline, in the order of posts. Of page it takes only how old the answer may be.
func (s Words) Have(ctx context.Context, word tintype.ID, posts []tintype.ID, page tintype.Page) ([]tintype.ID, error) {
	if len(posts) == 0 {
		return nil, nil
	}
	var found []tintype.ID
	err := s.R.Home(word.Shard()).forPage(ctx, page).Query(ctx, stmtWordHave, scanIDs(&found), word, posts)
	in := make(map[tintype.ID]bool, len(found))
	for _, id := range found {
		in[id] = true
	}
	var out []tintype.ID
	for _, id := range posts {
		if in[id] {
			out = append(out, id)
		}
	}
	return out, err
}

// enqueueWords has a post brought to the timelines of what it says by now, and taken out of those of what it said.
func enqueueWords(tx *Tx, post, user tintype.ID, now, was []string) {
	if !slices.Equal(now, was) {
		tx.Enqueue(job.Insert{Kind: job.WordKind, Item: job.Wording{Post: post, User: user, Was: was}})
	}
}

// says gives what there is to be found in a post, in no order that tells anything.
func says(caption string, alts []string) []string {
	out := slices.DeleteFunc(append([]string{caption}, alts...), func(s string) bool { return s == "" })
	slices.Sort(out)
	return out
}

func altTexts(media []tintype.Media) []string {
	out := make([]string, len(media))
	for i, m := range media {
		out[i] = m.AltText
	}
	return out
}
