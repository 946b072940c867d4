package sqlstore_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tintype/tintype/internal/shard"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/sqlstore/storetest"
	"github.com/tintype/tintype/internal/tintype"
)

// TestLeavingWords is what moderators keep of somebody who is gone: what was decided, and none of their words but in a case that
// is still open, until it is closed.
func TestLeavingWords(t *testing.T) {
	t.Parallel()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		ctx := t.Context()
		s, now := sqlstore.Reports{R: r}, signedUp
		ann, bob, mod := newUser(t, r, "ann"), newUser(t, r, "bob"), newUser(t, r, "mod")
		check := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		mint := func(user tintype.ID) tintype.ID {
			t.Helper()
			id, err := sqlstore.Profiles{R: r}.MintFor(ctx, user)
			check(err)
			return id
		}
		// report is by one of the other, about a comment.
		report := func(by, of tintype.ID) tintype.ID {
			t.Helper()
			got, _, err := s.AddReport(ctx, tintype.Report{ID: mint(by), Reporter: by, Thing: tintype.Thing{Kind: tintype.ThingComment, ID: mint(of), PostID: 1, UserID: of}, Reason: "spam", Words: "words of a reporter", Created: now},
				tintype.Case{ID: mint(of), Text: "words of an author"})
			check(err)
			return got.CaseID
		}
		decided := map[tintype.ID]tintype.ID{}
		closeCase := func(id, of tintype.ID) {
			t.Helper()
			c, err := s.Case(ctx, id)
			check(err)
			d := tintype.Decision{ID: mint(of), CaseID: id, Thing: c.Thing, Action: tintype.ActionRemove, Reason: "spam", Words: "words of a moderator", Text: c.Text, By: mod, At: now}
			check(s.CloseCase(ctx, id, &d, tintype.AuditEntry{At: now, By: mod, Deed: "case.remove", User: of}, now.Add(-time.Hour)))
			decided[id] = d.ID
		}
		closed, open := report(bob, ann), report(bob, ann)
		byClosed, byOpen := report(ann, bob), report(ann, bob)
		closeCase(closed, ann)
		closeCase(byClosed, bob)
		check(s.Appeal(ctx, decided[closed], ann, "words of an appeal", now))

		type words struct{ Text, Reporter, Decision, Appeal, Moderator string }
		is := func(when string, id tintype.ID, want words) {
			t.Helper()
			c, err := s.Case(ctx, id)
			check(err)
			list, err := s.ReportsIn(ctx, id, tintype.Page{Count: 5})
			check(err)
			got := words{Text: c.Text, Reporter: list[0].Words}
			if d := decided[id]; d != 0 {
				d, err := s.Decision(ctx, d)
				check(err)
				got.Decision, got.Appeal, got.Moderator = d.Text, d.AppealWords, d.Words
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", when, diff)
			}
		}
		leaving := sqlstore.Leaving{R: r, Clock: time.Now}
		_, err := leaving.Leave(ctx, ann, now)
		check(err)
		_, err = leaving.DropEntries(ctx, ann)
		check(err)
		const author, reporter, moderator = "words of an author", "words of a reporter", "words of a moderator"
		is("about ann, decided", closed, words{"", reporter, "", "", moderator})
		is("about ann, open", open, words{author, reporter, "", "", ""})
		is("by ann, decided", byClosed, words{author, "", author, "", moderator})
		is("by ann, open", byOpen, words{author, reporter, "", "", ""})
		if list, err := s.Appeals(ctx, tintype.Page{Count: 5}); err != nil || len(list) != 0 {
			t.Errorf("appeals of nobody: %+v, %v", list, err)
		}
		closeCase(open, ann)
		closeCase(byOpen, bob)
		is("about ann, decided since", open, words{"", reporter, "", "", moderator})
		is("by ann, decided since", byOpen, words{author, "", author, "", moderator})
		if list, err := s.DecisionsOf(ctx, ann, tintype.Page{Count: 5}); err != nil || len(list) != 2 || list[0].By != mod {
			t.Errorf("what was decided: %+v, %v", list, err)
		}
	})
}

// TestLeavingSuspended is that coming back gives an account the state that it has for moderators, whenever they decided.
func TestLeavingSuspended(t *testing.T) {
	t.Parallel()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		ctx := t.Context()
		s, creds := sqlstore.Leaving{R: r, Clock: time.Now}, sqlstore.Credentials{R: r}
		ann := newUser(t, r, "ann")
		suspend := func(on bool) {
			t.Helper()
			if _, err := creds.SetSuspended(ctx, ann, on); err != nil {
				t.Fatal(err)
			}
		}
		is := func(when string, want tintype.AccountState) {
			t.Helper()
			if a, err := (sqlstore.Accounts{R: r}).Account(ctx, ann); err != nil || a.State != want {
				t.Errorf("%s: %+v, %v; want state %d", when, a, err, want)
			}
		}
		for _, c := range []struct {
			what    string
			before  bool
			between []bool
			want    tintype.AccountState
		}{
			{"nothing", false, nil, tintype.AccountActive},
			{"suspended before", true, nil, tintype.AccountSuspended},
			{"suspended meanwhile", false, []bool{true}, tintype.AccountSuspended},
			{"lifted meanwhile", true, []bool{false}, tintype.AccountActive},
			{"suspended and lifted meanwhile", false, []bool{true, false}, tintype.AccountActive},
		} {
			suspend(c.before)
			for range 2 { // who asks twice changes when
				if _, err := s.Leave(ctx, ann, time.Now()); err != nil {
					t.Fatal(err)
				}
			}
			for _, on := range c.between {
				suspend(on)
				is(c.what+", still away", tintype.AccountLeaving)
			}
			if ok, err := s.Return(ctx, ann); !ok || err != nil {
				t.Fatal(ok, err)
			}
			is(c.what, c.want)
			suspend(false)
		}
	})
}
