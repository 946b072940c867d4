package app_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tintype/tintype/internal/tintype"
)

// tagIn is a person to be tagged, as requests say it.
func tagIn(u *tintype.User, media int, x, y float64) map[string]any {
	return map[string]any{"user_id": u.ID.String(), "media": media, "position": map[string]any{"x": x, "y": y}}
}

type inPhoto struct {
	User     struct{ Username string }
	Position struct{ X, Y float64 }
	Media    int
	Status   string
}

func usernames(list []inPhoto) []string {
	out := []string{}
	for _, p := range list {
		out = append(out, p.User.Username)
	}
	return out
}

// withPeople publishes a picture with people in it.
func (s *site) withPeople(status int, c credential, n int, people ...any) (m mediaOut, r *reply) {
	s.t.Helper()
	var u struct{ ID string }
	s.want(201, c, "POST", "/v1/uploads", picture(s.t, n)).into(s.t, &u)
	r = s.want(status, c, "POST", "/v1/media", map[string]any{"uploads": []string{u.ID}, "users_in_photo": people})
	if status == 201 {
		r.into(s.t, &m)
	}
	return m, r
}

// inPhoto is who is shown in a post, as API v1 says it.
func (s *site) inPhoto(c credential, m mediaOut) []string {
	s.t.Helper()
	var out struct {
		People []inPhoto `json:"users_in_photo"`
	}
	s.want(200, c, "GET", "/v1/media/"+m.ID, nil).into(s.t, &out)
	return usernames(out.People)
}

// tagged is the posts that a list of them gives, by ID.
func (s *site) tagged(c credential, path string) []string {
	s.t.Helper()
	var list []struct{ ID string }
	s.want(200, c, "GET", path, nil).into(s.t, &list)
	out := []string{}
	for _, m := range list {
		out = append(out, m.ID)
	}
	return out
}

// kinds is what happened to somebody, newest first.
func (s *site) activityKinds(c credential) []string {
	s.t.Helper()
	var list []struct{ Kind string }
	s.want(200, c, "GET", "/v1/users/self/activity/grouped", nil).into(s.t, &list)
	out := []string{}
	for _, a := range list {
		out = append(out, a.Kind)
	}
	return out
}

func want(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if want == nil {
		want = []string{}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func TestPeopleInPhotos(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, s *site) {
		annUser, benUser, catUser := s.user("ann", false), s.user("ben", false), s.user("cat", false)
		ann, ben, cat := s.session(annUser), s.session(benUser), s.session(catUser)
		s.want(200, cat, "PATCH", "/v1/users/self/choices", map[string]any{"approve_tags": true})

		m, _ := s.withPeople(201, ann, 1, tagIn(benUser, 0, 0.25, 0.75), tagIn(catUser, 0, 0.5, 0.5), tagIn(annUser, 0, 0, 1))
		s.settle()
		want(t, "shown", s.inPhoto(nobody, m), "ben", "ann")
		benTagged, catTagged := "/v1/users/"+benUser.ID.String()+"/media/tagged", "/v1/users/"+catUser.ID.String()+"/media/tagged"
		want(t, "ben's photos", s.tagged(nobody, benTagged), m.ID)
		want(t, "cat's photos", s.tagged(cat, catTagged))
		want(t, "what cat is asked", s.tagged(cat, "/v1/users/self/media/tag-requests"), m.ID)
		want(t, "what ben hears", s.activityKinds(ben), "tag")
		want(t, "what cat hears", s.activityKinds(cat), "tag_request")
		var people []inPhoto
		s.want(200, ann, "GET", "/v1/media/"+m.ID+"/people", nil).into(t, &people)
		if len(people) != 3 || people[1].Status != "waiting" || people[0].Status != "shown" || people[0].Position.X != 0.25 || people[0].Position.Y != 0.75 {
			t.Errorf("the owner is told %+v", people)
		}
		s.want(200, ben, "GET", "/v1/media/"+m.ID+"/people", nil).into(t, &people)
		want(t, "ben is told", usernames(people), "ben", "ann")

		// Approved, then taken back, then undone; each shows at once.
		self := "/v1/media/" + m.ID + "/people/self"
		s.want(200, cat, "PUT", self, nil)
		want(t, "after the approval", s.inPhoto(nobody, m), "ben", "cat", "ann")
		s.settle()
		want(t, "cat's photos", s.tagged(nobody, catTagged), m.ID)
		want(t, "what cat hears", s.activityKinds(cat), "tag")
		s.want(200, ben, "DELETE", self, nil)
		want(t, "after ben left", s.inPhoto(ann, m), "cat", "ann")
		want(t, "ben's photos", s.tagged(ben, benTagged))
		s.settle()
		want(t, "what ben hears", s.activityKinds(ben))
		s.want(400, ann, "PATCH", "/v1/media/"+m.ID, map[string]any{"users_in_photo": []any{tagIn(benUser, 0, 0.1, 0.1)}})
		s.want(200, ann, "PATCH", "/v1/media/"+m.ID, map[string]any{"caption": "he left", "users_in_photo": []any{tagIn(catUser, 0, 0.1, 0.2)}})
		want(t, "after an edit", s.inPhoto(ann, m), "cat")
		s.want(200, ben, "PUT", self, nil)
		s.settle()
		want(t, "ben came back", s.inPhoto(nobody, m), "cat", "ben")
		want(t, "ben's photos", s.tagged(nobody, benTagged), m.ID)

		// A block takes them out of each other's pictures.
		s.want(200, ben, "POST", "/v1/users/"+annUser.ID.String()+"/relationship", url.Values{"action": {"block"}})
		s.settle()
		want(t, "after a block", s.inPhoto(nobody, m), "cat")
		want(t, "ben's photos", s.tagged(ben, benTagged))

		// Who was taken back by the owner is out; and with the post, everybody.
		s.want(200, ann, "PATCH", "/v1/media/"+m.ID, map[string]any{"users_in_photo": []any{}})
		s.settle()
		want(t, "nobody is tagged", s.inPhoto(ann, m))
		want(t, "what cat hears", s.activityKinds(cat))
		other, _ := s.withPeople(201, ann, 2, tagIn(catUser, 0, 1, 1))
		s.settle()
		s.want(200, ann, "DELETE", "/v1/media/"+other.ID, nil)
		s.settle()
		want(t, "what cat is asked", s.tagged(cat, "/v1/users/self/media/tag-requests"))
		want(t, "what cat hears", s.activityKinds(cat))
	})
}

