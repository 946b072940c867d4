package account

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"encoding/base64"
	"strings"
	"sync"
	"time"

	"github.com/tintype/tintype/internal/tintype"
)

// The names of the settings. firstAdmin is written by the store when the first
// sign-up is confirmed.
const (
	settingName   = "site_name"
	settingSignUp = "signup"
	settingSecret = "media_secret"
	settingAdmin  = "first_admin"
)

// MaxSiteName is the longest name of a site, in characters.
const MaxSiteName = 60

// siteCache keeps the settings for a moment: they are asked for with every page.
type siteCache struct {
	mu     sync.Mutex
	site   Site
	until  time.Time
	epoch  uint64
	secret []byte
}

const siteTTL = 5 * time.Second

func (c *siteCache) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.epoch++
	c.until = time.Time{}
}

// Site gives the site's settings.
func (s *Service) Site(ctx context.Context) (Site, error) {
	now := s.c.Clock()
	s.site.mu.Lock()
	site, until, epoch := s.site.site, s.site.until, s.site.epoch
	s.site.mu.Unlock()
	if now.Before(until) {
		return site, nil
	}
	values, err := s.c.Settings.Settings(ctx)
	if err != nil {
		return Site{}, err
	}
	site = Site{Name: "Tintype", SignUp: SignUpOpen, NeedsFirstUser: true}
	for _, v := range values {
		switch v.Name {
		case settingName:
			site.Name = v.Value
		case settingSignUp:
			site.SignUp = v.Value
		case settingAdmin:
			site.NeedsFirstUser = false
			continue
		default:
			continue
		}
		if v.Changed.After(site.Changed) {
			site.Changed, site.ChangedBy = v.Changed, v.By
		}
	}
	s.site.mu.Lock()
	defer s.site.mu.Unlock()
	if s.site.epoch == epoch {
		s.site.site, s.site.until = site, now.Add(siteTTL)
	}
	return site, nil
}

// ForgetSite makes the next Site read the settings anew: somebody else changed them.
func (s *Service) ForgetSite() { s.site.forget() }

// SetSite changes settings; admins only.
func (s *Service) SetSite(ctx context.Context, by Principal, c SiteChanges) (Site, error) {
	if err := adminOnly(by); err != nil {
		return Site{}, err
	}
	var values []tintype.Setting
	now := s.c.Clock()
	if c.Name != nil {
		name, err := oneLine("name", "a site's name", *c.Name, MaxSiteName)
		if err != nil {
			return Site{}, err
		}
		if name == "" {
			return Site{}, tintype.FieldError("name", "a site needs a name")
		}
		values = append(values, tintype.Setting{Name: settingName, Value: name, By: by.UserID, Changed: now})
	}
	if c.SignUp != nil {
		switch *c.SignUp {
		case SignUpOpen, SignUpInvite, SignUpClosed:
		default:
			return Site{}, tintype.FieldError("signup", "signing up is open, invite or closed")
		}
		values = append(values, tintype.Setting{Name: settingSignUp, Value: *c.SignUp, By: by.UserID, Changed: now})
	}
	if len(values) > 0 {
		if err := s.c.Settings.Set(ctx, values); err != nil {
			return Site{}, err
		}
		s.siteChanged()
	}
	return s.Site(ctx)
}

func adminOnly(p Principal) error {
	if !p.Admin {
		return &tintype.Error{Kind: tintype.Forbidden, Msg: "only the site's admins may do that"}
	}
	return nil
}

// MediaSecret is the site's 32-byte key for signing media URLs, made on first use.
func (s *Service) MediaSecret(ctx context.Context) ([]byte, error) {
	s.site.mu.Lock()
	secret := s.site.secret
	s.site.mu.Unlock()
	if secret != nil {
		return secret, nil
	}
	for range 2 {
		values, err := s.c.Settings.Settings(ctx)
		if err != nil {
			return nil, err
		}
		for _, v := range values {
			if v.Name != settingSecret {
				continue
			}
			secret, err := base64.StdEncoding.DecodeString(v.Value)
			if err != nil || len(secret) != 32 {
				return nil, tintype.Errorf(tintype.Internal, "the setting %s is damaged", settingSecret)
			}
			s.site.mu.Lock()
			s.site.secret = secret
			s.site.mu.Unlock()
			return secret, nil
		}
		fresh := make([]byte, 32)
		rand.Read(fresh)
		// Another process may be first; what is stored then is read in the second round.
		err = s.c.Settings.SetOnce(ctx, tintype.Setting{Name: settingSecret, Value: base64.StdEncoding.EncodeToString(fresh), Changed: s.c.Clock()})
		if err != nil {
			return nil, err
		}
	}
	return nil, tintype.Errorf(tintype.Internal, "the setting %s does not stay", settingSecret)
}

// Invites lists the newest 1,000 invites; admins only.
func (s *Service) Invites(ctx context.Context, by Principal) ([]tintype.Invite, error) {
	if err := adminOnly(by); err != nil {
		return nil, err
	}
	return s.c.Invites.Invites(ctx, 1000)
}

// Invite makes an invite for one sign-up, good for the given time (0 for ever); admins only.
func (s *Service) Invite(ctx context.Context, by Principal, note string, good time.Duration) (tintype.Invite, error) {
	if err := adminOnly(by); err != nil {
		return tintype.Invite{}, err
	}
	note, err := oneLine("note", "a note", note, 100)
	if err != nil {
		return tintype.Invite{}, err
	}
	if good < 0 || good > 10*365*24*time.Hour {
		return tintype.Invite{}, tintype.FieldError("good", "an invitation is good for up to ten years")
	}
	code := make([]byte, 15)
	rand.Read(code)
	i := tintype.Invite{Code: strings.ToLower(base32.StdEncoding.EncodeToString(code)), CreatedBy: by.UserID, Created: s.c.Clock(), Note: note}
	if good > 0 {
		i.Expires = i.Created.Add(good)
	}
	return i, s.c.Invites.AddInvite(ctx, i)
}

// DeleteInvite withdraws an unused invite; admins only.
func (s *Service) DeleteInvite(ctx context.Context, by Principal, code string) error {
	if err := adminOnly(by); err != nil {
		return err
	}
	return s.c.Invites.DeleteInvite(ctx, code)
}
