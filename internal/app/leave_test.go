package app_test

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tintype/tintype/internal/app"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/sqlstore/sqlite"
	"github.com/tintype/tintype/internal/tintype"
)

// TestLeave has somebody who did everything that leaves traces leave, come back, and leave for good: then their ID is in no
// row of any table and no file is left.
func TestLeave(t *testing.T) {
	t.Parallel()
	for _, engine := range engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			testLeave(t, newSite(t, engine, app.Config{LeaveSettle: time.Millisecond}))
		})
	}
}

// testDue lets the time of all who leave be over.
var testDue = &sqlstore.Stmt{Name: "test.due", SQL: `UPDATE {s}leaving SET due = 1`}

func testLeave(t *testing.T, s *site) {
	ctx := t.Context()
	const secret = "a long enough pass"
	s.user("first", false)
	s.want(201, nobody, "POST", "/v1/users", map[string]any{"username": "ann", "password": secret, "email": "ann@example.org"})
	login := map[string]any{"login": "ann", "password": secret}
	signIn := func() credential {
		t.Helper()
		var in struct {
			Token string `json:"access_token"`
		}
		s.want(200, nobody, "POST", "/v1/session", login).into(t, &in)
		return credential{token: in.Token}
	}
	asAnn := signIn()
	var me struct{ ID string }
	s.want(200, asAnn, "GET", "/v1/users/self", nil).into(t, &me)
	ann, err := tintype.ParseID(me.ID)
	if err != nil {
		t.Fatal(err)
	}
	ben, eve := s.user("ben", false), s.user("eve", true)
	asBen := s.session(ben)
	relate := func(c credential, other, action string) {
		t.Helper()
		s.want(200, c, "POST", "/v1/users/"+other+"/relationship", url.Values{"action": {action}})
	}
	relate(asAnn, ben.ID.String(), "follow")
	relate(asAnn, eve.ID.String(), "follow") // a request
	relate(asBen, me.ID, "follow")
	relate(s.session(s.user("foe", false)), me.ID, "block")
	fay := s.user("fay", false)
	relate(asAnn, fay.ID.String(), "block")
	s.want(200, asBen, "GET", "/v1/users/self/feed", nil)
	s.want(200, asAnn, "GET", "/v1/users/self/feed", nil)
	anns := s.post(asAnn, "of ann #tagged @ben", 1)
	bens := s.post(asBen, "of ben, with @ann", 2)
	var before mediaOut
	s.want(200, asBen, "GET", "/v1/media/"+bens.ID, nil).into(t, &before)
	s.want(200, asAnn, "POST", "/v1/media/"+bens.ID+"/likes", nil)
	s.want(200, asAnn, "POST", "/v1/media/"+bens.ID+"/comments", url.Values{"text": {"nice, @ben"}})
	s.want(200, asBen, "POST", "/v1/media/"+bens.ID+"/comments", url.Values{"text": {"thanks, @ann"}})
	s.want(200, asBen, "POST", "/v1/media/"+anns.ID+"/likes", nil)
	s.want(200, asBen, "POST", "/v1/media/"+anns.ID+"/comments", url.Values{"text": {"so so"}})
	gus := s.post(s.session(s.user("gus", false)), "liked and no longer", 3)
	s.want(200, asAnn, "POST", "/v1/media/"+gus.ID+"/likes", nil)
	s.settle()
	s.want(200, asAnn, "DELETE", "/v1/media/"+gus.ID+"/likes", nil)
	s.want(200, asAnn, "PUT", "/v1/users/self/avatar", picture(t, 5))
	s.want(201, asAnn, "POST", "/v1/uploads", picture(t, 6))
	s.want(201, asAnn, "POST", "/v1/apps", map[string]any{"name": "App", "website": "https://app.example", "redirect_uris": []string{"https://app.example/back"}, "scopes": "basic"})
	s.settle()
	s.exported(asAnn)
	s.runImport(asAnn, s.bring(asAnn, instagramArchive(t, "content/")), map[string]any{"sections": []string{"posts"}})
	s.settle()

	// Not without the password; then gone for everybody, and signed out.
	s.want(400, asAnn, "POST", "/v1/users/self/deletion", map[string]any{"password": "wrong password"})
	s.want(200, asAnn, "POST", "/v1/users/self/deletion", map[string]any{"password": secret})
	gone := func() {
		t.Helper()
		s.want(400, asAnn, "GET", "/v1/users/self", nil)
		s.want(400, asBen, "GET", "/v1/users/"+me.ID, nil)
		s.want(400, asBen, "GET", "/v1/media/"+anns.ID, nil)
	}
	gone()
	s.settle()
	gone()
	if err := s.app.MyData.Sweep(ctx); err != nil {
		t.Fatal(err)
	}
	s.settle()

	// Signing in brings all of it back.
	login["password"] = "wrong password"
	s.want(400, nobody, "POST", "/v1/session", login)
	login["password"] = secret
	asAnn = signIn()
	s.settle()
	s.want(200, asBen, "GET", "/v1/media/"+anns.ID, nil)
	due := func() {
		t.Helper()
		if err := s.app.Backend.Router.Directory().Write(ctx, func(tx *sqlstore.Tx) error { _, err := tx.Exec(ctx, testDue); return err }); err != nil {
			t.Fatal(err)
		}
	}
	due()
	if err := s.app.MyData.Sweep(ctx); err != nil {
		t.Fatal(err)
	}
	s.settle()
	asAnn = signIn()
	s.want(200, asAnn, "GET", "/v1/users/self", nil)

	// For good.
	s.want(200, asAnn, "POST", "/v1/users/self/deletion", map[string]any{"password": secret})
	due()
	if err := s.app.MyData.Sweep(ctx); err != nil {
		t.Fatal(err)
	}
	s.settle()
	s.want(400, nobody, "POST", "/v1/session", login)
	s.want(400, asBen, "GET", "/v1/users/"+me.ID, nil)
	if r := s.ask(nobody, "POST", "/v1/users", map[string]any{"username": "ann", "password": secret}); r.status != 409 {
		t.Errorf("the name is another's at once: %d %s", r.status, r.body)
	}
	var after mediaOut
	s.want(200, asBen, "GET", "/v1/media/"+bens.ID, nil).into(t, &after)
	if after.Likes.Count != 0 || after.Comments.Count != 1 {
		t.Errorf("ben's post has %d likes and %d comments; his own is one", after.Likes.Count, after.Comments.Count)
	}
	var counts struct{ Counts map[string]int }
	s.want(200, asBen, "GET", "/v1/users/self", nil).into(t, &counts)
	if counts.Counts["follows"] != 0 || counts.Counts["followed_by"] != 0 {
		t.Errorf("ben's counts: %v", counts.Counts)
	}
	tracesOf(t, s, ann)
	for info, err := range s.app.Blobs.List(ctx, "") {
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(info.Key, "o/") && !strings.HasPrefix(info.Key, "r/") || strings.Contains(info.Key, me.ID) {
			t.Errorf("the file %s is left", info.Key)
		}
	}
	if n := originals(t, s); n != 2 {
		t.Errorf("%d originals are left; ben and gus have one each", n)
	}
	checkClean(t, s)
}

