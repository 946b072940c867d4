package sqlstore

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/tintype"
)

// Subscriptions keeps what apps asked to be called back for, and what they are
// still to be told, in the directory.
type Subscriptions struct {
	R Router
}

var (
	stmtCallbackAdd = &Stmt{Name: "subscriptions.add_callback", SQL: `
		INSERT INTO {s}callbacks (id, app_id, url, paused, failing, failures, pushed, last_error, due)
		VALUES ($1, $2, $3, 0, 0, 0, 0, '', 0) ON CONFLICT (app_id, url) DO NOTHING`}
	stmtCallbackOf = &Stmt{Name: "subscriptions.callback_of", SQL: `SELECT id FROM {s}callbacks WHERE app_id = $1 AND url = $2`}
	stmtSubAdd     = &Stmt{Name: "subscriptions.add", SQL: `
		INSERT INTO {s}subscriptions (id, app_id, callback_id, object, object_id, latitude, longitude, radius, created)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`}
	stmtSubKeyAdd = &Stmt{Name: "subscriptions.add_keys", SQL: `
		INSERT INTO {s}subscription_keys (key, subscription_id) SELECT k, CAST($1 AS BIGINT) FROM {rows $2 k text} WHERE true ON CONFLICT DO NOTHING`}
	stmtSubsOfApp = &Stmt{Name: "subscriptions.of_app", SQL: `
		SELECT s.id, s.app_id, s.callback_id, s.object, s.object_id, s.latitude, s.longitude, s.radius, s.created, c.url
		FROM {s}subscriptions s JOIN {s}callbacks c ON c.id = s.callback_id WHERE s.app_id = $1 ORDER BY s.id`}
	stmtSubsByKey = &Stmt{Name: "subscriptions.by_key", SQL: `
		SELECT s.id, s.app_id, s.callback_id, s.object, s.object_id, s.latitude, s.longitude, s.radius, s.created, c.url
		FROM {rows $1 k text} CROSS JOIN {s}subscription_keys t CROSS JOIN {s}subscriptions s CROSS JOIN {s}callbacks c
		WHERE t.key = e.k AND s.id = t.subscription_id AND c.id = s.callback_id AND c.paused = 0 ORDER BY s.id`}
	// An app may hold several tokens of a user, and several subscriptions.
	stmtSubsByUser = &Stmt{Name: "subscriptions.by_user", SQL: `
		SELECT s.id, s.app_id, s.callback_id, s.object, s.object_id, s.latitude, s.longitude, s.radius, s.created, c.url
		FROM (SELECT DISTINCT app_id FROM {s}credentials WHERE user_id = $1 AND app_id <> 0 AND expires > $2) a
		JOIN {s}subscriptions s ON s.app_id = a.app_id AND s.object = 'user'
		JOIN {s}callbacks c ON c.id = s.callback_id WHERE c.paused = 0 ORDER BY s.id`}
	stmtSubGet = &Stmt{Name: "subscriptions.get", SQL: `
		SELECT s.id, s.app_id, s.callback_id, s.object, s.object_id, s.latitude, s.longitude, s.radius, s.created, c.url
		FROM {s}subscriptions s JOIN {s}callbacks c ON c.id = s.callback_id WHERE s.id = $1`}
	stmtSubDelete = &Stmt{Name: "subscriptions.delete", SQL: `DELETE FROM {s}subscriptions WHERE id {in $1} AND app_id = $2`}
	stmtSubKeys   = &Stmt{Name: "subscriptions.delete_keys", SQL: `
		DELETE FROM {s}subscription_keys WHERE subscription_id {in $1}`}
	stmtSubPushes = &Stmt{Name: "subscriptions.delete_pushes", SQL: `
		DELETE FROM {s}pushes WHERE subscription_id {in $1}`}
	stmtCallbackUnused = &Stmt{Name: "subscriptions.unused_callbacks", SQL: `
		DELETE FROM {s}callbacks WHERE app_id = $1
		AND NOT EXISTS (SELECT 1 FROM {s}subscriptions s WHERE s.callback_id = callbacks.id)`}
	stmtSubsOfAppIDs = &Stmt{Name: "subscriptions.ids_of_app", SQL: `SELECT id FROM {s}subscriptions WHERE app_id = $1`}

	stmtCallbacksOfApp = &Stmt{Name: "subscriptions.callbacks", SQL: `
		SELECT id, app_id, url, paused, failing, failures, pushed, last_error, due FROM {s}callbacks WHERE app_id = $1 ORDER BY id`}
	stmtCallbackGet = &Stmt{Name: "subscriptions.callback", SQL: `
		SELECT id, app_id, url, paused, failing, failures, pushed, last_error, due FROM {s}callbacks WHERE id = $1`}
	stmtCallbackResume = &Stmt{Name: "subscriptions.resume", SQL: `
		UPDATE {s}callbacks SET paused = 0, failing = 0, failures = 0, last_error = '', due = $1 WHERE id = $2 AND app_id = $3 AND paused <> 0`}
	// It locks the row in any case: whoever finds nothing more to tell must have seen what we add.
	stmtCallbackDue = &Stmt{Name: "subscriptions.due", SQL: `
		UPDATE {s}callbacks SET due = CASE WHEN due = 0 AND paused = 0 THEN $1 ELSE due END WHERE id = $2 RETURNING due`}
	stmtPushAdd = &Stmt{Name: "subscriptions.add_push", SQL: `
		INSERT INTO {s}pushes (callback_id, item, subscription_id, object, object_id, at)
		SELECT callback_id, $1, id, object, $2, $3 FROM {s}subscriptions WHERE id = $4 ON CONFLICT DO NOTHING`}
	stmtPushList = &Stmt{Name: "subscriptions.pushes", SQL: `
		SELECT callback_id, item, subscription_id, object, object_id, at FROM {s}pushes
		WHERE callback_id = $1 ORDER BY item, subscription_id LIMIT $2`}
	stmtPushDelete = &Stmt{Name: "subscriptions.delete_push", SQL: `
		DELETE FROM {s}pushes WHERE callback_id = $1 AND item = $2 AND subscription_id = $3`}
	stmtPushAny      = &Stmt{Name: "subscriptions.any_push", SQL: `SELECT 1 FROM {s}pushes WHERE callback_id = $1 LIMIT 1`}
	stmtCallbackDone = &Stmt{Name: "subscriptions.done", SQL: `
		UPDATE {s}callbacks SET failing = 0, failures = 0, last_error = '', pushed = $1, due = $2 WHERE id = $3`}
	stmtCallbackFailed = &Stmt{Name: "subscriptions.failed", SQL: `
		UPDATE {s}callbacks SET paused = $1, failing = $2, failures = $3, last_error = $4, due = $5 WHERE id = $6`}
	stmtCallbackLate  = &Stmt{Name: "subscriptions.late", SQL: `SELECT id FROM {s}callbacks WHERE due <> 0 AND due < $1`}
	stmtCallbackAgain = &Stmt{Name: "subscriptions.again", SQL: `
		UPDATE {s}callbacks SET due = $1 WHERE id = $2 AND due <> 0 AND due < $3`}
	stmtSubAny  = &Stmt{Name: "subscriptions.any", SQL: `SELECT 1 FROM {s}subscriptions LIMIT 1`}
	stmtPushOld = &Stmt{Name: "subscriptions.old_pushes", SQL: `DELETE FROM {s}pushes WHERE item < $1`}
)

