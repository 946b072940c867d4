package sqlstore_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tintype/tintype/internal/shard"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/sqlstore/storetest"
	"github.com/tintype/tintype/internal/tintype"
)

// running makes an import of user's that runs.
func running(t testing.TB, s sqlstore.Imports, user tintype.ID) tintype.Import {
	t.Helper()
	i := tintype.Import{UserID: user, State: tintype.TaskReceiving, Key: "key", Name: "a.zip", Bytes: 20, PartBytes: 10, Created: time.Unix(5, 0).UTC(), Changed: time.Unix(5, 0).UTC(), Expires: time.Unix(50, 0).UTC()}
	if err := s.BeginImport(t.Context(), &i, func([]tintype.Import) error { return nil }); err != nil {
		t.Fatal(err)
	}
	i.State = tintype.TaskRunning
	if ok, err := s.SaveImport(t.Context(), i, false); !ok || err != nil {
		t.Fatal(ok, err)
	}
	i.Step++
	return i
}

// past publishes a post of an import, with one picture.
func past(t testing.TB, r *shard.Router, user tintype.ID, p tintype.Past) (*tintype.Post, tintype.ID, error) {
	t.Helper()
	u := addUpload(t, r, user, "past"+p.Key)
	key := fmt.Sprintf("key%v", u.ID)
	if err := (sqlstore.Uploads{R: r, Clock: time.Now}).ClaimUploads(t.Context(), user, []tintype.ID{u.ID}, []string{key}); err != nil {
		t.Fatal(err)
	}
	post := &tintype.Post{UserID: user, Caption: "from #elsewhere", Tags: []string{"elsewhere"}, Media: []tintype.Media{{Key: key, OriginalKey: u.BlobKey, OriginalType: u.Type, OriginalBytes: u.Bytes, Width: 1, Height: 1}}}
	former, err := sqlstore.Posts{R: r, Clock: time.Now}.PublishPast(t.Context(), post, []tintype.ID{u.ID}, make([][32]byte, 1), p)
	return post, former, err
}

