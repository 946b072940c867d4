package app_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/tintype/tintype/internal/tintype"
)

// texts gives the texts of a list of comments.
func texts(t *testing.T, r *reply) []string {
	t.Helper()
	var list []struct{ Text string }
	r.into(t, &list)
	out := []string{}
	for _, c := range list {
		out = append(out, c.Text)
	}
	return out
}

// said is what somebody is shown of the comments on a post.
type said struct {
	Comments struct {
		Count int
		Data  []struct{ Text string }
	}
	CanComment *bool `json:"can_comment"`
	Hidden     bool  `json:"has_hidden_words"`
	ID         string
}

func (m said) embeds() []string {
	out := []string{}
	for _, c := range m.Comments.Data {
		out = append(out, c.Text)
	}
	return out
}

// feedIDs gives the posts of a feed.
func (s *site) feedIDs(c credential) []string {
	s.t.Helper()
	var list []said
	s.want(200, c, "GET", "/v1/users/self/feed", nil).into(s.t, &list)
	var out []string
	for _, m := range list {
		out = append(out, m.ID)
	}
	return out
}

// does sends one of the actions that concern another user.
func (s *site) does(c credential, to *tintype.User, action string, more ...string) *reply {
	s.t.Helper()
	in := map[string]any{"action": action}
	for _, m := range more {
		in[m] = true
	}
	return s.want(200, c, "POST", "/v1/users/"+to.ID.String()+"/relationship", in)
}

func TestMute(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, s *site) {
		s.user("first", false)
		ann, bea, cem := s.user("ann", false), s.user("bea", false), s.user("cem", false)
		asAnn, asBea := s.session(ann), s.session(bea)
		s.does(asAnn, bea, "follow")
		s.does(asAnn, cem, "follow")
		s.settle()
		ofBea, ofCem := s.post(asBea, "from bea #tide", 1), s.post(s.session(cem), "from cem", 2)
		s.want(200, s.session(cem), "POST", "/v1/media/"+ofBea.ID+"/likes", nil)
		s.settle()
		popular := func() bool {
			return strings.Contains(string(s.want(200, asAnn, "GET", "/v1/media/popular", nil).body), ofBea.ID)
		}
		if got := s.feedIDs(asAnn); !slices.Equal(got, []string{ofCem.ID, ofBea.ID}) {
			t.Fatalf("the feed is %v", got)
		}
		if !popular() {
			t.Fatal("the post is not popular: the test would prove nothing")
		}
		mine := s.post(asAnn, "mine", 3)
		s.want(200, asBea, "POST", "/v1/media/"+mine.ID+"/comments", url.Values{"text": {"hello"}})
		told := func() int {
			s.settle()
			var list []struct{ Kind string }
			s.want(200, asAnn, "GET", "/v1/users/self/activity", nil).into(t, &list)
			var self struct {
				Unread int `json:"unread_activity"`
			}
			s.want(200, asAnn, "GET", "/v1/users/self", nil).into(t, &self)
			if self.Unread != len(list) {
				t.Errorf("%d unread, but %d listed", self.Unread, len(list))
			}
			return len(list)
		}
		s.settle()
		events := s.stream(t, asAnn)

		// Posts alone.
		var rel struct {
			Out        string `json:"outgoing_status"`
			Muted      bool
			Activity   bool `json:"muted_activity"`
			Restricted bool
		}
		s.does(asAnn, bea, "mute").into(t, &rel)
		if rel.Out != "follows" || !rel.Muted || rel.Activity {
			t.Errorf("having muted, ann stands so: %+v", rel)
		}
		if got := s.feedIDs(asAnn); !slices.Equal(got, []string{mine.ID, ofCem.ID}) {
			t.Errorf("with bea muted the feed is %v", got)
		}
		if popular() {
			t.Error("a muted user's post is among the popular")
		}
		if told() != 1 {
			t.Error("a mute of posts hides activity")
		}
		if body := s.want(200, asBea, "GET", "/v1/users/"+ann.ID.String(), nil).body; strings.Contains(string(body), "muted") {
			t.Errorf("bea learns of it: %s", body)
		}
		// The muted user's next post is not announced; the one after it, of another, is.
		silent := s.post(asBea, "silence", 4)
		s.settle()
		loud := s.post(s.session(cem), "loud", 5)
		if got, want := events.next(t, "feed"), strings.Split(loud.ID, "_")[0]; !strings.Contains(got, want) {
			t.Errorf("ann's page is told of %s, want %s: the other was muted", got, want)
		}

		// Activity too, and then all undone.
		s.does(asAnn, bea, "mute", "activity").into(t, &rel)
		if !rel.Activity || told() != 0 {
			t.Errorf("activity of a muted user is told: %+v", rel)
		}
		var list []struct{ Username string }
		s.want(200, asAnn, "GET", "/v1/users/self/muted", nil).into(t, &list)
		if len(list) != 1 || list[0].Username != "bea" {
			t.Errorf("muted are %v", list)
		}
		s.does(asAnn, bea, "unmute")
		if got := s.feedIDs(asAnn); !slices.Contains(got, ofBea.ID) || !slices.Contains(got, silent.ID) {
			t.Errorf("unmuted, bea's posts are not back at once: %v", got)
		}
		if told() != 1 || !popular() {
			t.Error("unmuting does not bring activity and popular posts back")
		}
		s.want(400, asAnn, "POST", "/v1/users/"+ann.ID.String()+"/relationship", map[string]any{"action": "mute"})
	})
}

