package account

import (
	"context"
	"time"

	"github.com/tintype/tintype/internal/tintype"
)

// A claim is settled by whoever made it, or, once it is older than claimGrace,
// by Sweep. Before that its maker has given up writing to the user's shard:
// claimDeadline leaves it the difference for a commit under way.
const (
	claimDeadline = 20 * time.Second
	claimGrace    = time.Minute
)

// SignUp makes an account for a stranger, as the site's mode allows. The first
// one on a site is its admin.
func (s *Service) SignUp(ctx context.Context, r SignUp) (*tintype.User, error) {
	n, u, err := newAccount(NewUser{Username: r.Username, FullName: r.FullName, Email: r.Email}, r.Locale)
	if err != nil {
		return nil, err
	}
	if err := goodPassword("password", r.Password, n.Username, n.Email); err != nil {
		return nil, err
	}
	if err := s.mayJoin(ctx, &n, r.Invite, r.Client); err != nil {
		return nil, err
	}
	if n.PasswordHash, err = s.hasher.hash(ctx, r.Password); err != nil {
		return nil, err
	}
	return s.create(ctx, n, u)
}

// mayJoin says whether the site's mode lets a stranger in, and counts the try. n gets the invite to be used up.
func (s *Service) mayJoin(ctx context.Context, n *tintype.NewAccount, invite string, c Client) error {
	site, err := s.Site(ctx)
	if err != nil {
		return err
	}
	switch site.SignUp {
	case SignUpClosed:
		return &tintype.Error{Kind: tintype.Forbidden, Msg: "this site takes no new members at present"}
	case SignUpInvite:
		if invite == "" {
			return &tintype.Error{Kind: tintype.Forbidden, Field: "invite", Msg: "this site is by invitation: please enter the code of yours"}
		}
		n.Invite = shorten(invite, 64)
	}
	// Spare people who choose a taken name the wait, and the server the work.
	if taken, err := s.c.Names.NameTaken(ctx, n.Skeleton, 0); err != nil || taken {
		if taken {
			err = errNameTaken
		}
		return err
	}
	return s.take(ctx, "new accounts from your network", s.c.LimitsNow().signUpLimits(c.Addr))
}

var errNameTaken = &tintype.Error{Kind: tintype.Conflict, Field: "username", Msg: "that username is taken, or looks too much like one that is"}

// newAccount checks what people say of themselves.
func newAccount(r NewUser, locale string) (n tintype.NewAccount, u *tintype.User, err error) {
	u = &tintype.User{Private: r.Private}
	if n.Username, n.Skeleton, err = newUsername(r.Username); err != nil {
		return n, nil, err
	}
	u.Username = n.Username
	if u.FullName, err = FullName(r.FullName); err != nil {
		return n, nil, err
	}
	if u.Bio, err = Bio(r.Bio); err != nil {
		return n, nil, err
	}
	if n.Email, n.EmailKey, err = Email(r.Email); err != nil {
		return n, nil, err
	}
	n.Locale, err = Locale(locale)
	return n, u, err
}

// create takes the steps of a sign-up: claim in the directory, write on the
// shard, confirm in the directory. If it is cut short anywhere, Sweep looks at
// the shard and finishes or undoes the claim.
func (s *Service) create(ctx context.Context, n tintype.NewAccount, u *tintype.User) (*tintype.User, error) {
	id, err := s.c.NewProfiles.MintUser(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.between("minted"); err != nil {
		return nil, err
	}
	n.UserID, u.ID, n.At = id, id, s.c.Clock()
	if err := s.c.Names.Claim(ctx, n); err != nil {
		return nil, err
	}
	if err := s.between("claimed"); err != nil {
		return nil, err
	}
	claim := tintype.Claim{UserID: id, Username: n.Username, Skeleton: n.Skeleton, At: n.At}
	if err := s.c.NewProfiles.InsertProfile(ctx, u, n.At); err != nil {
		// Whether it was written is not known: the answer may have been lost on the way.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		_ = s.settle(ctx, claim) // if that fails too, Sweep will
		return nil, err
	}
	if err := s.between("written"); err != nil {
		return nil, err
	}
	settled, err := s.c.Names.Settle(ctx, claim, u.Username, s.c.Clock())
	if err != nil {
		return nil, err
	}
	s.site.forget()
	if !settled {
		// Sweep was faster. The row is there, so it can only have confirmed.
		if owner, err := s.c.Names.UserID(ctx, u.Username); err != nil || owner != id {
			return nil, &tintype.Error{Kind: tintype.Unavailable, Msg: "signing up took too long; please try again", Err: err}
		}
	}
	return u, nil
}

// settle ends a claim by what the user's shard says.
func (s *Service) settle(ctx context.Context, c tintype.Claim) error {
	now := s.c.Clock()
	actual, err := s.c.NewProfiles.FenceProfile(ctx, c.UserID, now)
	if err != nil {
		return err
	}
	_, err = s.c.Names.Settle(ctx, c, actual, now)
	if err == nil && actual != "" {
		s.c.Changed(ctx, c.UserID)
	}
	return err
}

// rename gives a user another username, in the steps of create.
func (s *Service) rename(ctx context.Context, u *tintype.User, to string) error {
	name, skel, err := newUsername(to)
	if err != nil || name == u.Username {
		return err
	}
	claim := tintype.Claim{UserID: u.ID, Username: name, Skeleton: skel, At: s.c.Clock()}
	if err := s.c.Names.ClaimName(ctx, claim); err != nil {
		return err
	}
	if err := s.between("claimed"); err != nil {
		return err
	}
	late := func() bool { return s.c.Clock().After(claim.At.Add(claimDeadline)) }
	ok, err := s.c.Profiles.Rename(ctx, u.ID, u.Username, name, late)
	if err != nil || !ok {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		_ = s.settle(ctx, claim)
		if err == nil {
			err = &tintype.Error{Kind: tintype.Conflict, Field: "username", Msg: "your username was changed elsewhere at the same moment; please look and try again"}
		}
		return err
	}
	if err := s.between("written"); err != nil {
		return err
	}
	s.c.Changed(ctx, u.ID)
	_, err = s.c.Names.Settle(ctx, claim, name, s.c.Clock())
	return err
}

// Sweep settles claims that a crash left behind and deletes what has expired.
// It runs every minute or so.
func (s *Service) Sweep(ctx context.Context) error {
	now := s.c.Clock()
	const batch = 100
	for {
		claims, err := s.c.Names.StaleClaims(ctx, now.Add(-claimGrace), batch)
		if err != nil {
			return err
		}
		for _, c := range claims {
			if err := s.settle(ctx, c); err != nil {
				return err
			}
		}
		if len(claims) < batch {
			break
		}
	}
	s.site.forget()
	ended, err := s.c.Credentials.EndExpired(ctx, now)
	s.ended(ended)
	if err != nil {
		return err
	}
	// Used codes are kept for a while, so that a second use is recognised.
	if err := s.c.Codes.SweepCodes(ctx, now.Add(-24*time.Hour)); err != nil {
		return err
	}
	if err := s.c.Links.SweepLinks(ctx, now); err != nil {
		return err
	}
	if err := s.c.Challenges.SweepChallenges(ctx, now); err != nil {
		return err
	}
	if err := s.c.Emails.SweepDevices(ctx, now.Add(-deviceLife)); err != nil {
		return err
	}
	if err := s.c.Desk.SweepUsage(ctx, now.Add(-UsageKept).Unix()/3600); err != nil {
		return err
	}
	return s.c.Limiter.SweepLimits(ctx, now.Add(-max(s.c.Limits.Window, s.c.Limits.SignUpWindow)))
}
