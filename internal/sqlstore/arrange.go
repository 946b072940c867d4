package sqlstore

import (
	"context"
	"strings"
	"time"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/tintype"
)

var (
	stmtPostStanding = &Stmt{Name: "posts.standing", SQL: `
		SELECT caption, tags, place_id, latitude, longitude, audience, archived, pinned, hide_likes, taken_down
		FROM {s}posts WHERE id = $1 AND user_id = $2 {lock}`}
	stmtPostArrange = &Stmt{Name: "posts.arrange", SQL: `
		UPDATE {s}posts SET audience = $1, archived = $2, pinned = $3, hide_likes = $4 WHERE id = $5`}
	stmtPostsPinned = &Stmt{Name: "posts.pinned", SQL: `
		SELECT id, pinned FROM {s}posts WHERE user_id = $1 AND pinned > 0 AND archived = 0 ORDER BY pinned DESC, id DESC`}
	stmtPostsShown = &Stmt{Name: "posts.shown", SQL: `
		SELECT id FROM {s}posts WHERE user_id = $1 AND archived = 0 AND audience <= $2 AND id < $3 AND id > $4 ORDER BY id DESC LIMIT $5`}
	stmtPostsArchived = &Stmt{Name: "posts.archived", SQL: `
		SELECT id FROM {s}posts WHERE user_id = $1 AND archived > 0 AND id < $2 AND id > $3 ORDER BY id DESC LIMIT $4`}
)

// reachOf is how far a post goes, by columns of its row.
func reachOf(audience tintype.Audience, archived int64, down bool) tintype.Reach {
	switch {
	case archived != 0 || down:
		return tintype.ReachNobody
	case audience == tintype.AudienceEveryone:
		return tintype.ReachEveryone
	}
	return tintype.ReachFriends
}

// countPost counts a post of a reach into its owner's row, n times.
func countPost(ctx context.Context, tx *Tx, user tintype.ID, n int64, r tintype.Reach) error {
	if r == tintype.ReachNobody {
		return nil
	}
	_, err := tx.Exec(ctx, stmtPostRecount, n*flag(r == tintype.ReachEveryone), n*flag(r == tintype.ReachFriends), user)
	return err
}

// ShownIDs lists the posts of a user that are for audience and for all that are wider, newest first.
func (s Posts) ShownIDs(ctx context.Context, user tintype.ID, audience tintype.Audience, page tintype.Page) ([]tintype.ID, error) {
	var ids []tintype.ID
	err := s.R.Home(user.Shard()).forPage(ctx, page).Query(ctx, stmtPostsShown, scanIDs(&ids), user, audience, newest(page), page.Min, page.Count)
	return ids, err
}

// ArchivedIDs lists a user's archived posts, newest first.
func (s Posts) ArchivedIDs(ctx context.Context, user tintype.ID, page tintype.Page) ([]tintype.ID, error) {
	var ids []tintype.ID
	err := s.R.Home(user.Shard()).Query(ctx, stmtPostsArchived, scanIDs(&ids), user, newest(page), page.Min, page.Count)
	return ids, err
}

// PinnedIDs lists the posts that a user pinned and that are not archived, whoever may see them, the last pinned first.
func (s Posts) PinnedIDs(ctx context.Context, user tintype.ID) ([]tintype.ID, error) {
	ids, _, err := pinned(ctx, s.R.Home(user.Shard()), user)
	return ids, err
}

func pinned(ctx context.Context, q Querier, user tintype.ID) (ids []tintype.ID, last int64, err error) {
	err = q.Query(ctx, stmtPostsPinned, func(scan Scan) error {
		var id tintype.ID
		var at int64
		err := scan(&id, &at)
		ids, last = append(ids, id), max(last, at)
		return err
	}, user)
	return ids, last, err
}

// standing is how a post stands among the others.
type standing struct {
	audience         tintype.Audience
	archived, pinned int64
	hideLikes        tintype.Choice
	down             bool // by a moderator
}

func (s standing) reach() tintype.Reach { return reachOf(s.audience, s.archived, s.down) }

