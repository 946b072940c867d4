package account

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/shard"
	"github.com/tintype/tintype/internal/sqlstore/storetest"
	"github.com/tintype/tintype/internal/tintype"
	"github.com/tintype/tintype/internal/words"
)

func TestSiteSettings(t *testing.T) {
	t.Parallel()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		ctx := context.Background()
		c := newClock()
		s := newSite(t, r, c)
		admin := Principal{UserID: 7, Admin: true}
		name, bad := "  Ann's\u00a0 photos ", "bad"
		empty, hidden, long := " ", "x\u202ey", strings.Repeat("x", 61)
		if site, err := s.SetSite(ctx, admin, SiteChanges{Name: &name}); err != nil || site.Name != "Ann's photos" || site.ChangedBy != 7 || !site.Changed.Equal(c.now()) {
			t.Errorf("%+v, %v", site, err)
		}
		for _, n := range []string{empty, hidden, long} {
			_, err := s.SetSite(ctx, admin, SiteChanges{Name: &n})
			want(t, err, "invalid name")
		}
		_, err := s.SetSite(ctx, admin, SiteChanges{SignUp: &bad})
		want(t, err, "invalid signup")
		// Another process sees it within moments.
		other := newSite(t, r, c)
		if site, _ := other.Site(ctx); site.Name != "Ann's photos" {
			t.Errorf("%+v", site)
		}
		name = "Changed"
		if _, err := s.SetSite(ctx, admin, SiteChanges{Name: &name}); err != nil {
			t.Fatal(err)
		}
		c.add(siteTTL)
		if site, _ := other.Site(ctx); site.Name != "Changed" {
			t.Errorf("%+v", site)
		}
	})
}

func TestMediaSecret(t *testing.T) {
	t.Parallel()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		var wg sync.WaitGroup
		secrets := make([][]byte, 8)
		for i := range secrets {
			s := newSite(t, r, newClock())
			wg.Go(func() {
				var err error
				if secrets[i], err = s.MediaSecret(context.Background()); err != nil {
					t.Error(err)
				}
				if again, _ := s.MediaSecret(context.Background()); !bytes.Equal(again, secrets[i]) {
					t.Error("it changed")
				}
			})
		}
		wg.Wait()
		for _, secret := range secrets {
			if len(secret) != 32 || !bytes.Equal(secret, secrets[0]) || bytes.Equal(secret, make([]byte, 32)) {
				t.Errorf("secret %x, first %x", secret, secrets[0])
			}
		}
	})
}

func TestUpdateProfile(t *testing.T) {
	t.Parallel()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		ctx := context.Background()
		var changed []tintype.ID
		s := newSite(t, r, newClock(), func(c *Config) {
			c.Changed = func(_ context.Context, id tintype.ID) { changed = append(changed, id) }
		})
		u := s.signUp(t, "ann")
		s.signUp(t, "bob")
		p := func(s string) *string { return &s }
		yes := true
		got, err := s.UpdateProfile(ctx, u.ID, Changes{Username: p("Ann.2"), FullName: p(" Ann  B"), Bio: p("hi\r\n"), Website: p("ann.example"), Private: &yes, Locale: p("zh-CN")})
		wantUser := &tintype.User{ID: u.ID, Username: "ann.2", FullName: "Ann B", Bio: "hi", Website: "https://ann.example", Private: true}
		if d := cmp.Diff(wantUser, got); d != "" || err != nil {
			t.Error(d, err)
		}
		if priv, err := s.Private(ctx, u.ID); err != nil || priv != (Private{Locale: "zh-CN", Admin: true}) {
			t.Errorf("%+v, %v", priv, err)
		}
		if len(changed) == 0 || changed[0] != u.ID {
			t.Errorf("told of changes to %v", changed)
		}
		// What is refused leaves everything as it was, whatever came with it.
		for field, c := range map[string]Changes{
			"conflict username": {Username: p("B0B"), FullName: p("X")},
			"invalid username":  {Username: p("é"), FullName: p("X")},
			"invalid full_name": {Username: p("newer"), FullName: p("\u202e")},
			"invalid bio":       {Username: p("newer"), Bio: p(strings.Repeat("x", 301))},
			"invalid website":   {Username: p("newer"), Website: p("javascript:x")},
			"invalid locale":    {Username: p("newer"), Locale: p("x y")},
		} {
			_, err := s.UpdateProfile(ctx, u.ID, c)
			want(t, err, field)
		}
		if now, _ := s.c.Profiles.Profile(ctx, u.ID); !cmp.Equal(wantUser, now) {
			t.Error(cmp.Diff(wantUser, now))
		}
		got, err = s.UpdateProfile(ctx, u.ID, Changes{Username: p("ANN.2"), FullName: p("")})
		if err != nil || got.FullName != "" || got.Username != "ann.2" {
			t.Errorf("%+v, %v", got, err)
		}
		_, err = s.UpdateProfile(ctx, u.ID+1, Changes{})
		want(t, err, "not found")
		_, err = s.Private(ctx, u.ID+1)
		want(t, err, "not found")
	})
}

