package share_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/outbound"
	"github.com/tintype/tintype/internal/shard"
	"github.com/tintype/tintype/internal/share"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/sqlstore/storetest"
	"github.com/tintype/tintype/internal/tintype"
)

// TestGolden is the vector of the original's own library (its fixture
// subscription_payload.json, signed with "CS").
func TestGolden(t *testing.T) {
	t.Parallel()
	body, err := os.ReadFile("testdata/subscription_payload.json")
	if err != nil {
		t.Fatal(err)
	}
	if got := share.Sign("CS", body); got != "f1dbe2b6184ac2131209c87bba8e0382d089a8a2" {
		t.Errorf("signed %s", got)
	}
}

// clock is a clock that tests set.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

// subscriber is somebody's server: it echoes challenges and remembers what it was told.
type subscriber struct {
	*httptest.Server
	mu     sync.Mutex
	told   []map[string]any
	bodies [][]byte
	signed []string
	asked  []string
	status int    // of answers to pushes; 200 if 0
	echo   string // instead of the challenge
	where  []string
}

func newSubscriber(t *testing.T) *subscriber {
	s := &subscriber{}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *subscriber) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.Method == http.MethodGet {
		q := r.URL.Query()
		s.asked = append(s.asked, q.Get("hub.mode")+" "+q.Get("hub.verify_token")+" "+q.Get("mine"))
		if s.status != 0 {
			w.WriteHeader(s.status)
		}
		if s.echo != "" {
			fmt.Fprint(w, s.echo)
			return
		}
		fmt.Fprint(w, q.Get("hub.challenge"))
		return
	}
	body, _ := io.ReadAll(r.Body)
	if s.status != 0 {
		w.WriteHeader(s.status)
		return
	}
	var list []map[string]any
	if json.Unmarshal(body, &list) != nil || r.Header.Get("Content-Type") != "application/json" {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	s.told, s.bodies, s.signed = append(s.told, list...), append(s.bodies, body), append(s.signed, r.Header.Get("X-Hub-Signature"))
	s.where = append(s.where, r.URL.String())
}

func (s *subscriber) set(f func(*subscriber)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(s)
}

// posts are the posts that there are, by whether everybody may see them.
type posts struct {
	mu sync.Mutex
	m  map[tintype.ID]*tintype.Post
	of map[tintype.ID]bool // whose posts everybody may see
}

func (p *posts) Visible(_ context.Context, viewer tintype.ID, ids []tintype.ID) ([]*tintype.Post, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []*tintype.Post
	for _, id := range ids {
		if q := p.m[id]; q != nil && (viewer == q.UserID || p.of[q.UserID]) {
			out = append(out, q)
		}
	}
	return out, nil
}

// site is the rule on real databases, with an app of somebody's.
type site struct {
	*share.Service
	t     *testing.T
	r     *shard.Router
	clock *clock
	posts *posts
	app   *tintype.App
	store sqlstore.Subscriptions
	seq   int
}

const secret = "the secret"

func newSite(t *testing.T, r *shard.Router) *site {
	s := &site{t: t, r: r, clock: &clock{t: time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)}, posts: &posts{m: map[tintype.ID]*tintype.Post{}, of: map[tintype.ID]bool{}}, store: sqlstore.Subscriptions{R: r}}
	apps := sqlstore.Apps{R: r}
	s.app = s.addApp()
	o := outbound.New(outbound.Config{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Timeout: 2 * time.Second})
	t.Cleanup(o.Close)
	s.Service = share.New(share.Config{
		Clock: s.clock.now, Subscriptions: s.store, Pushes: s.store, Callbacks: s.store, Apps: apps, Posts: s.posts, Mint: sqlstore.Profiles{R: r}, Outbound: o,
		Tag: func(w string) (string, bool) { return strings.ToLower(strings.TrimPrefix(w, "#")), w != "" },
		Log: slog.New(slog.DiscardHandler),
	})
	return s
}

