package sqlstore

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/tintype"
)

// PhotoTags keeps who is named in pictures: with the picture, on the side of
// its owner, which is the truth; and, made from that by jobs, the posts in which a
// user is named, on the user's.
type PhotoTags struct{ R Router }

var (
	stmtPeopleRead = &Stmt{Name: "photo_tags.read", SQL: `
		SELECT key, people FROM {s}media WHERE post_id = $1 AND people IS NOT NULL ORDER BY position {lock}`}
	stmtPeopleWrite = &Stmt{Name: "photo_tags.write", SQL: `UPDATE {s}media SET people = $1 WHERE post_id = $2 AND key = $3`}
	stmtPeopleTruth = &Stmt{Name: "photo_tags.truth", SQL: `
		SELECT p.user_id, m.people FROM {s}posts p JOIN {s}media m ON m.post_id = p.id WHERE p.id = $1 AND m.people IS NOT NULL`}

	stmtTaggedRead = &Stmt{Name: "photo_tags.tagged", SQL: `
		SELECT owner_id, state FROM {s}tagged_posts WHERE user_id = $1 AND post_id = $2 {lock}`}
	stmtTaggedPut = &Stmt{Name: "photo_tags.put", SQL: `
		INSERT INTO {s}tagged_posts (user_id, post_id, owner_id, state) VALUES ($1, $2, $3, $4)
		ON CONFLICT (user_id, post_id) DO UPDATE SET owner_id = excluded.owner_id, state = excluded.state`}
	stmtTaggedDrop  = &Stmt{Name: "photo_tags.drop", SQL: `DELETE FROM {s}tagged_posts WHERE user_id = $1 AND post_id = $2`}
	stmtTaggedPosts = &Stmt{Name: "photo_tags.posts", SQL: `
		SELECT post_id FROM {s}tagged_posts WHERE user_id = $1 AND state = 2 AND post_id < $2 AND post_id > $3 ORDER BY post_id DESC LIMIT $4`}
	stmtTaggedAsked = &Stmt{Name: "photo_tags.asked", SQL: `
		SELECT post_id FROM {s}tagged_posts WHERE user_id = $1 AND state = 1 AND post_id < $2 AND post_id > $3 ORDER BY post_id DESC LIMIT $4`}
	stmtTaggedBy = &Stmt{Name: "photo_tags.by", SQL: `SELECT post_id FROM {s}tagged_posts WHERE user_id = $1 AND owner_id = $2`}
	// What was asked is what was told, once it is approved.
	stmtTagApproved = &Stmt{Name: "photo_tags.approved", SQL: `
		UPDATE {s}activity SET kind = $1 WHERE user_id = $2 AND kind = $3 AND actor_id = $4 AND post_id = $5`}
)

// peopleColumn is who is named in a picture as it is stored: nil for nobody.
func peopleColumn(people []tintype.PhotoTag) any {
	if len(people) == 0 {
		return nil
	}
	b, _ := json.Marshal(people) // no number in it is without a form: the rule checks them
	return string(b)
}

// readPeople reverses peopleColumn.
func readPeople(column *string) (people []tintype.PhotoTag, err error) {
	if column != nil {
		err = json.Unmarshal([]byte(*column), &people)
	}
	return people, err
}

// enqueuePhotoTags has the sides of users brought up to date who may be named in a post's pictures, or no longer.
func enqueuePhotoTags(ctx context.Context, tx *Tx, post tintype.ID, users []tintype.ID, quiet bool) error {
	if len(users) == 0 {
		return nil
	}
	op, err := tx.NextID(ctx, post.Shard()) // of its own: a user may be mentioned in the same deed
	if err != nil {
		return err
	}
	for _, u := range users {
		tx.Enqueue(job.Insert{Kind: job.PhotoTagKind, Item: job.PhotoTag{Post: post, User: u, Op: op, Quiet: quiet}})
	}
	return nil
}

// everybodyIn gives all users who are named in a picture, whatever their state.
func everybodyIn(people []tintype.PhotoTag) []tintype.ID {
	var ids idSet
	for _, t := range people {
		ids.add(t.UserID)
	}
	return ids.list
}

// mergePeople is what an edit makes of who is named in one picture: what users said to being named in the post stays
// said, and who took themselves out of this picture stays out of it.
func mergePeople(states map[tintype.ID]int, was, want []tintype.PhotoTag) []tintype.PhotoTag {
	var out []tintype.PhotoTag
	for _, t := range want {
		if state, known := states[t.UserID]; known {
			t.State = state
		}
		if t.State != tintype.EdgeGone {
			out = append(out, t)
		}
	}
	for _, t := range was {
		if t.State == tintype.EdgeGone {
			out = append(out, t)
		}
	}
	return out
}

// AnswerPhotoTag says for user whether they are in the pictures of a post in which they are named. changed is false
// if it was so, and NotFound where they are not named. A job brings it to user's side.
func (s PhotoTags) AnswerPhotoTag(ctx context.Context, post, user tintype.ID, state int) (changed bool, err error) {
	err = s.R.Home(post.Shard()).Write(ctx, func(tx *Tx) error {
		named := false
		var err error
		changed, err = changePeople(ctx, tx, post, func(people []tintype.PhotoTag) (_ []tintype.PhotoTag, touched bool) {
			for i := range people {
				if t := &people[i]; t.UserID == user {
					named = true
					touched = touched || t.State != state
					t.State = state
				}
			}
			return people, touched
		})
		if err == nil && !named {
			err = &tintype.Error{Kind: tintype.NotFound, Msg: "you are not tagged in this post"}
		}
		if err != nil || !changed {
			return err
		}
		return enqueuePhotoTags(ctx, tx, post, []tintype.ID{user}, true)
	})
	return changed, err
}

