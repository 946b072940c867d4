package api

import (
	"context"
	"net/http"
	"time"

	"github.com/tintype/tintype/internal/live"
	"github.com/tintype/tintype/internal/tintype"
)

const (
	heartbeat    = 20 * time.Second // between pings, and between looks at the credential
	eventTimeout = 10 * time.Second // for a reader to take what was written
)

// events is a stream of server-sent events: "feed" when a post came into the
// viewer's feed, "activity" when something happened to them, "ping" in between.
// Nothing is kept: who reconnects reads the feed anew, whatever Last-Event-ID says.
func (a *API) events(c *call) error {
	ctx := c.r.Context()
	if c.r.Method == http.MethodHead {
		c.w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
		return nil
	}
	stream, cancel, err := a.cfg.Hub.Subscribe(c.viewer(), c.who.CredentialID)
	if err != nil {
		return err
	}
	defer cancel()
	token, err := c.explicit()
	if err != nil {
		return err
	}
	if token == "" {
		if token, err = readCookie(c.r, c.secure); err != nil {
			return err
		}
	}
	// The credential may have died between the chain and the subscription.
	if _, err := a.cfg.Credentials.Authenticate(ctx, token); err != nil {
		return err
	}

	rc := http.NewResponseController(c.w)
	h := c.w.Header()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("Cache-Control", "private, no-store")
	h.Set("X-Accel-Buffering", "no") // nginx must not collect
	c.wrote = true
	c.w.WriteHeader(http.StatusOK)
	write := func(b []byte) error {
		if err := rc.SetWriteDeadline(time.Now().Add(eventTimeout)); err != nil {
			return err
		}
		if _, err := c.w.Write(b); err != nil {
			return err
		}
		return rc.Flush()
	}
	ping := []byte("event: ping\ndata: {}\n\n")
	if write(append([]byte("retry: 2000\n"), ping...)) != nil {
		return nil // the reader is gone, which is how streams end
	}
	tick := time.NewTicker(heartbeat)
	defer tick.Stop()
	for {
		var b []byte
		select {
		case <-ctx.Done():
			return nil
		case e, open := <-stream:
			if !open {
				return nil
			}
			if b = a.event(ctx, c, e); b == nil {
				continue
			}
		case <-tick.C:
			if _, err := a.cfg.Credentials.Authenticate(ctx, token); tintype.IsKind(err, tintype.Unauthenticated) {
				return nil // it expired; nobody revoked it
			}
			b = ping
		}
		if write(b) != nil {
			return nil
		}
	}
}

// event writes one event, or nil for one that this viewer must not hear of:
// between fan-out and now, access may have ended.
func (a *API) event(ctx context.Context, c *call, e live.Event) []byte {
	switch e.Type {
	case live.ActivityEvent:
		b := append([]byte(nil), "event: activity\ndata: {\"unread\":"...)
		b = appendInt(b, int64(e.Unread))
		return append(b, "}\n\n"...)
	case live.FeedEvent:
		posts, err := a.cfg.Posts.Visible(ctx, c.viewer(), []tintype.ID{e.Post})
		if err != nil || len(posts) == 0 {
			return nil
		}
		users, err := a.cfg.People.Users(ctx, []tintype.ID{posts[0].UserID})
		if err != nil || users[0] == nil {
			return nil
		}
		p := a.fragments.ofUser(users[0])
		b := append([]byte(nil), "event: feed\ndata: {\"media_id\":\""...)
		b = append(b, posts[0].MediaID()...)
		b = append(b, `","user":`...)
		b = append(b, p.at(c.pictures)...)
		return append(b, "}\n\n"...)
	}
	return nil
}
