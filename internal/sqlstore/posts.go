package sqlstore

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/tintype/tintype/internal/blob"
	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/tintype"
)

// Posts keeps posts and their media.
type Posts struct {
	R     Router
	Clock tintype.Clock
	// Listened tells whether any app wants to hear of posts; nil for always.
	Listened func(ctx context.Context) bool
}

var (
	stmtPostsGet = &Stmt{Name: "posts.get", SQL: `
		SELECT id, user_id, caption, tags, mentions, place_id, place_name, latitude, longitude, off_map, edited, likes, comments,
			audience, archived, pinned, hide_likes, taken_down,
			commenters, EXISTS (SELECT 1 FROM {s}held_comments h WHERE h.post_id = posts.id)
		FROM {s}posts AS posts WHERE id {in $1}`}
	// The fourth newest is found first, then all from it on: each an index
	// search that touches four rows, however many there are.
	stmtTopComments = &Stmt{Name: "posts.top_comments", SQL: `
		SELECT c.post_id, c.id, c.user_id, c.text FROM {each $1} CROSS JOIN {s}comments c
		WHERE c.post_id = e.value AND c.taken_down = 0 AND c.id >= coalesce(
			(SELECT d.id FROM {s}comments d WHERE d.post_id = e.value AND d.taken_down = 0 ORDER BY d.id DESC LIMIT 1 OFFSET 3), 0)
		ORDER BY c.post_id, c.id`}
	stmtTopLikers = &Stmt{Name: "posts.top_likers", SQL: `
		SELECT l.post_id, l.user_id FROM {each $1} CROSS JOIN {s}likes l
		WHERE l.post_id = e.value AND l.state = 2 AND l.op >= coalesce(
			(SELECT m.op FROM {s}likes m WHERE m.post_id = e.value AND m.state = 2 ORDER BY m.op DESC LIMIT 1 OFFSET 3), 0)
		ORDER BY l.post_id, l.op DESC`}
	stmtPostsByUser = &Stmt{Name: "posts.by_user", SQL: `
		SELECT id FROM {s}posts WHERE user_id = $1 AND id < $2 AND id > $3 ORDER BY id DESC LIMIT $4`}

	stmtPostCount = &Stmt{Name: "posts.count", SQL: `
		UPDATE {s}users SET media = media + $1, friend_media = friend_media + $2 WHERE id = $3 AND state = 0`}
	stmtPostAdd = &Stmt{Name: "posts.add", SQL: `
		INSERT INTO {s}posts (id, user_id, caption, tags, mentions, place_id, place_name, latitude, longitude, off_map, edited, likes, comments, audience, hide_likes, commenters)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, 0, 0, $11, $12, $13)`}
	stmtPostEdit = &Stmt{Name: "posts.edit", SQL: `
		UPDATE {s}posts SET caption = $1, tags = $2, mentions = $3, place_id = $4, place_name = $5, latitude = $6, longitude = $7, off_map = $8, edited = $9,
			commenters = $13 WHERE id = $10 AND user_id = $11 AND edited = $12`}
	stmtPostDelete = &Stmt{Name: "posts.delete", SQL: `
		DELETE FROM {s}posts WHERE id = $1 AND user_id = $2 RETURNING caption, mentions, tags, place_id, latitude, longitude, audience, archived, taken_down`}
	stmtPostTags      = &Stmt{Name: "posts.tags", SQL: `SELECT caption, tags, place_id, latitude, longitude FROM {s}posts WHERE id = $1`}
	stmtEraseComments = &Stmt{Name: "posts.erase_comments", SQL: `
		DELETE FROM {s}comments WHERE post_id = $1 AND id IN (SELECT id FROM {s}comments WHERE post_id = $1 ORDER BY id LIMIT $2)
		RETURNING id, user_id, mentions`}
	stmtEraseLikes = &Stmt{Name: "posts.erase_likes", SQL: `
		DELETE FROM {s}likes WHERE post_id = $1 AND user_id IN (SELECT user_id FROM {s}likes WHERE post_id = $1 ORDER BY user_id LIMIT $2)
		RETURNING user_id`}
)