func (s *site) addApp() *tintype.App {
	s.t.Helper()
	owner := tintype.MakeID(s.clock.now().UnixMilli(), s.r.Pick(), 1)
	id, err := sqlstore.Profiles{R: s.r}.MintFor(s.t.Context(), owner)
	if err != nil {
		s.t.Fatal(err)
	}
	app := &tintype.App{ID: id, OwnerID: owner, ClientID: id.String(), SecretHash: []byte("x"), Secret: secret, Name: "app", Created: s.clock.now()}
	if err := (sqlstore.Apps{R: s.r}).AddApp(s.t.Context(), app); err != nil {
		s.t.Fatal(err)
	}
	return app
}

func (s *site) subscribe(r share.Request) *tintype.Subscription {
	s.t.Helper()
	if r.Aspect == "" {
		r.Aspect = "media"
	}
	sub, err := s.Subscribe(s.t.Context(), s.app, r)
	if err != nil {
		s.t.Fatal(err)
	}
	return sub
}

// publish makes a post known, and gives it.
func (s *site) publish(author tintype.ID, public bool, tags []string, l *tintype.Location) *tintype.Post {
	s.t.Helper()
	s.seq++
	p := &tintype.Post{ID: tintype.MakeID(s.clock.now().UnixMilli(), author.Shard(), uint16(s.seq)), UserID: author, Tags: tags, Location: l}
	s.posts.mu.Lock()
	s.posts.m[p.ID], s.posts.of[author] = p, public
	s.posts.mu.Unlock()
	if err := s.Published(s.t.Context(), []job.Published{{Post: p.ID, Author: author}, {Post: p.ID, Op: p.ID, Tags: tags}}); err != nil {
		s.t.Fatal(err)
	}
	return p
}

// work does what jobs would: every callback that is due is called.
func (s *site) work() {
	s.t.Helper()
	list, err := s.store.Callbacks(s.t.Context(), s.app.ID)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, c := range list {
		if !c.Due.IsZero() && !c.Due.After(s.clock.now()) {
			if err := s.Push(s.t.Context(), []job.Callback{{ID: c.ID}}); err != nil {
				s.t.Fatal(err)
			}
		}
	}
}

func (s *site) callback() tintype.Callback {
	s.t.Helper()
	list, subs, err := s.Callbacks(s.t.Context(), s.app.OwnerID, s.app.ID)
	if err != nil || len(list) != 1 || len(subs) == 0 {
		s.t.Fatalf("%d callbacks, %d subscriptions, %v", len(list), len(subs), err)
	}
	return list[0]
}

func cells(t *testing.T, f func(t *testing.T, s *site)) {
	t.Helper()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) { f(t, newSite(t, r)) })
}

func TestChallenge(t *testing.T) {
	t.Parallel()
	cells(t, func(t *testing.T, s *site) {
		sub := newSubscriber(t)
		got := s.subscribe(share.Request{Object: "tag", ObjectID: "#Dawn", Callback: sub.URL + "/hook?mine=1", Verify: "v"})
		if got.Object != "tag" || got.ObjectID != "dawn" || got.ID <= 0 || got.URL != sub.URL+"/hook?mine=1" {
			t.Errorf("%+v", got)
		}
		if !slices.Equal(sub.asked, []string{"subscribe v 1"}) {
			t.Errorf("asked %q", sub.asked)
		}
		if again := s.subscribe(share.Request{Object: "tag", ObjectID: "dawn", Callback: sub.URL + "/hook?mine=1"}); again.ID != got.ID {
			t.Error("the same once more is another")
		}
		refuse := func(why string) {
			t.Helper()
			_, err := s.Subscribe(t.Context(), s.app, share.Request{Object: "user", Aspect: "media", Callback: sub.URL + "/x"})
			if !errors.Is(err, share.ErrChallenge) || !strings.HasPrefix(tintypeMessage(err), "Challenge verification failed") || !strings.Contains(tintypeMessage(err), why) {
				t.Errorf("%s: %v", why, err)
			}
		}
		sub.set(func(s *subscriber) { s.echo = "something else" })
		refuse("hub.challenge")
		sub.set(func(s *subscriber) { s.echo, s.status = "", 404 })
		refuse("404")
		sub.Close()
		refuse("reached")
		if list, err := s.List(t.Context(), s.app.ID); err != nil || len(list) != 1 || list[0].ID != got.ID {
			t.Errorf("%v, %v", list, err)
		}
	})
}

