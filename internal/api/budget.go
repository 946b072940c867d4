package api

import (
	"context"
	"strconv"

	"github.com/tintype/tintype/internal/tintype"
)

// Cap is a limit that a route's POSTs have of their own, for apps.
type Cap uint8

// The caps.
const (
	Uncapped Cap = iota
	CapLikes
	CapComments
	CapRelationships
)

// caps are how many calls per hour of each token, without and with a signature,
// as the original had them from July 2014 (reference/instagram-api-v1.md, section 9).
var caps = [...]struct {
	key              string
	unsigned, signed int
}{
	CapLikes:         {"likes", 30, 100},
	CapComments:      {"comments", 15, 60},
	CapRelationships: {"relationships", 20, 60},
}

// count takes the call from the hourly budgets it falls under: an app's token
// has one, and caps for some deeds; a client_id alone has one, and so has the
// address it comes from, for anybody can show the client_id of another; a session of the
// site has one, and an address without a credential.
func (a *API) count(c *call) error {
	h := c.w.Header()
	site := a.limiter.limit()
	if c.route.Class == Uncounted {
		a.limiter.headers(h, site)
		return nil
	}
	var err error
	switch {
	case c.from != nil && c.who.AppID != 0:
		place := c.who.CredentialID
		limits := limitsOf(c.from, place, site)
		if c.route.Cap != Uncapped {
			deed := caps[c.route.Cap]
			l := tintype.CallLimit{Key: deed.key + ":" + place, Max: deed.unsigned}
			if c.signed {
				l.Max = deed.signed
			}
			limits = append(limits, l)
		}
		err = a.countExactly(c, place, limits)
	case c.from != nil:
		if err = a.countLoosely(c, addressKey(c.addr)); err == nil {
			place := "client:" + c.from.ClientID
			err = a.countExactly(c, place, limitsOf(c.from, place, site))
		}
	case c.who.CredentialID != "":
		return a.countLoosely(c, c.who.CredentialID)
	default:
		return a.countLoosely(c, addressKey(c.addr))
	}
	a.cfg.Clients.Called(c.from.ID, err != nil)
	if err != nil {
		c.bare = true // as apps of API v1 know it
	}
	return err
}

// limitsOf gives the hourly limit of an app, none if there is none.
func limitsOf(app *tintype.App, key string, site int) []tintype.CallLimit {
	if app.HourlyLimit > 0 {
		site = app.HourlyLimit
	}
	if site == 0 {
		return nil
	}
	return []tintype.CallLimit{{Key: key, Max: site}}
}

// countLoosely takes the call from a budget that processes share every now and then.
func (a *API) countLoosely(c *call, key string) error {
	left, wait := a.limiter.take(key)
	a.limiter.headers(c.w.Header(), left)
	if wait > 0 {
		limit := a.limiter.limit()
		return overLimit(limit+1, limit, wait)
	}
	return nil
}

// countExactly takes the call from all budgets, or from none. The headers say
// how the one stands that has the least left.
func (a *API) countExactly(c *call, place string, limits []tintype.CallLimit) error {
	if len(limits) == 0 {
		a.limiter.headers(c.w.Header(), 0)
		return nil
	}
	counts := a.windows.take(context.WithoutCancel(c.r.Context()), place, limits)
	least := 0
	for i, n := range counts {
		if n.Wait > counts[least].Wait || n.Wait == counts[least].Wait && limits[i].Max-n.Used < limits[least].Max-counts[least].Used {
			least = i
		}
	}
	n, limit := counts[least], limits[least].Max
	h := c.w.Header()
	h["X-Ratelimit-Limit"] = []string{strconv.Itoa(limit)}
	h["X-Ratelimit-Remaining"] = []string{strconv.Itoa(max(0, limit-n.Used))}
	if n.Wait > 0 {
		return overLimit(n.Used+n.Refused, limit, n.Wait)
	}
	return nil
}

// overLimit says, in the original's words, that there were too many calls.
func overLimit(made, limit, wait int) error {
	return &tintype.Error{Kind: tintype.RateLimited, RetryAfter: wait, Msg: "The maximum number of requests per hour has been exceeded. You have made " +
		strconv.Itoa(made) + " requests of the " + strconv.Itoa(limit) + " allowed in the last hour."}
}
