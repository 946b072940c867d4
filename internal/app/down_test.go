package app_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/tintype/tintype/internal/app"
	"github.com/tintype/tintype/internal/sqlstore/storetest"
	"github.com/tintype/tintype/internal/testpg"
	"github.com/tintype/tintype/internal/tintype"
)

// A database that is killed, or that does not answer any more, costs its own
// users, and nobody else more than what those had posted.
func TestOneDatabaseDown(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]func(*storetest.Link){"killed": (*storetest.Link).Cut, "stalled": (*storetest.Link).Stall} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var link *storetest.Link
			r, dbs := storetest.OpenFleet(t, time.Now, storetest.Fleet{Databases: 2, Through: func(i int, dsn string) string {
				if i == 0 {
					return dsn
				}
				link = storetest.NewLink(t, dsn)
				return link.DSN
			}})
			// Two processes: the second one has nothing in its caches, and works no jobs, for
			// these two do not tell each other what changes.
			first := newSite(t, "", app.Config{Backend: postgresBackend(r, dbs)})
			cold := newSite(t, "", app.Config{Backend: postgresBackend(r, nil)})

			n := 0
			on := func(db string) *tintype.User {
				for {
					n++
					u := first.user(fmt.Sprintf("user%d", n), false)
					if r.Home(u.ID.Shard()).DB.Name == db {
						return u
					}
				}
			}
			ada, dana, cora, bob := on("pg0"), on("pg0"), on("pg0"), on("pg1")
			as := map[*tintype.User]credential{}
			for _, u := range []*tintype.User{ada, dana, cora, bob} {
				as[u] = first.session(u)
			}
			for _, u := range []*tintype.User{ada, dana} {
				for _, o := range []*tintype.User{cora, bob} {
					first.want(200, as[u], "POST", "/v1/users/"+o.ID.String()+"/relationship", map[string]any{"action": "follow"})
				}
			}
			first.settle()
			here, there := first.post(as[cora], "here", 1), first.post(as[bob], "there", 2)
			first.settle()
			feed := func(s *site, u *tintype.User) []string {
				t.Helper()
				var list []mediaOut
				s.want(200, as[u], "GET", "/v1/users/self/feed", nil).into(t, &list)
				ids := make([]string, len(list))
				for i := range list {
					ids[i] = list[i].ID
				}
				return ids
			}
			if got := feed(first, ada); !slices.Equal(got, []string{there.ID, here.ID}) {
				t.Fatalf("ada's feed is %v", got)
			}

			fail(link)
			for _, u := range []*tintype.User{ada, dana} { // dana's is not built yet
				if got := feed(cold, u); !slices.Equal(got, []string{here.ID}) {
					t.Errorf("with a database down a feed is %v, want %v", got, here.ID)
				}
			}
			cold.want(503, as[ada], "GET", "/v1/users/"+bob.ID.String(), nil)
			cold.want(503, as[ada], "GET", "/v1/media/"+there.ID, nil)
			cold.want(200, as[ada], "GET", "/v1/users/"+cora.ID.String(), nil)
			cold.want(200, as[ada], "POST", "/v1/media/"+here.ID+"/likes", nil)
			cold.want(200, as[ada], "GET", "/v1/users/self/media/liked", nil)
			var follows []struct{ ID string }
			cold.want(200, as[ada], "GET", "/v1/users/self/follows", nil).into(t, &follows)
			if len(follows) != 1 || follows[0].ID != cora.ID.String() {
				t.Errorf("ada follows %v", follows)
			}
			cold.want(200, nobody, "GET", "/healthz", nil)

			link.Mend()
			for deadline := time.Now().Add(20 * time.Second); len(feed(cold, dana)) != 2; time.Sleep(20 * time.Millisecond) {
				if time.Now().After(deadline) {
					t.Fatal("dana's feed does not come back whole: a part of it was kept")
				}
			}
			cold.want(200, as[ada], "GET", "/v1/users/"+bob.ID.String(), nil)
		})
	}
}

// A process starts while a database is down, and serves its users when it is back.
func TestStartWithDatabaseDown(t *testing.T) {
	t.Parallel()
	dsns := []string{testpg.Start(t), testpg.Start(t)}
	links := []*storetest.Link{storetest.NewLink(t, dsns[0]), storetest.NewLink(t, dsns[1])}
	through := func(i int, _ string) string { return links[i].DSN }
	r, dbs := storetest.OpenFleet(t, time.Now, storetest.Fleet{Databases: 2, Through: through})
	before := newSite(t, "", app.Config{Backend: postgresBackend(r, dbs)})
	var bob *tintype.User
	for n := 0; bob == nil || r.Home(bob.ID.Shard()).DB.Name != "pg1"; n++ {
		bob = before.user(fmt.Sprintf("user%d", n), false)
	}
	session := before.session(bob)
	before.settle()

	links[1].Cut()
	r2, dbs2 := storetest.OpenFleet(t, time.Now, storetest.Fleet{Databases: 2, Through: through})
	after := newSite(t, "", app.Config{Backend: postgresBackend(r2, dbs2)})
	after.want(503, session, "GET", "/v1/users/self", nil)
	after.want(200, nobody, "GET", "/healthz", nil)
	links[1].Mend()
	for deadline := time.Now().Add(20 * time.Second); after.ask(session, "GET", "/v1/users/self", nil).status != 200; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the user is not served though the database is back")
		}
	}
}
