package app_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tintype/tintype/internal/api"
	"github.com/tintype/tintype/internal/app"
	"github.com/tintype/tintype/internal/tintype"
)

type decisionOut struct {
	ID, Action, Reason, Words, Text, State string
	CanAppeal                              bool `json:"can_appeal"`
	Appeal                                 struct{ State, Reply string }
}

type caseOut struct {
	ID      string
	Thing   struct{ Kind, ID string }
	User    *struct{ Username string }
	State   string
	Reports int
	Reasons []string
	Text    string
	Private bool `json:"is_private"`
}

// bench is a site with moderators, an author with posts, and people who report them.
type bench struct {
	*site
	t                           *testing.T
	author, fan, other          *tintype.User
	asAuthor, asFan, asOther    credential
	asAdmin, asMod, asSecondMod credential
}

func newBench(t *testing.T, s *site) *bench {
	b := &bench{site: s, t: t}
	admin := s.user("first", false)
	mod, second := s.user("mod", false), s.user("mod2", false)
	b.asAdmin, b.asMod, b.asSecondMod = s.session(admin), s.session(mod), s.session(second)
	for _, m := range []*tintype.User{mod, second} {
		s.want(200, b.asAdmin, "PUT", "/v1/admin/users/"+m.ID.String()+"/moderator", nil)
	}
	b.author, b.fan, b.other = s.user("author", false), s.user("fan", false), s.user("other", false)
	b.asAuthor, b.asFan, b.asOther = s.session(b.author), s.session(b.fan), s.session(b.other)
	return b
}

// report reports something as c, and gives its case.
func (b *bench) report(c credential, what map[string]any) caseOut {
	b.t.Helper()
	if what["reason"] == nil {
		what["reason"] = "nudity"
	}
	b.want(201, c, "POST", "/v1/reports", what)
	return b.newestCase()
}

func (b *bench) newestCase() caseOut {
	b.t.Helper()
	var cases []caseOut
	b.want(200, b.asMod, "GET", "/v1/admin/reports", nil).into(b.t, &cases)
	if len(cases) == 0 {
		b.t.Fatal("there is no case")
	}
	return cases[len(cases)-1]
}

func (b *bench) notices(c credential) (list []decisionOut) {
	b.t.Helper()
	b.want(200, c, "GET", "/v1/users/self/notices", nil).into(b.t, &list)
	return list
}

func (b *bench) decide(c caseOut, verdict map[string]any) {
	b.t.Helper()
	b.want(200, b.asMod, "POST", "/v1/admin/reports/"+c.ID+"/decide", verdict)
}

// deeds gives the audit log's deeds, newest first.
func (b *bench) deeds(query string) (list []string) {
	b.t.Helper()
	var entries []struct{ Deed string }
	b.want(200, b.asAdmin, "GET", "/v1/admin/audit?count=60"+query, nil).into(b.t, &entries)
	for _, e := range entries {
		list = append(list, e.Deed)
	}
	return list
}

func postID(m mediaOut) string { return strings.Split(m.ID, "_")[0] }

