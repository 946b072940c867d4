package sqlstore_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/tintype/tintype/internal/blob"
	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/shard"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/sqlstore/storetest"
	"github.com/tintype/tintype/internal/tintype"
)

// addUpload makes a finished upload of user's.
func addUpload(t testing.TB, r *shard.Router, user tintype.ID, name string) *tintype.Upload {
	t.Helper()
	s := sqlstore.Uploads{R: r, Clock: time.Now}
	u := &tintype.Upload{UserID: user, BlobKey: blob.Original(name)}
	if err := s.BeginUpload(t.Context(), u); err != nil {
		t.Fatal(err)
	}
	u.SHA256, u.Bytes, u.Type, u.Width, u.Height = [32]byte{1, 2, 3}, 1234, "image/jpeg", 4000, 3000
	u.Camera = &tintype.Camera{Make: "Ｃamera", ISO: 100}
	u.Location = &tintype.Location{Latitude: 47.5, Longitude: -122.25, HasPoint: true}
	if err := s.FinishUpload(t.Context(), u); err != nil {
		t.Fatal(err)
	}
	return u
}

// publish makes a post of n pictures.
func publish(t testing.TB, r *shard.Router, p *tintype.Post, n int, o tintype.Once) (former tintype.ID, err error) {
	t.Helper()
	var ids []tintype.ID
	var keys []string
	p.Media = nil
	for i := range n {
		u := addUpload(t, r, p.UserID, fmt.Sprintf("file%d", i))
		ids, keys = append(ids, u.ID), append(keys, fmt.Sprintf("key%d-%v", i, u.ID))
		p.Media = append(p.Media, tintype.Media{Key: keys[i], OriginalKey: u.BlobKey, OriginalType: u.Type, OriginalBytes: u.Bytes,
			Width: 1080, Height: 810, Blurhash: "LKO2", AltText: fmt.Sprintf("picture %d", i)})
	}
	p.Media[0].Camera = &tintype.Camera{Make: "Camera", Taken: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	p.Media[0].Recipe, p.Media[0].Filter = json.RawMessage(`{"rotate":90}`), "Tin"
	if err := (sqlstore.Uploads{R: r, Clock: time.Now}).ClaimUploads(t.Context(), p.UserID, ids, keys); err != nil {
		t.Fatal(err)
	}
	return sqlstore.Posts{R: r, Clock: time.Now}.Publish(t.Context(), p, ids, make([][32]byte, n), o)
}

func kinds(jobs []takenJob) string {
	var out []string
	for _, j := range jobs {
		out = append(out, fmt.Sprintf("%s×%d", j.kind, len(j.items)))
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

func TestUploads(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	var mu sync.Mutex
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		at := now
		clock := func() time.Time { mu.Lock(); defer mu.Unlock(); return at }
		pass := func(d time.Duration) { mu.Lock(); at = at.Add(d); mu.Unlock() }
		ctx := t.Context()
		s := sqlstore.Uploads{R: r, Clock: clock}
		me, other := addUser(t, r, r.Pick(), "me", false), addUser(t, r, r.Pick(), "other", false)
		u := &tintype.Upload{UserID: me, BlobKey: "o/first"}
		if err := s.BeginUpload(ctx, u); err != nil {
			t.Fatal(err)
		}
		if list, err := s.Uploads(ctx, me, []tintype.ID{u.ID}); err != nil || len(list) != 0 {
			t.Errorf("an upload under way is given: %v, %v", list, err)
		}
		if err := s.ClaimUploads(ctx, me, []tintype.ID{u.ID}, []string{"k"}); !tintype.IsKind(err, tintype.Conflict) {
			t.Errorf("claiming an upload under way: %v, want Conflict", err)
		}
		u.SHA256, u.Bytes, u.Type, u.Width, u.Height, u.Camera = [32]byte{9}, 5, "image/png", 3, 4, &tintype.Camera{Model: "X"}
		u.Location = &tintype.Location{Latitude: -1, Longitude: 0, HasPoint: true}
		if err := s.FinishUpload(ctx, u); err != nil {
			t.Fatal(err)
		}
		list, err := s.Uploads(ctx, me, []tintype.ID{u.ID, u.ID + 1})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]*tintype.Upload{u}, list); diff != "" {
			t.Errorf("an upload came back different (-want +got):\n%s", diff)
		}
		if list, err := s.Uploads(ctx, other, []tintype.ID{u.ID}); err != nil || len(list) != 0 {
			t.Errorf("another user's upload is given: %v, %v", list, err)
		}
		takeJobs(t, r)

		// One publication at a time, until it has had its time.
		ids := []tintype.ID{u.ID}
		if err := s.ClaimUploads(ctx, me, ids, []string{"one"}); err != nil {
			t.Fatal(err)
		}
		if err := s.ClaimUploads(ctx, me, ids, []string{"two"}); !tintype.IsKind(err, tintype.Conflict) {
			t.Errorf("a second claim: %v, want Conflict", err)
		}
		if err := s.ClaimUploads(ctx, other, ids, []string{"three"}); !tintype.IsKind(err, tintype.Conflict) {
			t.Errorf("another's claim: %v, want Conflict", err)
		}
		if err := s.DeleteUpload(ctx, me, u.ID); !tintype.IsKind(err, tintype.NotFound) {
			t.Errorf("deleting what is being published: %v, want NotFound", err)
		}
		pass(10 * time.Second)
		if err := s.ClaimUploads(ctx, me, ids, []string{"one"}); err != nil {
			t.Errorf("renewing a claim: %v", err)
		}
		pass(10 * time.Second)
		if err := s.ClaimUploads(ctx, me, ids, []string{"two"}); !tintype.IsKind(err, tintype.Conflict) {
			t.Errorf("a claim beside one that was renewed: %v, want Conflict", err)
		}
		if jobs := takeJobs(t, r); len(jobs) != 0 {
			t.Errorf("renewing a claim makes the jobs %v", jobs)
		}
		pass(16 * time.Second)
		if err := s.ClaimUploads(ctx, me, ids, []string{"four"}); err != nil {
			t.Errorf("a claim after one that died: %v", err)
		}
		purges := itemsOf[job.Purge](t, takeJobs(t, r), job.PurgeKind)
		if len(purges) != 1 || !slices.Equal(purges[0].Keys, blob.Renditions("one")) {
			t.Errorf("what the dead claim made is purged as %v", purges)
		}
		if err := s.ReleaseUploads(ctx, me, ids, []string{"one"}); err != nil { // not its any longer
			t.Fatal(err)
		}
		if err := s.DeleteUpload(ctx, me, u.ID); !tintype.IsKind(err, tintype.NotFound) {
			t.Errorf("a dead claim released a living one: %v", err)
		}
		reborn := sqlstore.Uploads{R: r, Clock: clock, Since: clock().Add(time.Second)}
		pass(time.Second)
		if err := reborn.ClaimUploads(ctx, me, ids, []string{"five"}); err != nil {
			t.Errorf("a claim after the process of one before it ended: %v", err)
		}
		if err := reborn.ClaimUploads(ctx, me, ids, []string{"six"}); !tintype.IsKind(err, tintype.Conflict) {
			t.Errorf("a second claim of the same process: %v, want Conflict", err)
		}
		takeJobs(t, r)
		if err := s.ReleaseUploads(ctx, me, ids, []string{"five"}); err != nil {
			t.Fatal(err)
		}
		if err := s.DeleteUpload(ctx, other, u.ID); !tintype.IsKind(err, tintype.NotFound) {
			t.Errorf("deleting another's upload: %v, want NotFound", err)
		}
		if err := s.DeleteUpload(ctx, me, u.ID); err != nil {
			t.Fatal(err)
		}
		if err := s.FinishUpload(ctx, u); !tintype.IsKind(err, tintype.NotFound) {
			t.Errorf("finishing a deleted upload: %v, want NotFound", err)
		}
		purges = itemsOf[job.Purge](t, takeJobs(t, r), job.PurgeKind)
		if len(purges) != 1 || !slices.Equal(purges[0].Keys, []string{"o/first", "u/first/preview.jpg"}) {
			t.Errorf("a deleted upload's files are purged as %v", purges)
		}

		// The sweep.
		for i := range 205 {
			w := &tintype.Upload{UserID: me, BlobKey: fmt.Sprintf("o/old%d", i)}
			if err := s.BeginUpload(ctx, w); err != nil {
				t.Fatal(err)
			}
		}
		p := &tintype.Post{UserID: me}
		if _, err := publish(t, r, p, 1, tintype.Once{UserID: me}); err != nil {
			t.Fatal(err)
		}
		pass(25 * time.Hour)
		fresh := &tintype.Upload{UserID: other, BlobKey: "o/fresh"}
		if err := s.BeginUpload(ctx, fresh); err != nil {
			t.Fatal(err)
		}
		takeJobs(t, r)
		if err := s.SweepUploads(ctx, clock().Add(-24*time.Hour)); err != nil {
			t.Fatal(err)
		}
		if n := len(itemsOf[job.Purge](t, takeJobs(t, r), job.PurgeKind)); n != 205 {
			t.Errorf("the sweep purges %d uploads, want 205", n)
		}
		pass(48 * time.Hour * 365 * 3) // what publish made has the real time
		if err := s.SweepUploads(ctx, clock().Add(-24*time.Hour)); err != nil {
			t.Fatal(err)
		}
		for _, h := range r.Homes() {
			if left := rows(t, h, `SELECT id FROM {s}uploads`, 1); len(left) != 0 {
				t.Errorf("the sweep left %v", left)
			}
		}
		if keys := itemsOf[job.Purge](t, takeJobs(t, r), job.PurgeKind); len(keys) != 1 || keys[0].Keys[0] != "o/fresh" {
			t.Errorf("the sweep purges %v, want only the one unpublished", keys)
		}
	})
}

