package share

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tintype/tintype/internal/tintype"
)

// MaxSubscriptions is how many subscriptions an app may have.
const MaxSubscriptions = 30

// The longest callback and verify_token, in bytes.
const (
	maxURL    = 1024
	maxVerify = 512
)

// Request is a subscription that an app asks for.
type Request struct {
	Object   string // one of the objects of package tintype
	Aspect   string // "media"
	ObjectID string // of a tag or place
	Callback string
	Verify   string // is sent to the callback with the challenge; "" for nothing

	Latitude, Longitude float64 // of a geography
	Radius              int     // in metres
}

// ErrChallenge is in the chain of the error of a callback that does not echo
// its challenge; the error's message says why.
var ErrChallenge = &tintype.Error{Kind: tintype.Invalid, Msg: "Challenge verification failed"}

// Subscribe makes a subscription for an app, if its callback echoes a challenge
// that it is sent now. An app that asks for the same once more gets what it has.
func (s *Service) Subscribe(ctx context.Context, app *tintype.App, r Request) (*tintype.Subscription, error) {
	if app.Secret == "" {
		return nil, tintype.Errorf(tintype.Invalid, "calls are signed with the secret of the app, and this app has none that could be used; please give it a new one first")
	}
	sub, keys, err := s.read(r)
	if err != nil {
		return nil, err
	}
	if err := s.challenge(ctx, r); err != nil {
		return nil, err
	}
	sub.App, sub.Created = app.ID, s.c.Clock()
	if sub.ID, err = s.c.Mint.MintFor(ctx, app.OwnerID); err != nil {
		return nil, err
	}
	if sub.Object == tintype.ObjectGeography {
		sub.ObjectID = sub.ID.String()
	}
	if err := s.c.Subscriptions.AddSubscription(ctx, sub, keys, MaxSubscriptions); err != nil {
		return nil, err
	}
	s.listened.made(s.c.Clock())
	return sub, nil
}

// read checks a request and gives what is to be kept of it, and by which keys posts find it.
func (s *Service) read(r Request) (*tintype.Subscription, []string, error) {
	if r.Aspect != "media" {
		return nil, nil, tintype.FieldError("aspect", "aspect must be media")
	}
	if r.Callback == "" || len(r.Callback) > maxURL || !utf8.ValidString(r.Callback) {
		return nil, nil, tintype.FieldError("callback_url", "callback_url must be an address of up to %d bytes", maxURL)
	}
	if err := s.c.Outbound.Check(r.Callback); err != nil {
		var e *tintype.Error
		if errors.As(err, &e) {
			return nil, nil, tintype.FieldError("callback_url", "callback_url cannot be called: %s", e.Msg)
		}
		return nil, nil, err
	}
	if len(r.Verify) > maxVerify {
		return nil, nil, tintype.FieldError("verify_token", "verify_token has at most %d bytes", maxVerify)
	}
	sub := &tintype.Subscription{Object: r.Object, URL: r.Callback}
	switch r.Object {
	case tintype.ObjectUser:
		return sub, nil, nil
	case tintype.ObjectTag:
		tag, ok := s.c.Tag(r.ObjectID)
		if !ok {
			return nil, nil, tintype.FieldError("object_id", "object_id must be a tag")
		}
		sub.ObjectID = tag
		return sub, []string{"tag:" + tag}, nil
	case tintype.ObjectLocation:
		id, err := tintype.ParseID(r.ObjectID)
		if err != nil || id <= 0 {
			return nil, nil, tintype.FieldError("object_id", "object_id must be the ID of a place")
		}
		sub.ObjectID = id.String()
		return sub, []string{"place:" + sub.ObjectID}, nil
	case tintype.ObjectGeography:
		if !(math.Abs(r.Latitude) <= 90 && math.Abs(r.Longitude) <= 180) {
			return nil, nil, tintype.FieldError("lat", "lat must be between -90 and 90, lng between -180 and 180")
		}
		if r.Radius < 1 || r.Radius > maxRadius {
			return nil, nil, tintype.FieldError("radius", "radius must be 1 to %d metres", maxRadius)
		}
		sub.Latitude, sub.Longitude, sub.Radius = r.Latitude, r.Longitude, r.Radius
		return sub, circleKeys(r.Latitude, r.Longitude, r.Radius), nil
	}
	return nil, nil, tintype.FieldError("object", "object must be user, tag, location or geography")
}