func TestWhoMayComment(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, s *site) {
		s.user("first", false)
		ann := s.user("ann", false)
		asAnn := s.session(ann)
		people := map[string]credential{"owner": asAnn}
		for _, name := range []string{"follower", "followed", "stranger"} {
			u := s.user(name, false)
			people[name] = s.session(u)
			if name == "follower" {
				s.does(people[name], ann, "follow")
			}
			if name == "followed" {
				s.does(asAnn, u, "follow")
			}
		}
		s.settle()
		byDefault := s.post(asAnn, "as by default", 1)
		may := func(m mediaOut) (who []string) {
			t.Helper()
			for _, name := range []string{"owner", "follower", "followed", "stranger"} {
				r := s.ask(people[name], "POST", "/v1/media/"+m.ID+"/comments", url.Values{"text": {"from " + name}})
				if r.status == 200 {
					who = append(who, name)
				} else if r.meta.Type != forbidden {
					t.Errorf("%s gets %d %s", name, r.status, r.meta.Type)
				}
				var one said
				s.want(200, people[name], "GET", "/v1/media/"+m.ID, nil).into(t, &one)
				if shown := one.CanComment == nil; shown != (r.status == 200) {
					t.Errorf("%s is shown that they may comment: %v, and got %d", name, shown, r.status)
				}
			}
			return who
		}
		for _, c := range []struct {
			who  string
			want []string
		}{
			{"nobody", []string{"owner"}},
			{"followers", []string{"owner", "follower"}},
			{"following", []string{"owner", "followed"}},
			{"everyone", []string{"owner", "follower", "followed", "stranger"}},
		} {
			s.want(200, asAnn, "PATCH", "/v1/users/self/safety", map[string]any{"commenters": c.who})
			if got := may(byDefault); !slices.Equal(got, c.want) {
				t.Errorf("with %s by default, %v may comment", c.who, got)
			}
			s.want(200, asAnn, "PATCH", "/v1/users/self/safety", map[string]any{"commenters": "everyone"})
			s.want(200, asAnn, "PATCH", "/v1/media/"+byDefault.ID, map[string]any{"commenters": c.who})
			if got := may(byDefault); !slices.Equal(got, c.want) {
				t.Errorf("with %s on the post, %v may comment", c.who, got)
			}
			s.want(200, asAnn, "PATCH", "/v1/media/"+byDefault.ID, map[string]any{"commenters": "default"})
		}
		var up struct{ ID string }
		s.want(201, asAnn, "POST", "/v1/uploads", picture(t, 2)).into(t, &up)
		var m mediaOut
		s.want(201, asAnn, "POST", "/v1/media", map[string]any{"uploads": []string{up.ID}, "commenters": "followers"}).into(t, &m)
		if got := may(m); !slices.Equal(got, []string{"owner", "follower"}) {
			t.Errorf("published for followers' comments, %v may comment", got)
		}
		// Who is followed from now on may at once.
		s.want(200, asAnn, "PATCH", "/v1/media/"+m.ID, map[string]any{"commenters": "following"})
		s.want(403, people["follower"], "POST", "/v1/media/"+m.ID+"/comments", url.Values{"text": {"not yet"}})
		var f struct{ ID tintype.ID }
		s.want(200, people["follower"], "GET", "/v1/users/self", nil).into(t, &f)
		s.does(asAnn, &tintype.User{ID: f.ID}, "follow")
		s.settle()
		s.want(200, people["follower"], "POST", "/v1/media/"+m.ID+"/comments", url.Values{"text": {"now"}})
		s.want(400, asAnn, "PATCH", "/v1/media/"+m.ID, map[string]any{"commenters": "some"})
	})
}

