package sqlstore_test

import (
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tintype/tintype/internal/shard"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/sqlstore/storetest"
	"github.com/tintype/tintype/internal/tintype"
)

// TestReports is a case from its first report to the answer of an appeal.
func TestReports(t *testing.T) {
	t.Parallel()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		ctx := t.Context()
		s := sqlstore.Reports{R: r}
		ann, bob, mod, other := newUser(t, r, "ann"), newUser(t, r, "bob"), newUser(t, r, "mod"), newUser(t, r, "other")
		now := signedUp
		check := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		kind := func(what string, err error, want tintype.Kind) {
			t.Helper()
			if !tintype.IsKind(err, want) {
				t.Errorf("%s: %v", what, err)
			}
		}
		mint := func(user tintype.ID) tintype.ID {
			t.Helper()
			id, err := sqlstore.Profiles{R: r}.MintFor(ctx, user)
			check(err)
			return id
		}
		thing := tintype.Thing{Kind: tintype.ThingUser, ID: bob, UserID: bob}
		report := func(by tintype.ID, reason string) (tintype.Report, bool) {
			t.Helper()
			got, fresh, err := s.AddReport(ctx, tintype.Report{ID: mint(by), Reporter: by, Thing: thing, Reason: reason, Words: "w", Created: now},
				tintype.Case{ID: mint(bob), Text: "said", Private: true})
			check(err)
			return got, fresh
		}
		first, fresh := report(ann, "spam")
		again, twice := report(ann, "hate")
		if !fresh || twice || again.ID != first.ID || again.Reason != "spam" {
			t.Errorf("reported twice: %v %+v, %v %+v", fresh, first, twice, again)
		}
		if second, fresh := report(other, "hate"); !fresh || second.CaseID != first.CaseID {
			t.Errorf("reported by another: %v %+v", fresh, second)
		}
		for name, f := range map[string]func() ([]tintype.Report, error){
			"of": func() ([]tintype.Report, error) { return s.ReportsOf(ctx, ann, tintype.Page{Count: 5}) },
			"in": func() ([]tintype.Report, error) {
				return s.ReportsIn(ctx, first.CaseID, tintype.Page{Max: first.ID + 1, Count: 1})
			},
		} {
			if list, err := f(); err != nil || len(list) != 1 || list[0].ID != first.ID || list[0].Thing != thing || list[0].State != tintype.ReportOpen || !list[0].Created.Equal(now) {
				t.Errorf("%s: %+v, %v", name, list, err)
			}
		}
		want := tintype.Case{ID: first.CaseID, Thing: thing, State: tintype.ReportOpen, Reports: 2, Reasons: []string{"hate", "spam"}, Opened: now, Text: "said", Private: true}
		for _, page := range []tintype.CasePage{{Open: true, Count: 5}, {Open: true, Kind: tintype.ThingUser, After: first.CaseID - 1, Count: 5}} {
			got, err := s.Cases(ctx, page)
			if d := cmp.Diff([]tintype.Case{want}, got); d != "" || err != nil {
				t.Errorf("the queue (-want +got), %v:\n%s", err, d)
			}
		}
		for _, page := range []tintype.CasePage{{Open: true, Kind: tintype.ThingPost, Count: 5}, {Open: true, After: first.CaseID, Count: 5}, {Count: 5}} {
			if got, err := s.Cases(ctx, page); err != nil || len(got) != 0 {
				t.Errorf("%+v: %v, %v", page, got, err)
			}
		}

		// Claimed by one, it is nobody else's for a while.
		stale := now.Add(-time.Hour)
		check(s.Claim(ctx, first.CaseID, mod, true, now, stale))
		check(s.Claim(ctx, first.CaseID, mod, true, now, stale))
		kind("claimed by another", s.Claim(ctx, first.CaseID, other, true, now, stale), tintype.Conflict)
		kind("let go by another", s.Claim(ctx, first.CaseID, other, false, now, stale), tintype.Conflict)
		log := func(by tintype.ID, deed string) tintype.AuditEntry {
			return tintype.AuditEntry{At: now, By: by, Deed: deed, User: bob, Thing: "user"}
		}
		kind("decided by another", s.CloseCase(ctx, first.CaseID, nil, log(other, "case.dismiss"), stale), tintype.Conflict)
		d := tintype.Decision{ID: mint(bob), CaseID: first.CaseID, Thing: thing, Action: tintype.ActionSuspend, Reason: "spam", Words: "stop", Text: "said",
			By: mod, At: now, Until: now.Add(time.Hour)}
		check(s.CloseCase(ctx, first.CaseID, &d, log(mod, "case.suspend"), stale))
		kind("decided twice", s.CloseCase(ctx, first.CaseID, nil, log(mod, "case.dismiss"), stale), tintype.Conflict)
		if c, err := s.Case(ctx, first.CaseID); err != nil || c.State != tintype.ReportActed || c.ClosedBy != mod || c.ClaimedBy != mod || !c.Closed.Equal(now) {
			t.Errorf("the case is %+v, %v", c, err)
		}
		if c, err := s.Case(ctx, 1); err != nil || c != nil {
			t.Errorf("no case: %+v, %v", c, err)
		}
		if list, err := s.Cases(ctx, tintype.CasePage{Count: 1}); err != nil || len(list) != 1 {
			t.Errorf("decided: %+v, %v", list, err)
		}
		if list, err := s.ReportsOf(ctx, ann, tintype.Page{Count: 5}); err != nil || list[0].State != tintype.ReportActed || !list[0].Closed.Equal(now) {
			t.Errorf("the report is %+v, %v", list, err)
		}
		if again, fresh := report(ann, "spam"); !fresh || again.CaseID == first.CaseID {
			t.Errorf("reported anew: %v %+v", fresh, again)
		}

		d.State = tintype.DecisionHolds
		holds := func(name string, want bool, f func() ([]tintype.Decision, error)) {
			t.Helper()
			got, err := f()
			if err != nil || (len(got) == 1) != want {
				t.Errorf("%s: %+v, %v; want one: %v", name, got, err, want)
			} else if want {
				if diff := cmp.Diff(d, got[0]); diff != "" {
					t.Errorf("%s (-want +got):\n%s", name, diff)
				}
			}
		}
		holds("of", true, func() ([]tintype.Decision, error) { return s.DecisionsOf(ctx, bob, tintype.Page{Count: 5}) })
		holds("on", true, func() ([]tintype.Decision, error) { return s.DecisionsOn(ctx, thing, tintype.ActionSuspend) })
		holds("on, of another action", false, func() ([]tintype.Decision, error) { return s.DecisionsOn(ctx, thing, tintype.ActionRemove) })
		holds("not yet up", false, func() ([]tintype.Decision, error) { return s.TimeUp(ctx, now, 5) })
		holds("up", true, func() ([]tintype.Decision, error) { return s.TimeUp(ctx, now.Add(time.Hour), 5) })
		holds("no appeal", false, func() ([]tintype.Decision, error) { return s.Appeals(ctx, tintype.Page{Count: 5}) })

		kind("another's appeal", s.Appeal(ctx, d.ID, ann, "but", now), tintype.Conflict)
		check(s.Appeal(ctx, d.ID, bob, "but", now))
		kind("a second appeal", s.Appeal(ctx, d.ID, bob, "but", now), tintype.Conflict)
		d.Appeal, d.AppealWords, d.Appealed = tintype.AppealOpen, "but", now
		holds("an appeal", true, func() ([]tintype.Decision, error) { return s.Appeals(ctx, tintype.Page{Count: 5}) })
		check(s.Reply(ctx, d, true, "well", mint(bob), log(other, "appeal.grant")))
		kind("a second answer", s.Reply(ctx, d, false, "no", mint(bob), log(other, "appeal.reject")), tintype.Conflict)
		d.Appeal, d.AppealBy, d.AppealReply, d.State, d.Ended = tintype.AppealGranted, other, "well", tintype.DecisionReversed, now
		if got, err := s.Decision(ctx, d.ID); err != nil || cmp.Diff(&d, got) != "" {
			t.Errorf("the decision is %+v, %v", got, err)
		}
		if got, err := s.Decision(ctx, 1); err != nil || got != nil {
			t.Errorf("no decision: %+v, %v", got, err)
		}
		if ended, err := s.End(ctx, d, tintype.DecisionOver, 0, log(0, "suspension.over")); err != nil || ended {
			t.Errorf("ended twice: %v, %v", ended, err)
		}

		// A removal that nobody waits to see looked at again is old some day.
		d = tintype.Decision{ID: mint(bob), Thing: thing, Action: tintype.ActionRemove, Reason: "spam", At: now, State: tintype.DecisionHolds}
		check(s.Decide(ctx, d, log(mod, "case.remove")))
		holds("not old", false, func() ([]tintype.Decision, error) { return s.OldRemovals(ctx, now.Add(-1), 5) })
		holds("old", true, func() ([]tintype.Decision, error) { return s.OldRemovals(ctx, now, 5) })
		check(s.Appeal(ctx, d.ID, bob, "but", now))
		holds("old and appealed", false, func() ([]tintype.Decision, error) { return s.OldRemovals(ctx, now, 5) })
		if ended, err := s.End(ctx, d, tintype.DecisionReversed, mint(bob), log(mod, "decision.reverse")); err != nil || !ended {
			t.Errorf("reversed: %v, %v", ended, err)
		}

		a := sqlstore.Accounts{R: r}
		moderators := func(want int, about tintype.ID) {
			t.Helper()
			if n, err := s.Moderators(ctx, about); err != nil || n != want {
				t.Errorf("%d moderators, %v; want %d", n, err, want)
			}
		}
		moderators(1, bob) // the first user of the site is an admin
		check(a.SetModerator(ctx, mod, true))
		moderators(2, bob)
		moderators(1, mod) // about a moderator an admin decides
		if got, err := a.Account(ctx, mod); err != nil || !got.Moderator || got.Admin {
			t.Errorf("the moderator is %+v, %v", got, err)
		}
		check(a.SetModerator(ctx, mod, false))
		kind("nobody", a.SetModerator(ctx, 1, true), tintype.NotFound)

		names := func(want string, p tintype.MemberPage) {
			t.Helper()
			p.Count = 3
			list, err := a.MembersNamed(ctx, p)
			got := ""
			for _, m := range list {
				got += m.User.Username + " "
			}
			if err != nil || got != want {
				t.Errorf("%+v gives %q, %v; want %q", p, got, err, want)
			}
		}
		names("ann bob mod ", tintype.MemberPage{Any: true})
		names("other ", tintype.MemberPage{Any: true, After: "mod"})
		names("mod ", tintype.MemberPage{State: tintype.AccountActive, Prefix: "M"})
		names("", tintype.MemberPage{State: tintype.AccountSuspended})
	})
}