func scanSub(out *[]tintype.Subscription) func(Scan) error {
	return func(scan Scan) error {
		var s tintype.Subscription
		var created int64
		err := scan(&s.ID, &s.App, &s.Callback, &s.Object, &s.ObjectID, &s.Latitude, &s.Longitude, &s.Radius, &created, &s.URL)
		s.Created = FromMicros(created)
		*out = append(*out, s)
		return err
	}
}

func scanCallback(out *[]tintype.Callback) func(Scan) error {
	return func(scan Scan) error {
		var c tintype.Callback
		var paused, failing, pushed, due int64
		err := scan(&c.ID, &c.App, &c.URL, &paused, &failing, &c.Failures, &pushed, &c.LastError, &due)
		c.Paused, c.Failing, c.Pushed, c.Due = FromMicros(paused), FromMicros(failing), FromMicros(pushed), FromMicros(due)
		*out = append(*out, c)
		return err
	}
}

// AddSubscription adds a subscription whose callback was found good at s.Created,
// to be found by keys, and sets s.Callback. If the app has the same one already,
// s becomes that. A callback that was paused is called again. Forbidden if the
// app has most subscriptions; NotFound if there is no such app.
func (s Subscriptions) AddSubscription(ctx context.Context, sub *tintype.Subscription, keys []string, most int) error {
	list, err := stringRows(keys)
	if err != nil {
		return err
	}
	asked := *sub
	return s.R.Directory().Write(ctx, func(tx *Tx) error {
		*sub = asked
		var app tintype.ID
		if found, err := tx.QueryRow(ctx, stmtAppHold, []any{&app}, sub.App); err != nil {
			return err
		} else if !found {
			return &tintype.Error{Kind: tintype.NotFound, Msg: "there is no such app"}
		}
		var have []tintype.Subscription
		if err := tx.Query(ctx, stmtSubsOfApp, scanSub(&have), sub.App); err != nil {
			return err
		}
		for _, h := range have {
			if h.Object == sub.Object && h.URL == sub.URL && h.Latitude == sub.Latitude && h.Longitude == sub.Longitude && h.Radius == sub.Radius &&
				(h.ObjectID == sub.ObjectID || sub.Object == tintype.ObjectGeography) {
				*sub = h
				return s.resume(ctx, tx, h.App, h.Callback, asked.Created)
			}
		}
		if len(have) >= most {
			return tintype.Errorf(tintype.Forbidden, "this app has %d subscriptions, which is as many as one may have", len(have))
		}
		if _, err := tx.Exec(ctx, stmtCallbackAdd, sub.ID, sub.App, sub.URL); err != nil {
			return err
		}
		if _, err := tx.QueryRow(ctx, stmtCallbackOf, []any{&sub.Callback}, sub.App, sub.URL); err != nil {
			return err
		}
		if err := s.resume(ctx, tx, sub.App, sub.Callback, sub.Created); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, stmtSubAdd, sub.ID, sub.App, sub.Callback, sub.Object, sub.ObjectID, sub.Latitude, sub.Longitude, sub.Radius, sub.Created); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, stmtSubKeyAdd, sub.ID, list)
		return err
	})
}