func tintypeMessage(err error) string {
	var e *tintype.Error
	if errors.As(err, &e) {
		return e.Msg
	}
	return ""
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	cells(t, func(t *testing.T, s *site) {
		good := share.Request{Object: "geography", Aspect: "media", Callback: "http://127.0.0.1:9999/", Latitude: 1, Longitude: 1, Radius: 10}
		for name, change := range map[string]func(*share.Request){
			"aspect":       func(r *share.Request) { r.Aspect = "likes" },
			"object":       func(r *share.Request) { r.Object = "planet" },
			"callback_url": func(r *share.Request) { r.Callback = "http://10.0.0.1/" },
			"verify_token": func(r *share.Request) { r.Verify = strings.Repeat("x", 600) },
			"radius":       func(r *share.Request) { r.Radius = 5001 },
			"lat":          func(r *share.Request) { r.Latitude = 91 },
			"object_id":    func(r *share.Request) { r.Object, r.ObjectID = "location", "here" },
		} {
			req := good
			change(&req)
			_, err := s.Subscribe(t.Context(), s.app, req)
			var e *tintype.Error
			if !errors.As(err, &e) || e.Kind != tintype.Invalid || e.Field != name || errors.Is(err, share.ErrChallenge) {
				t.Errorf("%s: %v", name, err)
			}
		}
		bare := *s.app
		bare.Secret = ""
		if _, err := s.Subscribe(t.Context(), &bare, good); !tintype.IsKind(err, tintype.Invalid) {
			t.Errorf("an app without a usable secret: %v", err)
		}
		sub := newSubscriber(t)
		for i := range share.MaxSubscriptions {
			s.subscribe(share.Request{Object: "tag", ObjectID: fmt.Sprint("t", i), Callback: sub.URL})
		}
		if _, err := s.Subscribe(t.Context(), s.app, share.Request{Object: "tag", Aspect: "media", ObjectID: "more", Callback: sub.URL}); !tintype.IsKind(err, tintype.Forbidden) {
			t.Errorf("one too many: %v", err)
		}
		if err := s.Resume(t.Context(), s.app.OwnerID+1, s.app.ID, s.callback().ID); !tintype.IsKind(err, tintype.NotFound) {
			t.Errorf("another's app: %v", err)
		}
	})
}