// TestTakenDown is a post that is reported, taken down, appealed about and brought back.
func TestTakenDown(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, s *site) {
		b := newBench(t, s)
		s.want(200, b.asFan, "POST", "/v1/users/"+b.author.ID.String()+"/relationship", url.Values{"action": {"follow"}})
		s.settle()
		m := s.post(b.asAuthor, "a sight #seen", 1)
		s.want(200, b.asFan, "POST", "/v1/media/"+m.ID+"/likes", nil)
		s.settle()
		id := postID(m)

		// Reports of one thing are one case; who reports twice reports once.
		b.report(b.asFan, map[string]any{"kind": "post", "id": id, "words": "look at it"})
		s.want(200, b.asFan, "POST", "/v1/reports", map[string]any{"kind": "post", "id": id, "reason": "spam"})
		c := b.report(b.asOther, map[string]any{"kind": "post", "id": id, "reason": "spam"})
		if c.Reports != 2 || strings.Join(c.Reasons, " ") != "nudity spam" || c.Thing.ID != id || c.User == nil || c.User.Username != "author" || c.Text != "a sight #seen" {
			t.Errorf("the case is %+v", c)
		}
		s.want(400, b.asAuthor, "POST", "/v1/reports", map[string]any{"kind": "post", "id": id, "reason": "spam"})
		s.want(400, b.asFan, "POST", "/v1/reports", map[string]any{"kind": "post", "id": id, "reason": "boredom"})
		s.want(200, b.asMod, "GET", "/v1/admin/reports/"+c.ID+"/reports", nil)
		var preview struct {
			caseOut
			Caption  string
			Pictures []struct{ URL string }
		}
		s.want(200, b.asMod, "GET", "/v1/admin/reports/"+c.ID, nil).into(t, &preview)
		if preview.Caption != "a sight #seen" || len(preview.Pictures) != 1 {
			t.Fatalf("the preview is %+v", preview)
		}
		s.want(200, b.asMod, "GET", preview.Pictures[0].URL, nil)
		s.want(403, b.asFan, "GET", preview.Pictures[0].URL, nil)

		// One moderator at a time.
		s.want(200, b.asSecondMod, "POST", "/v1/admin/reports/"+c.ID+"/claim", nil)
		s.want(409, b.asMod, "POST", "/v1/admin/reports/"+c.ID+"/claim", map[string]any{"on": true})
		s.want(409, b.asMod, "POST", "/v1/admin/reports/"+c.ID+"/decide", map[string]any{"action": "dismiss"})
		s.want(200, b.asSecondMod, "POST", "/v1/admin/reports/"+c.ID+"/claim", map[string]any{"on": false})

		shown := func(want bool) {
			t.Helper()
			n := 0
			if want {
				n = 1
			}
			status := map[bool]int{true: 200, false: 400}[want]
			s.want(status, b.asFan, "GET", "/v1/media/"+m.ID, nil)
			for _, path := range []string{"/v1/users/self/feed", "/v1/users/" + b.author.ID.String() + "/media/recent", "/v1/tags/seen/media/recent", "/v1/media/popular", "/v1/search/media?q=sight"} {
				var list []mediaOut
				if s.want(200, b.asFan, "GET", path, nil).into(t, &list); len(list) != n {
					t.Errorf("%s has %d posts, want %d", path, len(list), n)
				}
			}
			var tag struct {
				Media int `json:"media_count"`
			}
			if s.want(200, b.asFan, "GET", "/v1/tags/seen", nil).into(t, &tag); tag.Media != n {
				t.Errorf("the tag counts %d, want %d", tag.Media, n)
			}
			var user struct{ Counts struct{ Media int } }
			if s.want(200, b.asFan, "GET", "/v1/users/"+b.author.ID.String(), nil).into(t, &user); user.Counts.Media != n {
				t.Errorf("the profile counts %d posts, want %d", user.Counts.Media, n)
			}
			fileStatus := map[bool]int{true: 200, false: 404}[want]
			s.want(fileStatus, nobody, "GET", m.Renditions[0].URL, nil)
			s.want(fileStatus, nobody, "GET", "/p/"+m.Shortcode, nil, "Accept", "text/html")
			s.want(200, b.asAuthor, "GET", "/v1/media/"+m.ID, nil) // its owner sees it in any case
			s.want(200, b.asAuthor, "GET", pathOf(m.Renditions[0].URL), nil)
		}
		shown(true)
		b.decide(c, map[string]any{"action": "remove", "reason": "nudity", "words": "not here"})
		s.want(409, b.asMod, "POST", "/v1/admin/reports/"+c.ID+"/decide", map[string]any{"action": "dismiss"})
		s.settle()
		shown(false)

		// The reporters see that something was done; the author is told what and why.
		var reports []struct{ State string }
		s.want(200, b.asFan, "GET", "/v1/reports", nil).into(t, &reports)
		if len(reports) != 1 || reports[0].State != "acted" {
			t.Errorf("the reporter is shown %+v", reports)
		}
		if body := string(s.want(200, b.asAuthor, "GET", "/v1/users/self/activity", nil).body); !strings.Contains(body, `"kind":"notice"`) {
			t.Errorf("the author's activity is %s", body)
		}
		if body := string(s.want(200, b.asAuthor, "GET", "/v1/users/self/activity/grouped", nil).body); !strings.Contains(body, `"kind":"notice"`) {
			t.Errorf("the author's grouped activity is %s", body)
		}
		n := b.notices(b.asAuthor)
		if len(n) != 1 || n[0].Action != "remove" || n[0].Reason != "nudity" || n[0].Words != "not here" || !n[0].CanAppeal {
			t.Fatalf("the author is told %+v", n)
		}

		// It is appealed once; another moderator decides.
		s.want(400, b.asFan, "POST", "/v1/users/self/notices/"+n[0].ID+"/appeal", map[string]any{"words": "mine?"})
		s.want(400, b.asAuthor, "POST", "/v1/users/self/notices/"+n[0].ID+"/appeal", map[string]any{"words": " "})
		s.want(200, b.asAuthor, "POST", "/v1/users/self/notices/"+n[0].ID+"/appeal", map[string]any{"words": "it is a statue"})
		s.want(409, b.asAuthor, "POST", "/v1/users/self/notices/"+n[0].ID+"/appeal", map[string]any{"words": "again"})
		var appeals []decisionOut
		s.want(200, b.asSecondMod, "GET", "/v1/admin/appeals", nil).into(t, &appeals)
		if len(appeals) != 1 || appeals[0].ID != n[0].ID {
			t.Fatalf("appeals: %+v", appeals)
		}
		answer := map[string]any{"grant": true, "words": "so it is"}
		s.want(403, b.asMod, "POST", "/v1/admin/appeals/"+n[0].ID, answer)
		s.want(200, b.asSecondMod, "POST", "/v1/admin/appeals/"+n[0].ID, answer)
		s.want(409, b.asSecondMod, "POST", "/v1/admin/appeals/"+n[0].ID, answer)
		s.settle()
		shown(true)
		if n := b.notices(b.asAuthor); n[0].State != "reversed" || n[0].Appeal.State != "granted" || n[0].Appeal.Reply != "so it is" {
			t.Errorf("the author is told %+v", n)
		}
		if got := strings.Join(b.deeds("&deed=case"), " ") + " " + strings.Join(b.deeds("&deed=appeal"), " "); got != "case.remove case.claim case.claim.failed case.claim case.claim appeal.grant" {
			t.Errorf("the log has %s", got)
		}
	})
}

