package sqlstore

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/tintype"
)

// Tags keeps which posts have a tag, on the logical shard of the tag; the names of all
// tags, in the directory; and which tags a user follows, on the user's. All
// but the last is made from posts, by jobs, and can be made again.
type Tags struct {
	R Router
	// Listened tells whether any app wants to hear of posts; nil for always.
	Listened func(ctx context.Context) bool
}

var (
	stmtTagTruth = &Stmt{Name: "tags.truth", SQL: `
		SELECT p.user_id, p.caption, p.tags, p.edited, p.audience, u.private, ` + stateOfPost + `
		FROM {s}posts p JOIN {s}users u ON u.id = p.user_id WHERE p.id = $1 AND p.archived = 0`}
	stmtTagTexts = &Stmt{Name: "tags.texts", SQL: `
		SELECT id, text FROM {s}comments WHERE post_id = $1 AND user_id = $2 AND taken_down = 0 AND (text LIKE '%#%' OR text LIKE '%＃%') ORDER BY id LIMIT $3`}

	stmtTagMake = &Stmt{Name: "tags.make", SQL: `INSERT INTO {s}tags (id, name, media) VALUES ($1, $2, 0) ON CONFLICT DO NOTHING`}
	stmtTagLock = &Stmt{Name: "tags.lock", SQL: `SELECT media FROM {s}tags WHERE id = $1 {lock}`}
	stmtTagRead = &Stmt{Name: "tags.read", SQL: `SELECT op, open FROM {s}tag_posts WHERE tag_id = $1 AND post_id = $2`}
	stmtTagPut  = &Stmt{Name: "tags.put", SQL: `
		INSERT INTO {s}tag_posts (tag_id, post_id, op, open) VALUES ($1, $2, $3, $4)
		ON CONFLICT (tag_id, post_id) DO UPDATE SET op = excluded.op, open = excluded.open`}
	stmtTagDrop = &Stmt{Name: "tags.drop", SQL: `DELETE FROM {s}tag_posts WHERE tag_id = $1 AND post_id = $2`}
	stmtTagSet  = &Stmt{Name: "tags.set", SQL: `UPDATE {s}tags SET media = $1 WHERE id = $2`}

	stmtTagPosts = &Stmt{Name: "tags.posts", SQL: `
		SELECT post_id, op FROM {s}tag_posts WHERE tag_id = $1 AND op < $2 AND op > $3 ORDER BY op DESC LIMIT $4`}
	stmtTagCounts = &Stmt{Name: "tags.counts", SQL: `SELECT id, media FROM {s}tags WHERE id {in $1}`}

	stmtTagName = &Stmt{Name: "tags.name", SQL: `
		INSERT INTO {s}tag_names (name, weight) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET weight = excluded.weight`}
	stmtTagWeight = &Stmt{Name: "tags.weight", SQL: `SELECT weight FROM {s}tag_names WHERE name = $1`}
	stmtTagUnname = &Stmt{Name: "tags.unname", SQL: `DELETE FROM {s}tag_names WHERE name = $1`}
	stmtTagSearch = &Stmt{Name: "tags.search", SQL: `
		SELECT name FROM (` + eachWeight(1, `
			SELECT name, weight FROM {s}tag_names WHERE weight = %d AND name >= $1 AND name < $2 ORDER BY name LIMIT $3`) + `) m
		ORDER BY CASE WHEN name = $1 THEN 0 ELSE 1 END, weight DESC, name LIMIT $3`}

	stmtTagFollow = &Stmt{Name: "tags.follow", SQL: `
		INSERT INTO {s}my_tags (user_id, tag_id, name) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`}
	stmtTagUnfollow  = &Stmt{Name: "tags.unfollow", SQL: `DELETE FROM {s}my_tags WHERE user_id = $1 AND tag_id = $2`}
	stmtTagFollowing = &Stmt{Name: "tags.following", SQL: `SELECT tag_id, name FROM {s}my_tags WHERE user_id = $1 ORDER BY name`}
)

// maxWeight is that of a trillion posts, or followers.
const maxWeight = 40