// Posts gives those of ids that exist, whole, in no certain order: one
// statement per table and home, for any number of posts. With a partial error
// it gives those that could be read.
func (s Posts) Posts(ctx context.Context, ids []tintype.ID) ([]*tintype.Post, error) {
	var mu sync.Mutex
	posts := make([]*tintype.Post, 0, len(ids))
	err := eachHome(ctx, ByHome(s.R, ids), func(ctx context.Context, g HomeIDs) error {
		found, err := readPosts(ctx, g.Home, g.IDs)
		mu.Lock()
		posts = append(posts, found...)
		mu.Unlock()
		return err
	})
	return posts, err
}

func readPosts(ctx context.Context, h Home, ids []tintype.ID) ([]*tintype.Post, error) {
	var posts []*tintype.Post
	byID := make(map[tintype.ID]*tintype.Post, len(ids))
	liked, commented := make([]tintype.ID, 0, len(ids)), make([]tintype.ID, 0, len(ids))
	found := make([]tintype.ID, 0, len(ids))
	var held []tintype.ID
	if err := h.Query(ctx, stmtPostsGet, func(scan Scan) error {
		p := &tintype.Post{}
		var tags, mentions string
		var place tintype.Location
		var lat, lon *float64
		var edited, archived, pinned int64
		var holds bool
		if err := scan(&p.ID, &p.UserID, &p.Caption, &tags, &mentions, &place.ID, &place.Name, &lat, &lon, &place.OffMap, &edited, &p.Likes, &p.Comments,
			&p.Audience, &archived, &pinned, &p.HideLikes, &p.TakenDown, &p.Commenters, &holds); err != nil {
			return err
		}
		if tags != "" {
			p.Tags = strings.Split(tags, " ")
		}
		if mentions != "" {
			if err := json.Unmarshal([]byte(mentions), &p.Mentions); err != nil {
				return err
			}
		}
		place.SetPoint(lat, lon)
		if place != (tintype.Location{}) {
			p.Location = &place
		}
		p.Edited, p.Archived, p.Pinned = FromMicros(edited), archived != 0, pinned != 0
		if byID[p.ID] != nil {
			return nil // asked for twice
		}
		byID[p.ID] = p
		posts, found = append(posts, p), append(found, p.ID)
		if p.Likes > 0 {
			liked = append(liked, p.ID)
		}
		if p.Comments > 0 {
			commented = append(commented, p.ID)
		}
		if holds {
			held = append(held, p.ID)
		}
		return nil
	}, ids); err != nil || len(posts) == 0 {
		return nil, err
	}
	if err := readMedia(ctx, h, found, func(post tintype.ID, m tintype.Media) {
		byID[post].Media = append(byID[post].Media, m)
	}); err != nil {
		return nil, err
	}
	if err := readHeldBy(ctx, h, byID, held); err != nil {
		return nil, err
	}
	if len(commented) > 0 {
		if err := h.Query(ctx, stmtTopComments, func(scan Scan) error {
			var c tintype.Comment
			if err := scan(&c.PostID, &c.ID, &c.UserID, &c.Text); err != nil {
				return err
			}
			byID[c.PostID].TopComments = append(byID[c.PostID].TopComments, c)
			return nil
		}, commented); err != nil {
			return nil, err
		}
	}
	if len(liked) > 0 {
		if err := h.Query(ctx, stmtTopLikers, func(scan Scan) error {
			var post, user tintype.ID
			if err := scan(&post, &user); err != nil {
				return err
			}
			byID[post].TopLikers = append(byID[post].TopLikers, user)
			return nil
		}, liked); err != nil {
			return nil, err
		}
	}
	// A post deleted between two of these reads has no media: it is gone.
	whole := posts[:0]
	for _, p := range posts {
		if len(p.Media) > 0 {
			whole = append(whole, p)
		}
	}
	return whole, nil
}

