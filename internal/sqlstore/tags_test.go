package sqlstore_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/shard"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/sqlstore/storetest"
	"github.com/tintype/tintype/internal/tintype"
)

func TestTags(t *testing.T) {
	t.Parallel()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		ctx := t.Context()
		tags := sqlstore.Tags{R: r}
		owner := addUser(t, r, r.Pick(), "owner", false)
		var posts []tintype.ID
		for range 4 {
			posts = append(posts, addPost(t, r, owner))
		}
		put := func(tag string, want bool, list ...tintype.TagPost) {
			t.Helper()
			changed := false
			for _, p := range list {
				put, err := tags.Put(ctx, tag, p)
				if err != nil {
					t.Errorf("Put of %s: %v", tag, err)
				}
				changed = changed || put
			}
			if changed != want {
				t.Errorf("Put of %s: changed %v; want %v", tag, changed, want)
			}
		}
		is := func(tag string, media int64, want ...tintype.ID) {
			t.Helper()
			got, ops, err := tags.Posts(ctx, tag, tintype.Page{Count: 10})
			if err != nil || !slices.Equal(got, want) || len(ops) != len(got) {
				t.Errorf("%s has %v %v, %v; want %v", tag, got, ops, err, want)
			}
			counts, err := tags.Counts(ctx, []string{"nothing", tag})
			if err != nil || !slices.Equal(counts, []int64{0, media}) {
				t.Errorf("%s counts %v, %v; want %d", tag, counts, err, media)
			}
		}
		finds := func(q string, want ...string) {
			t.Helper()
			if got, err := tags.Search(ctx, q, 10); err != nil || !slices.Equal(got, want) {
				t.Errorf("%s finds %q, %v; want %q", q, got, err, want)
			}
		}
		at := func(i int) tintype.ID { return posts[0] + tintype.ID(i)<<22 } // a deed some milliseconds later

		put("sun", true, tintype.TagPost{Post: posts[0], Op: at(5), On: true, Open: true}, tintype.TagPost{Post: posts[1], Op: at(3), On: true, Open: true},
			tintype.TagPost{Post: posts[2], Op: at(4), On: true})
		is("sun", 2, posts[0], posts[2], posts[1])
		put("sun", false, tintype.TagPost{Post: posts[1], Op: at(9), On: true, Open: true}, tintype.TagPost{Post: posts[3]})
		is("sun", 2, posts[0], posts[2], posts[1]) // it keeps the op under which it came
		put("sunset", true, tintype.TagPost{Post: posts[3], Op: at(1), On: true, Open: true})
		put("sundown", true, tintype.TagPost{Post: posts[3], Op: at(1), On: true})
		finds("sun", "sun", "sunset")
		finds("suns", "sunset")
		// Apps hear of a tag that a post got by a deed: once, and only if everybody may see it.
		takeJobs(t, r)
		told := func(what string, want int, p tintype.TagPost) {
			t.Helper()
			if _, err := tags.Put(ctx, "told", p); err != nil {
				t.Fatal(err)
			}
			got := itemsOf[job.Published](t, takeJobs(t, r), job.PublishedKind)
			if len(got) != want || want > 0 && (got[0].Post != p.Post || got[0].Op != p.Op || !slices.Equal(got[0].Tags, []string{"told"})) {
				t.Errorf("%s: told of %+v, want %d", what, got, want)
			}
		}
		told("one that is made anew", 0, tintype.TagPost{Post: posts[0], Op: at(1), On: true, Open: true})
		told("a deed", 1, tintype.TagPost{Post: posts[1], Op: at(2), On: true, Open: true, Tell: true})
		told("the same again", 0, tintype.TagPost{Post: posts[1], Op: at(3), On: true, Open: true, Tell: true})
		told("in private", 0, tintype.TagPost{Post: posts[2], Op: at(2), On: true, Tell: true})
		deaf := tags
		deaf.Listened = func(context.Context) bool { return false }
		tags, deaf = deaf, tags
		told("nobody listens", 0, tintype.TagPost{Post: posts[3], Op: at(2), On: true, Open: true, Tell: true})
		tags = deaf
		// The entry in the directory was lost: another try brings it back.
		if err := r.Directory().Write(ctx, func(tx *sqlstore.Tx) error {
			_, err := tx.Exec(ctx, &sqlstore.Stmt{Name: "test.unname", SQL: "DELETE FROM {s}tag_names WHERE name = 'sunset'"})
			return err
		}); err != nil {
			t.Fatal(err)
		}
		finds("suns")
		put("sunset", false, tintype.TagPost{Post: posts[3], Op: at(1), On: true, Open: true})
		finds("suns", "sunset")
		finds("moon")
		if got, err := tags.TagRecent(ctx, tags.ID("sun"), 2); err != nil || !slices.Equal(got, []tintype.ID{posts[2], posts[0]}) {
			t.Errorf("the last two that got it: %v, %v", got, err)
		}
		put("sun", true, tintype.TagPost{Post: posts[0]}, tintype.TagPost{Post: posts[1], Op: at(9), On: true})
		is("sun", 0, posts[2], posts[1])
		finds("sun", "sunset")

		// A beginning that many share: the most used are first although their names are last, but for the one itself.
		if err := r.Directory().Write(ctx, func(tx *sqlstore.Tx) error {
			_, err := tx.Exec(ctx, &sqlstore.Stmt{Name: "test.many", SQL: `
				WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 6000)
				INSERT INTO {s}tag_names (name, weight) SELECT 'b' || CAST(10000 + n AS TEXT), 1 + n / 6000 FROM c`})
			if err == nil {
				_, err = tx.Exec(ctx, &sqlstore.Stmt{Name: "test.more", SQL: "INSERT INTO {s}tag_names (name, weight) VALUES ('b', 1), ('bz', 9), ('bzz', 40), ('c', 30)"})
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if got, err := tags.Search(ctx, "b", 6); err != nil || !slices.Equal(got, []string{"b", "bzz", "bz", "b16000", "b10001", "b10002"}) {
			t.Errorf("of many, b finds %q, %v", got, err)
		}
		if tags.ID("sun") == tags.ID("sunset") || tags.ID("sun").Shard() != r.KeyShard(tintype.TagKey(tintype.TagID("sun"))) {
			t.Error("the number of a tag does not name its shard")
		}
		for _, tag := range []string{"sun", "moon"} {
			for _, want := range []bool{true, false} {
				if changed, err := tags.FollowTag(ctx, owner, tag, true); err != nil || changed != want {
					t.Errorf("following %s: %v, %v", tag, changed, err)
				}
			}
		}
		if changed, err := tags.FollowTag(ctx, owner, "sun", false); err != nil || !changed {
			t.Errorf("unfollowing: %v, %v", changed, err)
		}
		names, err := tags.FollowedTags(ctx, owner)
		ids, err2 := tags.FollowedTagIDs(ctx, owner)
		if err != nil || err2 != nil || !slices.Equal(names, []string{"moon"}) || !slices.Equal(ids, []tintype.ID{tags.ID("moon")}) {
			t.Errorf("followed: %q %v, %v %v", names, ids, err, err2)
		}
	})
}

// TestTagJobs: each deed that may tag a post, or take a tag away, leaves a job that
// names the post and those tags, and the truth says what there is.
func TestTagJobs(t *testing.T) {
	t.Parallel()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		ctx := t.Context()
		owner, other := addUser(t, r, r.Pick(), "owner", false), addUser(t, r, r.Pick(), "other", false)
		post := addPost(t, r, owner)
		takeJobs(t, r)
		left := func(what string, want ...string) {
			t.Helper()
			var got []string
			for _, it := range itemsOf[job.Tagging](t, takeJobs(t, r), job.TagKind) {
				if it.Post != post && it.User != owner {
					t.Errorf("%s: a job of %+v", what, it)
				}
				got = append(got, fmt.Sprint(it.Tags))
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s: jobs of %q, want %q", what, got, want)
			}
		}
		comments := sqlstore.Comments{R: r, Clock: time.Now}
		tags := sqlstore.Tags{R: r}
		mine := &tintype.Comment{PostID: post, UserID: owner, Text: "#One #two"}
		if _, _, err := comments.AddComment(ctx, mine, owner, nil, tintype.Once{UserID: owner}); err != nil {
			t.Fatal(err)
		}
		left("my comment", "[one two]")
		if _, _, err := comments.AddComment(ctx, &tintype.Comment{PostID: post, UserID: other, Text: "#three"}, owner, nil, tintype.Once{UserID: other}); err != nil {
			t.Fatal(err)
		}
		left("somebody else's")
		truth, err := tags.Truth(ctx, post)
		if err != nil || truth == nil || truth.Post.UserID != owner || !truth.Open || len(truth.Comments) != 1 || truth.Comments[0].Text != mine.Text {
			t.Errorf("the truth is %+v, %v", truth, err)
		}
		// Words without a sign of a tag do not count against what is looked at.
		for range 300 {
			if _, _, err := comments.AddComment(ctx, &tintype.Comment{PostID: post, UserID: owner, Text: "thanks"}, owner, nil, tintype.Once{UserID: owner}); err != nil {
				t.Fatal(err)
			}
		}
		late := &tintype.Comment{PostID: post, UserID: owner, Text: "＃夏"}
		if _, _, err := comments.AddComment(ctx, late, owner, nil, tintype.Once{UserID: owner}); err != nil {
			t.Fatal(err)
		}
		left("a late comment of mine", "[夏]")
		if truth, err := tags.Truth(ctx, post); err != nil || len(truth.Comments) != 2 || truth.Comments[1].ID != late.ID {
			t.Errorf("the truth is %+v, %v", truth, err)
		}
		if err := comments.DeleteComment(ctx, *late, owner); err != nil {
			t.Fatal(err)
		}
		left("the late comment is gone", "[夏]")
		if err := comments.DeleteComment(ctx, *mine, owner); err != nil {
			t.Fatal(err)
		}
		left("my comment is gone", "[one two]")
		private := true
		if _, err := (sqlstore.Profiles{R: r}).UpdateProfile(ctx, owner, tintype.ProfileChanges{Private: &private}); err != nil {
			t.Fatal(err)
		}
		left("going private", "[]")
		if truth, err := tags.Truth(ctx, post); err != nil || truth.Open || len(truth.Comments) != 0 {
			t.Errorf("the truth is %+v, %v", truth, err)
		}
		if truth, err := tags.Truth(ctx, post+1); err != nil || truth != nil {
			t.Errorf("of no post the truth is %+v, %v", truth, err)
		}
	})
}
