package app_test

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tintype/tintype/internal/app"
	"github.com/tintype/tintype/internal/moderate"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/tintype"
)

// TestNobodyJudgesThemselves is that moderators neither see who reported them nor decide about themselves, and that
// about those who keep order only admins decide.
func TestNobodyJudgesThemselves(t *testing.T) {
	t.Parallel()
	s := newSite(t, "sqlite", app.Config{})
	b := newBench(t, s)
	verdicts := []map[string]any{{"action": "dismiss"}, {"action": "warn", "reason": "spam"}, {"action": "suspend", "reason": "spam"}}
	refused := func(name string, c credential, of caseOut, also ...string) {
		t.Helper()
		at := "/v1/admin/reports/" + of.ID
		for _, v := range verdicts {
			if r := s.ask(c, "POST", at+"/decide", v); r.status != 403 {
				t.Errorf("%s: %v answers %d %s", name, v, r.status, r.body)
			}
		}
		for _, path := range also {
			status := 403
			if strings.HasSuffix(path, ".jpg") {
				status = 404 // pictures say no more than that
			}
			if r := s.ask(c, "GET", at+path, nil); r.status != status {
				t.Errorf("%s: %s answers %d %s", name, path, r.status, r.body)
			}
		}
	}
	ofMod := b.report(b.asFan, map[string]any{"kind": "post", "id": postID(s.post(b.asMod, "by a moderator", 1))})
	refused("oneself", b.asMod, ofMod, "", "/reports", "/media/0.jpg")
	s.want(403, b.asMod, "POST", "/v1/admin/reports/"+ofMod.ID+"/claim", map[string]any{"on": true})
	refused("another moderator", b.asSecondMod, ofMod)
	s.want(200, b.asSecondMod, "GET", "/v1/admin/reports/"+ofMod.ID, nil)
	s.want(200, b.asAdmin, "POST", "/v1/admin/reports/"+ofMod.ID+"/decide", verdicts[1])
	n := b.notices(b.asMod)
	if len(n) != 1 {
		t.Fatalf("the moderator is told %+v", n)
	}
	for name, c := range map[string]credential{"oneself": b.asMod, "another moderator": b.asSecondMod} {
		if r := s.ask(c, "POST", "/v1/admin/decisions/"+n[0].ID+"/reverse", map[string]any{"words": "no"}); r.status != 403 {
			t.Errorf("%s reverses: %d %s", name, r.status, r.body)
		}
	}
	s.want(200, b.asMod, "POST", "/v1/users/self/notices/"+n[0].ID+"/appeal", map[string]any{"words": "was I?"})
	answer := map[string]any{"grant": true, "words": "well"}
	for name, c := range map[string]credential{"oneself": b.asMod, "another moderator": b.asSecondMod} {
		if r := s.ask(c, "POST", "/v1/admin/appeals/"+n[0].ID, answer); r.status != 403 {
			t.Errorf("%s answers the appeal: %d %s", name, r.status, r.body)
		}
	}
	s.want(200, b.asAdmin, "POST", "/v1/admin/appeals/"+n[0].ID, answer) // they decided it, but nobody else may

	ofAdmin := b.report(b.asFan, map[string]any{"kind": "post", "id": postID(s.post(b.asAdmin, "by an admin", 1))})
	refused("a moderator of an admin", b.asMod, ofAdmin)
	refused("an admin of themselves", b.asAdmin, ofAdmin, "", "/reports", "/media/0.jpg")
}