func TestSearch(t *testing.T) {
	t.Parallel()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		ctx := context.Background()
		s := newSite(t, r, newClock())
		ids := map[string]tintype.ID{}
		var jobs []job.User
		for name, full := range map[string]string{
			"ann": "Ann O'Hara", "annabel": "Annabel Lee", "the.ann_7": "Somebody", "xiaoming": "王小明", "yuko": "山田 ゆうこ", "zoe": "Zoë Čapek", "seoul": "김철수", "big": strings.Repeat("word 王小明 ", 6),
		} {
			u, err := s.Create(ctx, NewUser{Username: name, FullName: full})
			if err != nil {
				t.Fatal(err)
			}
			ids[name] = u.ID
			jobs = append(jobs, job.User{ID: u.ID})
		}
		jobs = append(jobs, job.User{ID: 12345})
		for range 2 {
			if err := s.IndexUsers(ctx, jobs); err != nil {
				t.Fatal(err)
			}
		}
		search := func(q string, count int) string {
			t.Helper()
			found, err := s.Search(ctx, q, count)
			if err != nil {
				t.Errorf("%q: %v", q, err)
			}
			var out []string
			for _, id := range found {
				for name, i := range ids {
					if i == id {
						out = append(out, name)
					}
				}
			}
			return strings.Join(out, " ")
		}
		tests := []struct {
			q     string
			first string
			all   string // in any order
		}{
			{q: "ann", first: "ann", all: "ann annabel the.ann_7"},
			{q: " @ANN ", first: "ann", all: "ann annabel the.ann_7"},
			{q: "annabel", first: "annabel", all: "annabel"},
			{q: "the.ann_7", first: "the.ann_7", all: "the.ann_7"},
			{q: "theann", all: "the.ann_7"},
			{q: "hara", all: "ann"},
			{q: "lee anna", all: "annabel"},
			{q: "lee zoe", all: ""},
			{q: "zoë", all: "zoe"},
			{q: "ZOE capek", all: "zoe"},
			{q: "王", all: "xiaoming big"},
			{q: "小明", all: "xiaoming big"},
			{q: "明", all: "xiaoming big"},
			{q: "田", all: "yuko"},
			{q: "うこ", all: "yuko"},
			{q: "철수", all: "seoul"},
			{q: "anabel", first: "annabel", all: "annabel"},
			{q: "anna", first: "annabel", all: "annabel"},
			{q: "somebdoy", all: "the.ann_7"},
			{q: "xiaomnig", all: "xiaoming"},
			{q: "xiaomnigg", all: ""},
			{q: "annebel le", all: "annabel"},
			{q: "capeck zoe", all: "zoe"},
			{q: "capeck zoo", all: ""},
			{q: "小王小", all: ""},
			{q: "'; DROP TABLE people; --", all: ""},
			{q: "%", all: ""},
			{q: "", all: ""},
		}
		for _, test := range tests {
			got := search(test.q, 10)
			if test.first != "" && !strings.HasPrefix(got+" ", test.first+" ") {
				t.Errorf("%q finds %q, want %q first", test.q, got, test.first)
			}
			if d := cmp.Diff(wordSet(test.all), wordSet(got)); d != "" {
				t.Errorf("%q: %s", test.q, d)
			}
		}
		if got := search("ann", 1); got != "ann" {
			t.Errorf("the first of them is %q", got)
		}
		if got := search("ann", 0); got != "" {
			t.Errorf("none of them is %q", got)
		}
		_, err := s.Search(ctx, strings.Repeat("x", 201), 10)
		want(t, err, "invalid q")

		// Renamed, and suspended.
		to := "beatrice"
		if _, err := s.UpdateProfile(ctx, ids["annabel"], Changes{Username: &to, FullName: &to}); err != nil {
			t.Fatal(err)
		}
		if err := s.Suspend(ctx, ids["zoe"], true); err != nil {
			t.Fatal(err)
		}
		if err := s.IndexUsers(ctx, jobs); err != nil {
			t.Fatal(err)
		}
		if got := search("annabel", 10) + search("capek", 10); got != "" {
			t.Errorf("found %q", got)
		}
		if got := search("beatrize", 10); got != "annabel" {
			t.Errorf("found %q", got)
		}
		if got := search("beat", 10); got != "annabel" {
			t.Errorf("found %q", got)
		}
	})
}