func TestPosts(t *testing.T) {
	t.Parallel()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		ctx := t.Context()
		s := sqlstore.Posts{R: r, Clock: time.Now}
		me, fan, friend := addUser(t, r, r.Pick(), "me", false), addUser(t, r, r.Pick(), "fan", false), addUser(t, r, r.Pick(), "friend", false)
		takeJobs(t, r)
		once := tintype.Once{UserID: me, Key: []byte("key"), Request: []byte("request")}
		if former, err := s.Published(ctx, once); former != 0 || err != nil {
			t.Errorf("published before: %v, %v", former, err)
		}
		p := &tintype.Post{UserID: me, Caption: "Ein schöner #Tag 中文", Tags: []string{"tag", "中文"}, Mentions: []tintype.ID{friend, me},
			Location: &tintype.Location{Name: "Café", Latitude: 1.5, Longitude: -2.25, HasPoint: true}}
		if former, err := publish(t, r, p, 3, once); former != 0 || err != nil || p.ID == 0 || p.ID.Shard() != me.Shard() {
			t.Fatalf("publish: %v, %v, %v", former, p.ID, err)
		}
		jobs := takeJobs(t, r)
		if got, want := kinds(jobs), "deliver×1 formats×1 notice×1 published×1 purge×3 spot×1 tag×1 word×1"; got != want {
			t.Errorf("publishing enqueues %s, want %s", got, want)
		}
		if n := itemsOf[job.Notice](t, jobs, job.NoticeKind); n[0].User != friend || n[0].Actor != me || n[0].Post != p.ID || n[0].Op == 0 {
			t.Errorf("the notice is %+v", n[0])
		}
		got, err := s.Posts(ctx, []tintype.ID{p.ID, p.ID, p.ID + 1})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]*tintype.Post{p}, got); diff != "" {
			t.Errorf("a post came back different (-want +got):\n%s", diff)
		}

		// Repeats.
		again := &tintype.Post{UserID: me}
		if former, err := publish(t, r, again, 1, once); former != p.ID || err != nil {
			t.Errorf("a repeat gives %v, %v; want %v", former, err, p.ID)
		}
		other := once
		other.Request = []byte("another")
		if _, err := publish(t, r, again, 1, other); !tintype.IsKind(err, tintype.Conflict) {
			t.Errorf("the key for another request: %v, want Conflict", err)
		}
		if former, err := s.Published(ctx, once); former != p.ID || err != nil {
			t.Errorf("published before: %v, %v", former, err)
		}
		if got := rows(t, r.Home(me.Shard()), `SELECT media FROM {s}users WHERE id = $1`, 1, me); got[0] != "1" {
			t.Errorf("%s posts are counted, want 1", got[0])
		}
		nobody := &tintype.Post{UserID: tintype.MakeID(time.Now().UnixMilli(), me.Shard(), 1023)}
		if _, err := publish(t, r, nobody, 1, tintype.Once{}); !tintype.IsKind(err, tintype.Forbidden) {
			t.Errorf("nobody publishes: %v, want Forbidden", err)
		}

		// An upload that is used cannot be used again, and a claim by another is not ours.
		u := addUpload(t, r, me, "taken")
		if err := (sqlstore.Uploads{R: r, Clock: time.Now}).ClaimUploads(ctx, me, []tintype.ID{u.ID}, []string{"theirs"}); err != nil {
			t.Fatal(err)
		}
		again.Media = []tintype.Media{{Key: "mine", OriginalKey: u.BlobKey}}
		if _, err := s.Publish(ctx, again, []tintype.ID{u.ID}, make([][32]byte, 1), tintype.Once{UserID: me}); !tintype.IsKind(err, tintype.Conflict) {
			t.Errorf("publishing with a lost claim: %v, want Conflict", err)
		}

		// Editing.
		edited := *got[0]
		edited.Caption, edited.Tags, edited.Mentions, edited.Location = "other", nil, []tintype.ID{fan}, nil
		edited.Media = []tintype.Media{p.Media[2], p.Media[0], p.Media[1]}
		edited.Media[0].AltText = "first now"
		takeJobs(t, r)
		if err := s.EditPost(ctx, &edited, []tintype.ID{fan}, []tintype.ID{friend}); err != nil {
			t.Fatal(err)
		}
		if n := itemsOf[job.Notice](t, takeJobs(t, r), job.NoticeKind); len(n) != 1 || n[0].User != fan {
			t.Errorf("an edit notifies %+v", n)
		}
		// cmpopts: the instant is the store's.
		if got, err = s.Posts(ctx, []tintype.ID{p.ID}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(&edited, got[0], cmpopts.IgnoreFields(tintype.Post{}, "Edited")); diff != "" || got[0].Edited.IsZero() {
			t.Errorf("after an edit at %v (-want +got):\n%s", got[0].Edited, diff)
		}
		stale := *p
		if err := s.EditPost(ctx, &stale, nil, nil); !tintype.IsKind(err, tintype.Conflict) {
			t.Errorf("an edit of an old state: %v, want Conflict", err)
		}
		missing := *got[0]
		missing.Media = []tintype.Media{{Key: "none"}}
		if err := s.EditPost(ctx, &missing, nil, nil); !tintype.IsKind(err, tintype.Conflict) {
			t.Errorf("an edit of a picture that is not there: %v, want Conflict", err)
		}

		// The embedded few.
		var comments []tintype.Comment
		likes := sqlstore.Likes{R: r}
		c := sqlstore.Comments{R: r, Clock: time.Now}
		var likers []tintype.ID
		for i := range 6 {
			w := addUser(t, r, r.Pick(), fmt.Sprintf("w%d", i), false)
			likers = append([]tintype.ID{w}, likers...)
			if _, err := likes.Like(ctx, w, p.ID, me, true); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Millisecond) // two shards order their IDs by milliseconds
			k := tintype.Comment{PostID: p.ID, UserID: w, Text: fmt.Sprintf("comment %d", i)}
			if _, noticed, err := c.AddComment(ctx, &k, me, nil, tintype.Once{UserID: w}); err != nil || !slices.Equal(noticed, []tintype.ID{me}) {
				t.Fatal(noticed, err)
			}
			comments = append(comments, k)
		}
		edges := itemsOf[job.Edge](t, takeJobs(t, r), job.EdgeKind)
		if err := c.ApplyComments(ctx, only(edges, job.EdgeComment)); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			posts, noticed, err := likes.ApplyLikes(ctx, only(edges, job.EdgeLike))
			if err != nil || len(noticed) > 1 || len(posts) > 1 {
				t.Fatal(posts, noticed, err)
			}
		}
		lonely := &tintype.Post{UserID: fan}
		if _, err := publish(t, r, lonely, 1, tintype.Once{UserID: fan}); err != nil {
			t.Fatal(err)
		}
		if got, err = s.Posts(ctx, []tintype.ID{lonely.ID, p.ID}); err != nil || len(got) != 2 {
			t.Fatal(got, err)
		}
		whole := got[slices.IndexFunc(got, func(q *tintype.Post) bool { return q.ID == p.ID })]
		if diff := cmp.Diff(comments[2:], whole.TopComments); diff != "" || whole.Comments != 6 {
			t.Errorf("%d comments, of which embedded (-want +got):\n%s", whole.Comments, diff)
		}
		if diff := cmp.Diff(likers[:4], whole.TopLikers); diff != "" || whole.Likes != 6 {
			t.Errorf("%d likes, of which embedded (-want +got):\n%s", whole.Likes, diff)
		}
		if list, ops, err := likes.Likers(ctx, p.ID, tintype.Page{Count: 10}); err != nil || !slices.Equal(list, likers) || len(ops) != 6 {
			t.Errorf("likers are %v, %v; want %v", list, err, likers)
		}
		if posts, ops, err := likes.LikedPosts(ctx, likers[0], tintype.Page{Count: 5}); err != nil || !slices.Equal(posts, []tintype.ID{p.ID}) || len(ops) != 1 {
			t.Errorf("liked posts are %v, %v", posts, err)
		}
		if op, state, err := likes.Arrived(ctx, p.ID, likers[0]); err != nil || op == 0 || state != tintype.EdgeThere {
			t.Errorf("arrived: %v, %d, %v", op, state, err)
		}
		if _, err := likes.Like(ctx, likers[0], p.ID, me, false); err != nil {
			t.Fatal(err)
		}

		// Pages of a user's posts.
		second := &tintype.Post{UserID: me}
		if _, err := publish(t, r, second, 1, tintype.Once{UserID: me}); err != nil {
			t.Fatal(err)
		}
		for _, tt := range []struct {
			page tintype.Page
			want []tintype.ID
		}{
			{tintype.Page{Count: 5}, []tintype.ID{second.ID, p.ID}},
			{tintype.Page{Count: 1}, []tintype.ID{second.ID}},
			{tintype.Page{Count: 5, Max: second.ID}, []tintype.ID{p.ID}},
			{tintype.Page{Count: 5, Min: p.ID}, []tintype.ID{second.ID}},
		} {
			if ids, err := s.PostIDs(ctx, me, tt.page); err != nil || !slices.Equal(ids, tt.want) {
				t.Errorf("page %+v gives %v, %v; want %v", tt.page, ids, err, tt.want)
			}
		}

		// Deleting takes everything, on every side.
		if err := s.DeletePost(ctx, fan, p.ID); !tintype.IsKind(err, tintype.NotFound) {
			t.Errorf("deleting another's post: %v, want NotFound", err)
		}
		edges = itemsOf[job.Edge](t, takeJobs(t, r), job.EdgeKind) // the unlike is still on its way
		if err := s.DeletePost(ctx, me, p.ID); err != nil {
			t.Fatal(err)
		}
		if err := s.DeletePost(ctx, me, p.ID); !tintype.IsKind(err, tintype.NotFound) {
			t.Errorf("deleting twice: %v, want NotFound", err)
		}
		jobs = takeJobs(t, r)
		if got, want := kinds(jobs), "edge×1 erase×1 purge×3 withdraw×1 word×1"; got != want {
			t.Errorf("deleting enqueues %s, want %s", got, want)
		}
		var purged []string
		for _, k := range itemsOf[job.Purge](t, jobs, job.PurgeKind) {
			purged = append(purged, k.Keys...)
		}
		for _, m := range p.Media {
			for _, k := range append(blob.Renditions(m.Key), m.OriginalKey, blob.Preview(m.OriginalKey)) {
				if !slices.Contains(purged, k) {
					t.Errorf("%s is not purged", k)
				}
			}
		}
		late := tintype.Comment{PostID: p.ID, UserID: fan, Text: "too late"}
		if _, _, err := c.AddComment(ctx, &late, me, nil, tintype.Once{UserID: fan}); !tintype.IsKind(err, tintype.NotFound) {
			t.Errorf("a comment on a deleted post: %v, want NotFound", err)
		}
		if _, err := likes.Like(ctx, fan, p.ID, me, true); err != nil { // from a cache that had it still
			t.Fatal(err)
		}
		jobs = append(jobs, takeJobs(t, r)...)
		for round := 0; len(jobs) > 0 && round < 10; round++ {
			for _, e := range itemsOf[job.Erase](t, jobs, job.EraseKind) {
				if err := s.ErasePost(ctx, e); err != nil {
					t.Fatal(err)
				}
			}
			edges = append(edges, itemsOf[job.Edge](t, jobs, job.EdgeKind)...)
			if _, _, err := likes.ApplyLikes(ctx, only(edges, job.EdgeLike)); err != nil {
				t.Fatal(err)
			}
			if err := likes.ApplyGone(ctx, only(edges, job.EdgeGone)); err != nil {
				t.Fatal(err)
			}
			if err := c.ApplyComments(ctx, only(edges, job.EdgeComment)); err != nil {
				t.Fatal(err)
			}
			edges, jobs = nil, takeJobs(t, r)
		}
		for _, h := range r.Homes() {
			for table, column := range map[string]string{"posts": "id", "media": "post_id", "comments": "post_id", "likes": "post_id",
				"my_comments": "post_id", "activity": "post_id"} {
				if left := rows(t, h, `SELECT `+column+` FROM {s}`+table+` WHERE `+column+` = $1`, 1, p.ID); len(left) != 0 {
					t.Errorf("%d rows of %s are left of a deleted post", len(left), table)
				}
			}
			if left := rows(t, h, `SELECT user_id FROM {s}my_likes WHERE post_id = $1 AND state <> 0`, 1, p.ID); len(left) != 0 {
				t.Errorf("a deleted post is still liked by %v", left)
			}
		}
		if err := likes.Sweep(ctx, time.Now().Add(8*24*time.Hour)); err != nil {
			t.Fatal(err)
		}
		if got := rows(t, r.Home(me.Shard()), `SELECT media FROM {s}users WHERE id = $1`, 1, me); got[0] != "1" {
			t.Errorf("%s posts are counted, want 1", got[0])
		}
	})
}