// eachWeight joins the answers of q for each weight from the least on. However short a beginning is and
// however many share it, each of them is one look into an index.
func eachWeight(least int, q string) string {
	var all []string
	for w := least; w <= maxWeight; w++ {
		all = append(all, "SELECT * FROM ("+fmt.Sprintf(q, w)+fmt.Sprintf(") w%d", w))
	}
	return strings.Join(all, " UNION ALL ")
}

// ID is the number of a tag on this site: it names the logical shard where the tag is at home.
func (s Tags) ID(tag string) tintype.ID {
	id := tintype.TagID(tag)
	return keyed(s.R, id, tintype.TagKey(id))
}

// tagTexts is how many of an owner's comments on a post are looked at for tags, of those that have a sign of one.
const tagTexts = 1000

// Truth gives what says which tags a post has: its caption, and those of its owner's comments that have a sign of a tag (the oldest thousand). nil if it is gone, or archived.
func (s Tags) Truth(ctx context.Context, post tintype.ID) (*tintype.Tagged, error) {
	h := s.R.Home(post.Shard())
	t := &tintype.Tagged{Post: tintype.Post{ID: post}}
	var tags string
	var edited int64
	var audience, private, state int
	found, err := h.QueryRow(ctx, stmtTagTruth, []any{&t.Post.UserID, &t.Post.Caption, &tags, &edited, &audience, &private, &state}, post)
	if err != nil || !found {
		return nil, err
	}
	if tags != "" {
		t.Post.Tags = strings.Split(tags, " ")
	}
	t.Post.Edited = FromMicros(edited)
	t.Open = everybodySees(audience, private, state)
	err = h.Query(ctx, stmtTagTexts, func(scan Scan) error {
		c := tintype.Comment{PostID: post, UserID: t.Post.UserID}
		err := scan(&c.ID, &c.Text)
		t.Comments = append(t.Comments, c)
		return err
	}, post, t.Post.UserID, tagTexts)
	return t, err
}

// Put says of a post whether it has a tag. A post keeps the op under which it
// first got it. The tag's name is found, by how it begins, while there is a post that
// everybody may see. With p.Tell, apps hear of one that everybody may see and that got the tag now. changed tells whether anything was not so already.
func (s Tags) Put(ctx context.Context, tag string, p tintype.TagPost) (changed bool, err error) {
	id := s.ID(tag)
	var before, after int64
	tell := p.On && p.Open && p.Tell && isListened(ctx, s.Listened)
	err = s.R.Home(id.Shard()).Write(ctx, func(tx *Tx) error {
		if _, err := tx.Exec(ctx, stmtTagMake, id, tag); err != nil {
			return err
		}
		if _, err := tx.QueryRow(ctx, stmtTagLock, []any{&before}, id); err != nil {
			return err
		}
		var old tintype.TagPost
		var oldOpen int
		if old.On, err = tx.QueryRow(ctx, stmtTagRead, []any{&old.Op, &oldOpen}, id, p.Post); err != nil {
			return err
		}
		old.Open = oldOpen != 0
		after = before + flag(p.On && p.Open) - flag(old.On && old.Open)
		changed = p.On != old.On || p.On && p.Open != old.Open
		switch {
		case !changed:
			return nil
		case p.On:
			op := p.Op
			if old.On {
				op = old.Op
			}
			if tell && !old.On {
				tx.Enqueue(job.Insert{Kind: job.PublishedKind, Item: job.Published{Post: p.Post, Op: op, Tags: []string{tag}}})
			}
			_, err = tx.Exec(ctx, stmtTagPut, id, p.Post, op, flag(p.Open))
		default:
			_, err = tx.Exec(ctx, stmtTagDrop, id, p.Post)
		}
		if err != nil || after == before {
			return err
		}
		_, err = tx.Exec(ctx, stmtTagSet, after, id)
		return err
	})
	// Where nothing changed it may be another try, after one whose entry in the directory was lost.
	if err != nil || changed && tagWeight(before) == tagWeight(after) {
		return changed, err
	}
	return changed, s.name(ctx, tag)
}