// PostIDs lists a user's posts, newest first: all of them, whoever may see them.
func (s Posts) PostIDs(ctx context.Context, user tintype.ID, page tintype.Page) ([]tintype.ID, error) {
	var ids []tintype.ID
	err := s.R.Home(user.Shard()).forPage(ctx, page).Query(ctx, stmtPostsByUser, scanIDs(&ids), user, newest(page), page.Min, page.Count)
	return ids, err
}

// Published gives the post that a former request with the same key made, 0 if
// there was none; Conflict if there was, but it asked for something else.
func (s Posts) Published(ctx context.Context, o tintype.Once) (tintype.ID, error) {
	return onceID(ctx, s.R.Home(o.UserID.Shard()), o)
}

func onceID(ctx context.Context, q Querier, o tintype.Once) (tintype.ID, error) {
	_, result, found, err := onceResult(ctx, q, o)
	if err != nil || !found {
		return 0, err
	}
	return tintype.ParseID(result)
}

// Publish writes a post with its media and all that follows from it, in one
// transaction, and sets p.ID. uploads are the claimed uploads, and sums the
// hashes of the originals, by position; media keys are those of the claim. If a former request
// with the same key made a post, it writes nothing and gives that post's ID.
func (s Posts) Publish(ctx context.Context, p *tintype.Post, uploads []tintype.ID, sums [][32]byte, o tintype.Once) (former tintype.ID, err error) {
	shard := p.UserID.Shard()
	listened := isListened(ctx, s.Listened)
	err = s.R.Home(shard).Write(ctx, func(tx *Tx) error {
		former = 0
		// The user's row first: a repeat of this request waits here for the first to commit.
		if n, err := tx.Exec(ctx, stmtPostCount, flag(p.Audience == tintype.AudienceEveryone), flag(p.Audience == tintype.AudienceFriends), p.UserID); err != nil {
			return err
		} else if n == 0 {
			return &tintype.Error{Kind: tintype.Forbidden, Msg: "this user cannot publish"}
		}
		var err error
		if former, err = onceID(ctx, tx, o); err != nil {
			return err
		} else if former != 0 {
			return errRepeat
		}
		id, err := tx.NextID(ctx, shard)
		if err != nil {
			return err
		}
		p.ID = id
		if err := addPost(ctx, tx, p, uploads, sums); err != nil {
			return err
		}
		enqueueTags(tx, id, id, p.Tags)
		if err := keepResult(ctx, tx, o, 201, id.String(), s.Clock()); err != nil {
			return err
		}
		tx.Enqueue(job.Insert{Kind: job.DeliverKind, Item: job.Fanout{Post: id, Author: p.UserID}})
		if listened && p.Audience == tintype.AudienceEveryone {
			tx.Enqueue(job.Insert{Kind: job.PublishedKind, Item: job.Published{Post: id, Author: p.UserID}})
		}
		enqueueMentions(tx, p.Mentions, p.UserID, id, 0, id)
		var named idSet
		for _, m := range p.Media {
			named.add(everybodyIn(m.People)...)
		}
		if err := enqueuePhotoTags(ctx, tx, id, named.list, false); err != nil {
			return err
		}
		return nil
	})
	if former != 0 && errors.Is(err, errRepeat) {
		return former, nil
	}
	return 0, err
}

// addPost writes a post that has its ID, with its media, and has it found by what is in it but its tags. Nobody is told of it.
func addPost(ctx context.Context, tx *Tx, p *tintype.Post, uploads []tintype.ID, sums [][32]byte) error {
	tags, mentions, place, lat, lon := postColumns(p)
	if _, err := tx.Exec(ctx, stmtPostAdd, p.ID, p.UserID, p.Caption, tags, mentions, place.ID, place.Name, lat, lon, place.OffMap, p.Audience, p.HideLikes, p.Commenters); err != nil {
		return err
	}
	if err := useUploads(ctx, tx, p.UserID, p.ID, uploads, p.Media); err != nil {
		return err
	}
	if err := addMedia(ctx, tx, p.ID, p.Media, sums); err != nil {
		return err
	}
	if err := usePublished(ctx, tx, p, len(uploads) > 0); err != nil {
		return err
	}
	for _, m := range p.Media {
		tx.Enqueue(job.Insert{Kind: job.PurgeKind, Item: job.Purge{Keys: []string{blob.Preview(m.OriginalKey)}}})
	}
	tx.Enqueue(job.Insert{Kind: job.FormatsKind, Item: job.Formats{Post: p.ID}})
	if p.Archived {
		return nil // it is found where it is once it is taken out of there
	}
	enqueueSpot(tx, p.ID, p.Location, nil)
	enqueueWords(tx, p.ID, p.UserID, says(p.Caption, altTexts(p.Media)), nil)
	return nil
}

