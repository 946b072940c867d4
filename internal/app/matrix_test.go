package app_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tintype/tintype/internal/api"
	"github.com/tintype/tintype/internal/app"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/tintype"
)

// The authorisation matrix: every route of the table, asked by every class of
// viewer about things in every state, with a session and with tokens of every
// scope. A route without a row fails.

// The states of what is asked about.
const (
	isPublic    = "public"
	isPrivate   = "private"   // its owner is
	isDeleted   = "deleted"   // the post is; its owner is public
	isSuspended = "suspended" // its owner is
	isArchived  = "archived"  // the post is; its owner is public
	isFriends   = "friends"   // the post is for its owner's close friends; its owner is public
)

var states = []string{isPublic, isPrivate, isDeleted, isSuspended, isArchived, isFriends}

// viewers are the classes of those who ask. Each has the same relation to the owners of all states.
var viewers = []string{"nobody", "stranger", "follower", "friend", "pending", "blocked", "blocker", "owner", "admin", "moderator", "shutout"}

// What may come of a request.
const (
	ok        = "ok"
	notFound  = "APINotFoundError"
	private   = "APINotAllowedError"
	forbidden = "OAuthPermissionsException"
	unknown   = "OAuthAccessTokenException"
	missing   = "OAuthParameterException"
	invalid   = "APIInvalidParametersError" // it reached the rules, which found the input wanting
)

// cell is one request to be made.
type cell struct {
	m             *matrix
	viewer, state string
}

// matrix is a site with somebody of every class and something in every state.
type matrix struct {
	s        *site
	people   map[string]*tintype.User
	owners   map[string]*tintype.User
	posts    map[string]mediaOut
	comments map[string]tintype.ID
	sessions map[string]credential
	minted   map[string]credential // of the follower, by scope and way of showing it
	count    int
}

func (x cell) owner() *tintype.User { return x.m.owners[x.state] }
func (x cell) ownerID() string      { return x.owner().ID.String() }
func (x cell) post() mediaOut       { return x.m.posts[x.state] }

// who is the user who asks; nil for nobody.
func (x cell) who() *tintype.User {
	if x.viewer == "owner" {
		return x.owner()
	}
	return x.m.people[x.viewer]
}

// signedIn reports whether the viewer has a credential that works.
func (x cell) signedIn() bool {
	return x.viewer != "nobody" && x.viewer != "shutout" && (x.viewer != "owner" || x.state != isSuspended)
}

// throwaway makes another post of the state's owner, to be destroyed.
func (x cell) throwaway() string {
	if x.state == isDeleted || x.state == isSuspended {
		return x.post().ID
	}
	t := x.m.s.t
	x.m.count++
	// Posts come one by one and slower than their IDs could collide.
	p := &tintype.Post{ID: tintype.MakeID(time.Now().Add(-time.Hour).UnixMilli()+int64(x.m.count), x.owner().ID.Shard(), 5), UserID: x.owner().ID, Caption: "throwaway",
		Media: []tintype.Media{{Key: fmt.Sprintf("k%021d", x.m.count), OriginalKey: fmt.Sprintf("o/%022d", x.m.count), OriginalType: "image/jpeg", Width: 1080, Height: 720}}}
	if err := (sqlstore.Bulk{R: x.m.s.app.Backend.Router}).Posts(t.Context(), []*tintype.Post{p}); err != nil {
		t.Fatal(err)
	}
	if err := (sqlstore.Posts{R: x.m.s.app.Backend.Router, Clock: time.Now}).Arrange(t.Context(), p.UserID, p.ID, standings[x.state]); err != nil {
		t.Fatal(err)
	}
	return p.MediaID()
}

// standings are what makes the states of posts that are made anew.
var standings = map[string]tintype.Arrangement{
	isArchived: {Archived: new(true)},
	isFriends:  {Audience: new(tintype.AudienceFriends)},
}

// Rules of who may do what: the oracle, in as few words as possible.