func TestImports(t *testing.T) {
	t.Parallel()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		ctx := t.Context()
		s := sqlstore.Imports{R: r, Clock: time.Now}
		me := addUser(t, r, r.Pick(), "me", false)
		i := tintype.Import{UserID: me, Key: "key", Name: "a.zip", Bytes: 20, PartBytes: 10, Created: time.Unix(5, 0).UTC(), Changed: time.Unix(5, 0).UTC(), Expires: time.Unix(50, 0).UTC()}
		no := errors.New("no")
		if err := s.BeginImport(ctx, &i, func([]tintype.Import) error { return no }); !errors.Is(err, no) {
			t.Errorf("one that is not allowed: %v", err)
		}
		if err := s.BeginImport(ctx, &i, func(there []tintype.Import) error { return nil }); err != nil {
			t.Fatal(err)
		}
		got, err := s.Import(ctx, me, i.ID)
		if diff := cmp.Diff(i, got); diff != "" || err != nil {
			t.Fatalf("%v (-want +got):\n%s", err, diff)
		}
		takeJobs(t, r)
		for _, n := range []int{1, 0, 0, 2, 1} {
			ok, err := s.AddPart(ctx, me, i.ID, n, time.Unix(60, 0))
			now, e := s.Import(ctx, me, i.ID)
			if err != nil || e != nil || ok != (now.Parts == n+1 && now.Parts != i.Parts) {
				t.Errorf("part %d: %v, %v; there are %d", n, ok, err, now.Parts)
			}
			i.Parts = now.Parts
		}
		items := []tintype.ImportItem{{N: 0, Key: "a", Taken: time.Unix(100, 0).UTC(), Title: "first", Data: "{}"}, {N: 1, Key: "b", Title: "second", Data: "{}"}, {N: 2, Key: "c", Title: "third", Data: "{}"}}
		for range 2 {
			if err := s.AddItems(ctx, me, i.ID, items); err != nil {
				t.Fatal(err)
			}
		}
		i, _ = s.Import(ctx, me, i.ID)
		if got := kinds(takeJobs(t, r)); i.State != tintype.TaskReading || i.Step != 1 || got != "import×1" {
			t.Errorf("with all its parts it is %+v, and the jobs are %s", i, got)
		}
		// What it unpacks to takes its place.
		i.Key, i.Bytes, i.Parts = "unpacked", 25, 3
		for n := range 2 {
			if ok, err := s.ReplaceFile(ctx, i, "key", 2); ok != (n == 0) || err != nil {
				t.Errorf("replaced %d times: %v, %v", n, ok, err)
			}
		}
		i.Step++
		if got, err := s.Import(ctx, me, i.ID); err != nil || got.Key != "unpacked" || got.Bytes != 25 || got.Parts != 3 || got.Step != i.Step || got.State != tintype.TaskReading {
			t.Errorf("unpacked it is %+v, %v", got, err)
		}
		if got := kinds(takeJobs(t, r)); got != "import×1 purge×1" {
			t.Errorf("jobs %s", got)
		}
		i.State, i.Format, i.Options, i.Total, i.Reason = tintype.TaskRunning, "instagram", "{}", 3, "why"
		if ok, err := s.SaveImport(ctx, i, true); !ok || err != nil {
			t.Fatal(ok, err)
		}
		if ok, err := s.SaveImport(ctx, i, true); ok || err != nil {
			t.Errorf("a step twice: %v %v", ok, err)
		}
		if got := kinds(takeJobs(t, r)); got != "import×1" {
			t.Errorf("jobs %s", got)
		}
		p, former, err := past(t, r, me, tintype.Past{Taken: items[0].Taken, Import: i.ID, N: 0, Key: "a", Notes: tintype.Reasons{{Code: "old", N: 2009}}})
		if err != nil || former != 0 {
			t.Fatal(former, err)
		}
		if got := kinds(takeJobs(t, r)); got != "formats×1 purge×1 tag×1 word×1" {
			t.Errorf("nobody is to hear of it, but the jobs are %s", got)
		}
		if _, former, err := past(t, r, me, tintype.Past{Taken: items[0].Taken, Import: i.ID, N: 2, Key: "a"}); err != nil || former != p.ID {
			t.Errorf("the same thing again: %v, %v; want %v", former, err, p.ID)
		}
		for range 2 {
			if err := s.SettleItem(ctx, me, i.ID, tintype.ImportItem{N: 1, State: tintype.ItemFailed, Reason: "broken"}); err != nil {
				t.Fatal(err)
			}
		}
		now, err := s.Import(ctx, me, i.ID)
		if err != nil || now.Done != 1 || now.Failed != 1 || now.Skipped != 0 || now.State != tintype.TaskRunning || now.Format != "instagram" {
			t.Errorf("%+v, %v", now, err)
		}
		items[0].State, items[0].PostID, items[0].Reason = tintype.ItemDone, p.ID, `[{"c":"old","n":2009}]`
		items[1].State, items[1].Reason = tintype.ItemFailed, "broken"
		list, err := s.Items(ctx, me, i.ID, -1, 10)
		if diff := cmp.Diff(items, list); diff != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
		if list, err := s.ItemsIn(ctx, me, i.ID, tintype.ItemFailed, 0, 10); err != nil || len(list) != 1 || list[0].N != 1 {
			t.Errorf("%+v, %v", list, err)
		}
		takeJobs(t, r)
		for _, c := range []struct {
			step, failed int
			ok           bool
			jobs         string
		}{{now.Step - 1, 1, false, ""}, {now.Step, 0, true, "import×1"}, {now.Step, 0, false, ""}} {
			again := now
			again.Step = c.step
			ok, err := s.RetryImport(ctx, again)
			got, e := s.Import(ctx, me, i.ID)
			if err != nil || e != nil || ok != c.ok || got.Failed != c.failed || kinds(takeJobs(t, r)) != c.jobs {
				t.Errorf("tried again at step %d: %v, %v; %d failed", c.step, ok, err, got.Failed)
			}
			list, err := s.ItemsIn(ctx, me, i.ID, tintype.ItemFailed, -1, 10)
			if err != nil || len(list) != c.failed {
				t.Errorf("at step %d these failed: %+v, %v", c.step, list, err)
			}
		}
		now, _ = s.Import(ctx, me, i.ID)
		for _, state := range []tintype.TaskState{tintype.TaskRefused, tintype.TaskRunning} {
			now.State = state
			if ok, err := s.SaveImport(ctx, now, false); !ok || err != nil {
				t.Fatal(ok, err)
			}
			now.Step++
			list, err := s.Refused(ctx)
			if err != nil || slices.Contains(list, tintype.Ticket{User: me, ID: i.ID, Step: now.Step}) != (state == tintype.TaskRefused) {
				t.Errorf("those that wait for leave, with one that is %v: %+v, %v", state, list, err)
			}
		}
		if id, err := s.Imported(ctx, me, "a"); err != nil || id != p.ID {
			t.Error(id, err)
		}
		if ids, err := s.Made(ctx, me, i.ID, 5); err != nil || !slices.Equal(ids, []tintype.ID{p.ID}) {
			t.Error(ids, err)
		}

		// What is undone can come again, and gets another ID.
		if err := (sqlstore.Posts{R: r, Clock: time.Now}).DeletePost(ctx, me, p.ID); err != nil {
			t.Fatal(err)
		}
		if id, err := s.Imported(ctx, me, "a"); err != nil || id != 0 {
			t.Error(id, err)
		}
		if err := s.Forget(ctx, me, i.ID, []tintype.ID{p.ID}); err != nil {
			t.Fatal(err)
		}
		again, former, err := past(t, r, me, tintype.Past{Taken: items[0].Taken, Import: i.ID, N: 2, Key: "a"})
		if err != nil || former != 0 || again.ID == p.ID {
			t.Errorf("%v after %v: %v %v", again.ID, p.ID, former, err)
		}

		// One that comes archived is found nowhere, and counted nowhere; pinned ones are in their own order.
		takeJobs(t, r)
		counted := countsOf(t, r, me)
		hidden, _, err := past(t, r, me, tintype.Past{Taken: time.Unix(1500000000, 0), Import: i.ID, N: 2, Key: "hidden", Archived: true})
		if err != nil {
			t.Fatal(err)
		}
		if got := kinds(takeJobs(t, r)); got != "formats×1 purge×1" {
			t.Errorf("of one that is archived the jobs are %s", got)
		}
		if got := countsOf(t, r, me); got != counted {
			t.Errorf("the counts are %+v with one that is archived, %+v without", got, counted)
		}
		posts := sqlstore.Posts{R: r, Clock: time.Now}
		if ids, err := posts.ArchivedIDs(ctx, me, tintype.Page{Count: 5}); err != nil || !slices.Equal(ids, []tintype.ID{hidden.ID}) {
			t.Errorf("archived: %v, %v; want %v", ids, err, hidden.ID)
		}
		var pins []tintype.ID
		for n := range 4 {
			p, _, err := past(t, r, me, tintype.Past{Taken: time.Unix(1500000100, 0), Import: i.ID, N: 2, Key: fmt.Sprint("pin", n), Pinned: time.Unix(1000, 0).Add(-time.Duration(n) * time.Second)})
			if err != nil {
				t.Fatal(err)
			}
			pins = append(pins, p.ID)
		}
		if ids, err := posts.PinnedIDs(ctx, me); err != nil || !slices.Equal(ids, pins[:tintype.MaxPinned]) {
			t.Errorf("pinned: %v, %v; want %v", ids, err, pins[:tintype.MaxPinned])
		}
		if list, err := s.Imports(ctx, me, tintype.Page{Count: 3}); err != nil || len(list) != 1 {
			t.Error(list, err)
		}
		if err := s.SweepImports(ctx, time.Unix(49, 0)); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Import(ctx, me, i.ID); err != nil {
			t.Error(err)
		}
		if err := s.SweepImports(ctx, time.Now()); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Import(ctx, me, i.ID); !tintype.IsKind(err, tintype.NotFound) {
			t.Error(err)
		}
		if list, err := s.Items(ctx, me, i.ID, -1, 10); err != nil || len(list) != 0 {
			t.Error(list, err)
		}
		if _, _, err := past(t, r, me, tintype.Past{Taken: items[0].Taken, Import: i.ID, Key: "z"}); !tintype.IsKind(err, tintype.Conflict) {
			t.Errorf("of an import that is over: %v", err)
		}
	})
}