// errRepeat ends the transaction of a request that was answered before.
var errRepeat = &tintype.Error{Kind: tintype.Conflict, Msg: "this was done already"}

func enqueueMentions(tx *Tx, users []tintype.ID, actor, post, comment, op tintype.ID) {
	for _, u := range users {
		if u != actor {
			tx.Enqueue(job.Insert{Kind: job.NoticeKind, Item: job.Notice{
				User: u, Kind: tintype.ActivityMention, Actor: actor, Post: post, Comment: comment, Op: op}})
		}
	}
}

// enqueueTags has a post brought to the timelines of tags that it may have got or lost by a deed.
func enqueueTags(tx *Tx, post, op tintype.ID, tags []string) {
	if len(tags) > 0 {
		tx.Enqueue(job.Insert{Kind: job.TagKind, Item: job.Tagging{Post: post, Op: op, Tags: tags}})
	}
}

// isListened asks f, before a transaction.
func isListened(ctx context.Context, f func(ctx context.Context) bool) bool {
	return f == nil || f(ctx)
}

// enqueueSpot has a post brought to the timelines of where it is by now, and taken out of those of where it was.
func enqueueSpot(tx *Tx, post tintype.ID, now, was *tintype.Location) {
	if n, w := spot(now), spot(was); n != (job.Spot{}) || w != (job.Spot{}) {
		tx.Enqueue(job.Insert{Kind: job.SpotKind, Item: job.Spotting{Post: post, Was: w}})
	}
}

func spot(l *tintype.Location) (s job.Spot) {
	if l != nil {
		s.Place = l.ID
		if l.HasPoint {
			s.Lat, s.Lng = &l.Latitude, &l.Longitude
		}
	}
	return s
}

// location is the place columns of a post.
func location(place tintype.ID, lat, lng *float64) *tintype.Location {
	l := &tintype.Location{ID: place}
	l.SetPoint(lat, lng)
	return l
}

// enqueueUnnamed takes back what enqueueMentions told.
func enqueueUnnamed(tx *Tx, users []tintype.ID, actor, post, comment tintype.ID) {
	for _, u := range users {
		if u != actor {
			tx.Enqueue(job.Insert{Kind: job.EdgeKind, Item: job.Edge{Type: job.EdgeUnnamed, User: u, Target: actor, Post: post, Comment: comment, Op: post}})
		}
	}
}

// enqueueUnnamedIn is enqueueUnnamed with the mentions column of a comment.
func enqueueUnnamedIn(tx *Tx, mentions *string, actor, post, comment tintype.ID) error {
	if mentions == nil {
		return nil
	}
	users, err := mentioned(*mentions)
	if err != nil {
		return err
	}
	enqueueUnnamed(tx, users, actor, post, comment)
	return nil
}

// mentioned reads what mentionsColumn gave.
func mentioned(column string) (users []tintype.ID, err error) {
	return users, json.Unmarshal([]byte(column), &users)
}

// mentionsColumn is whom a comment names as it is stored: nil for nobody.
func mentionsColumn(users []tintype.ID) any {
	if len(users) == 0 {
		return nil
	}
	b, _ := json.Marshal(users) // IDs always marshal
	return string(b)
}

