package share

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha1" // what clients of the original check
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/tintype"
)

// How callbacks are called.
const (
	batch      = 100              // things told in one call
	firstPause = 5 * time.Second  // after the first failure; it doubles with each
	maxPause   = time.Hour        // between calls
	deadAfter  = 24 * time.Hour   // without a success, a callback is paused
	lateAfter  = 10 * time.Minute // a call that is so late was lost
	keepFor    = 7 * 24 * time.Hour
)

// Published is the handler of job.PublishedKind: it notes who wants to hear of new posts, and of what posts got later.
func (s *Service) Published(ctx context.Context, items []job.Published) error {
	var pushes []tintype.Push
	for _, it := range items {
		more, err := s.match(ctx, it)
		if err != nil {
			return err
		}
		pushes = append(pushes, more...)
	}
	if len(pushes) == 0 {
		return nil
	}
	return s.c.Pushes.AddPushes(ctx, pushes, s.c.Clock().Add(s.c.Gather))
}

// match finds what is subscribed to of one post.
func (s *Service) match(ctx context.Context, it job.Published) ([]tintype.Push, error) {
	var subs []tintype.Subscription
	var keys []string
	var was tintype.Location
	if it.Op == 0 {
		own, err := s.c.Posts.Visible(ctx, it.Author, []tintype.ID{it.Post})
		if err != nil || len(own) == 0 {
			return nil, err // deleted already, or its author is suspended
		}
		if subs, err = s.c.Subscriptions.SubscriptionsToUser(ctx, it.Author, s.c.Clock()); err != nil {
			return nil, err
		}
		keys = keysOf(own[0].Location, was)
	} else if it.Was != nil {
		was = tintype.Location{ID: it.Was.Place}
		was.SetPoint(it.Was.Lat, it.Was.Lng)
	}
	var at tintype.Location
	if it.Op != 0 || len(keys) > 0 {
		public, err := s.c.Posts.Visible(ctx, 0, []tintype.ID{it.Post})
		if err != nil {
			return nil, err
		}
		if len(public) > 0 {
			if l := public[0].Location; l != nil {
				at = *l
			}
			if it.Op != 0 && it.Was != nil {
				keys = keysOf(&at, was)
			}
			for _, t := range it.Tags {
				keys = append(keys, "tag:"+t)
			}
			more, err := s.c.Subscriptions.SubscriptionsByKey(ctx, keys)
			if err != nil {
				return nil, err
			}
			subs = append(subs, more...)
		}
	}
	var out []tintype.Push
	for _, sub := range subs {
		push := tintype.Push{Callback: sub.Callback, Item: it.Post, Subscription: sub.ID, Object: sub.Object, ObjectID: sub.ObjectID, At: cmp.Or(it.Op, it.Post).Time()}
		switch sub.Object {
		case tintype.ObjectUser:
			push.ObjectID = it.Author.String()
		case tintype.ObjectGeography:
			if !holds(sub, at) || holds(sub, was) {
				continue
			}
		}
		out = append(out, push)
	}
	return out, nil
}

// holds tells whether a circle holds a point.
func holds(sub tintype.Subscription, l tintype.Location) bool {
	return l.HasPoint && tintype.Distance(sub.Latitude, sub.Longitude, l.Latitude, l.Longitude) <= float64(sub.Radius)
}

// keysOf are the keys by which subscriptions are found to a place and to circles that hold a
// point: to those of where a post is, but for a place where it was.
func keysOf(l *tintype.Location, was tintype.Location) (keys []string) {
	if l == nil {
		return nil
	}
	if l.ID != 0 && l.ID != was.ID {
		keys = append(keys, "place:"+l.ID.String())
	}
	if l.HasPoint {
		keys = append(keys, cellKey(l.Latitude, l.Longitude))
	}
	return keys
}

// Push is the handler of job.PushKind: callbacks are told what waits for them.
func (s *Service) Push(ctx context.Context, items []job.Callback) error {
	var errs []error
	for _, it := range items {
		errs = append(errs, s.push(ctx, it.ID))
	}
	return errors.Join(errs...)
}

func (s *Service) push(ctx context.Context, callback tintype.ID) error {
	c, pushes, err := s.c.Pushes.Waiting(ctx, callback, batch)
	if err != nil || c == nil || !c.Paused.IsZero() || c.Due.IsZero() {
		return err
	}
	if len(pushes) == 0 {
		return s.c.Pushes.Told(ctx, callback, nil, s.c.Clock())
	}
	why, err := s.call(ctx, c, pushes)
	if err != nil {
		return err
	}
	now := s.c.Clock()
	if why == "" {
		return s.c.Pushes.Told(ctx, callback, pushes, now)
	}
	c.Failures++
	c.LastError = why
	if c.Failing.IsZero() {
		c.Failing = now
	}
	c.Due = now.Add(pause(c.Failures))
	if now.Sub(c.Failing) >= deadAfter {
		c.Paused, c.Due = now, time.Time{}
		s.c.Log.WarnContext(ctx, "a callback was dead for a day and is paused", "app", c.App, "callback", c.ID)
	}
	return s.c.Pushes.Failed(ctx, c)
}

// pause is how long to wait after so many failures in a row.
func pause(failures int) time.Duration {
	return min(firstPause<<min(failures-1, 20), maxPause)
}

// call tells a callback; why says in words for the app's owner what went wrong, if anything did.
func (s *Service) call(ctx context.Context, c *tintype.Callback, pushes []tintype.Push) (why string, err error) {
	app, err := s.c.Apps.AppByID(ctx, c.App)
	if err != nil {
		return "", err
	}
	if app == nil || app.Secret == "" {
		return "the app has no secret to sign with", nil
	}
	body, err := payload(pushes)
	if err != nil {
		return "", err
	}
	status, _, err := s.c.Outbound.Post(ctx, c.URL, map[string]string{"Content-Type": "application/json", "X-Hub-Signature": Sign(app.Secret, body)}, body)
	var e *tintype.Error
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err() // we are stopping: it is nobody's failure
	case errors.As(err, &e):
		return e.Msg, nil
	case err != nil:
		return "", err
	case status < 200 || status > 299:
		return fmt.Sprintf("it answered with status %d", status), nil
	}
	return "", nil
}

// payload writes what a callback is told, as the original did.
func payload(pushes []tintype.Push) ([]byte, error) {
	type change struct {
		Subscription tintype.ID `json:"subscription_id"`
		Object       string     `json:"object"`
		ObjectID     string     `json:"object_id"`
		Aspect       string     `json:"changed_aspect"`
		Time         int64      `json:"time"`
	}
	out := make([]change, len(pushes))
	for i, p := range pushes {
		out[i] = change{p.Subscription, p.Object, p.ObjectID, "media", p.At.Unix()}
	}
	return json.Marshal(out)
}

// Sign is the value of X-Hub-Signature: HMAC-SHA1 of the raw body, in bare hexadecimal.
func Sign(secret string, body []byte) string {
	h := hmac.New(sha1.New, []byte(secret))
	h.Write(body)
	return hex.EncodeToString(h.Sum(nil))
}

// Sweep has calls made whose jobs were lost, and forgets what could not be told
// for a week; call it every minute.
func (s *Service) Sweep(ctx context.Context) error {
	now := s.c.Clock()
	return s.c.Pushes.Revive(ctx, now.Add(-lateAfter), now, tintype.FirstIDAt(now.Add(-keepFor)))
}