// TestLookedAtAsItIsNow is that looking at what not everybody sees by now is put down, pictures too; that lists do not
// tell it; and that pictures are there for as long as something is to be decided.
func TestLookedAtAsItIsNow(t *testing.T) {
	t.Parallel()
	s := newSite(t, "sqlite", app.Config{})
	b := newBench(t, s)
	for name, hide := range map[string]func(m mediaOut) (undo func()){
		"archived": func(m mediaOut) func() {
			s.want(200, b.asAuthor, "PUT", "/v1/media/"+m.ID+"/archive", nil)
			return func() {}
		},
		"for close friends": func(m mediaOut) func() {
			s.want(200, b.asAuthor, "PATCH", "/v1/media/"+m.ID, map[string]any{"audience": "friends"})
			return func() {}
		},
		"private": func(mediaOut) func() {
			s.want(200, b.asAuthor, "PATCH", "/v1/users/self", map[string]any{"is_private": true})
			return func() { s.want(200, b.asAuthor, "PATCH", "/v1/users/self", map[string]any{"is_private": false}) }
		},
	} {
		m := s.post(b.asAuthor, "a sight", 1)
		c := b.report(b.asFan, map[string]any{"kind": "post", "id": postID(m)})
		at := "/v1/admin/reports/" + c.ID
		logged := func(deed string) (n int) {
			t.Helper()
			var entries []struct{ Deed, Thing string }
			s.want(200, b.asAdmin, "GET", "/v1/admin/audit?count=60&deed="+deed, nil).into(t, &entries)
			for _, e := range entries {
				if e.Thing == "post "+postID(m) {
					n++
				}
			}
			return n
		}
		s.want(200, b.asMod, "GET", at, nil)
		s.want(200, b.asMod, "GET", at+"/media/0.jpg", nil)
		if n := logged("case."); n != 0 || c.Private || c.Text == "" {
			t.Errorf("%s: while everybody sees it %d looks are put down, and the list has %+v", name, n, c)
		}
		undo := hide(m)
		s.settle()
		if c = b.newestCase(); !c.Private || c.Text != "" {
			t.Errorf("%s: the list shows %+v", name, c)
		}
		s.want(200, b.asMod, "GET", at, nil)
		s.want(200, b.asMod, "GET", at+"/media/0.jpg", nil)
		if look, open := logged("case.look"), logged("case.picture"); look != 1 || open != 1 {
			t.Errorf("%s: put down are %d looks and %d pictures, want one each", name, look, open)
		}

		b.decide(c, map[string]any{"action": "remove", "reason": "nudity"})
		shut := func(when string) {
			t.Helper()
			var preview struct{ Pictures []struct{ URL string } }
			if s.want(200, b.asMod, "GET", at, nil).into(t, &preview); len(preview.Pictures) != 0 {
				t.Errorf("%s, %s: the preview has %+v", name, when, preview)
			}
			s.want(404, b.asMod, "GET", at+"/media/0.jpg", nil)
		}
		shut("decided")
		n := b.notices(b.asAuthor)[0]
		s.want(200, b.asAuthor, "POST", "/v1/users/self/notices/"+n.ID+"/appeal", map[string]any{"words": "but"})
		var appeals []struct {
			ID, Text string
			Case     string `json:"case_id"`
		}
		s.want(200, b.asSecondMod, "GET", "/v1/admin/appeals", nil).into(t, &appeals)
		if len(appeals) != 1 || appeals[0].ID != n.ID || appeals[0].Case != c.ID || appeals[0].Text != "" {
			t.Errorf("%s: the appeals are %+v", name, appeals)
		}
		s.want(200, b.asSecondMod, "GET", at+"/media/0.jpg", nil)
		s.want(200, b.asSecondMod, "POST", "/v1/admin/appeals/"+n.ID, map[string]any{"grant": false, "words": "no"})
		shut("answered")
		undo()
	}

	// Where the size that moderators are shown is missing it is made.
	m := s.post(b.asAuthor, "a sight", 1)
	c := b.report(b.asFan, map[string]any{"kind": "post", "id": postID(m)})
	gone := 0
	for info, err := range s.app.Blobs.List(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(info.Key, "640") {
			gone++
			if err := s.app.Blobs.Delete(t.Context(), info.Key); err != nil {
				t.Fatal(err)
			}
		}
	}
	if gone == 0 {
		t.Fatal("there was no such file: the test would prove nothing")
	}
	s.want(200, b.asMod, "GET", "/v1/admin/reports/"+c.ID+"/media/0.jpg", nil)
}