// TestMatching publishes near and far, in public and not, and looks who is told.
func TestMatching(t *testing.T) {
	t.Parallel()
	cells(t, func(t *testing.T, s *site) {
		sub := newSubscriber(t)
		user := s.subscribe(share.Request{Object: "user", Callback: sub.URL})
		tag := s.subscribe(share.Request{Object: "tag", ObjectID: "拂晓", Callback: sub.URL})
		place := s.subscribe(share.Request{Object: "location", ObjectID: "77", Callback: sub.URL})
		berlin := s.subscribe(share.Request{Object: "geography", Latitude: 52.52, Longitude: 13.405, Radius: 5000, Callback: sub.URL})
		fiji := s.subscribe(share.Request{Object: "geography", Latitude: -17.8, Longitude: 179.99, Radius: 5000, Callback: sub.URL})
		pole := s.subscribe(share.Request{Object: "geography", Latitude: 89.99, Longitude: 0, Radius: 5000, Callback: sub.URL})
		author := tintype.MakeID(s.clock.now().UnixMilli(), s.r.Pick(), 3)
		stranger := tintype.MakeID(s.clock.now().UnixMilli(), s.r.Pick(), 4)
		s.allow(author, s.app.ID)
		at := func(lat, lng float64) *tintype.Location {
			return &tintype.Location{Latitude: lat, Longitude: lng, HasPoint: true}
		}
		for _, tt := range []struct {
			name   string
			author tintype.ID
			public bool
			tags   []string
			place  *tintype.Location
			want   []tintype.ID
		}{
			{"nothing", stranger, true, nil, nil, nil},
			{"a user who allowed the app", author, true, nil, nil, []tintype.ID{user.ID}},
			{"the same in private", author, false, []string{"拂晓"}, at(52.52, 13.405), []tintype.ID{user.ID}},
			{"a tag", stranger, true, []string{"dusk", "拂晓"}, nil, []tintype.ID{tag.ID}},
			{"a tag in private", stranger, false, []string{"拂晓"}, nil, nil},
			{"a place", stranger, true, nil, &tintype.Location{ID: 77, Name: "here"}, []tintype.ID{place.ID}},
			{"inside a circle", stranger, true, nil, at(52.55, 13.44), []tintype.ID{berlin.ID}},
			{"outside, in a cell it touches", stranger, true, nil, at(52.56, 13.46), nil},
			{"beyond the antimeridian", stranger, true, nil, at(-17.8, -179.98), []tintype.ID{fiji.ID}},
			{"beyond the pole", stranger, true, nil, at(89.98, 180), []tintype.ID{pole.ID}},
			{"at the pole", stranger, true, nil, at(90, 17), []tintype.ID{pole.ID}},
			{"far from the pole", stranger, true, nil, at(89.9, 180), nil},
			{"all at once", author, true, []string{"拂晓"}, &tintype.Location{ID: 77, Latitude: 52.52, Longitude: 13.405, HasPoint: true}, []tintype.ID{user.ID, tag.ID, place.ID, berlin.ID}},
		} {
			sub.set(func(s *subscriber) { s.told = nil })
			p := s.publish(tt.author, tt.public, tt.tags, tt.place)
			s.clock.add(time.Second)
			s.work()
			var got []tintype.ID
			for _, m := range sub.told {
				id, err := tintype.ParseID(m["subscription_id"].(string))
				if err != nil || m["changed_aspect"] != "media" || int64(m["time"].(float64)) != p.ID.Time().Unix() || len(m) != 5 {
					t.Errorf("%s: told %v", tt.name, m)
				}
				want := map[tintype.ID]string{user.ID: author.String(), tag.ID: "拂晓", place.ID: "77"}[id]
				if want == "" {
					want = id.String()
				}
				if m["object_id"] != want {
					t.Errorf("%s: told %v", tt.name, m)
				}
				got = append(got, id)
			}
			slices.Sort(got)
			want := slices.Sorted(slices.Values(tt.want))
			if !slices.Equal(got, want) {
				t.Errorf("%s: told of %v, want %v", tt.name, got, want)
			}
		}
		for i, b := range sub.bodies {
			h := hmac.New(sha1.New, []byte(secret))
			h.Write(b)
			if sub.signed[i] != hex.EncodeToString(h.Sum(nil)) {
				t.Errorf("signed %q", sub.signed[i])
			}
			if bytes.Contains(b, []byte("caption")) {
				t.Errorf("it holds more than it should: %s", b)
			}
		}
		// Who takes the app's permission back, and what is deleted before it is looked at, tells nothing.
		s.disallow(author, s.app.ID)
		sub.set(func(s *subscriber) { s.told = nil })
		s.publish(author, true, nil, nil)
		if err := s.Published(t.Context(), []job.Published{{Post: 12345, Author: author}}); err != nil {
			t.Fatal(err)
		}
		if err := s.Unsubscribe(t.Context(), s.app.ID, 0, "tag", "拂晓"); err != nil {
			t.Fatal(err)
		}
		s.publish(stranger, true, []string{"拂晓"}, nil)
		s.clock.add(time.Second)
		s.work()
		if len(sub.told) != 0 {
			t.Errorf("told %v", sub.told)
		}
	})
}

// allow gives an app a token of a user's.
func (s *site) allow(user, app tintype.ID) {
	s.t.Helper()
	ctx := s.t.Context()
	name := "u" + user.String()
	at := s.clock.now()
	accounts := sqlstore.Accounts{R: s.r}
	if err := accounts.Claim(ctx, tintype.NewAccount{UserID: user, Username: name, Skeleton: name, PasswordHash: "x", At: at}); err != nil {
		s.t.Fatal(err)
	}
	if ok, err := accounts.Settle(ctx, tintype.Claim{UserID: user, Username: name, Skeleton: name, At: at}, name, at); err != nil || !ok {
		s.t.Fatal(ok, err)
	}
	for i := range 2 { // two devices are one user
		c := &tintype.Credential{ID: fmt.Sprint("c", user, i), Hash: []byte(fmt.Sprint("h", user, i)), UserID: user, App: app, Scopes: tintype.ScopeBasic, Created: s.clock.now(), Expires: s.clock.now().Add(30 * 24 * time.Hour)}
		if ok, err := (sqlstore.Credentials{R: s.r}).AddCredential(ctx, c, ""); err != nil || !ok {
			s.t.Fatal(ok, err)
		}
	}
}