// TestAudit is that of many entries at one instant each is kept, in some order.
func TestAudit(t *testing.T) {
	t.Parallel()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		ctx := t.Context()
		s := sqlstore.Audit{R: r}
		var wg sync.WaitGroup
		for i := range 6 {
			wg.Go(func() {
				if err := s.Record(ctx, tintype.AuditEntry{At: signedUp, By: tintype.ID(1 + i%2), User: tintype.ID(3 + i%3), Deed: "user.suspend", Thing: "t", Reason: "r", Via: "v"}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if err := s.Record(ctx, tintype.AuditEntry{At: signedUp.Add(-time.Hour), By: 9, Deed: "knobs.turn"}); err != nil {
			t.Fatal(err)
		}
		all, err := s.Entries(ctx, tintype.AuditPage{Count: 10})
		if err != nil || len(all) != 7 || all[0].Deed != "knobs.turn" || all[6].Thing != "t" || all[6].Reason != "r" || all[6].Via != "v" || !all[6].At.Equal(signedUp) {
			t.Fatalf("%+v, %v", all, err)
		}
		for i := range all[1:] {
			if !all[i].At.After(all[i+1].At) {
				t.Errorf("%v is not after %v", all[i].At, all[i+1].At)
			}
		}
		for _, test := range []struct {
			page tintype.AuditPage
			want int
		}{
			{tintype.AuditPage{Before: all[2].At}, 4}, {tintype.AuditPage{By: 1}, 3}, {tintype.AuditPage{User: 3}, 2}, {tintype.AuditPage{User: 3, By: 1}, 1},
			{tintype.AuditPage{Deed: "user."}, 6}, {tintype.AuditPage{Deed: "user.suspended"}, 0}, {tintype.AuditPage{Deed: "knobs.turn", By: 9}, 1},
		} {
			test.page.Count = 10
			if list, err := s.Entries(ctx, test.page); err != nil || len(list) != test.want {
				t.Errorf("%+v gives %d, %v; want %d", test.page, len(list), err, test.want)
			}
		}
	})
}

// TestTakenDown is that what is taken down neither shows nor counts, and comes back whole.
func TestTakenDown(t *testing.T) {
	t.Parallel()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		ctx := t.Context()
		s := sqlstore.TakenDown{R: r}
		clock := func() time.Time { return signedUp }
		owner, fan := addUser(t, r, r.Pick(), "owner", false), addUser(t, r, r.Pick(), "fan", false)
		post := addPost(t, r, owner)
		comments := sqlstore.Comments{R: r, Clock: clock}
		c := tintype.Comment{PostID: post, UserID: fan, Text: "hm"}
		if _, _, err := comments.AddComment(ctx, &c, owner, []tintype.ID{owner}, tintype.Once{}); err != nil {
			t.Fatal(err)
		}
		counts := func(when string, media, listed int) {
			t.Helper()
			u, err := sqlstore.Profiles{R: r}.Profile(ctx, owner)
			if err != nil || int(u.Counts.Media) != media {
				t.Errorf("%s: %+v, %v; want %d", when, u, err, media)
			}
			list, err := comments.Comments(ctx, post, tintype.Page{Count: 5})
			if err != nil || len(list) != listed {
				t.Errorf("%s: comments %v, %v; want %d", when, list, err, listed)
			}
			if list, err = comments.CommentsByID(ctx, []tintype.Comment{{PostID: post, ID: c.ID}}); err != nil || len(list) != listed {
				t.Errorf("%s: comments by ID %v, %v; want %d", when, list, err, listed)
			}
			acts, err := sqlstore.Activities{R: r}.Activity(ctx, owner, tintype.Page{Count: 5})
			if err != nil || len(acts) != listed {
				t.Errorf("%s: activity %v, %v; want %d", when, acts, err, listed)
			}
			if any, err := s.AnyComment(ctx, post, c.ID); err != nil || any == nil || any.UserID != fan || any.Text != "hm" {
				t.Errorf("%s: the comment is %+v, %v", when, any, err)
			}
		}
		was, err := sqlstore.Profiles{R: r}.Profile(ctx, owner)
		if err != nil {
			t.Fatal(err)
		}
		media := int(was.Counts.Media)
		counts("at first", media, 1)
		for _, down := range []bool{true, false} {
			for i, want := range []bool{true, false} { // the second time it is so already
				changed, err := s.TakeDown(ctx, post, down)
				also, err2 := s.TakeDownComment(ctx, post, c.ID, down)
				if err != nil || err2 != nil || changed != want || also != want {
					t.Errorf("down %v, time %d: %v %v, %v %v", down, i+1, changed, also, err, err2)
				}
				if down {
					counts("down", media-1, 0)
				} else {
					counts("up", media, 1)
				}
			}
		}
		if changed, err := s.TakeDown(ctx, post+1, true); err != nil || changed {
			t.Errorf("of no post: %v, %v", changed, err)
		}
		if changed, err := s.TakeDownComment(ctx, post, c.ID+1, true); err != nil || changed {
			t.Errorf("of no comment: %v, %v", changed, err)
		}
		if any, err := s.AnyComment(ctx, post, c.ID+1); err != nil || any != nil {
			t.Errorf("no comment: %+v, %v", any, err)
		}
		// What is deleted while it is down does not count down once more.
		if _, err := s.TakeDownComment(ctx, post, c.ID, true); err != nil {
			t.Fatal(err)
		}
		if _, err := s.TakeDown(ctx, post, true); err != nil {
			t.Fatal(err)
		}
		if err := comments.DeleteComment(ctx, c, owner); err != nil {
			t.Fatal(err)
		}
		if err := (sqlstore.Posts{R: r, Clock: clock}).DeletePost(ctx, owner, post); err != nil {
			t.Fatal(err)
		}
		if u, err := (sqlstore.Profiles{R: r}).Profile(ctx, owner); err != nil || int(u.Counts.Media) != media-1 {
			t.Errorf("deleted: %+v, %v; want %d", u, err, media-1)
		}
	})
}
