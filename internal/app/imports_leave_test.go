package app_test

import (
	"testing"
	"time"

	"github.com/tintype/tintype/internal/knobs"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/tintype"
)

// turn sets knobs, by the names and words of the command line.
func (s *site) turn(set map[string]string) {
	s.t.Helper()
	values := map[string]*string{}
	for name, v := range set {
		values[name] = &v
	}
	if _, err := s.app.Knobs.Change(s.t.Context(), knobs.By{Via: "test"}, values); err != nil {
		s.t.Fatal(err)
	}
}

// TestImportNeedsLeave is that nobody publishes by an import who may not publish otherwise: it does not begin, what has begun
// pauses and says why, and it goes on once they may. What it made can be undone meanwhile.
func TestImportNeedsLeave(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, s *site) {
		ctx := t.Context()
		s.user("first", false)
		ann := s.user("ann", false)
		asAnn := s.session(ann)
		i := s.bring(asAnn, instagramArchive(t, "content/"))
		path := "/v1/users/self/imports/" + i.ID
		id, err := tintype.ParseID(i.ID)
		if err != nil {
			t.Fatal(err)
		}
		deed := func(status int, deed string) *reply {
			t.Helper()
			return s.want(status, asAnn, "POST", path, map[string]any{"action": deed, "sections": []string{"posts"}})
		}
		store := sqlstore.Imports{R: s.app.Backend.Router, Clock: time.Now}
		// set is what was asked for a moment before it was not allowed any longer.
		set := func(state tintype.TaskState) tintype.Import {
			t.Helper()
			now, err := store.Import(ctx, ann.ID, id)
			if err != nil {
				t.Fatal(err)
			}
			now.State, now.Reason = state, ""
			if ok, err := store.SaveImport(ctx, now, true); !ok || err != nil {
				t.Fatal(ok, err)
			}
			s.settle()
			if now, err = store.Import(ctx, ann.ID, id); err != nil {
				t.Fatal(err)
			}
			return now
		}
		suspended := func(on bool) {
			t.Helper()
			if err := s.app.Account.Suspend(ctx, ann.ID, on); err != nil {
				t.Fatal(err)
			}
			if !on {
				asAnn = s.session(ann)
			}
		}

		s.turn(map[string]string{"posting": "off"})
		deed(503, "start")
		s.turn(map[string]string{"posting": "on", "verified_email": "on"})
		if r := deed(403, "start"); r.meta.Field != "email" {
			t.Errorf("%s", r.body)
		}
		s.turn(map[string]string{"verified_email": "off"})
		deed(200, "start")
		s.settle()
		s.want(200, asAnn, "GET", path, nil).into(t, &i)
		if i.State != "done" || i.Done != 3 || i.Failed != 2 {
			t.Fatalf("%+v", i)
		}

		s.turn(map[string]string{"verified_email": "on"})
		deed(403, "retry")
		s.turn(map[string]string{"verified_email": "off"})
		before, err := store.Import(ctx, ann.ID, id)
		if err != nil {
			t.Fatal(err)
		}
		if ok, err := store.RetryImport(ctx, before); !ok || err != nil { // two wait
			t.Fatal(ok, err)
		}
		s.settle()
		for _, c := range []struct {
			what     string
			off, on  func()
			canAsk   bool
			resuming int
		}{
			{"nothing can be published", func() { s.turn(map[string]string{"posting": "off"}) }, func() { s.turn(map[string]string{"posting": "on"}) }, true, 503},
			{"no address is confirmed", func() { s.turn(map[string]string{"verified_email": "on"}) }, func() { s.turn(map[string]string{"verified_email": "off"}) }, true, 403},
			{"suspended", func() { suspended(true) }, func() { suspended(false) }, false, 0},
		} {
			if err := s.app.Backend.Router.Home(ann.ID.Shard()).Write(ctx, func(tx *sqlstore.Tx) error {
				_, err := tx.Exec(ctx, testWaiting, ann.ID, id)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			c.off()
			if now := set(tintype.TaskRunning); now.State != tintype.TaskRefused || now.Reason == "" || now.Done != 3 {
				t.Errorf("%s: %+v", c.what, now)
			}
			sweep := func() {
				t.Helper()
				if err := s.app.MyData.Sweep(ctx); err != nil {
					t.Fatal(err)
				}
				s.settle()
			}
			sweep()
			if now, err := store.Import(ctx, ann.ID, id); err != nil || now.State != tintype.TaskRefused {
				t.Errorf("%s still: %+v, %v", c.what, now, err)
			}
			if c.canAsk {
				s.want(200, asAnn, "GET", path, nil).into(t, &i)
				if i.State != "paused" || i.Reason == "" {
					t.Errorf("%s: its user is told %+v", c.what, i)
				}
				deed(c.resuming, "resume")
			}
			c.on()
			if c.canAsk {
				deed(200, "resume")
				s.settle()
			} else {
				sweep() // nobody has to ask
			}
			if now, err := store.Import(ctx, ann.ID, id); err != nil || now.State != tintype.TaskDone {
				t.Errorf("allowed again after %s: %+v, %v", c.what, now, err)
			}
		}

		suspended(true)
		if now := set(tintype.TaskUndoing); now.State != tintype.TaskUndone {
			t.Errorf("undone while suspended: %+v", now)
		}
		left, err := sqlstore.Posts{R: s.app.Backend.Router, Clock: time.Now}.PostIDs(ctx, ann.ID, tintype.Page{Count: 10})
		if made, e := store.Made(ctx, ann.ID, id, 10); err != nil || e != nil || len(left) != 0 || len(made) != 0 {
			t.Errorf("of what was undone there are %v, known of %v: %v %v", left, made, err, e)
		}
		suspended(false)
		checkClean(t, s)
	})
}

// testWaiting has the items of an import wait that failed.
var testWaiting = &sqlstore.Stmt{Name: "test.waiting", SQL: `UPDATE {s}import_items SET state = 0 WHERE user_id = $1 AND import_id = $2 AND state = 3`}