func (s *site) disallow(user, app tintype.ID) {
	s.t.Helper()
	if _, err := (sqlstore.Apps{R: s.r}).EndGrant(s.t.Context(), user, app); err != nil {
		s.t.Fatal(err)
	}
}

// TestDeadCallback kills a subscriber: it is tried again with growing pauses,
// paused after a day, and told of what waited when its owner resumes it.
func TestDeadCallback(t *testing.T) {
	t.Parallel()
	cells(t, func(t *testing.T, s *site) {
		sub := newSubscriber(t)
		s.subscribe(share.Request{Object: "tag", ObjectID: "dawn", Callback: sub.URL})
		author := tintype.MakeID(s.clock.now().UnixMilli(), s.r.Pick(), 3)
		sub.set(func(s *subscriber) { s.status = http.StatusInternalServerError })
		first := s.publish(author, true, []string{"dawn"}, nil)
		s.clock.add(time.Second)
		tries, last := 0, time.Duration(0)
		began := s.clock.now()
		for s.callback().Paused.IsZero() {
			before := s.callback()
			s.clock.add(before.Due.Sub(s.clock.now()))
			s.work()
			tries++
			c := s.callback()
			if c.Failures != tries || c.LastError != "it answered with status 500" || !c.Failing.Equal(began.Truncate(time.Microsecond)) && tries > 1 && c.Failing.IsZero() {
				t.Fatalf("after %d tries: %+v", tries, c)
			}
			if c.Paused.IsZero() {
				pause := c.Due.Sub(s.clock.now())
				if pause < last || pause > time.Hour {
					t.Errorf("after %d tries it waits %v, before that %v", tries, pause, last)
				}
				last = pause
			}
			if tries > 200 {
				t.Fatal("it is never paused")
			}
		}
		if dead := s.clock.now().Sub(began); dead < 24*time.Hour || dead > 26*time.Hour {
			t.Errorf("paused after %v", dead)
		}
		if tries < 20 || tries > 60 {
			t.Errorf("%d tries in a day", tries)
		}
		// While it is paused nothing is collected, and nobody calls.
		s.publish(author, true, []string{"dawn"}, nil)
		s.clock.add(time.Hour)
		if err := s.Push(t.Context(), []job.Callback{{ID: s.callback().ID}}); err != nil {
			t.Fatal(err)
		}
		sub.set(func(s *subscriber) { s.status = 0 })
		if err := s.Resume(t.Context(), s.app.OwnerID, s.app.ID, s.callback().ID); err != nil {
			t.Fatal(err)
		}
		s.work()
		if c := s.callback(); !c.Paused.IsZero() || c.Failures != 0 || c.LastError != "" || !c.Due.IsZero() || c.Pushed.IsZero() {
			t.Errorf("after it was resumed: %+v", c)
		}
		if len(sub.told) != 1 || int64(sub.told[0]["time"].(float64)) != first.ID.Time().Unix() {
			t.Errorf("told %v", sub.told)
		}
		// One that is not there at all; and a new challenge that it passes resumes it, too.
		address := sub.Listener.Addr().String()
		sub.Close()
		s.publish(author, true, []string{"dawn"}, nil)
		s.clock.add(time.Second)
		s.work()
		if c := s.callback(); c.Failures != 1 || !strings.Contains(c.LastError, "reached") || strings.Contains(c.LastError, address) {
			t.Errorf("of a server that is gone: %+v", c)
		}
	})
}

