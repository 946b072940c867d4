package app_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tintype/tintype/internal/account"
	"github.com/tintype/tintype/internal/app"
	"github.com/tintype/tintype/internal/imaging/render"
	"github.com/tintype/tintype/internal/job/runner"
	"github.com/tintype/tintype/internal/shard"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/sqlstore/postgres"
	"github.com/tintype/tintype/internal/sqlstore/storetest"
	"github.com/tintype/tintype/internal/tintype"
)

// TestMain lets the test's own program be the imaging child.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "render" {
		os.Exit(render.Main(os.Stdin, os.Stdout, os.Stderr))
	}
	code := m.Run()
	if code == 0 && flag.Lookup("test.run").Value.String() == "" && flag.Lookup("test.skip").Value.String() == "" {
		for _, op := range unanswered() {
			fmt.Fprintf(os.Stderr, "%s: no test had a good answer\n", op)
			code = 1
		}
	}
	os.Exit(code)
}

// site is a whole site, served on a loopback port.
type site struct {
	t    testing.TB
	app  *app.App
	base string
	stop func()
}

// engines are the databases on which the whole site is tested.
var engines = []string{"sqlite", "postgres", "postgres3"}

// eachEngine runs f on a fresh site on every engine.
func eachEngine(t *testing.T, f func(t *testing.T, s *site)) {
	for _, e := range engines {
		t.Run(e, func(t *testing.T) {
			t.Parallel()
			f(t, newSite(t, e, app.Config{}))
		})
	}
}

func newSite(t testing.TB, engine string, c app.Config) *site {
	t.Helper()
	if c.Data == "" {
		c.Data = t.TempDir()
	}
	c.HourlyLimit = -1
	if c.Log == nil {
		c.Log = slog.New(slog.NewTextHandler(testWriter{t}, &slog.HandlerOptions{Level: slog.LevelWarn}))
	}
	if c.Backend == nil && engine != "sqlite" {
		n := 1
		if engine == "postgres3" {
			n = 3
		}
		c.Backend = postgresBackend(storetest.OpenPostgres(t, time.Now, n))
	}
	a, err := app.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- a.Serve(ctx, ln) }()
	s := &site{t: t, app: a, base: "http://" + ln.Addr().String()}
	s.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Serve: %v", err)
		}
		if err := a.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	t.Cleanup(s.stop)
	return s
}

// postgresBackend takes a site that the test closes.
func postgresBackend(r *shard.Router, dbs []*postgres.Database) *app.Backend {
	return &app.Backend{
		Router: r,
		AddJobs: func(run *runner.Runner) error {
			for _, db := range dbs {
				if err := runner.Add(run, db.DB.Name, db.JobDriver()); err != nil {
					return err
				}
			}
			return nil
		},
		Close: func() error { return nil },
	}
}

// testWriter sends the site's log to the test's.
type testWriter struct{ t testing.TB }

func (w testWriter) Write(b []byte) (int, error) {
	w.t.Logf("%s", bytes.TrimSpace(b))
	return len(b), nil
}