func originals(t testing.TB, s *site) (n int) {
	t.Helper()
	for _, err := range s.app.Blobs.List(t.Context(), "o/") {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	return n
}

// tracesOf looks for a user's ID in every column of every table of every database.
func tracesOf(t testing.TB, s *site, user tintype.ID) {
	t.Helper()
	tables, err := sqlite.Layout(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	looked := 0
	for _, table := range tables {
		homes := s.app.Backend.Router.Homes()
		if table.Directory {
			homes = []sqlstore.Home{s.app.Backend.Router.Directory()}
		}
		for _, c := range table.Columns {
			var where string
			switch c.Kind {
			case sqlstore.Int:
				where = fmt.Sprintf("%s = %d", c.Name, user)
			case sqlstore.Text:
				where = fmt.Sprintf("%s LIKE '%%%d%%'", c.Name, user)
			default:
				continue
			}
			for _, h := range homes {
				var n int
				st := &sqlstore.Stmt{Name: "test.traces", SQL: "SELECT count(*) FROM {s}" + table.Name + " WHERE " + where}
				if _, err := h.QueryRow(context.Background(), st, []any{&n}); err != nil {
					t.Fatalf("%s.%s: %v", table.Name, c.Name, err)
				}
				looked++
				if n > 0 {
					t.Errorf("%d rows of %s have the user in %s", n, table.Name, c.Name)
				}
			}
		}
	}
	if looked < 100 {
		t.Errorf("only %d columns were looked at", looked)
	}
}
