package api

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"github.com/tintype/tintype/internal/account"
	"github.com/tintype/tintype/internal/share"
	"github.com/tintype/tintype/internal/tintype"
)

// Proofs tells which app shows its client_id and client_secret. account.Service provides it.
type Proofs interface {
	Prove(ctx context.Context, r account.TokenRequest) (*tintype.App, error)
}

// Subscriptions is what apps are called back for. share.Service provides it.
type Subscriptions interface {
	Subscribe(ctx context.Context, app *tintype.App, r share.Request) (*tintype.Subscription, error)
	List(ctx context.Context, app tintype.ID) ([]tintype.Subscription, error)
	Unsubscribe(ctx context.Context, app, id tintype.ID, object, objectID string) error
	Geography(ctx context.Context, app, id tintype.ID) (*tintype.Subscription, error)
	Callbacks(ctx context.Context, owner, app tintype.ID) ([]tintype.Callback, []tintype.Subscription, error)
	Resume(ctx context.Context, owner, app, callback tintype.ID) error
}

var (
	errNoSecret  = &statusError{shown{http.StatusBadRequest, "OAuthParameterException"}, `"client_secret" parameter missing.`}
	errNotClient = &statusError{shown{http.StatusBadRequest, "OAuthParameterException"}, "The client_id and client_secret provided do not belong to an application."}
)

// proven gives the app that shows client_id and client_secret among values.
func (a *API) proven(c *call, values url.Values) (*tintype.App, error) {
	r := account.TokenRequest{Client: c.client()}
	for name, dst := range map[string]*string{"client_id": &r.ClientID, "client_secret": &r.ClientSecret} {
		v, err := single(values, name)
		if err != nil {
			return nil, err
		}
		*dst = v
	}
	if r.ClientID == "" {
		return nil, errNoCredential
	}
	if r.ClientSecret == "" {
		return nil, errNoSecret
	}
	app, err := a.cfg.Proofs.Prove(c.r.Context(), r)
	if tintype.IsKind(err, tintype.Unauthenticated) {
		err = errNotClient
	}
	return app, err
}

// single reads a parameter that may be there once.
func single(values url.Values, name string) (string, error) {
	v := values[name]
	if len(v) > 1 {
		return "", tintype.FieldError(name, "%s is there twice", name)
	}
	if len(v) == 0 {
		return "", nil
	}
	return v[0], nil
}

type subscriptionJSON struct {
	ID       tintype.ID `json:"id"`
	Type     string     `json:"type"`
	Object   string     `json:"object"`
	ObjectID string     `json:"object_id,omitempty"`
	Aspect   string     `json:"aspect"`
	Callback string     `json:"callback_url"`
}

func newSubscriptionJSON(s *tintype.Subscription) subscriptionJSON {
	return subscriptionJSON{s.ID, "subscription", s.Object, s.ObjectID, "media", s.URL}
}

func (a *API) listSubscriptions(c *call) error {
	app, err := a.proven(c, c.query)
	if err != nil {
		return err
	}
	list, err := a.cfg.Subscriptions.List(c.r.Context(), app.ID)
	if err != nil {
		return err
	}
	out := make([]subscriptionJSON, len(list))
	for i := range list {
		out[i] = newSubscriptionJSON(&list[i])
	}
	return c.json(http.StatusOK, out)
}

// subscribe reads the form alone, as the original did: what is secret stays out of addresses.
func (a *API) subscribe(c *call) error {
	app, err := a.proven(c, c.form)
	if err != nil {
		return err
	}
	var r share.Request
	var lat, lng, radius string
	for name, dst := range map[string]*string{"object": &r.Object, "aspect": &r.Aspect, "object_id": &r.ObjectID, "callback_url": &r.Callback,
		"verify_token": &r.Verify, "lat": &lat, "lng": &lng, "radius": &radius} {
		if *dst, err = single(c.form, name); err != nil {
			return err
		}
	}
	if r.Object == tintype.ObjectGeography {
		if r.Latitude, err = strconv.ParseFloat(lat, 64); err != nil {
			return tintype.FieldError("lat", "lat must be a number of degrees")
		}
		if r.Longitude, err = strconv.ParseFloat(lng, 64); err != nil {
			return tintype.FieldError("lng", "lng must be a number of degrees")
		}
		if r.Radius, err = strconv.Atoi(radius); err != nil {
			return tintype.FieldError("radius", "radius must be a number of metres")
		}
	}
	s, err := a.cfg.Subscriptions.Subscribe(c.r.Context(), app, r)
	if errors.Is(err, share.ErrChallenge) {
		var e *tintype.Error
		errors.As(err, &e)
		return &statusError{shown{http.StatusBadRequest, "APISubscriptionError"}, e.Msg}
	}
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, newSubscriptionJSON(s))
}

