package sqlstore_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/tintype/tintype/internal/shard"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/sqlstore/storetest"
	"github.com/tintype/tintype/internal/tintype"
)

func TestSubscriptions(t *testing.T) {
	t.Parallel()
	storetest.Run(t, nil, func(t *testing.T, r *shard.Router) {
		ctx := t.Context()
		s, apps := sqlstore.Subscriptions{R: r}, sqlstore.Apps{R: r}
		now := time.Date(2030, 1, 2, 3, 4, 5, 678000, time.UTC)
		check := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		owner, user := tintype.MakeID(now.UnixMilli(), 1, 1), tintype.MakeID(now.UnixMilli(), 2, 2)
		for _, app := range []tintype.ID{11, 12} {
			check(apps.AddApp(ctx, &tintype.App{ID: app, OwnerID: owner, ClientID: app.String(), Name: "app", Created: now}))
		}
		add := func(id, app tintype.ID, object, objectID, url string, keys ...string) *tintype.Subscription {
			t.Helper()
			sub := &tintype.Subscription{ID: id, App: app, Object: object, ObjectID: objectID, URL: url, Created: now}
			check(s.AddSubscription(ctx, sub, keys, 3))
			return sub
		}
		anyThere := func(want bool) {
			t.Helper()
			if got, err := s.AnySubscription(ctx); err != nil || got != want {
				t.Errorf("there are subscriptions: %v, %v; want %v", got, err, want)
			}
		}
		anyThere(false)
		a := add(101, 11, "tag", "dawn", "https://a.example/", "tag:dawn")
		anyThere(true)
		b := add(102, 11, "user", "", "https://a.example/")
		c := add(103, 12, "tag", "拂晓", "https://a.example/", "tag:拂晓", "tag:dawn")
		if a.Callback != b.Callback || a.Callback == c.Callback {
			t.Errorf("callbacks %v, %v, %v: an app has one for an address, and its own", a.Callback, b.Callback, c.Callback)
		}
		if again := add(104, 11, "tag", "dawn", "https://a.example/", "tag:dawn"); again.ID != a.ID || !again.Created.Equal(now) {
			t.Errorf("the same once more: %+v", again)
		}
		add(105, 11, "tag", "dusk", "https://b.example/", "tag:dusk")
		if err := s.AddSubscription(ctx, &tintype.Subscription{ID: 106, App: 11, Object: "tag", ObjectID: "x", URL: "https://b.example/", Created: now}, nil, 3); !tintype.IsKind(err, tintype.Forbidden) {
			t.Errorf("one too many: %v", err)
		}
		if err := s.AddSubscription(ctx, &tintype.Subscription{ID: 107, App: 99, Object: "user", URL: "https://b.example/", Created: now}, nil, 3); !tintype.IsKind(err, tintype.NotFound) {
			t.Errorf("of no app: %v", err)
		}
		ids := func(list []tintype.Subscription, err error) string {
			t.Helper()
			check(err)
			out := ""
			for _, x := range list {
				out += fmt.Sprint(x.ID, " ")
			}
			return out
		}
		if got := ids(s.SubscriptionsByKey(ctx, []string{"tag:dawn", "tag:拂晓", "cell:1:2"})); got != "101 103 " {
			t.Errorf("by key: %s", got)
		}
		check(sqlstore.Accounts{R: r}.Claim(ctx, tintype.NewAccount{UserID: user, Username: "u", Skeleton: "u", PasswordHash: "x", At: now}))
		if ok, err := (sqlstore.Accounts{R: r}).Settle(ctx, tintype.Claim{UserID: user, Username: "u", Skeleton: "u", At: now}, "u", now); err != nil || !ok {
			t.Fatal(ok, err)
		}
		for i := range 2 {
			cred := &tintype.Credential{ID: fmt.Sprint(i), Hash: []byte{byte(i)}, UserID: user, App: 11, Created: now, Expires: now.Add(time.Hour)}
			if ok, err := (sqlstore.Credentials{R: r}).AddCredential(ctx, cred, ""); err != nil || !ok {
				t.Fatal(ok, err)
			}
		}
		if got := ids(s.SubscriptionsToUser(ctx, user, now)); got != "102 " {
			t.Errorf("to a user: %s", got)
		}
		if got := ids(s.SubscriptionsToUser(ctx, user, now.Add(2*time.Hour))); got != "" {
			t.Errorf("to a user whose tokens ended: %s", got)
		}
		if got, err := s.Subscription(ctx, 103); err != nil || got == nil || got.App != 12 || got.ObjectID != "拂晓" || !got.Created.Equal(now) {
			t.Errorf("one: %+v, %v", got, err)
		}

		push := func(item tintype.ID, due time.Time) {
			t.Helper()
			check(s.AddPushes(ctx, []tintype.Push{{Callback: c.Callback, Item: item, Subscription: c.ID, ObjectID: "拂晓", At: now}, {Callback: a.Callback, Item: item, Subscription: a.ID, ObjectID: "dawn", At: now}}, due))
		}
		push(1000, now.Add(time.Second))
		push(1001, now.Add(time.Minute))
		push(1001, now.Add(time.Hour))
		cb, waiting, err := s.Waiting(ctx, a.Callback, 10)
		check(err)
		if len(waiting) != 2 || waiting[0].Item != 1000 || waiting[0].Object != "tag" || waiting[0].ObjectID != "dawn" || !waiting[0].At.Equal(now) || !cb.Due.Equal(now.Add(time.Second)) {
			t.Errorf("%+v waits: %+v", cb, waiting)
		}
		check(s.Told(ctx, a.Callback, waiting[:1], now.Add(2*time.Second)))
		if cb, waiting, err = s.Waiting(ctx, a.Callback, 10); err != nil || len(waiting) != 1 || cb.Due.IsZero() || !cb.Pushed.Equal(now.Add(2*time.Second)) {
			t.Errorf("when half is told: %+v, %v, %v", cb, waiting, err)
		}
		check(s.Told(ctx, a.Callback, waiting, now.Add(3*time.Second)))
		if cb, waiting, err = s.Waiting(ctx, a.Callback, 10); err != nil || len(waiting) != 0 || !cb.Due.IsZero() {
			t.Errorf("when all is told: %+v, %v, %v", cb, waiting, err)
		}
		if cb, _, err := s.Waiting(ctx, 999, 10); err != nil || cb != nil {
			t.Errorf("of no callback: %v, %v", cb, err)
		}

		// One that fails, late ones, old ones, paused ones.
		cb, _, err = s.Waiting(ctx, c.Callback, 10)
		check(err)
		cb.Failing, cb.Failures, cb.LastError, cb.Due = now, 7, "it is tired", now.Add(time.Minute)
		check(s.Failed(ctx, cb))
		check(s.Revive(ctx, now, now.Add(time.Hour), 1001))
		if cb, waiting, err = s.Waiting(ctx, c.Callback, 10); err != nil || !cb.Due.Equal(now.Add(time.Minute)) || cb.Failures != 7 || cb.LastError != "it is tired" || len(waiting) != 1 {
			t.Errorf("not late, and one is old: %+v, %v, %v", cb, waiting, err)
		}
		check(s.Revive(ctx, now.Add(2*time.Minute), now.Add(time.Hour), 0))
		if cb, _, err = s.Waiting(ctx, c.Callback, 10); err != nil || !cb.Due.Equal(now.Add(time.Hour)) {
			t.Errorf("late: %+v, %v", cb, err)
		}
		cb.Paused, cb.Due = now, time.Time{}
		check(s.Failed(ctx, cb))
		if got := ids(s.SubscriptionsByKey(ctx, []string{"tag:dawn"})); got != "101 " {
			t.Errorf("with one paused: %s", got)
		}
		check(s.Resume(ctx, 11, c.Callback, now)) // it is not theirs
		if list, err := s.Callbacks(ctx, 12); err != nil || len(list) != 1 || list[0].Paused.IsZero() {
			t.Errorf("resumed by another: %v, %v", list, err)
		}
		check(s.Resume(ctx, 12, c.Callback, now))
		if list, err := s.Callbacks(ctx, 12); err != nil || len(list) != 1 || !list[0].Paused.IsZero() || list[0].Failures != 0 || !list[0].Due.Equal(now) {
			t.Errorf("resumed: %v, %v", list, err)
		}

		if err := s.RemoveSubscriptions(ctx, 11, []tintype.ID{101, 103}); !tintype.IsKind(err, tintype.Conflict) {
			t.Errorf("one that is another's: %v", err)
		}
		check(s.RemoveSubscriptions(ctx, 11, []tintype.ID{105}))
		if list, err := s.Callbacks(ctx, 11); err != nil || len(list) != 1 {
			t.Errorf("a callback for nothing stays: %v, %v", list, err)
		}
		if _, err := apps.DeleteApp(ctx, owner, 12); err != nil {
			t.Fatal(err)
		}
		if got := ids(s.SubscriptionsByKey(ctx, []string{"tag:dawn", "tag:拂晓"})) + ids(s.Subscriptions(ctx, 12)); got != "101 " {
			t.Errorf("when an app is gone: %s", got)
		}
	})
}