// TestTypos: whoever has a word that is one slip away is found, the likeliest first.
func TestTypos(t *testing.T) {
	t.Parallel()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		ctx := context.Background()
		s := newSite(t, r, newClock())
		names := map[tintype.ID]string{}
		for i, name := range []string{"Jonathan Smith", "Jonathanael Smythe", "Екатерина Иванова", "Jon Smith", "Nathanjo Mithers"} {
			id := tintype.ID(i + 1)
			names[id] = name
			if err := s.c.People.Index(ctx, id, NameWords(&tintype.User{Username: fmt.Sprintf("u_%d", i), FullName: name}), i); err != nil {
				t.Fatal(err)
			}
		}
		for _, test := range []struct {
			q    string
			n    int
			want []string
		}{
			{"jonatan", 10, []string{"Jonathan Smith", "Jonathanael Smythe"}}, // the whole word before the weightier
			{"jonahtan", 1, []string{"Jonathan Smith"}},
			{"jonathanae", 10, []string{"Jonathanael Smythe"}},
			{"jonathanaol", 10, []string{"Jonathanael Smythe"}},
			{"smith", 10, []string{"Jon Smith", "Jonathan Smith", "Nathanjo Mithers", "Jonathanael Smythe"}}, // without a slip first
			{"smit", 2, []string{"Jon Smith", "Jonathan Smith"}},
			{"smiht jonatan", 10, []string{"Jonathan Smith"}},
			{"smyth jonatan", 10, []string{"Jonathanael Smythe", "Jonathan Smith"}}, // one slip before two
			{"smiht jon", 10, []string{"Jon Smith", "Jonathan Smith"}},
			{"smiht jom", 10, nil}, // "jom" is too short to be mistyped
			{"smiht jonatan nobody", 10, nil},
			{"екатирина", 10, []string{"Екатерина Иванова"}},
			{"ивонов екатирина", 10, []string{"Екатерина Иванова"}},
			{"smiht ivan", 10, nil},
		} {
			found, err := s.Search(ctx, test.q, test.n)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, id := range found {
				got = append(got, names[id])
			}
			if d := cmp.Diff(test.want, got); d != "" {
				t.Errorf("%q: %s", test.q, d)
			}
		}
		const letters = "abcdefghijklmnopqrstuvwxyz"
		word := []rune("nathanjo")
		asked := map[string]bool{}
		for i := range word {
			asked[string(slices.Delete(slices.Clone(word), i, i+1))] = true
			if i > 0 {
				w := slices.Clone(word)
				w[i-1], w[i] = w[i], w[i-1]
				asked[string(w)] = true
			}
			for _, l := range letters {
				w := slices.Clone(word)
				w[i] = l
				asked[string(w)] = true
				asked[string(slices.Insert(slices.Clone(word), i, l))] = true
			}
		}
		for q := range asked {
			if found, err := s.Search(ctx, q, 10); err != nil || !slices.Contains(found, 5) {
				t.Errorf("%q does not find Nathanjo: %v, %v", q, found, err)
			}
		}
	})
}

func wordSet(s string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(s) {
		m[w] = true
	}
	return m
}

// changingProfiles changes the profile once while its words are being written.
type changingProfiles struct {
	People
	change func()
}

func (c *changingProfiles) Index(ctx context.Context, id tintype.ID, words []string, weight int) error {
	change := c.change
	c.change = func() {}
	change() // a later job reads, and writes, all of the new words here
	return c.People.Index(ctx, id, words, weight)
}

// The index ends up with the newest name although an older one was written last.
func TestIndexRace(t *testing.T) {
	t.Parallel()
	c := newClock()
	slow := &changingProfiles{change: func() {}}
	s := newSite(t, storetest.OpenSQLite(t, c.now), c, func(cfg *Config) { slow.People, cfg.People = cfg.People, slow })
	ctx := context.Background()
	u := s.signUp(t, "ann")
	slow.change = func() {
		full := "Newest"
		if _, err := s.UpdateProfile(ctx, u.ID, Changes{FullName: &full}); err != nil {
			t.Error(err)
		}
	}
	if err := s.IndexUsers(ctx, []job.User{{ID: u.ID}}); err != nil {
		t.Fatal(err)
	}
	if found, err := s.Search(ctx, "newest", 10); len(found) != 1 || err != nil {
		t.Errorf("%v, %v", found, err)
	}
}

// TestPhrases: words as they follow one another are an entry, from each on and with the last one first.
func TestPhrases(t *testing.T) {
	t.Parallel()
	found := NameWords(&tintype.User{Username: "mara.l", FullName: "Mara Sofía Lind"})
	for _, want := range []string{"mara", "lind", "maral", "mara l", "l mara", "mara sofia lind", "sofia lind", "lind mara sofia"} {
		if !slices.Contains(found, want) {
			t.Errorf("no entry %q in %q", want, found)
		}
	}
	if len(found) != 10 { // and l, sofia, and nothing else but what is above
		t.Errorf("%d entries: %q", len(found), found)
	}
}

func TestNameWordsAreBounded(t *testing.T) {
	t.Parallel()
	u := &tintype.User{Username: "ann", FullName: strings.Repeat("王小明 Ann ", 30) + fmt.Sprint(strings.Repeat("x", 500))}
	found := NameWords(u)
	if len(found) > maxWords {
		t.Errorf("%d words", len(found))
	}
	for _, w := range found {
		if len([]rune(w)) > words.MaxRunes {
			t.Errorf("%q is too long", w)
		}
	}
}