// TestHeldComments: what is held, for either reason, is seen by its author, where it would be, and by the post's owner, among what is
// held; nobody else meets it in any answer, and nothing tells the author that it is held.
func TestHeldComments(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, s *site) {
		s.user("first", false)
		ann, rude, other := s.user("ann", false), s.user("rude", false), s.user("other", false)
		asAnn, asRude, asOther := s.session(ann), s.session(rude), s.session(other)
		m := s.post(asAnn, "a post", 1)
		at := "/v1/media/" + m.ID
		say := func(c credential, text string) (id string) {
			t.Helper()
			var out struct{ ID string }
			s.want(200, c, "POST", at+"/comments", url.Values{"text": {text}}).into(t, &out)
			return out.ID
		}
		show := func(name string, c credential, want ...string) {
			t.Helper()
			var one said
			r := s.want(200, c, "GET", at, nil)
			r.into(t, &one)
			if got := texts(t, s.want(200, c, "GET", at+"/comments", nil)); !slices.Equal(got, want) {
				t.Errorf("%s reads %q, want %q", name, got, want)
			}
			if got := one.embeds(); one.Comments.Count != len(want) || !slices.Equal(got, want[max(0, len(want)-4):]) {
				t.Errorf("the post shows %s %d comments, %q of them; want %q", name, one.Comments.Count, got, want)
			}
			if strings.Contains(string(r.body), "held") {
				t.Errorf("%s is told that something is held: %s", name, r.body)
			}
		}
		held := func(path string) (ids, why []string) {
			t.Helper()
			var list []struct{ ID, Why string }
			s.want(200, asAnn, "GET", path, nil).into(t, &list)
			for _, c := range list {
				ids, why = append(ids, c.ID), append(why, c.Why)
			}
			return ids, why
		}
		unread := func() int {
			s.settle()
			var self struct {
				Unread int `json:"unread_activity"`
			}
			s.want(200, asAnn, "GET", "/v1/users/self", nil).into(t, &self)
			return self.Unread
		}
		say(asRude, "before")
		if unread() != 1 {
			t.Fatal("a comment makes no activity: the test would prove nothing")
		}

		s.does(asAnn, rude, "restrict")
		first := say(asRude, "one @other")
		s.want(200, asRude, "POST", at+"/likes", nil)
		if n := unread(); n != 1 {
			t.Errorf("a restricted user made %d activities", n)
		}
		say(asOther, "two")
		show("their author", asRude, "before", "one @other", "two")
		show("another", asOther, "before", "two")
		show("nobody", nobody, "before", "two")
		show("the owner", asAnn, "before", "two")
		if body := s.want(200, asOther, "GET", "/v1/users/self/activity", nil).body; strings.Contains(string(body), "one @") {
			t.Errorf("a held comment tells whom it names: %s", body)
		}

		s.want(200, asAnn, "PATCH", "/v1/users/self/safety", map[string]any{"hidden_words": []string{"Ugly", "ugly", "笨蛋", "  go   home "}})
		second := say(asOther, "what an UGLY boat")
		third := say(asOther, "你这个笨蛋啊")
		say(asOther, "an uglyish boat")
		say(asAnn, "I may say ugly")
		show("another", asOther, "before", "two", "what an UGLY boat", "你这个笨蛋啊", "an uglyish boat", "I may say ugly")
		show("nobody", nobody, "before", "two", "an uglyish boat", "I may say ugly")
		for _, path := range []string{at + "/held-comments", "/v1/users/self/held-comments"} {
			ids, why := held(path)
			if !slices.Equal(ids, []string{third, second, first}) || !slices.Equal(why, []string{"words", "words", "restricted"}) {
				t.Errorf("%s lists %v, because of %v", path, ids, why)
			}
		}
		s.want(403, asOther, "GET", at+"/held-comments", nil)
		// To others a comment that is held is not there, whatever they try.
		s.want(400, asOther, "DELETE", at+"/comments/"+first, nil)
		s.want(403, asOther, "POST", at+"/held-comments/"+first+"/approve", map[string]any{})

		// Approved, it is as any other; and whom it names is told.
		s.want(200, asAnn, "POST", at+"/held-comments/"+first+"/approve", map[string]any{})
		s.want(400, asAnn, "POST", at+"/held-comments/"+first+"/approve", map[string]any{})
		show("nobody", nobody, "before", "one @other", "two", "an uglyish boat", "I may say ugly")
		s.settle()
		if body := s.want(200, asOther, "GET", "/v1/users/self/activity", nil).body; !strings.Contains(string(body), "one @") {
			t.Errorf("an approved comment does not tell whom it names: %s", body)
		}
		// The owner deletes one that waits, its author the other.
		s.want(200, asAnn, "DELETE", at+"/comments/"+second, nil)
		s.want(200, asOther, "DELETE", at+"/comments/"+third, nil)
		show("another", asOther, "before", "one @other", "two", "an uglyish boat", "I may say ugly")
		if ids, _ := held(at + "/held-comments"); len(ids) != 0 {
			t.Errorf("still held: %v", ids)
		}
		s.does(asAnn, rude, "unrestrict")
		say(asRude, "free")
		show("nobody", nobody, "before", "one @other", "two", "an uglyish boat", "I may say ugly", "free")

		// With a post goes what is held on it.
		say(asOther, "ugly again")
		s.want(200, asAnn, "DELETE", at, nil)
		s.settle()
		if ids, _ := held("/v1/users/self/held-comments"); len(ids) != 0 {
			t.Errorf("held on a deleted post: %v", ids)
		}
	})
}