// TestWhoMayTag asks for everybody who cannot be tagged, whatever the reason, and hears the same.
func TestWhoMayTag(t *testing.T) {
	t.Parallel()
	s := newSite(t, "sqlite", siteConfig())
	author := s.user("author", false)
	asAuthor := s.session(author)
	private := s.user("hermit", true)
	ctx := t.Context()
	people := map[string]*tintype.User{}
	for _, name := range []string{"open", "picky", "follows", "never", "foe", "victim"} {
		people[name] = s.user(name, false)
	}
	choose := func(name string, choices map[string]any) {
		t.Helper()
		s.want(200, s.session(people[name]), "PATCH", "/v1/users/self/choices", choices)
	}
	choose("picky", map[string]any{"tags_from": "following"})
	choose("follows", map[string]any{"tags_from": "following"})
	choose("never", map[string]any{"tags_from": "nobody"})
	for _, err := range []error{s.app.Graph.Follow(ctx, people["follows"].ID, author.ID), s.app.Graph.Block(ctx, people["foe"].ID, author.ID), s.app.Graph.Block(ctx, author.ID, people["victim"].ID)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	s.settle()
	for i, test := range []struct {
		name string
		may  bool
	}{{"open", true}, {"picky", false}, {"follows", true}, {"never", false}, {"foe", false}, {"victim", false}} {
		status := 400
		if test.may {
			status = 201
		}
		_, r := s.withPeople(status, asAuthor, i, tagIn(people[test.name], 0, 0.5, 0.5))
		if !test.may && !strings.Contains(string(r.body), "cannot be tagged") {
			t.Errorf("tagging %s: %s", test.name, r.body)
		}
	}
	// Who could not see the post is not tagged in it behind their back.
	s.withPeople(400, s.session(private), 7, tagIn(people["open"], 0, 0.5, 0.5))

	at := tagIn(people["open"], 0, 0.5, 0.5)
	for name, list := range map[string][]any{
		"twice":      {at, at},
		"no picture": {tagIn(people["open"], 1, 0.5, 0.5)},
		"outside":    {tagIn(people["open"], 0, 1.01, 0.5)},
		"nobody":     {map[string]any{"user_id": "5", "position": map[string]any{"x": 0, "y": 0}}},
		"no point":   {map[string]any{"user_id": people["open"].ID.String()}},
		"too many":   slices.Repeat([]any{at}, 21),
	} {
		if _, r := s.withPeople(400, asAuthor, 8, list...); !strings.Contains(string(r.body), "users_in_photo") {
			t.Errorf("%s: %s", name, r.body)
		}
	}
}

// TestWhoMayMention: a mention that is not allowed stays as text, and is told to nobody.
func TestWhoMayMention(t *testing.T) {
	t.Parallel()
	s := newSite(t, "sqlite", siteConfig())
	author := s.user("author", false)
	asAuthor := s.session(author)
	quiet, picky, fan := s.user("quiet", false), s.user("picky", false), s.user("fan", false)
	s.want(200, s.session(quiet), "PATCH", "/v1/users/self/choices", map[string]any{"mentions_from": "nobody"})
	for _, u := range []*tintype.User{picky, fan} {
		s.want(200, s.session(u), "PATCH", "/v1/users/self/choices", map[string]any{"mentions_from": "following"})
	}
	if err := s.app.Graph.Follow(t.Context(), fan.ID, author.ID); err != nil {
		t.Fatal(err)
	}
	s.settle()
	m := s.post(asAuthor, "with @quiet, @picky and @fan", 1)
	s.want(200, asAuthor, "POST", "/v1/media/"+m.ID+"/comments", map[string]string{"text": "look @quiet @picky @fan"})
	s.settle()
	want(t, "quiet", s.activityKinds(s.session(quiet)))
	want(t, "picky", s.activityKinds(s.session(picky)))
	want(t, "fan", s.activityKinds(s.session(fan)), "mention", "mention")
	if r := s.want(200, nobody, "GET", "/v1/media/"+m.ID, nil); !strings.Contains(string(r.body), "with @quiet, @picky and @fan") {
		t.Error("the text of the caption changed")
	}
}