func postColumns(p *tintype.Post) (tags, mentions string, place tintype.Location, lat, lon any) {
	tags = strings.Join(p.Tags, " ")
	if len(p.Mentions) > 0 {
		b, _ := json.Marshal(p.Mentions) // IDs always marshal
		mentions = string(b)
	}
	if p.Location != nil {
		place = *p.Location
		if place.HasPoint {
			lat, lon = place.Latitude, place.Longitude
		}
	}
	return tags, mentions, place, lat, lon
}

// EditPost writes p's caption, place, alternative texts and order over those
// of the post as it was at p.Edited, and sets p.Edited; noticed are the newly
// mentioned, dropped those who are no longer.
// Conflict if the post was edited since then.
func (s Posts) EditPost(ctx context.Context, p *tintype.Post, noticed, dropped []tintype.ID) error {
	tags, mentions, place, lat, lon := postColumns(p)
	listened := isListened(ctx, s.Listened)
	return s.R.Home(p.ID.Shard()).Write(ctx, func(tx *Tx) error {
		// Later than the last edit even where the clock stood still: it tells edits apart.
		now := s.Clock().UTC().Truncate(time.Microsecond)
		if !now.After(p.Edited) {
			now = p.Edited.Add(time.Microsecond)
		}
		var wasCaption, before string
		var wasPlace tintype.ID
		var wasLat, wasLng *float64
		if _, err := tx.QueryRow(ctx, stmtPostTags, []any{&wasCaption, &before, &wasPlace, &wasLat, &wasLng}, p.ID); err != nil {
			return err
		}
		n, err := tx.Exec(ctx, stmtPostEdit, p.Caption, tags, mentions, place.ID, place.Name, lat, lon, place.OffMap, now, p.ID, p.UserID, p.Edited, p.Commenters)
		if err != nil {
			return err
		}
		if n == 0 {
			return &tintype.Error{Kind: tintype.Conflict, Msg: "the post was changed or deleted meanwhile; please try again"}
		}
		wasAlts, renamed, err := placeMedia(ctx, tx, p.ID, p.Media)
		if err != nil {
			return err
		}
		if err := enqueuePhotoTags(ctx, tx, p.ID, renamed, false); err != nil {
			return err
		}
		enqueueWords(tx, p.ID, p.UserID, says(p.Caption, altTexts(p.Media)), says(wasCaption, wasAlts))
		was := location(wasPlace, wasLat, wasLng)
		enqueueSpot(tx, p.ID, p.Location, was)
		retagged := before != tags
		came := listened && p.Location != nil && (p.Location.ID != was.ID || p.Location.HasPoint && (!was.HasPoint || p.Location.Latitude != was.Latitude || p.Location.Longitude != was.Longitude))
		if len(noticed) > 0 || retagged || came {
			op, err := tx.NextID(ctx, p.ID.Shard())
			if err != nil {
				return err
			}
			enqueueMentions(tx, noticed, p.UserID, p.ID, 0, op)
			if retagged {
				enqueueTags(tx, p.ID, op, append(strings.Fields(before), p.Tags...))
			}
			if came {
				w := spot(was)
				tx.Enqueue(job.Insert{Kind: job.PublishedKind, Item: job.Published{Post: p.ID, Op: op, Was: &w}})
			}
		}
		enqueueUnnamed(tx, dropped, p.UserID, p.ID, 0)
		return nil
	})
}