// Subscriptions lists an app's subscriptions, the oldest first.
func (s Subscriptions) Subscriptions(ctx context.Context, app tintype.ID) ([]tintype.Subscription, error) {
	var out []tintype.Subscription
	err := s.R.Directory().Query(ctx, stmtSubsOfApp, scanSub(&out), app)
	return out, err
}

// AnySubscription tells whether there is any, of any app.
func (s Subscriptions) AnySubscription(ctx context.Context) (bool, error) {
	var one int
	return s.R.Directory().QueryRow(ctx, stmtSubAny, []any{&one})
}

// Subscription gives a subscription, nil if there is none.
func (s Subscriptions) Subscription(ctx context.Context, id tintype.ID) (*tintype.Subscription, error) {
	var out []tintype.Subscription
	if err := s.R.Directory().Query(ctx, stmtSubGet, scanSub(&out), id); err != nil || len(out) == 0 {
		return nil, err
	}
	return &out[0], nil
}

// Callbacks lists where an app is called back.
func (s Subscriptions) Callbacks(ctx context.Context, app tintype.ID) ([]tintype.Callback, error) {
	var out []tintype.Callback
	err := s.R.Directory().Query(ctx, stmtCallbacksOfApp, scanCallback(&out), app)
	return out, err
}

// RemoveSubscriptions removes those of an app's subscriptions, with all that was to be told of them.
func (s Subscriptions) RemoveSubscriptions(ctx context.Context, app tintype.ID, ids []tintype.ID) error {
	return s.R.Directory().Write(ctx, func(tx *Tx) error { return removeSubscriptions(ctx, tx, app, ids) })
}