func only(edges []job.Edge, typ job.EdgeType) []job.Edge {
	return slices.DeleteFunc(slices.Clone(edges), func(e job.Edge) bool { return e.Type != typ })
}

func TestComments(t *testing.T) {
	t.Parallel()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		ctx := t.Context()
		me, fan, friend := addUser(t, r, r.Pick(), "me", false), addUser(t, r, r.Pick(), "fan", false), addUser(t, r, r.Pick(), "friend", false)
		post := addPost(t, r, me)
		takeJobs(t, r)
		s := sqlstore.Comments{R: r, Clock: time.Now}
		once := tintype.Once{UserID: fan, Key: []byte("k"), Request: []byte("r")}
		c := tintype.Comment{PostID: post, UserID: fan, Text: "hello @friend @me"}
		if former, _, err := s.AddComment(ctx, &c, me, []tintype.ID{friend, me}, once); former != 0 || err != nil {
			t.Fatal(former, err)
		}
		jobs := takeJobs(t, r)
		if got, want := kinds(jobs), "edge×1 notice×2"; got != want {
			t.Errorf("a comment enqueues %s, want %s", got, want)
		}
		if n := itemsOf[job.Notice](t, jobs, job.NoticeKind); n[0].Op == c.ID || n[0].Comment != c.ID {
			t.Errorf("the notice is %+v", n[0])
		}
		repeat := tintype.Comment{PostID: post, UserID: fan, Text: c.Text}
		if former, _, err := s.AddComment(ctx, &repeat, me, nil, once); former != c.ID || err != nil {
			t.Errorf("a repeat gives %v, %v; want %v", former, err, c.ID)
		}
		var wg sync.WaitGroup
		shared := tintype.Once{UserID: fan, Key: []byte("parallel"), Request: []byte("r")}
		made := make([]tintype.ID, 8)
		for i := range made {
			wg.Go(func() {
				for { // who lost the race to commit tries again, as a client does
					k := tintype.Comment{PostID: post, UserID: fan, Text: "once"}
					former, _, err := s.AddComment(ctx, &k, me, nil, shared)
					if err == nil {
						made[i] = max(former, k.ID)
						if former != 0 {
							made[i] = former
						}
						return
					}
					if !tintype.IsKind(err, tintype.Conflict) {
						t.Error(err)
						return
					}
				}
			})
		}
		wg.Wait()
		if len(slices.Compact(slices.Sorted(slices.Values(made)))) != 1 {
			t.Errorf("one key made the comments %v", made)
		}
		home := r.Home(me.Shard())
		if got := rows(t, home, `SELECT comments FROM {s}posts WHERE id = $1`, 1, post); got[0] != "2" {
			t.Errorf("%s comments are counted, want 2", got[0])
		}
		list, err := s.Comments(ctx, post, tintype.Page{Count: 5})
		if err != nil || len(list) != 2 || list[1] != c {
			t.Errorf("comments are %+v, %v", list, err)
		}
		if older, err := s.Comments(ctx, post, tintype.Page{Count: 5, Max: list[0].ID}); err != nil || len(older) != 1 {
			t.Errorf("older comments are %+v, %v", older, err)
		}
		if by, err := s.CommentsByID(ctx, []tintype.Comment{{PostID: post, ID: c.ID}, {PostID: post, ID: 5}}); err != nil || len(by) != 1 || by[0] != c {
			t.Errorf("by ID: %+v, %v", by, err)
		}
		edges := append(itemsOf[job.Edge](t, jobs, job.EdgeKind), itemsOf[job.Edge](t, takeJobs(t, r), job.EdgeKind)...)
		if err := s.DeleteComment(ctx, c, me); err != nil {
			t.Fatal(err)
		}
		if err := s.DeleteComment(ctx, c, me); !tintype.IsKind(err, tintype.NotFound) {
			t.Errorf("deleting twice: %v, want NotFound", err)
		}
		if got := rows(t, home, `SELECT comments FROM {s}posts WHERE id = $1`, 1, post); got[0] != "1" {
			t.Errorf("%s comments are counted, want 1", got[0])
		}
		edges = append(itemsOf[job.Edge](t, takeJobs(t, r), job.EdgeKind), edges...) // the end before the beginning
		for range 2 {
			if err := s.ApplyComments(ctx, edges); err != nil {
				t.Fatal(err)
			}
		}
		if got := rows(t, r.Home(fan.Shard()), `SELECT id FROM {s}my_comments WHERE user_id = $1`, 1, fan); !slices.Equal(got, []string{made[0].String()}) {
			t.Errorf("my comments are %v, want %v", got, made[0])
		}
		if got := rows(t, home, `SELECT comment_id FROM {s}activity WHERE user_id = $1 AND kind = 2`, 1, me); !slices.Equal(got, []string{made[0].String()}) {
			t.Errorf("my activity has the comments %v, want %v", got, made[0])
		}
	})
}