// challenge asks a callback to echo something that it cannot know.
func (s *Service) challenge(ctx context.Context, r Request) error {
	u, err := url.Parse(r.Callback)
	if err != nil {
		return tintype.FieldError("callback_url", "callback_url cannot be read")
	}
	b := make([]byte, 16)
	rand.Read(b) // never fails
	want := hex.EncodeToString(b)
	q := url.Values{"hub.mode": {"subscribe"}, "hub.challenge": {want}}
	if r.Verify != "" {
		q.Set("hub.verify_token", r.Verify)
	}
	u.Fragment = ""
	if u.RawQuery != "" {
		u.RawQuery += "&"
	}
	u.RawQuery += q.Encode()
	status, answer, err := s.c.Outbound.Get(ctx, u.String())
	var e *tintype.Error
	switch {
	case errors.As(err, &e):
		return refused("%s", e.Msg)
	case err != nil:
		return err
	case status < 200 || status > 299:
		return refused("it answered with status %d", status)
	case strings.TrimSpace(string(answer)) != want:
		return refused("it did not answer with the value of hub.challenge alone")
	}
	return nil
}

func refused(format string, args ...any) error {
	return &tintype.Error{Kind: tintype.Invalid, Msg: ErrChallenge.Msg + ": " + fmt.Sprintf(format, args...), Err: ErrChallenge}
}

// List lists an app's subscriptions, the oldest first.
func (s *Service) List(ctx context.Context, app tintype.ID) ([]tintype.Subscription, error) {
	return s.c.Subscriptions.Subscriptions(ctx, app)
}

// Unsubscribe removes one of an app's subscriptions by its ID, NotFound if it
// has no such; or, with an id of 0, all of an object ("all" for every one),
// where objectID is "" or the one that is meant.
func (s *Service) Unsubscribe(ctx context.Context, app, id tintype.ID, object, objectID string) error {
	if id == 0 && !slices.Contains([]string{"all", tintype.ObjectUser, tintype.ObjectTag, tintype.ObjectLocation, tintype.ObjectGeography}, object) {
		return tintype.FieldError("object", "please give an id, or an object: all, user, tag, location or geography")
	}
	if object == tintype.ObjectTag && objectID != "" {
		if tag, ok := s.c.Tag(objectID); ok {
			objectID = tag
		}
	}
	have, err := s.List(ctx, app)
	if err != nil {
		return err
	}
	var ids []tintype.ID
	for _, h := range have {
		if id != 0 && h.ID == id || id == 0 && (object == "all" || h.Object == object) && (objectID == "" || h.ObjectID == objectID) {
			ids = append(ids, h.ID)
		}
	}
	if len(ids) == 0 {
		if id != 0 {
			return tintype.Errorf(tintype.NotFound, "this app has no such subscription")
		}
		return nil
	}
	return s.c.Subscriptions.RemoveSubscriptions(ctx, app, ids)
}

// Geography gives a circle that an app subscribed to; NotFound if it is not the app's.
func (s *Service) Geography(ctx context.Context, app, id tintype.ID) (*tintype.Subscription, error) {
	sub, err := s.c.Subscriptions.Subscription(ctx, id)
	if err != nil {
		return nil, err
	}
	if sub == nil || sub.App != app || sub.Object != tintype.ObjectGeography {
		return nil, tintype.Errorf(tintype.NotFound, "this geography does not exist")
	}
	return sub, nil
}

// owned makes sure that an app is its owner's.
func (s *Service) owned(ctx context.Context, owner, app tintype.ID) error {
	a, err := s.c.Apps.AppByID(ctx, app)
	if err == nil && (a == nil || a.OwnerID != owner) {
		err = tintype.Errorf(tintype.NotFound, "there is no such app of yours")
	}
	return err
}

// Callbacks lists, for an app's owner, where it is called back and what for.
func (s *Service) Callbacks(ctx context.Context, owner, app tintype.ID) ([]tintype.Callback, []tintype.Subscription, error) {
	if err := s.owned(ctx, owner, app); err != nil {
		return nil, nil, err
	}
	list, err := s.c.Callbacks.Callbacks(ctx, app)
	if err != nil {
		return nil, nil, err
	}
	subs, err := s.List(ctx, app)
	return list, subs, err
}

// Resume has a callback that was paused called again, for its app's owner.
func (s *Service) Resume(ctx context.Context, owner, app, callback tintype.ID) error {
	if err := s.owned(ctx, owner, app); err != nil {
		return err
	}
	list, err := s.c.Callbacks.Callbacks(ctx, app)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(list, func(c tintype.Callback) bool { return c.ID == callback }) {
		return tintype.Errorf(tintype.NotFound, "this app has no such callback")
	}
	return s.c.Callbacks.Resume(ctx, app, callback, s.c.Clock())
}