// view is seeing a post or its parts.
func (x cell) view() string {
	switch {
	case x.state == isDeleted || x.state == isSuspended || x.signedIn() && x.viewer == "blocked":
		return notFound
	case x.state == isArchived && !(x.signedIn() && x.viewer == "owner"), x.state == isFriends && !(x.signedIn() && (x.viewer == "friend" || x.viewer == "owner")):
		return notFound // that there is one is nobody else's business
	case x.signedIn() && x.viewer == "blocker":
		return private // who blocks somebody knows of them, and sees nothing of theirs
	case x.state == isPrivate && !(x.signedIn() && (x.viewer == "follower" || x.viewer == "friend" || x.viewer == "owner")):
		return private
	}
	return ok
}

// bytes is seeing a file, where all refusals look alike.
func (x cell) bytes() string {
	if x.view() != ok {
		return "404"
	}
	return ok
}

// profile is seeing that somebody is there.
func (x cell) profile() string {
	if x.state == isSuspended || x.signedIn() && x.viewer == "blocked" {
		return notFound
	}
	return ok
}

// lists is seeing what somebody publishes, or their follows.
func (x cell) lists() string {
	if p := x.profile(); p != ok {
		return p
	}
	if x.signedIn() && x.viewer == "blocker" {
		return private
	}
	if x.state == isPrivate {
		return x.view()
	}
	return ok
}

// owned is changing a post.
func (x cell) owned() string {
	if v := x.view(); v != ok {
		return v
	}
	if x.viewer != "owner" {
		return forbidden
	}
	return ok
}

// pathOf is a URL without host and query, that is without a signature.
func pathOf(s string) string {
	u, err := url.Parse(s)
	if err != nil {
		panic(err)
	}
	return u.Path
}

// remark is a comment of the follower's on the post, to be deleted.
func (m *matrix) remark(x cell) string {
	if x.view() == ok || x.state == isPrivate || x.state == isArchived || x.state == isFriends {
		// By the store: it is there since the follower could see the post.
		c := &tintype.Comment{PostID: m.postID(x.state), UserID: m.people["follower"].ID, Text: "to go"}
		if _, _, err := (sqlstore.Comments{R: m.s.app.Backend.Router, Clock: time.Now}).AddComment(m.s.t.Context(), c, x.owner().ID, nil, tintype.Once{UserID: c.UserID}); err != nil {
			m.s.t.Fatal(err)
		}
		return c.ID.String()
	}
	return m.comments[x.state].String()
}

func (m *matrix) postID(state string) tintype.ID {
	id, err := tintype.ParseShortcode(m.posts[state].Shortcode)
	if err != nil {
		m.s.t.Fatal(err)
	}
	return id
}

func newMatrix(t *testing.T, engine string) *matrix {
	s := newSite(t, engine, app.Config{})
	m := &matrix{s: s, people: map[string]*tintype.User{}, owners: map[string]*tintype.User{}, posts: map[string]mediaOut{}, comments: map[string]tintype.ID{},
		sessions: map[string]credential{}, minted: map[string]credential{}}
	ctx := t.Context()
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	s.user("first", false) // the site's first admin
	for _, v := range viewers {
		if v != "nobody" && v != "owner" {
			m.people[v] = s.user(v+"_v", false)
			m.sessions[v] = s.session(m.people[v])
		}
	}
	check(s.app.Account.SetAdmin(ctx, m.people["admin"].ID, true))
	check(s.app.Account.SetModerator(ctx, m.people["moderator"].ID, true))
	for i, state := range states {
		o := s.user("owner_"+state, false)
		m.owners[state] = o
		c := s.session(o)
		m.sessions["owner "+state] = c
		check(s.app.Graph.Follow(ctx, m.people["follower"].ID, o.ID))
		check(s.app.Graph.Follow(ctx, m.people["friend"].ID, o.ID))
		check(s.app.Graph.SetFriend(ctx, o.ID, m.people["friend"].ID, true))
		s.want(200, c, "PATCH", "/v1/users/self", map[string]any{"has_map": true})
		s.settle()
		m.posts[state] = s.post(c, "a post, "+state, i)
		remark, _, err := s.app.Post.AddComment(ctx, m.people["follower"].ID, m.postID(state), "first", "")
		check(err)
		m.comments[state] = remark.ID
		switch state {
		case isPrivate:
			s.want(200, c, "PATCH", "/v1/users/self", map[string]any{"is_private": true})
			check(s.app.Graph.Follow(ctx, m.people["pending"].ID, o.ID))
		case isDeleted:
			s.want(200, c, "DELETE", "/v1/media/"+m.posts[state].ID, nil)
		case isArchived:
			s.want(200, c, "PUT", "/v1/media/"+m.posts[state].ID+"/archive", nil)
		case isFriends:
			s.want(200, c, "PATCH", "/v1/media/"+m.posts[state].ID, map[string]any{"audience": "friends"})
		}
		check(s.app.Graph.Block(ctx, o.ID, m.people["blocked"].ID))
		check(s.app.Graph.Block(ctx, m.people["blocker"].ID, o.ID))
	}
	s.settle()
	check(s.app.Account.Suspend(ctx, m.owners[isSuspended].ID, true))
	check(s.app.Account.Suspend(ctx, m.people["shutout"].ID, true))
	s.settle()
	return m
}