// Unname takes users out of the pictures of a post, but those who took themselves out, who stay so. A job brings it to their sides.
func (s PhotoTags) Unname(ctx context.Context, post tintype.ID, users []tintype.ID) error {
	return s.R.Home(post.Shard()).Write(ctx, func(tx *Tx) error {
		changed, err := changePeople(ctx, tx, post, func(people []tintype.PhotoTag) ([]tintype.PhotoTag, bool) {
			n := len(people)
			people = slices.DeleteFunc(people, func(t tintype.PhotoTag) bool { return t.State != tintype.EdgeGone && slices.Contains(users, t.UserID) })
			return people, len(people) < n
		})
		if err != nil || !changed {
			return err
		}
		return enqueuePhotoTags(ctx, tx, post, users, true)
	})
}

// changePeople has change make of who is named in each picture of a post who is to be, and writes those that it touched.
func changePeople(ctx context.Context, tx *Tx, post tintype.ID, change func([]tintype.PhotoTag) (now []tintype.PhotoTag, touched bool)) (changed bool, err error) {
	type picture struct {
		key    string
		people []tintype.PhotoTag
	}
	var list []picture
	if err := tx.Query(ctx, stmtPeopleRead, func(scan Scan) error {
		var p picture
		var column *string
		if err := scan(&p.key, &column); err != nil {
			return err
		}
		var err error
		p.people, err = readPeople(column)
		list = append(list, p)
		return err
	}, post); err != nil {
		return false, err
	}
	for _, p := range list {
		now, touched := change(p.people)
		if !touched {
			continue
		}
		changed = true
		if _, err := tx.Exec(ctx, stmtPeopleWrite, peopleColumn(now), post, p.key); err != nil {
			return false, err
		}
	}
	return changed, nil
}

// PhotoTagTruth gives the owner of a post and how user is in its pictures; an owner of 0 if the post is gone or names nobody.
func (s PhotoTags) PhotoTagTruth(ctx context.Context, post, user tintype.ID) (owner tintype.ID, state int, err error) {
	err = s.R.Home(post.Shard()).Query(ctx, stmtPeopleTruth, func(scan Scan) error {
		var column *string
		if err := scan(&owner, &column); err != nil {
			return err
		}
		people, err := readPeople(column)
		if i := slices.IndexFunc(people, func(t tintype.PhotoTag) bool { return t.UserID == user }); i >= 0 {
			state = max(state, people[i].State)
		}
		return err
	}, post)
	return owner, state, err
}

// PutTagged writes on user's side how they are in a post's pictures, with the activity that it makes or ends. It gives user if something happened to them.
func (s PhotoTags) PutTagged(ctx context.Context, user tintype.ID, t tintype.TaggedPost) (told []tintype.ID, changed bool, err error) {
	err = s.R.Home(user.Shard()).Write(ctx, func(tx *Tx) error {
		told, changed = nil, false
		var owner tintype.ID
		var was int
		if _, err := tx.QueryRow(ctx, stmtTaggedRead, []any{&owner, &was}, user, t.Post); err != nil {
			return err
		}
		if t.Owner == 0 {
			t.Owner = owner
		}
		if changed = was != t.State; !changed {
			return nil
		}
		news := func(kind tintype.ActivityKind) activityRow {
			return activityRow{user: user, id: t.Op, kind: kind, actor: t.Owner, post: t.Post}
		}
		if t.State == tintype.EdgeGone {
			if _, err := tx.Exec(ctx, stmtTaggedDrop, user, t.Post); err != nil {
				return err
			}
			return removeActivity(ctx, tx, news(tintype.ActivityTag), news(tintype.ActivityTagAsked))
		}
		if _, err := tx.Exec(ctx, stmtTaggedPut, user, t.Post, t.Owner, t.State); err != nil {
			return err
		}
		var err error
		switch {
		case was == tintype.EdgeRequested:
			_, err = tx.Exec(ctx, stmtTagApproved, tintype.ActivityTag, user, tintype.ActivityTagAsked, t.Owner, t.Post)
		case t.Quiet:
		case t.State == tintype.EdgeRequested:
			told, err = addActivity(ctx, tx, news(tintype.ActivityTagAsked))
		default:
			told, err = addActivity(ctx, tx, news(tintype.ActivityTag))
		}
		return err
	})
	return told, changed, err
}

// Tagged lists the posts in whose pictures user is (EdgeThere), or would be if they approved (EdgeRequested), newest first.
func (s PhotoTags) Tagged(ctx context.Context, user tintype.ID, state int, page tintype.Page) ([]tintype.ID, error) {
	stmt := stmtTaggedPosts
	if state == tintype.EdgeRequested {
		stmt = stmtTaggedAsked
	}
	var ids []tintype.ID
	err := s.R.Home(user.Shard()).forPage(ctx, page).Query(ctx, stmt, scanIDs(&ids), user, newest(page), page.Min, page.Count)
	return ids, err
}

// TaggedBy lists the posts of owner that name user, in no certain order.
func (s PhotoTags) TaggedBy(ctx context.Context, user, owner tintype.ID) ([]tintype.ID, error) {
	var ids []tintype.ID
	err := s.R.Home(user.Shard()).Query(ctx, stmtTaggedBy, scanIDs(&ids), user, owner)
	return ids, err
}