func removeSubscriptions(ctx context.Context, tx *Tx, app tintype.ID, ids []tintype.ID) error {
	n, err := tx.Exec(ctx, stmtSubDelete, ids, app)
	if err != nil {
		return err
	}
	if int(n) < len(ids) {
		return &tintype.Error{Kind: tintype.Conflict, Msg: "these subscriptions were changed meanwhile; please try again"}
	}
	for _, stmt := range []*Stmt{stmtSubKeys, stmtSubPushes} {
		if _, err := tx.Exec(ctx, stmt, ids); err != nil {
			return err
		}
	}
	_, err = tx.Exec(ctx, stmtCallbackUnused, app)
	return err
}

// removeAppSubscriptions is for an app that goes.
func removeAppSubscriptions(ctx context.Context, tx *Tx, app tintype.ID) error {
	var ids []tintype.ID
	if err := tx.Query(ctx, stmtSubsOfAppIDs, scanIDs(&ids), app); err != nil || len(ids) == 0 {
		return err
	}
	return removeSubscriptions(ctx, tx, app, ids)
}

// Resume has a callback of an app called again, as if it had never failed; it does no harm to one that is called.
func (s Subscriptions) Resume(ctx context.Context, app, callback tintype.ID, now time.Time) error {
	return s.R.Directory().Write(ctx, func(tx *Tx) error { return s.resume(ctx, tx, app, callback, now) })
}

func (s Subscriptions) resume(ctx context.Context, tx *Tx, app, callback tintype.ID, now time.Time) error {
	n, err := tx.Exec(ctx, stmtCallbackResume, now, callback, app)
	if err == nil && n == 1 {
		tx.Enqueue(job.Insert{Kind: job.PushKind, Item: job.Callback{ID: callback}})
	}
	return err
}

// SubscriptionsByKey gives what is subscribed under any of keys and not paused, each once.
func (s Subscriptions) SubscriptionsByKey(ctx context.Context, keys []string) ([]tintype.Subscription, error) {
	list, err := stringRows(keys)
	if err != nil {
		return nil, err
	}
	var out []tintype.Subscription
	if err := s.R.Directory().Query(ctx, stmtSubsByKey, scanSub(&out), list); err != nil {
		return nil, err
	}
	once := out[:0]
	for i, sub := range out {
		if i == 0 || sub.ID != once[len(once)-1].ID {
			once = append(once, sub)
		}
	}
	return once, nil
}

// SubscriptionsToUser gives the subscriptions to users, not paused, of apps that hold a token of user's.
func (s Subscriptions) SubscriptionsToUser(ctx context.Context, user tintype.ID, now time.Time) ([]tintype.Subscription, error) {
	var out []tintype.Subscription
	err := s.R.Directory().Query(ctx, stmtSubsByUser, scanSub(&out), user, now)
	return out, err
}

// AddPushes notes what callbacks are to be told at due; what waits already is not noted twice.
func (s Subscriptions) AddPushes(ctx context.Context, pushes []tintype.Push, due time.Time) error {
	// One order for everybody: PostgreSQL locks rows as they come.
	pushes = slices.SortedFunc(slices.Values(pushes), func(a, b tintype.Push) int { return cmp.Compare(a.Callback, b.Callback) })
	return s.R.Directory().Write(ctx, func(tx *Tx) error {
		for i, p := range pushes {
			if i == 0 || p.Callback != pushes[i-1].Callback {
				var at int64
				if found, err := tx.QueryRow(ctx, stmtCallbackDue, []any{&at}, due, p.Callback); err != nil {
					return err
				} else if found && at == Micros(due) {
					tx.Enqueue(job.Insert{Kind: job.PushKind, Item: job.Callback{ID: p.Callback}, NotBefore: due})
				}
			}
			if _, err := tx.Exec(ctx, stmtPushAdd, p.Item, p.ObjectID, p.At, p.Subscription); err != nil {
				return err
			}
		}
		return nil
	})
}

