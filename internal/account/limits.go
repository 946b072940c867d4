package account

import (
	"context"
	"fmt"
	"math"
	"net/netip"
	"time"

	"github.com/tintype/tintype/internal/tintype"
)

// Limits are how often credentials may be tried. Windows are fixed: a counter
// starts with the first try and is forgotten when its window ends, so what is
// shut opens by itself after at most one window, for its rightful owner too.
type Limits struct {
	// PairTries bounds wrong passwords for one account from one address.
	PairTries int
	// AccountTries bounds them for one account from everywhere: whoever commands
	// many addresses gets no more guesses, and can shut the owner out no longer, than this.
	AccountTries int
	// AddressTries bounds them from one address for all accounts.
	AddressTries int
	// TokenTries bounds, from one address, the tries of apps to get a token that
	// fail: wrong secrets and wrong codes. 0 for no bound.
	TokenTries int
	// Window is what all of them count in.
	Window time.Duration
	// SignUps bounds new accounts from one address in SignUpWindow.
	SignUps      int
	SignUpWindow time.Duration
}

// DefaultLimits let a person mistype. A guesser has under a thousand tries a day
// for one account from one address, and under five thousand from all of the world.
var DefaultLimits = Limits{
	PairTries: 10, AccountTries: 50, AddressTries: 50, TokenTries: 100, Window: 15 * time.Minute,
	SignUps: 20, SignUpWindow: time.Hour,
}

// block is the range of addresses that one party is taken to command: an IPv4
// address, an IPv6 /64.
func block(a netip.Addr) string {
	a = a.Unmap()
	if !a.IsValid() {
		return "unknown"
	}
	bits := 32
	if a.Is6() {
		bits = 64
	}
	return netip.PrefixFrom(a.WithZone(""), bits).Masked().String()
}

// passwordLimits are those on checking the password of subject from an address.
// The subject is the account whatever name it goes by, so that trying username,
// e-mail and their spellings in turn gains nothing.
func (l Limits) passwordLimits(subject string, a netip.Addr) []tintype.Limit {
	b := block(a)
	return []tintype.Limit{
		{Key: "pw:address:" + b, Max: l.AddressTries, Window: l.Window},
		{Key: "pw:account:" + subject, Max: l.AccountTries, Window: l.Window},
		{Key: "pw:pair:" + subject + ":" + b, Max: l.PairTries, Window: l.Window},
	}
}

// tokenLimits are those on an app's tries to get or to end a token.
func (l Limits) tokenLimits(a netip.Addr) []tintype.Limit {
	if l.TokenTries == 0 {
		return nil
	}
	return []tintype.Limit{{Key: "token:address:" + block(a), Max: l.TokenTries, Window: l.Window}}
}

func (l Limits) signUpLimits(a netip.Addr) []tintype.Limit {
	return []tintype.Limit{{Key: "signup:address:" + block(a), Max: l.SignUps, Window: l.SignUpWindow}}
}

// take counts a try, or refuses it.
func (s *Service) take(ctx context.Context, what string, limits []tintype.Limit) error {
	if len(limits) == 0 {
		return nil
	}
	wait, err := s.c.Limiter.Take(ctx, limits, s.c.Clock())
	if err != nil || wait <= 0 {
		return err
	}
	seconds := int(math.Ceil(wait.Seconds()))
	in := "in a minute"
	if seconds > 60 {
		in = fmt.Sprintf("in %d minutes", (seconds+59)/60)
	}
	return &tintype.Error{Kind: tintype.RateLimited, RetryAfter: seconds, Msg: fmt.Sprintf("too many %s; please try again %s", what, in)}
}

// refund takes back what take counted, after a success. That it fails harms
// nobody much: the counters end with their windows.
func (s *Service) refund(ctx context.Context, limits []tintype.Limit) {
	if len(limits) == 0 {
		return
	}
	keys := make([]string, len(limits))
	for i, l := range limits {
		keys[i] = l.Key
	}
	_ = s.c.Limiter.Refund(context.WithoutCancel(ctx), keys)
}
