package sqlstore_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tintype/tintype/internal/shard"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/sqlstore/storetest"
	"github.com/tintype/tintype/internal/tintype"
)

func TestExports(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	storetest.Run(t, clock, func(t *testing.T, r *shard.Router) {
		ctx := t.Context()
		s := sqlstore.Exports{R: r, Clock: clock}
		me := addUser(t, r, r.Pick(), "me", false)
		takeJobs(t, r)
		e := tintype.Export{UserID: me, State: tintype.TaskRunning, Key: "key", Total: 7, Created: now, Changed: now, Expires: now.Add(time.Hour)}
		no := errors.New("no")
		if err := s.BeginExport(ctx, &e, func([]tintype.Export) error { return no }); !errors.Is(err, no) {
			t.Errorf("one that is not allowed: %v", err)
		}
		allow := func(there []tintype.Export) error {
			if len(there) != 0 {
				t.Errorf("there is %v", there)
			}
			return nil
		}
		if err := s.BeginExport(ctx, &e, allow); err != nil || e.ID == 0 {
			t.Fatal(e, err)
		}
		if got := kinds(takeJobs(t, r)); got != "export×1" {
			t.Errorf("jobs %s", got)
		}
		list, err := s.Exports(ctx, me)
		if diff := cmp.Diff([]tintype.Export{e}, list); diff != "" || err != nil {
			t.Fatalf("%v (-want +got):\n%s", err, diff)
		}
		next := e
		next.Done, next.Parts, next.Progress = 3, 2, "{}"
		if ok, err := s.SaveExport(ctx, next); !ok || err != nil {
			t.Fatal(ok, err)
		}
		if ok, err := s.SaveExport(ctx, next); ok || err != nil {
			t.Errorf("a step twice: %v, %v", ok, err)
		}
		if got := kinds(takeJobs(t, r)); got != "export×1" {
			t.Errorf("jobs %s", got)
		}
		next.Step, next.State, next.Bytes = 1, tintype.TaskDone, 99
		if ok, err := s.SaveExport(ctx, next); !ok || err != nil {
			t.Fatal(ok, err)
		}
		next.Step = 2
		if ok, err := s.SaveExport(ctx, next); ok || err != nil {
			t.Errorf("a step after the end: %v, %v", ok, err)
		}
		if got := kinds(takeJobs(t, r)); got != "" {
			t.Errorf("jobs %s", got)
		}
		if list, err = s.Exports(ctx, me); err != nil || len(list) != 1 || list[0].Step != 2 || list[0].Bytes != 99 {
			t.Errorf("%+v, %v", list, err)
		}
		// A file that a row names is no stray one.
		refs := 0
		for h := range r.Homes() {
			for _, kind := range []string{sqlstore.FilesOfExports, sqlstore.FilesOfImports} {
				got, err := sqlstore.Checks{R: r, Clock: clock}.FileRefs(ctx, kind, h, tintype.BeforeAll, 10)
				if err != nil {
					t.Fatal(err)
				}
				for _, ref := range got {
					if refs++; ref.Owner != me || ref.Key != "key" || ref.Bytes != 2 || tintype.ID(ref.Position) != e.ID {
						t.Errorf("%+v", ref)
					}
				}
			}
		}
		if refs != 1 {
			t.Errorf("%d rows name files", refs)
		}
		if err := s.SweepExports(ctx, now); err != nil {
			t.Fatal(err)
		}
		if list, _ := s.Exports(ctx, me); len(list) != 1 {
			t.Error("it went before its time")
		}
		if err := s.SweepExports(ctx, now.Add(2*time.Hour)); err != nil {
			t.Fatal(err)
		}
		if list, _ := s.Exports(ctx, me); len(list) != 0 {
			t.Error("it stays after its time")
		}
		if got := kinds(takeJobs(t, r)); got != "purge×1" {
			t.Errorf("jobs %s", got)
		}
		if err := s.DeleteExport(ctx, me, e.ID); !tintype.IsKind(err, tintype.NotFound) {
			t.Errorf("deleting what is not there: %v", err)
		}
		if list, err := s.CommentsOf(ctx, me, tintype.Page{Count: 5}); err != nil || len(list) != 0 {
			t.Error(list, err)
		}
		if ids, err := s.Blocked(ctx, me); err != nil || len(ids) != 0 {
			t.Error(ids, err)
		}
		ann, bea := addUser(t, r, r.Pick(), "ann", false), addUser(t, r, r.Pick(), "bea", false)
		for _, other := range []tintype.ID{ann, bea} {
			if _, err := (sqlstore.Graph{R: r}).Block(ctx, me, other, true); err != nil {
				t.Fatal(err)
			}
		}
		if ids, err := s.Blocked(ctx, me); err != nil || !slices.Equal(ids, []tintype.ID{bea, ann}) {
			t.Errorf("blocked: %v, %v", ids, err)
		}
	})
}