// name brings the directory's entry of a tag up to date. The count is read after the
// entry is written, too: of two that write at once, the one that read first may write last.
func (s Tags) name(ctx context.Context, tag string) error {
	written := -1
	for range 5 {
		media, err := s.Counts(ctx, []string{tag})
		if err != nil {
			return err
		}
		weight := tagWeight(media[0])
		if written < 0 {
			if _, err := s.R.Directory().QueryRow(ctx, stmtTagWeight, []any{&written}, tag); err != nil {
				return err
			}
			written = max(written, 0)
		}
		if weight == written {
			return nil
		}
		if err := s.R.Directory().Write(ctx, func(tx *Tx) error {
			if weight == 0 {
				_, err := tx.Exec(ctx, stmtTagUnname, tag)
				return err
			}
			_, err := tx.Exec(ctx, stmtTagName, tag, weight)
			return err
		}); err != nil {
			return err
		}
		written = weight
	}
	return nil
}

// Posts lists the posts that have a tag, latest tagged first, with the op of each, by which pages are cut.
func (s Tags) Posts(ctx context.Context, tag string, page tintype.Page) (posts, ops []tintype.ID, err error) {
	id := s.ID(tag)
	err = s.R.Home(id.Shard()).forPage(ctx, page).Query(ctx, stmtTagPosts, scanPairs(&posts, &ops), id, newest(page), page.Min, page.Count)
	return posts, ops, err
}

// Counts gives how many posts that everybody may see have each of tags.
func (s Tags) Counts(ctx context.Context, tags []string) ([]int64, error) {
	ids := make([]tintype.ID, len(tags))
	for i, t := range tags {
		ids[i] = s.ID(t)
	}
	return readCounts(ctx, s.R, stmtTagCounts, ids)
}

// Search gives up to n tags that begin with prefix, that one itself first, then those with the most posts.
func (s Tags) Search(ctx context.Context, prefix string, n int) ([]string, error) {
	var out []string
	err := s.R.Directory().Old(ctx, 0).Query(ctx, stmtTagSearch, func(scan Scan) error {
		var name string
		err := scan(&name)
		out = append(out, name)
		return err
	}, prefix, prefix+afterAll, n)
	return out, err
}

// FollowTag makes user follow a tag, or no longer; changed is false if it was so.
func (s Tags) FollowTag(ctx context.Context, user tintype.ID, tag string, on bool) (changed bool, err error) {
	err = s.R.Home(user.Shard()).Write(ctx, func(tx *Tx) error {
		var n int64
		var err error
		if on {
			n, err = tx.Exec(ctx, stmtTagFollow, user, s.ID(tag), tag)
		} else {
			n, err = tx.Exec(ctx, stmtTagUnfollow, user, s.ID(tag))
		}
		changed = n > 0
		return err
	})
	return changed, err
}

// FollowedTags gives the tags that user follows, by name.
func (s Tags) FollowedTags(ctx context.Context, user tintype.ID) ([]string, error) {
	_, names, err := s.followed(ctx, user)
	return names, err
}

// FollowedTagIDs gives the numbers of the tags that user follows.
func (s Tags) FollowedTagIDs(ctx context.Context, user tintype.ID) ([]tintype.ID, error) {
	ids, _, err := s.followed(ctx, user)
	return ids, err
}

func (s Tags) followed(ctx context.Context, user tintype.ID) (ids []tintype.ID, names []string, err error) {
	ids = []tintype.ID{}
	err = s.R.Home(user.Shard()).Query(ctx, stmtTagFollowing, func(scan Scan) error {
		var id tintype.ID
		var name string
		err := scan(&id, &name)
		ids, names = append(ids, id), append(names, name)
		return err
	}, user)
	return ids, names, err
}

// TagRecent gives the n posts that got a tag last, newest post first; a partial error where they cannot be read now.
func (s Tags) TagRecent(ctx context.Context, tag tintype.ID, n int) ([]tintype.ID, error) {
	posts, ops := []tintype.ID{}, []tintype.ID{}
	err := s.R.Home(tag.Shard()).Query(ctx, stmtTagPosts, scanPairs(&posts, &ops), tag, newest(tintype.Page{}), 0, n)
	slices.SortFunc(posts, func(a, b tintype.ID) int { return cmp.Compare(b, a) })
	return posts, partial(ctx, err)
}