// TestPastIDs makes more posts of one second than have room in many of its milliseconds, some of them at once, next to
// posts of that very time: all IDs differ, ascend for each writer, and lie at that time.
func TestPastIDs(t *testing.T) {
	t.Parallel()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		ctx := t.Context()
		home := r.Pick()
		me, other := addUser(t, r, home, "me", false), addUser(t, r, home, "other", false)
		s := sqlstore.Imports{R: r, Clock: time.Now}
		at := time.Date(2015, 5, 1, 12, 0, 0, 0, time.UTC)
		// What a clock that stood still may have left there.
		taken := tintype.MakeID(at.UnixMilli(), home, 512)
		if err := r.Home(home).Write(ctx, func(tx *sqlstore.Tx) error { _, err := tx.Exec(ctx, testPost, taken, other); return err }); err != nil {
			t.Fatal(err)
		}
		// The rows of counts are filled up, as if thousands had come: each is a post of its own in the test of the whole site.
		for ms := range int64(9) {
			if err := r.Home(home).Write(ctx, func(tx *sqlstore.Tx) error {
				_, err := tx.Exec(ctx, testPastIDs, tintype.MakeID(at.UnixMilli()+ms, home, 0), 505)
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
		seen := map[tintype.ID]bool{taken: true}
		for _, user := range []tintype.ID{me, other} {
			i := running(t, s, user)
			last := tintype.ID(0)
			for n := range 45 {
				p, _, err := past(t, r, user, tintype.Past{Taken: at, Import: i.ID, N: n, Key: fmt.Sprint(n)})
				if err != nil {
					t.Fatal(err)
				}
				if seen[p.ID] || p.ID <= last || p.ID.Shard() != home || p.ID.Time().Sub(at).Abs() > time.Second {
					t.Fatalf("%v of %v after %v", p.ID, p.ID.Time(), last)
				}
				seen[p.ID], last = true, p.ID
			}
		}
		i := running(t, s, me)
		for n, c := range []struct {
			taken, from, to time.Time
		}{
			{time.Date(1965, 1, 1, 0, 0, 0, 0, time.UTC), time.UnixMilli(tintype.EpochMillis), time.UnixMilli(tintype.EpochMillis + 1)},
			{time.Time{}, time.Now().Add(-time.Minute), time.Now().Add(time.Minute)},
			{time.Now().Add(1000 * time.Hour), time.Now().Add(-time.Minute), time.Now().Add(time.Minute)},
		} {
			p, _, err := past(t, r, me, tintype.Past{Taken: c.taken, Import: i.ID, N: n, Key: fmt.Sprintf("other%d", n)})
			if err != nil || p.ID.Time().Before(c.from.Add(-time.Millisecond)) || p.ID.Time().After(c.to) {
				t.Errorf("of %v: %v, %v", c.taken, p.ID.Time(), err)
			}
		}
	})
}

var testPastIDs = &sqlstore.Stmt{Name: "test.past_ids", SQL: `INSERT INTO {s}past_ids (id, given) VALUES ($1, $2)`}

func countsOf(t testing.TB, r *shard.Router, user tintype.ID) tintype.UserCounts {
	t.Helper()
	users, err := (sqlstore.Users{R: r}).Users(t.Context(), []tintype.ID{user})
	if err != nil || len(users) != 1 || users[0] == nil {
		t.Fatal(users, err)
	}
	return users[0].Counts
}