// TestCommentTakenDown is the same of a comment, and a decision that is reversed without an appeal.
func TestCommentTakenDown(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, s *site) {
		b := newBench(t, s)
		m := s.post(b.asAuthor, "mine", 1)
		var comment struct{ ID string }
		s.want(200, b.asFan, "POST", "/v1/media/"+m.ID+"/comments", url.Values{"text": {"rude, @other"}}).into(t, &comment)
		s.settle()
		c := b.report(b.asAuthor, map[string]any{"kind": "comment", "id": comment.ID, "post_id": postID(m), "reason": "harassment"})
		if c.Text != "rude, @other" || c.User.Username != "fan" {
			t.Errorf("the case is %+v", c)
		}
		shown := func(want int) {
			t.Helper()
			var list []struct{ ID string }
			if s.want(200, b.asAuthor, "GET", "/v1/media/"+m.ID+"/comments", nil).into(t, &list); len(list) != want {
				t.Errorf("%d comments, want %d", len(list), want)
			}
			var p struct {
				Comments struct {
					Count int
					Data  []struct{ ID string }
				}
			}
			if s.want(200, b.asAuthor, "GET", "/v1/media/"+m.ID, nil).into(t, &p); p.Comments.Count != want || len(p.Comments.Data) != want {
				t.Errorf("the post has %+v, want %d", p.Comments, want)
			}
			for who, as := range map[string]credential{"author": b.asAuthor, "other": b.asOther} {
				if body := string(s.want(200, as, "GET", "/v1/users/self/activity", nil).body); strings.Contains(body, "rude") && want == 0 {
					t.Errorf("%s's activity still has the comment: %s", who, body)
				}
			}
		}
		shown(1)
		b.decide(c, map[string]any{"action": "remove", "reason": "harassment"})
		s.settle()
		shown(0)
		n := b.notices(b.asFan)
		if len(n) != 1 || n[0].Text != "rude, @other" {
			t.Fatalf("the author of the comment is told %+v", n)
		}
		s.want(200, b.asMod, "POST", "/v1/admin/decisions/"+n[0].ID+"/reverse", map[string]any{"words": "a joke"})
		s.want(409, b.asMod, "POST", "/v1/admin/decisions/"+n[0].ID+"/reverse", nil)
		s.settle()
		shown(1)

		// A dismissed case is answered too, and the same may be reported anew.
		c = b.report(b.asOther, map[string]any{"kind": "user", "id": b.fan.ID.String(), "reason": "impersonation"})
		b.decide(c, map[string]any{"action": "dismiss"})
		var closed []caseOut
		s.want(200, b.asMod, "GET", "/v1/admin/reports?state=closed&kind=user", nil).into(t, &closed)
		if len(closed) != 1 || closed[0].State != "dismissed" {
			t.Errorf("decided: %+v", closed)
		}
		c = b.report(b.asOther, map[string]any{"kind": "user", "id": b.fan.ID.String()})
		s.want(400, b.asMod, "POST", "/v1/admin/reports/"+c.ID+"/decide", map[string]any{"action": "remove", "reason": "spam"})
		b.decide(c, map[string]any{"action": "warn", "reason": "spam", "words": "mind"})
		if n := b.notices(b.asFan); len(n) != 2 || n[0].Action != "warn" {
			t.Errorf("after a warning: %+v", n)
		}
	})
}