func (a *API) unsubscribe(c *call) error {
	app, err := a.proven(c, c.query)
	if err != nil {
		return err
	}
	var text, object, objectID string
	for name, dst := range map[string]*string{"id": &text, "object": &object, "object_id": &objectID} {
		if *dst, err = c.param(name); err != nil {
			return err
		}
	}
	var id tintype.ID
	if text != "" {
		if id, err = tintype.ParseID(text); err != nil || id <= 0 {
			return tintype.FieldError("id", "%q is not an ID", text)
		}
	}
	if err := a.cfg.Subscriptions.Unsubscribe(c.r.Context(), app.ID, id, object, objectID); err != nil {
		return err
	}
	return c.null()
}

// listGeographyMedia lists the newest posts in a circle that the app that asks subscribed to.
func (a *API) listGeographyMedia(c *call) error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	app := c.who.AppID
	if app == 0 && c.app != nil {
		app = c.app.ID
	}
	circle, err := a.cfg.Subscriptions.Geography(c.r.Context(), app, id)
	if err != nil {
		return err
	}
	page, err := c.page("max_id", maxMediaCount)
	if err != nil {
		return err
	}
	near, err := a.cfg.Places.Nearby(c.r.Context(), c.viewer(), circle.Latitude, circle.Longitude, float64(circle.Radius), page)
	if err != nil {
		return err
	}
	posts := make([]*tintype.Post, len(near))
	next := tintype.ID(0)
	for i, n := range near {
		posts[i] = n.Post
	}
	if len(posts) == page.Count {
		next = posts[len(posts)-1].ID
	}
	return a.postList(c, posts, "max_id", next)
}

// callbackJSON is for an app's owner: where it is called back, and how it fares there.
type callbackJSON struct {
	ID            tintype.ID         `json:"id"`
	URL           string             `json:"callback_url"`
	State         string             `json:"state"` // ok, failing or paused
	Failures      int                `json:"failures"`
	LastError     string             `json:"last_error"`
	Failing       seconds            `json:"failing_since"`
	Paused        seconds            `json:"paused_time"`
	Pushed        seconds            `json:"last_success_time"`
	Due           seconds            `json:"next_time"`
	Subscriptions []subscriptionJSON `json:"subscriptions"`
}

func (a *API) listCallbacks(c *call) error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	list, subs, err := a.cfg.Subscriptions.Callbacks(c.r.Context(), c.viewer(), id)
	if err != nil {
		return err
	}
	out := make([]callbackJSON, len(list))
	for i, b := range list {
		state := "ok"
		switch {
		case !b.Paused.IsZero():
			state = "paused"
		case !b.Failing.IsZero():
			state = "failing"
		}
		out[i] = callbackJSON{ID: b.ID, URL: b.URL, State: state, Failures: b.Failures, LastError: b.LastError, Failing: seconds(b.Failing), Paused: seconds(b.Paused),
			Pushed: seconds(b.Pushed), Due: seconds(b.Due), Subscriptions: []subscriptionJSON{}}
		for j := range subs {
			if subs[j].Callback == b.ID {
				out[i].Subscriptions = append(out[i].Subscriptions, newSubscriptionJSON(&subs[j]))
			}
		}
	}
	return c.json(http.StatusOK, out)
}

func (a *API) resumeCallback(c *call) error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	callback, err := c.id("callback")
	if err != nil {
		return err
	}
	if err := a.cfg.Subscriptions.Resume(c.r.Context(), c.viewer(), id, callback); err != nil {
		return err
	}
	return c.null()
}