// DeletePost deletes a post and its media, and enqueues what takes away all
// that hangs on it: feeds, files, likes, comments, activity. NotFound if user has no such post.
func (s Posts) DeletePost(ctx context.Context, user, post tintype.ID) error {
	return s.R.Home(post.Shard()).Write(ctx, func(tx *Tx) error {
		var caption, mentions, tags string
		var originals int64
		var alts []string
		var named idSet
		var wasPlace tintype.ID
		var wasLat, wasLng *float64
		var audience tintype.Audience
		var archived int64
		var down bool
		found, err := tx.QueryRow(ctx, stmtPostDelete, []any{&caption, &mentions, &tags, &wasPlace, &wasLat, &wasLng, &audience, &archived, &down}, post, user)
		if err != nil {
			return err
		}
		if !found {
			return &tintype.Error{Kind: tintype.NotFound, Msg: "this post does not exist"}
		}
		if err := tx.Query(ctx, stmtMediaDelete, func(scan Scan) error {
			var key, original, alt string
			var people *string
			var bytes int64
			if err := scan(&key, &original, &bytes, &alt, &people); err != nil {
				return err
			}
			originals += bytes
			list, err := readPeople(people)
			if err != nil {
				return err
			}
			named.add(everybodyIn(list)...)
			alts = append(alts, alt)
			tx.Enqueue(job.Insert{Kind: job.PurgeKind, Item: job.Purge{Keys: append(blob.Renditions(key), original, blob.Preview(original)), Post: post}})
			return nil
		}, post); err != nil {
			return err
		}
		if err := countPost(ctx, tx, user, -1, reachOf(audience, archived, down)); err != nil {
			return err
		}
		if err := forgetPost(ctx, tx, user, post); err != nil {
			return err
		}
		if err := useDeleted(ctx, tx, post, user, originals); err != nil {
			return err
		}
		if mentions != "" {
			var users []tintype.ID
			if err := json.Unmarshal([]byte(mentions), &users); err != nil {
				return err
			}
			for _, u := range users {
				enqueueGone(tx, u, user, post)
			}
		}
		if err := enqueuePhotoTags(ctx, tx, post, named.list, false); err != nil {
			return err
		}
		enqueueTags(tx, post, post, strings.Fields(tags))
		enqueueSpot(tx, post, nil, location(wasPlace, wasLat, wasLng))
		enqueueWords(tx, post, user, nil, says(caption, alts))
		tx.Enqueue(job.Insert{Kind: job.WithdrawKind, Item: job.Fanout{Post: post, Author: user}})
		tx.Enqueue(job.Insert{Kind: job.EraseKind, Item: job.Erase{Post: post, Author: user}})
		return nil
	})
}

func enqueueGone(tx *Tx, user, owner, post tintype.ID) {
	tx.Enqueue(job.Insert{Kind: job.EdgeKind, Item: job.Edge{Type: job.EdgeGone, User: user, Target: owner, Post: post, Op: post}})
}

// eraseBatch is how many likes, and how many comments, one transaction erases.
const eraseBatch = 300

// ErasePost deletes a batch of a deleted post's likes and comments, with the
// activity they made, and enqueues the same for their authors' sides and, while there are more, for the rest.
func (s Posts) ErasePost(ctx context.Context, e job.Erase) error {
	return s.R.Home(e.Post.Shard()).Write(ctx, func(tx *Tx) error {
		var likers, comments, commenters []tintype.ID
		if err := tx.Query(ctx, stmtEraseLikes, scanIDs(&likers), e.Post, eraseBatch); err != nil {
			return err
		}
		if err := tx.Query(ctx, stmtEraseComments, func(scan Scan) error {
			var id, user tintype.ID
			var mentions *string
			if err := scan(&id, &user, &mentions); err != nil {
				return err
			}
			comments, commenters = append(comments, id), append(commenters, user)
			return enqueueUnnamedIn(tx, mentions, user, e.Post, id)
		}, e.Post, eraseBatch); err != nil {
			return err
		}
		var gone []activityRow
		for _, u := range likers {
			enqueueGone(tx, u, e.Author, e.Post)
			gone = append(gone, activityRow{user: e.Author, kind: tintype.ActivityLike, actor: u, post: e.Post})
		}
		held, err := eraseHeld(ctx, tx, e)
		if err != nil {
			return err
		}
		for i, c := range comments {
			enqueueNote(tx, commenters[i], e.Author, e.Post, c, tintype.EdgeGone)
			gone = append(gone, activityRow{user: e.Author, kind: tintype.ActivityComment, actor: commenters[i], post: e.Post, comment: c})
		}
		if len(likers) == eraseBatch || len(comments) == eraseBatch || held == eraseBatch {
			tx.Enqueue(job.Insert{Kind: job.EraseKind, Item: e})
		}
		return removeActivity(ctx, tx, gone...)
	})
}