// TestPrivateIsLooked is that looking at what not everybody may see is put down, and that the list does not show it.
func TestPrivateIsLooked(t *testing.T) {
	t.Parallel()
	s := newSite(t, "sqlite", app.Config{})
	b := newBench(t, s)
	s.want(200, b.asFan, "POST", "/v1/users/"+b.author.ID.String()+"/relationship", url.Values{"action": {"follow"}})
	s.settle()
	m := s.post(b.asAuthor, "among friends", 1)
	s.want(200, b.asAuthor, "PATCH", "/v1/users/self", map[string]any{"is_private": true})
	s.settle()
	s.want(400, b.asOther, "POST", "/v1/reports", map[string]any{"kind": "post", "id": postID(m), "reason": "spam"})
	c := b.report(b.asFan, map[string]any{"kind": "post", "id": postID(m)})
	if !c.Private || c.Text != "" {
		t.Errorf("the list shows %+v", c)
	}
	if d := b.deeds("&deed=case.look"); len(d) != 0 {
		t.Errorf("nobody looked yet: %v", d)
	}
	s.want(400, b.asMod, "GET", "/v1/media/"+m.ID, nil) // a moderator is nobody's follower
	if body := string(s.want(200, b.asMod, "GET", "/v1/admin/reports/"+c.ID, nil).body); !strings.Contains(body, "among friends") {
		t.Errorf("the preview is %s", body)
	}
	if d := b.deeds("&deed=case.look&user=" + b.author.ID.String()); len(d) != 1 {
		t.Errorf("the log has %v", d)
	}
}