// outcome is what came of a request.
func outcome(r *reply) string {
	if r.status < 300 {
		return ok
	}
	if r.status == 404 {
		return "404"
	}
	if r.meta.Type == "" && strings.Contains(string(r.body), "OAuthException") {
		return "OAuthException"
	}
	return r.meta.Type
}

// TestMatrix asks everything of everybody.
func TestMatrix(t *testing.T) {
	t.Parallel()
	for _, e := range engines {
		t.Run(e, func(t *testing.T) {
			t.Parallel()
			m := newMatrix(t, e)
			table := rows()
			for _, r := range api.Routes() {
				name := r.Method + " " + r.Pattern
				row, known := table[name]
				if !known {
					t.Errorf("%s has no row in the authorisation matrix: add one to rows()", name)
					continue
				}
				delete(table, name)
				m.sessionCells(t, r, row)
				m.scopeCells(t, r, row)
			}
			for name := range table {
				t.Errorf("%s has a row in the authorisation matrix and is no route", name)
			}
		})
	}
}

// sessionCells is every viewer, with a session in the cookie, and every state.
func (m *matrix) sessionCells(t *testing.T, r api.Route, row row) {
	for _, state := range states {
		if row.once && state != isPublic {
			continue
		}
		for _, v := range viewers {
			x := cell{m, v, state}
			c := m.sessions[v]
			if v == "owner" {
				c = m.sessions["owner "+state]
			}
			if row.fresh && x.signedIn() {
				c = m.s.session(x.who())
				if r.Pattern == "/v1/sessions" {
					defer m.renew(v) // it ended all the others
				}
			}
			want := row.expect(x)
			switch {
			case x.signedIn() || r.Access == api.Public:
			case v == "nobody":
				want = missing
			default:
				want = unknown
			}
			m.compare(t, r, row, x, c, "session", want)
		}
	}
}

func (m *matrix) renew(v string) {
	if u := m.people[v]; u != nil {
		m.sessions[v] = m.s.session(u)
		clear(m.minted)
	} else {
		for _, s := range states {
			if s != isSuspended {
				m.sessions["owner "+s] = m.s.session(m.owners[s])
			}
		}
	}
}

// scopes are the sets that tokens are tried with: each alone, and none.
var scopes = []tintype.Scope{0, tintype.ScopeBasic, tintype.ScopeLikes, tintype.ScopeComments, tintype.ScopeRelationships, tintype.ScopeMedia,
	tintype.ScopeAll &^ tintype.ScopeSession}

// scopeCells is a follower's tokens, of every scope, shown in every way.
func (m *matrix) scopeCells(t *testing.T, r api.Route, row row) {
	for _, state := range []string{isPublic, isPrivate} {
		if row.once && state != isPublic {
			continue
		}
		x := cell{m, "follower", state}
		for _, scope := range scopes {
			want := row.expect(x)
			switch {
			case r.Pattern == "/oauth/access_token" || r.Pattern == "/oauth/revoke":
			case r.Access >= api.Session || scope&r.Scope != r.Scope:
				want = forbidden
			}
			key := fmt.Sprint(scope)
			c, minted := m.minted[key]
			if !minted || row.fresh {
				c = m.s.mint(x.who().ID, scope, false)
				if !row.fresh {
					m.minted[key] = c
				}
			}
			m.compare(t, r, row, x, c, fmt.Sprintf("token with %q", api.ScopeNames(scope)), want)
			if row.fresh {
				continue
			}
			m.compare(t, r, row, x, credential{token: "?" + c.token}, fmt.Sprintf("token with %q in the query", api.ScopeNames(scope)), want)
			// In a cookie an app's token is no session: as nobody where that is enough, else refused.
			want = unknown
			if r.Access == api.Public {
				want = row.expect(cell{m, "nobody", state})
			}
			m.compare(t, r, row, x, credential{c.token, true}, "app's token in a cookie", want)
		}
	}
}