// settle waits until all work that was put off is done.
func (s *site) settle() {
	s.t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for {
		n, err := s.app.Runner.Undone(s.t.Context())
		if err != nil {
			s.t.Fatal(err)
		}
		if n == 0 {
			return
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("%d jobs are still undone", n)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// user makes an account past the sign-up page, with a password nobody knows.
func (s *site) user(name string, private bool) *tintype.User {
	s.t.Helper()
	u, err := s.app.Account.Create(s.t.Context(), account.NewUser{Username: name, FullName: strings.ToUpper(name), PasswordHash: "$none$", Private: private})
	if err != nil {
		s.t.Fatal(err)
	}
	return u
}

// credential is one way of showing who one is.
type credential struct {
	token  string
	cookie bool
}

// nobody shows nothing.
var nobody = credential{}

// mint makes a credential with exactly these scopes: of an app, or for ScopeAll a session.
func (s *site) mint(user tintype.ID, scopes tintype.Scope, cookie bool) credential {
	s.t.Helper()
	var b [32]byte
	rand.Read(b[:])
	token := fmt.Sprintf("%d.0000000.%s", user, hex.EncodeToString(b[:]))
	hash := sha256.Sum256([]byte(token))
	c := &tintype.Credential{ID: hex.EncodeToString(b[:8]), Hash: hash[:], UserID: user, Scopes: scopes, Created: time.Now(), Seen: time.Now(), Expires: time.Now().Add(time.Hour)}
	if scopes != tintype.ScopeAll {
		c.App = s.someApp()
	}
	return s.add(c, token, cookie)
}

// someApp gives an app of nobody's.
func (s *site) someApp() tintype.ID {
	s.t.Helper()
	a := &tintype.App{ID: 9, OwnerID: 9, ClientID: "0000000", Name: "some app", RedirectURIs: []string{"https://app.example/"}, Created: time.Now()}
	if err := (sqlstore.Apps{R: s.app.Backend.Router}).AddApp(s.t.Context(), a); err != nil && !tintype.IsKind(err, tintype.Conflict) {
		s.t.Fatal(err)
	}
	return a.ID
}

// mintFor makes a token of an app that may do everything apps may.
func (s *site) mintFor(user, app tintype.ID) credential {
	s.t.Helper()
	var b [32]byte
	rand.Read(b[:])
	token := fmt.Sprintf("%d.0000000.%s", user, hex.EncodeToString(b[:]))
	hash := sha256.Sum256([]byte(token))
	return s.add(&tintype.Credential{ID: hex.EncodeToString(b[:8]), Hash: hash[:], UserID: user, App: app, Scopes: tintype.ScopeAll &^ tintype.ScopeSession,
		Created: time.Now(), Seen: time.Now(), Expires: time.Now().Add(time.Hour)}, token, false)
}

func (s *site) add(c *tintype.Credential, token string, cookie bool) credential {
	s.t.Helper()
	if ok, err := (sqlstore.Credentials{R: s.app.Backend.Router}).AddCredential(s.t.Context(), c, ""); err != nil || !ok {
		s.t.Fatalf("AddCredential: %v, %v", ok, err)
	}
	return credential{token, cookie}
}

func (s *site) session(u *tintype.User) credential { return s.mint(u.ID, tintype.ScopeAll, true) }

// reply is an answer, read to its end.
type reply struct {
	status int
	header http.Header
	body   []byte
	meta   struct {
		Code    int
		Type    string `json:"error_type"`
		Message string `json:"error_message"`
		Field   string
	}
	data       json.RawMessage
	pagination map[string]string
}

func (r *reply) into(t testing.TB, v any) {
	t.Helper()
	if err := json.Unmarshal(r.data, v); err != nil {
		t.Fatalf("data is not as expected: %v\n%s", err, r.body)
	}
}

// ask sends a request. body is nil, url.Values for a form, []byte for a file, or
// anything else for JSON. Every answer is held against docs/openapi.yaml.
func (s *site) ask(c credential, method, path string, body any, header ...string) *reply {
	s.t.Helper()
	var src io.Reader
	var raw []byte
	typ := ""
	switch b := body.(type) {
	case nil:
	case url.Values:
		raw, typ = []byte(b.Encode()), "application/x-www-form-urlencoded"
	case []byte:
		raw, typ = b, "image/jpeg"
	case string:
		raw, typ = []byte(b), "application/json"
	default:
		var err error
		if raw, err = json.Marshal(body); err != nil {
			s.t.Fatal(err)
		}
		typ = "application/json"
	}
	if body != nil {
		src = bytes.NewReader(raw)
	}
	target := path
	if !strings.HasPrefix(path, "http") {
		target = s.base + path
	}
	req, err := http.NewRequestWithContext(s.t.Context(), method, target, src)
	if err != nil {
		s.t.Fatal(err)
	}
	if typ != "" {
		req.Header.Set("Content-Type", typ)
	}
	switch {
	case c.cookie:
		req.AddCookie(&http.Cookie{Name: "tintype_session", Value: c.token})
	case c.token != "":
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := client.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	r := &reply{status: resp.StatusCode, header: resp.Header}
	if r.body, err = io.ReadAll(resp.Body); err != nil {
		s.t.Fatal(err)
	}
	if strings.HasPrefix(resp.Header.Get("Content-Type"), "application/json") {
		var e struct {
			Meta       json.RawMessage
			Data       json.RawMessage
			Pagination map[string]string
		}
		if err := json.Unmarshal(r.body, &e); err != nil {
			s.t.Fatalf("%s %s: not JSON: %v\n%s", method, path, err, r.body)
		}
		if e.Meta != nil {
			if err := json.Unmarshal(e.Meta, &r.meta); err != nil {
				s.t.Fatal(err)
			}
		} else if r.status >= 400 { // an error without envelope
			if err := json.Unmarshal(r.body, &r.meta); err != nil {
				s.t.Fatal(err)
			}
		}
		if e.Meta != nil {
			if r.meta.Code != r.status {
				s.t.Errorf("%s %s: meta.code %d in an answer with status %d", method, path, r.meta.Code, r.status)
			}
		}
		r.data, r.pagination = e.Data, e.Pagination
	}
	conform(s.t, req, raw, r)
	return r
}

// want is ask, and fails unless the status is as wanted.
func (s *site) want(status int, c credential, method, path string, body any, header ...string) *reply {
	s.t.Helper()
	r := s.ask(c, method, path, body, header...)
	if r.status != status {
		s.t.Fatalf("%s %s: status %d, want %d\n%.500s", method, path, r.status, status, r.body)
	}
	return r
}

var client = &http.Client{
	Timeout:       time.Minute,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	Transport:     &http.Transport{MaxIdleConnsPerHost: 16},
}

// picture is a small photograph, different for each n.
func picture(t testing.TB, n int) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, 900, 700))
	for y := range 700 {
		for x := range 900 {
			m.Set(x, y, color.RGBA{uint8(x + n*40), uint8(y), uint8(x ^ y), 255})
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// mediaOut is what the tests read of a media object.
type mediaOut struct {
	ID        string
	Shortcode string
	Type      string
	Link      string
	Caption   *struct{ Text string }
	AltText   string `json:"alt_text"`
	Likes     struct{ Count int }
	Comments  struct{ Count int }
	Liked     *bool `json:"user_has_liked"`
	User      struct{ ID, Username string }
	Images    map[string]struct {
		URL           string
		Width, Height int
	}
	Renditions []struct {
		URL           string
		Width, Height int
	}
	Carousel []struct {
		AltText string `json:"alt_text"`
	} `json:"carousel_media"`
	Location *struct {
		Name      string
		Latitude  *float64
		Longitude *float64
	}
}

// post publishes a real picture.
func (s *site) post(c credential, caption string, n int) mediaOut {
	s.t.Helper()
	var u struct{ ID string }
	s.want(201, c, "POST", "/v1/uploads", picture(s.t, n)).into(s.t, &u)
	var m mediaOut
	s.want(201, c, "POST", "/v1/media", map[string]any{"uploads": []string{u.ID}, "caption": caption}).into(s.t, &m)
	return m
}