// TestHeldManyPages: the pages of comments are the same with some held between them as without.
func TestHeldManyPages(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, s *site) {
		s.user("first", false)
		ann, rude := s.user("ann", false), s.user("rude", false)
		asAnn, asRude := s.session(ann), s.session(rude)
		at := "/v1/media/" + s.post(asAnn, "a post", 1).ID
		s.does(asAnn, rude, "restrict")
		var all, open []string
		for i := range 9 {
			text := strings.Repeat("x", i+1)
			c := asAnn
			if i%2 == 0 {
				c = asRude
			} else {
				open = append(open, text)
			}
			all = append(all, text)
			s.want(200, c, "POST", at+"/comments", url.Values{"text": {text}})
		}
		for _, v := range []struct {
			name string
			c    credential
			want []string
		}{{"the author", asRude, all}, {"nobody", nobody, open}} {
			var got []string
			for path := at + "/comments?count=2"; path != ""; {
				r := s.want(200, v.c, "GET", path, nil)
				got = append(texts(t, r), got...)
				path = r.pagination["next_url"]
			}
			if !slices.Equal(got, v.want) {
				t.Errorf("%s reads %v in pages, want %v", v.name, got, v.want)
			}
		}
	})
}

func TestHiddenWordsCoverTheFeed(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, s *site) {
		s.user("first", false)
		ann, bea := s.user("ann", false), s.user("bea", false)
		asAnn, asBea := s.session(ann), s.session(bea)
		s.does(asAnn, bea, "follow")
		s.settle()
		ugly, plain := s.post(asBea, "An ugly ending", 1), s.post(asBea, "fine", 2)
		mine := s.post(asAnn, "ugly but mine", 3)
		s.settle()
		covered := func(c credential, path string) (ids []string) {
			var list []said
			s.want(200, c, "GET", path, nil).into(t, &list)
			for _, m := range list {
				if m.Hidden {
					ids = append(ids, m.ID)
				}
			}
			return ids
		}
		for _, c := range []struct {
			set  map[string]any
			want []string
		}{
			{map[string]any{"hidden_words": []string{"ugly"}}, nil},
			{map[string]any{"cover_feed": true}, []string{ugly.ID}},
			{map[string]any{"hidden_words": []string{"FINE"}}, []string{plain.ID}},
			{map[string]any{"cover_feed": false}, nil},
		} {
			s.want(200, asAnn, "PATCH", "/v1/users/self/safety", c.set)
			if got := covered(asAnn, "/v1/users/self/feed"); !slices.Equal(got, c.want) {
				t.Errorf("after %v the feed covers %v", c.set, got)
			}
			if got := covered(asBea, "/v1/users/self/feed"); got != nil {
				t.Errorf("after %v of ann's bea's feed covers %v", c.set, got)
			}
		}
		_ = mine
		var out struct {
			Words []string `json:"hidden_words"`
		}
		s.want(200, asAnn, "PATCH", "/v1/users/self/safety", map[string]any{"hidden_words": []string{" Go   Home ", "go home", "\u200b", ""}}).into(t, &out)
		if !slices.Equal(out.Words, []string{"Go Home"}) {
			t.Errorf("the words are kept as %q", out.Words)
		}
		s.want(400, asAnn, "PATCH", "/v1/users/self/safety", map[string]any{"hidden_words": []string{strings.Repeat("a", 61)}})
		many := make([]string, 201)
		for i := range many {
			many[i] = strings.Repeat("w", 1+i%50) + string(rune('a'+i/50))
		}
		s.want(400, asAnn, "PATCH", "/v1/users/self/safety", map[string]any{"hidden_words": many})
	})
}
