package app_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/tintype/tintype/internal/account"
	"github.com/tintype/tintype/internal/app"
	"github.com/tintype/tintype/internal/live"
	"github.com/tintype/tintype/internal/sqlstore/storetest"
	"github.com/tintype/tintype/internal/testserve"
	"github.com/tintype/tintype/internal/tintype"
)

// TestProcesses has two processes share databases, Redis and memcached: one that
// works jobs and one that people talk to. What is done at one is true at the other, also with
// what they share dead.
func TestProcesses(t *testing.T) {
	t.Parallel()
	redis := []*testserve.Server{testserve.Redis(t), testserve.Redis(t)}
	cached := []*testserve.Server{testserve.Memcached(t), testserve.Memcached(t)}
	router := storetest.OpenSQLite(t, time.Now)
	process := func() *site {
		b := app.SQLiteBackend(router)
		b.Close = func() error { return nil } // the other one's, too
		c := app.Config{Backend: b}
		for i := range redis {
			c.Fleet.Redis.Servers = append(c.Fleet.Redis.Servers, redis[i].Addr())
			c.Fleet.Memcached.Servers = append(c.Fleet.Memcached.Servers, cached[i].Addr())
		}
		return newSite(t, "", c)
	}
	worker, web := process(), process()
	ctx := t.Context()
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	until := func(what string, f func() bool) {
		t.Helper()
		for end := time.Now().Add(30 * time.Second); !f(); time.Sleep(5 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatal("waited in vain until ", what)
			}
		}
	}
	n := 0
	join := func(at *site) tintype.ID {
		t.Helper()
		n++
		u, err := at.app.Account.Create(ctx, account.NewUser{Username: fmt.Sprint("member", n), Password: "correct horse battery"})
		ok(err)
		return u.ID
	}
	story := func(what string) {
		t.Helper()
		t.Log(what)
		ann, bob := join(web), join(worker)
		// Both have looked, so both have it near.
		look := func(s *site) (*tintype.User, tintype.Relation) {
			t.Helper()
			u, err := s.app.Graph.Users(ctx, []tintype.ID{ann})
			ok(err)
			r, err := s.app.Graph.Relations(ctx, bob, []tintype.ID{ann})
			ok(err)
			return u[0], r[0]
		}
		look(web)
		look(worker)

		yes := true
		_, err := worker.app.Account.UpdateProfile(ctx, ann, account.Changes{Private: &yes})
		ok(err)
		if u, _ := look(worker); !u.Private {
			t.Error("at the process that changed it, the profile is still public")
		}
		until("the other sees that the profile is private", func() bool { u, _ := look(web); return u.Private })

		events, cancel, err := web.app.Hub.Subscribe(ann, "")
		ok(err)
		defer cancel()
		ok(worker.app.Graph.Follow(ctx, bob, ann))
		until("the other sees the request", func() bool { _, r := look(web); return r.Requested })
		ok(web.app.Graph.Approve(ctx, ann, bob))
		until("each sees that it is approved", func() bool {
			_, a := look(web)
			_, b := look(worker)
			return a.Follows && b.Follows
		})
		ok(web.app.Graph.Block(ctx, ann, bob))
		until("each sees the block", func() bool {
			_, a := look(web)
			_, b := look(worker)
			return a.BlockedBy && b.BlockedBy
		})
		if what != "no Redis" {
			until("the open page is told of the request", func() bool {
				select {
				case e := <-events:
					return e.Type == live.ActivityEvent && e.Unread > 0
				default:
					return false
				}
			})
		}

		token, err := web.app.Account.Open(ctx, bob, account.Client{})
		ok(err)
		for _, s := range []*site{web, worker} {
			if p, err := s.app.Account.Authenticate(ctx, token); err != nil || p.UserID != bob {
				t.Errorf("%+v, %v", p, err)
			}
		}
		ok(worker.app.Account.SignOutEverywhere(ctx, bob, ""))
		if _, err := worker.app.Account.Authenticate(ctx, token); !tintype.IsKind(err, tintype.Unauthenticated) {
			t.Errorf("at the process that ended it: %v", err)
		}
		until("the session has ended at the other", func() bool {
			_, err := web.app.Account.Authenticate(ctx, token)
			return tintype.IsKind(err, tintype.Unauthenticated)
		})
		name := what
		_, err = web.app.Account.SetSite(ctx, account.Principal{Admin: true}, account.SiteChanges{Name: &name})
		ok(err)
		until("the other knows the site's name", func() bool {
			s, err := worker.app.Account.Site(ctx)
			ok(err)
			return s.Name == name
		})
	}
	story("all is well")
	cached[0].Kill()
	redis[1].Kill()
	story("half is dead")
	cached[1].Kill()
	redis[0].Kill()
	story("no Redis")
	for i := range redis {
		redis[i].Start()
		cached[i].Start()
	}
	story("all came back")
}