// TestSuspendedEverywhere holds everything that is a user's open, suspends them, and finds each dead.
func TestSuspendedEverywhere(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, s *site) {
		b := newBench(t, s)
		const secret = "a long enough pass"
		s.want(201, nobody, "POST", "/v1/users", map[string]any{"username": "gone", "password": secret})
		login := map[string]any{"login": "gone", "password": secret}
		var in struct {
			Token string `json:"access_token"`
		}
		s.want(200, nobody, "POST", "/v1/session", login).into(t, &in)
		session := credential{token: in.Token}
		var self struct{ ID tintype.ID }
		s.want(200, session, "GET", "/v1/users/self", nil).into(t, &self)
		token := s.mint(self.ID, tintype.ScopeBasic, false)
		cookie := credential{in.Token, true}
		m := s.post(session, "still here", 1)
		s.want(200, session, "PATCH", "/v1/users/self", map[string]any{"is_private": true})
		var private mediaOut
		s.want(200, session, "GET", "/v1/media/"+m.ID, nil).into(t, &private)
		signed := private.Renditions[0].URL
		s.want(200, nobody, "GET", signed, nil)
		s.want(200, session, "PATCH", "/v1/users/self", map[string]any{"is_private": false})
		s.settle()
		events := s.stream(t, session)
		s.want(200, token, "GET", "/v1/users/self/feed", nil)
		// Pages and pictures that were asked for before are in the caches of the site by now.
		for _, path := range []string{"/gone", "/p/" + m.Shortcode, m.Renditions[0].URL, "/p/" + m.Shortcode + "/embed", "/gone/feed.atom"} {
			s.want(200, nobody, "GET", path, nil, "Accept", "text/html")
		}
		s.want(200, b.asFan, "POST", "/v1/media/"+m.ID+"/likes", nil)
		s.settle()

		s.want(200, b.asAdmin, "POST", "/v1/admin/users/"+self.ID.String()+"/suspend", map[string]any{"reason": "spam", "words": "enough", "days": 7})
		s.want(409, b.asAdmin, "POST", "/v1/admin/users/"+self.ID.String()+"/suspend", map[string]any{"reason": "spam"})
		deadline := time.After(10 * time.Second)
	stream:
		for {
			select {
			case _, open := <-events.lines:
				if !open {
					break stream
				}
			case <-deadline:
				t.Error("the open stream lives on")
				break stream
			}
		}
		for name, c := range map[string]credential{"session": session, "cookie": cookie, "token": token} {
			if r := s.ask(c, "GET", "/v1/users/self/feed", nil); r.status != 400 || r.meta.Type != unknown {
				t.Errorf("%s: %d %s", name, r.status, r.body)
			}
		}
		for path, status := range map[string]int{signed: 404, m.Renditions[0].URL: 404, "/gone": 404, "/p/" + m.Shortcode: 404, "/p/" + m.Shortcode + "/embed": 404,
			"/gone/feed.atom": 404, "/v1/media/" + m.ID: 400, "/v1/users/" + self.ID.String(): 400, "/oembed?url=" + url.QueryEscape(s.base+"/p/"+m.Shortcode): 404} {
			if r := s.ask(nobody, "GET", path, nil, "Accept", "text/html"); r.status != status {
				t.Errorf("%s: %d, want %d", path, r.status, status)
			}
		}

		// Who knows the password is told, and may appeal; nothing else.
		s.want(400, nobody, "POST", "/v1/session", map[string]any{"login": "gone", "password": "a wrong password"})
		r := s.want(403, nobody, "POST", "/v1/session", login)
		if r.meta.Type != "APISuspendedError" || r.header.Get("Set-Cookie") != "" || strings.Contains(string(r.body), "access_token") {
			t.Fatalf("signing in: %s %v", r.body, r.header)
		}
		_, ticket, _ := strings.Cut(string(r.body), `"ticket":"`)
		ticket, _, _ = strings.Cut(ticket, `"`)
		var why []decisionOut
		s.want(200, nobody, "POST", "/v1/suspension", map[string]any{"ticket": ticket}).into(t, &why)
		if len(why) != 1 || why[0].Words != "enough" || !why[0].CanAppeal {
			t.Fatalf("they are told %+v", why)
		}
		s.want(400, nobody, "POST", "/v1/suspension", map[string]any{"ticket": ticket[:len(ticket)-4] + "AAAA"})
		s.want(400, credential{token: ticket}, "GET", "/v1/users/self", nil)
		s.want(400, nobody, "POST", "/v1/suspension/appeal", map[string]any{"ticket": ticket, "id": "12", "words": "let me in"})
		s.want(200, nobody, "POST", "/v1/suspension/appeal", map[string]any{"ticket": ticket, "id": why[0].ID, "words": "let me in"})
		s.want(200, b.asMod, "POST", "/v1/admin/appeals/"+why[0].ID, map[string]any{"grant": false, "words": "not yet"})
		s.want(403, nobody, "POST", "/v1/session", login)

		s.want(200, b.asAdmin, "POST", "/v1/admin/users/"+self.ID.String()+"/lift", map[string]any{"words": "come back"})
		s.settle()
		s.want(200, nobody, "POST", "/v1/session", login).into(t, &in)
		s.want(200, nobody, "GET", "/v1/media/"+m.ID+"", nil)
		s.settle() // the job that came with it does not sign them out again
		s.want(200, credential{token: in.Token}, "GET", "/v1/users/self", nil)
	})
}