// Arrange changes how a post of user's stands among the others. Where other people may see it by then, jobs bring it to
// where it belongs and take it away from elsewhere. NotFound if user has no such post; Conflict if
// as many as may be are pinned already, or the post to be pinned is archived.
func (s Posts) Arrange(ctx context.Context, user, post tintype.ID, c tintype.Arrangement) error {
	return s.R.Home(post.Shard()).Write(ctx, func(tx *Tx) error {
		var caption, tags string
		var place tintype.ID
		var lat, lng *float64
		var was standing
		found, err := tx.QueryRow(ctx, stmtPostStanding, []any{&caption, &tags, &place, &lat, &lng, &was.audience, &was.archived, &was.pinned, &was.hideLikes, &was.down}, post, user)
		if err != nil {
			return err
		}
		if !found {
			return &tintype.Error{Kind: tintype.NotFound, Msg: "this post does not exist"}
		}
		// The user's row after the post's, as where a post is deleted: pins are counted, and counters written.
		var one tintype.ID
		if _, err := tx.QueryRow(ctx, stmtCheckLockUser, []any{&one}, user); err != nil {
			return err
		}
		now, err := s.arrange(ctx, tx, user, was, c)
		if err != nil || now == was {
			return err
		}
		if _, err := tx.Exec(ctx, stmtPostArrange, now.audience, now.archived, now.pinned, now.hideLikes, post); err != nil {
			return err
		}
		if was.audience == tintype.AudienceEveryone && now.audience != was.audience {
			// Links made when it was for everyone say nothing about whom it is for now.
			if _, err := tx.Exec(ctx, stmtSecretLinkLoses, user, post); err != nil {
				return err
			}
		}
		from, to := was.reach(), now.reach()
		if from == to {
			return nil
		}
		if err := countPost(ctx, tx, user, -1, from); err != nil {
			return err
		}
		if err := countPost(ctx, tx, user, 1, to); err != nil {
			return err
		}
		tx.Enqueue(job.Insert{Kind: job.TagKind, Item: job.Tagging{Post: post, Op: post, Tags: strings.Fields(tags), Quiet: true, Reach: true}})
		at := location(place, lat, lng)
		enqueueSpot(tx, post, at, at)
		enqueueReach(tx, job.Fanout{Post: post, Author: user}, from, to)
		if from != tintype.ReachNobody && to != tintype.ReachNobody {
			return nil // its words are where they were: whoever finds it there is asked about
		}
		var alts []string
		if err := tx.Query(ctx, stmtWordAlts, func(scan Scan) error {
			var id tintype.ID
			var alt string
			err := scan(&id, &alt)
			alts = append(alts, alt)
			return err
		}, []tintype.ID{post}); err != nil {
			return err
		}
		words := says(caption, alts)
		if to == tintype.ReachNobody {
			enqueueWords(tx, post, user, nil, words)
		} else {
			enqueueWords(tx, post, user, words, nil)
		}
		return nil
	})
}

// enqueueReach has a post brought into feeds, or taken out of them and of caches, as its reach changed.
func enqueueReach(tx *Tx, f job.Fanout, from, to tintype.Reach) {
	if to > from {
		tx.Enqueue(job.Insert{Kind: job.DeliverKind, Item: f})
		return
	}
	tx.Enqueue(job.Insert{Kind: job.WithdrawKind, Item: f})
	if from == tintype.ReachEveryone {
		tx.Enqueue(job.Insert{Kind: job.UncacheKind, Item: job.Uncache{User: f.Author, Post: f.Post}})
	}
}

// arrange gives the standing that comes of a change.
func (s Posts) arrange(ctx context.Context, tx *Tx, user tintype.ID, was standing, c tintype.Arrangement) (standing, error) {
	now := was
	set(&now.audience, c.Audience)
	set(&now.hideLikes, c.HideLikes)
	at := s.Clock().UTC().Truncate(time.Microsecond).UnixMicro()
	if c.Archived != nil && *c.Archived != (was.archived != 0) {
		now.archived = at * flag(*c.Archived)
	}
	pin := was.pinned != 0
	set(&pin, c.Pinned)
	if c.Pinned != nil && pin && now.archived != 0 {
		return now, &tintype.Error{Kind: tintype.Conflict, Msg: "an archived post cannot be pinned; bring it back first"}
	}
	back := was.archived != 0 && now.archived == 0
	switch {
	case !pin:
		now.pinned = 0
	case was.pinned == 0 || back:
		others, last, err := pinned(ctx, tx, user)
		if err != nil {
			return now, err
		}
		switch {
		case len(others) < tintype.MaxPinned:
			now.pinned = max(at, last+1)
		case c.Pinned == nil:
			now.pinned = 0 // others took its place meanwhile
		default:
			return now, tintype.Errorf(tintype.Conflict, "%d posts are pinned already; please unpin one first", tintype.MaxPinned)
		}
	}
	return now, nil
}