func (m *matrix) compare(t *testing.T, r api.Route, row row, x cell, c credential, how, want string) {
	t.Helper()
	path := row.path(x)
	if token, inQuery := strings.CutPrefix(c.token, "?"); inQuery {
		sep := "?"
		if strings.Contains(path, "?") {
			sep = "&"
		}
		path, c = path+sep+"access_token="+token, credential{}
	}
	var body any
	if row.body != nil {
		body = row.body(x)
	}
	if r.Pattern == "/v1/events" && want == ok {
		m.s.peek(t, c, path)
		return
	}
	got := outcome(m.s.ask(c, r.Method, path, body))
	if got == want || got == "404" && slices.Contains([]string{notFound, private, forbidden}, want) && r.Bytes {
		return
	}
	t.Errorf("%s %s by %s of something %s, %s: %s, want %s", r.Method, r.Pattern, x.viewer, x.state, how, got, want)
}

// peek opens a stream and leaves it.
func (s *site) peek(t *testing.T, c credential, path string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodHead, s.base+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.cookie {
		req.AddCookie(&http.Cookie{Name: "tintype_session", Value: c.token})
	} else if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("HEAD %s: status %d", path, resp.StatusCode)
	}
}

// TestPageMatrix is the matrix of the pages, which show posts and people, too.
func TestPageMatrix(t *testing.T) {
	t.Parallel()
	m := newMatrix(t, "sqlite")
	for _, state := range states {
		for _, v := range viewers {
			x := cell{m, v, state}
			c := m.sessions[v]
			if v == "owner" {
				c = m.sessions["owner "+state]
			}
			for path, want := range map[string]string{"/p/" + x.post().Shortcode: x.view(), "/" + x.owner().Username: x.profile(), "/p/" + x.post().Shortcode + "/anything": x.view()} {
				status := http.StatusOK
				if want != ok {
					status = http.StatusNotFound
				}
				r := m.s.ask(c, "GET", path, nil)
				if r.status != status {
					t.Errorf("%s by %s: status %d, want %d", path, v, r.status, status)
				}
				shows := strings.Contains(string(r.body), "a post, "+state)
				if mayShow := want == ok && state == isPublic && strings.HasPrefix(path, "/p/"); shows != mayShow {
					t.Errorf("%s by %s: shows the caption: %v, want %v", path, v, shows, mayShow)
				}
			}
		}
	}
	if r := m.s.ask(nobody, "OPTIONS", "/v1/media/1/likes", nil, "Origin", "https://evil.example", "Access-Control-Request-Method", "POST"); r.status != 204 ||
		r.header.Get("Allow") != "GET, HEAD, POST, DELETE, OPTIONS" || r.header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("OPTIONS: %d %v", r.status, r.header)
	}
	for _, method := range []string{"TRACE", "PUT", "PROPFIND"} {
		if r := m.s.ask(nobody, method, "/v1/site", nil, "X-Http-Method-Override", "GET"); r.status != 405 {
			t.Errorf("%s: %d", method, r.status)
		}
	}
	for path, status := range map[string]int{"/": 200, "/sign-in": 200, "/settings/profile": 200, "/oauth/authorize": 200, "/nobody_here": 404, "/p/": 404, "/p/!!": 404,
		"/a/b": 404, "/%61da": 404, "/..": 404, "/robots.txt": 200, "/metrics": 200, "/healthz": 200, "/v1/nothing": 404, "/v1": 404, "/v1/users/self/x.css": 404, "/V1/site": 404} {
		if r := m.s.ask(nobody, "GET", path, nil, "Accept", "text/html"); r.status != status {
			t.Errorf("%s: status %d, want %d", path, r.status, status)
		}
	}
}