// Waiting gives a callback, nil if there is none, and up to n things it is to be told, the oldest first.
func (s Subscriptions) Waiting(ctx context.Context, callback tintype.ID, n int) (*tintype.Callback, []tintype.Push, error) {
	var list []tintype.Callback
	if err := s.R.Directory().Query(ctx, stmtCallbackGet, scanCallback(&list), callback); err != nil || len(list) == 0 {
		return nil, nil, err
	}
	var out []tintype.Push
	err := s.R.Directory().Query(ctx, stmtPushList, func(scan Scan) error {
		var p tintype.Push
		var at int64
		err := scan(&p.Callback, &p.Item, &p.Subscription, &p.Object, &p.ObjectID, &at)
		p.At = FromMicros(at)
		out = append(out, p)
		return err
	}, callback, n)
	return &list[0], out, err
}

// Told notes that a callback took pushes at now. What is left, it is told at once.
func (s Subscriptions) Told(ctx context.Context, callback tintype.ID, pushes []tintype.Push, now time.Time) error {
	return s.R.Directory().Write(ctx, func(tx *Tx) error {
		// The row first: who adds a push waits here, and then finds due as it is left.
		if n, err := tx.Exec(ctx, stmtCallbackDone, now, now, callback); err != nil || n == 0 {
			return err
		}
		for _, p := range pushes {
			if _, err := tx.Exec(ctx, stmtPushDelete, p.Callback, p.Item, p.Subscription); err != nil {
				return err
			}
		}
		var one int
		more, err := tx.QueryRow(ctx, stmtPushAny, []any{&one}, callback)
		if err != nil {
			return err
		}
		if more {
			tx.Enqueue(job.Insert{Kind: job.PushKind, Item: job.Callback{ID: callback}})
			return nil
		}
		_, err = tx.Exec(ctx, stmtCallbackDone, now, time.Time{}, callback)
		return err
	})
}

// Failed writes Paused, Failing, Failures, LastError and Due of a callback that
// did not answer as it should; it is called again at Due, unless that is zero.
func (s Subscriptions) Failed(ctx context.Context, c *tintype.Callback) error {
	return s.R.Directory().Write(ctx, func(tx *Tx) error {
		n, err := tx.Exec(ctx, stmtCallbackFailed, c.Paused, c.Failing, c.Failures, c.LastError, c.Due, c.ID)
		if err == nil && n == 1 && !c.Due.IsZero() {
			tx.Enqueue(job.Insert{Kind: job.PushKind, Item: job.Callback{ID: c.ID}, NotBefore: c.Due})
		}
		return err
	})
}

// Revive has callbacks that were due before late, and so whose job was lost,
// called at now; and forgets what was to be told of posts with IDs below old.
func (s Subscriptions) Revive(ctx context.Context, late, now time.Time, old tintype.ID) error {
	var ids []tintype.ID
	if err := s.R.Directory().Query(ctx, stmtCallbackLate, scanIDs(&ids), late); err != nil {
		return err
	}
	return s.R.Directory().Write(ctx, func(tx *Tx) error {
		for _, id := range ids {
			n, err := tx.Exec(ctx, stmtCallbackAgain, now, id, late)
			if err != nil {
				return err
			}
			if n == 1 {
				tx.Enqueue(job.Insert{Kind: job.PushKind, Item: job.Callback{ID: id}})
			}
		}
		_, err := tx.Exec(ctx, stmtPushOld, old)
		return err
	})
}