func TestIdempotency(t *testing.T) {
	t.Parallel()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		ctx := t.Context()
		s := sqlstore.Idempotency{R: r, Clock: time.Now}
		o := tintype.Once{UserID: addUser(t, r, r.Pick(), "me", false), Key: []byte{1}, Request: []byte{2}}
		if _, _, found, err := s.Result(ctx, o); found || err != nil {
			t.Errorf("a new key is known: %v", err)
		}
		if err := s.Keep(ctx, o, 201, `{"a":1}`); err != nil {
			t.Fatal(err)
		}
		if err := s.Keep(ctx, o, 201, `{"a":2}`); !tintype.IsKind(err, tintype.Conflict) {
			t.Errorf("a second answer: %v, want Conflict", err)
		}
		if status, result, found, err := s.Result(ctx, o); status != 201 || result != `{"a":1}` || !found || err != nil {
			t.Errorf("the result is %d %s %v, %v", status, result, found, err)
		}
		other := o
		other.Request = []byte{3}
		if _, _, _, err := s.Result(ctx, other); !tintype.IsKind(err, tintype.Conflict) {
			t.Errorf("the key for another request: %v, want Conflict", err)
		}
		if err := s.Sweep(ctx, time.Now().Add(23*time.Hour)); err != nil {
			t.Fatal(err)
		}
		if _, _, found, err := s.Result(ctx, o); !found || err != nil {
			t.Errorf("forgotten within a day: %v", err)
		}
		if err := s.Sweep(ctx, time.Now().Add(25*time.Hour)); err != nil {
			t.Fatal(err)
		}
		if _, _, found, err := s.Result(ctx, o); found || err != nil {
			t.Errorf("kept for over a day: %v", err)
		}
	})
}