// TestHeldIsReported is that the owner of a post reports a comment that is held there, and that it comes back as it was.
func TestHeldIsReported(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, s *site) {
		b := newBench(t, s)
		m := s.post(b.asAuthor, "mine", 1)
		at := "/v1/media/" + m.ID
		s.does(b.asAuthor, b.fan, "restrict")
		var comment struct{ ID string }
		s.want(200, b.asFan, "POST", at+"/comments", url.Values{"text": {"a threat"}}).into(t, &comment)
		shown := func(when string, want ...string) {
			t.Helper()
			s.settle()
			if got := texts(t, s.want(200, b.asAuthor, "GET", at+"/held-comments", nil)); !slices.Equal(got, want) {
				t.Errorf("%s held are %q, want %q", when, got, want)
			}
			if got := texts(t, s.want(200, b.asFan, "GET", at+"/comments", nil)); !slices.Equal(got, want) {
				t.Errorf("%s its author reads %q, want %q", when, got, want)
			}
			var p struct{ Comments struct{ Count int } }
			body := s.want(200, b.asOther, "GET", at+"/comments", nil)
			s.want(200, b.asOther, "GET", at, nil).into(t, &p)
			if p.Comments.Count != 0 || strings.Contains(string(body.body), "threat") {
				t.Errorf("%s others are shown %d comments: %s", when, p.Comments.Count, body.body)
			}
		}
		shown("at first", "a threat")
		what := map[string]any{"kind": "comment", "id": comment.ID, "post_id": postID(m), "reason": "harassment"}
		s.want(400, b.asOther, "POST", "/v1/reports", what) // who does not know of it
		s.want(201, b.asAuthor, "POST", "/v1/reports", what)
		c := b.newestCase()
		if !c.Private || c.Text != "" {
			t.Errorf("the list shows %+v", c)
		}
		if body := string(s.want(200, b.asMod, "GET", "/v1/admin/reports/"+c.ID, nil).body); !strings.Contains(body, "a threat") {
			t.Errorf("the preview is %s", body)
		}
		b.decide(c, map[string]any{"action": "remove", "reason": "harassment"})
		shown("taken down")
		s.want(200, b.asMod, "POST", "/v1/admin/decisions/"+b.notices(b.asFan)[0].ID+"/reverse", map[string]any{"words": "none"})
		shown("brought back", "a threat")
	})
}

// slowHands takes down late: what late does comes in between.
type slowHands struct {
	*app.App
	late func()
}

func (h slowHands) TakeDown(ctx context.Context, t tintype.Thing, down bool) error {
	if down {
		h.late()
	}
	return h.Post.TakeDown(ctx, t.ID, down)
}

func (h slowHands) KeepSuspended(ctx context.Context, user tintype.ID, on bool) error {
	if on {
		h.late()
	}
	return h.Account.Suspend(ctx, user, on)
}

func (h slowHands) Discard(context.Context, tintype.Thing) error { return nil }

// TestReversedMeanwhile is that a decision which is reversed while it is being made true does not stay so.
func TestReversedMeanwhile(t *testing.T) {
	t.Parallel()
	s := newSite(t, "sqlite", app.Config{})
	b := newBench(t, s)
	m := s.post(b.asAuthor, "a sight", 1)
	s.settle()
	store := sqlstore.Reports{R: s.app.Backend.Router}
	for action, c := range map[string]caseOut{
		"remove":  b.report(b.asFan, map[string]any{"kind": "post", "id": postID(m)}),
		"suspend": b.report(b.asFan, map[string]any{"kind": "user", "id": b.author.ID.String()}),
	} {
		late := sync.OnceFunc(func() {
			list, err := store.DecisionsOf(t.Context(), b.author.ID, tintype.Page{Count: 1})
			if err != nil || len(list) != 1 {
				t.Fatalf("decided: %v, %v", list, err)
			}
			if err := s.app.Moderate.Reverse(t.Context(), 0, list[0].ID, "a mistake"); err != nil {
				t.Fatal(err)
			}
			s.settle()
		})
		slow := moderate.New(moderate.Config{Clock: time.Now, Reports: store, Cases: store, Decisions: store, Due: store, Appeals: store,
			Audit: sqlstore.Audit{R: s.app.Backend.Router}, Posts: s.app.Post, People: s.app.Graph, Accounts: sqlstore.Accounts{R: s.app.Backend.Router},
			Hands: slowHands{s.app, late}, IDs: sqlstore.Profiles{R: s.app.Backend.Router}})
		id, err := tintype.ParseID(c.ID)
		if err != nil {
			t.Fatal(err)
		}
		a, err := moderate.ParseAction(action)
		if err != nil {
			t.Fatal(err)
		}
		if err := slow.Decide(t.Context(), 1, id, moderate.Verdict{Action: a, Reason: "spam"}); err != nil {
			t.Fatal(err)
		}
		s.settle()
		if r := s.ask(nobody, "GET", "/v1/media/"+m.ID, nil); r.status != 200 {
			t.Errorf("%s: the post answers %d %s", action, r.status, r.body)
		}
	}
}