// TestBatches: what comes together is told together, in order, and no more than a hundred at a time.
func TestBatches(t *testing.T) {
	t.Parallel()
	cells(t, func(t *testing.T, s *site) {
		sub := newSubscriber(t)
		s.subscribe(share.Request{Object: "tag", ObjectID: "dawn", Callback: sub.URL})
		s.subscribe(share.Request{Object: "tag", ObjectID: "dusk", Callback: sub.URL})
		author := tintype.MakeID(s.clock.now().UnixMilli(), s.r.Pick(), 3)
		var want []int64
		for range 60 {
			s.clock.add(time.Second)
			p := s.publish(author, true, []string{"dawn", "dusk"}, nil)
			want = append(want, p.ID.Time().Unix(), p.ID.Time().Unix())
			// A job may be repeated.
			if err := s.Published(t.Context(), []job.Published{{Post: p.ID, Author: author}}); err != nil {
				t.Fatal(err)
			}
		}
		s.clock.add(time.Second)
		s.work()
		if len(sub.bodies) != 1 || len(sub.told) != 100 {
			t.Fatalf("%d calls told %d things", len(sub.bodies), len(sub.told))
		}
		s.work()
		if len(sub.bodies) != 2 || len(sub.told) != 120 || !s.callback().Due.IsZero() {
			t.Fatalf("%d calls told %d things", len(sub.bodies), len(sub.told))
		}
		for i, m := range sub.told {
			if int64(m["time"].(float64)) != want[i] {
				t.Fatalf("number %d was of %v, want %d", i, m["time"], want[i])
			}
		}
	})
}

// TestSweep: a call whose job was lost is made after all, and what nobody took for a week is forgotten.
func TestSweep(t *testing.T) {
	t.Parallel()
	cells(t, func(t *testing.T, s *site) {
		sub := newSubscriber(t)
		got := s.subscribe(share.Request{Object: "tag", ObjectID: "dawn", Callback: sub.URL})
		s.publish(tintype.MakeID(s.clock.now().UnixMilli(), s.r.Pick(), 3), true, []string{"dawn"}, nil)
		due := s.callback().Due
		if err := s.Sweep(t.Context()); err != nil || !s.callback().Due.Equal(due) {
			t.Errorf("it was not late: %v", err)
		}
		s.clock.add(11 * time.Minute)
		if err := s.Sweep(t.Context()); err != nil || !s.callback().Due.Equal(s.clock.now()) {
			t.Errorf("it is due at %v, now is %v: %v", s.callback().Due, s.clock.now(), err)
		}
		s.clock.add(8 * 24 * time.Hour)
		if err := s.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		s.work()
		if len(sub.told) != 0 || !s.callback().Due.IsZero() {
			t.Errorf("after a week: told %v", sub.told)
		}
		if g, err := s.Geography(t.Context(), s.app.ID, got.ID); !tintype.IsKind(err, tintype.NotFound) {
			t.Errorf("a tag as a geography: %v, %v", g, err)
		}
		circle := s.subscribe(share.Request{Object: "geography", Latitude: 1, Longitude: 2, Radius: 3, Callback: sub.URL})
		if g, err := s.Geography(t.Context(), s.app.ID, circle.ID); err != nil || g.Latitude != 1 || g.Longitude != 2 || g.Radius != 3 || g.ObjectID != circle.ID.String() {
			t.Errorf("%+v, %v", g, err)
		}
		if _, err := s.Geography(t.Context(), s.app.ID+1, circle.ID); !tintype.IsKind(err, tintype.NotFound) {
			t.Errorf("of another app: %v", err)
		}
		if err := s.Unsubscribe(t.Context(), s.app.ID, circle.ID, "", ""); err != nil {
			t.Error(err)
		}
		if err := s.Unsubscribe(t.Context(), s.app.ID, circle.ID, "", ""); !tintype.IsKind(err, tintype.NotFound) {
			t.Errorf("once more: %v", err)
		}
		if err := s.Unsubscribe(t.Context(), s.app.ID, 0, "all", ""); err != nil {
			t.Error(err)
		}
		if err := s.Unsubscribe(t.Context(), s.app.ID, 0, "", ""); !tintype.IsKind(err, tintype.Invalid) {
			t.Errorf("nothing in particular: %v", err)
		}
		if list, err := s.store.Callbacks(t.Context(), s.app.ID); err != nil || len(list) != 0 {
			t.Errorf("callbacks for nothing: %v, %v", list, err)
		}
		// An app that goes takes all of it along.
		s.subscribe(share.Request{Object: "user", Callback: sub.URL})
		if _, err := (sqlstore.Apps{R: s.r}).DeleteApp(t.Context(), s.app.OwnerID, s.app.ID); err != nil {
			t.Fatal(err)
		}
		if list, err := s.List(t.Context(), s.app.ID); err != nil || len(list) != 0 {
			t.Errorf("of an app that is gone: %v, %v", list, err)
		}
	})
}