// TestAdminsAreLogged is that every route by which an admin changes something is in the log by its name.
func TestAdminsAreLogged(t *testing.T) {
	t.Parallel()
	s := newSite(t, "sqlite", app.Config{})
	b := newBench(t, s)
	fan := b.fan.ID.String()
	s.want(200, b.asAdmin, "PATCH", "/v1/admin/site", map[string]any{"name": "Ours"})
	var invite struct{ Code string }
	s.want(201, b.asAdmin, "POST", "/v1/admin/invites", map[string]any{"note": "for zoe"}).into(t, &invite)
	s.want(200, b.asAdmin, "DELETE", "/v1/admin/invites/"+invite.Code, nil)
	s.want(200, b.asAdmin, "PATCH", "/v1/admin/knobs", map[string]any{"set": map[string]string{"likes": "off"}})
	s.want(200, b.asAdmin, "DELETE", "/v1/admin/users/"+fan+"/sessions", nil)
	s.want(200, b.asAdmin, "DELETE", "/v1/admin/users/"+fan+"/moderator", nil)
	s.want(409, b.asAdmin, "DELETE", "/v1/admin/users/"+fan+"/two-factor", nil)
	if got := strings.Join(b.deeds(""), " "); got != "user.reset_two_factor.failed user.reset_two_factor user.moderator user.sign_out knobs.turn invite.withdraw invite.make site.change user.moderator user.moderator" {
		t.Errorf("the log has %s", got)
	}
	if body := string(s.want(200, b.asAdmin, "GET", "/v1/admin/audit", nil).body); strings.Contains(body, invite.Code) || !strings.Contains(body, "likes=off") || !strings.Contains(body, "for zoe") {
		t.Errorf("the log is %s", body)
	}
	if d := b.deeds("&user=" + fan); len(d) != 4 {
		t.Errorf("to fan was done %v", d)
	}
	// It pages.
	var first []struct{ ID string }
	r := s.want(200, b.asAdmin, "GET", "/v1/admin/audit?count=5", nil)
	r.into(t, &first)
	if len(first) != 5 || !strings.Contains(string(r.body), `"next_cursor":"`+first[4].ID) {
		t.Errorf("the first page is %s", r.body)
	}
	var rest []struct{ ID string }
	if s.want(200, b.asAdmin, "GET", "/v1/admin/audit?count=5&cursor="+first[4].ID, nil).into(t, &rest); len(rest) != 5 {
		t.Errorf("the second page has %d", len(rest))
	}
	var members []struct{ Username, State string }
	s.want(200, b.asAdmin, "GET", "/v1/admin/users?q=mod&count=1", nil).into(t, &members)
	if len(members) != 1 || members[0].Username != "mod" || members[0].State != "active" {
		t.Errorf("members: %+v", members)
	}
	if s.want(200, b.asAdmin, "GET", "/v1/admin/users?q=mod&cursor=mod", nil).into(t, &members); len(members) != 1 || members[0].Username != "mod2" {
		t.Errorf("the next members: %+v", members)
	}

	// What a rule puts down itself has no name in the table: those are few, and tested above.
	byRule := []string{"POST /v1/admin/reports/{id}/decide", "POST /v1/admin/appeals/{id}", "POST /v1/admin/decisions/{id}/reverse",
		"POST /v1/admin/users/{id}/suspend", "POST /v1/admin/users/{id}/lift"}
	for _, r := range api.Routes() {
		name := r.Method + " " + r.Pattern
		if want := r.Access >= api.Moderator && r.Method != http.MethodGet && !strings.Contains(strings.Join(byRule, "\n"), name); want != (r.Deed != "") {
			t.Errorf("%s: is it to be in the audit log? %v; it is there as %q", name, want, r.Deed)
		}
	}
}
