package account

import (
	"context"
	"io"
	"net/netip"
	"time"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/tintype"
)

// Client is where a request comes from. Addr is the true address, found by the
// server from configured proxies only.
type Client struct {
	Addr      netip.Addr
	UserAgent string
}

// SignUp asks for a new account.
type SignUp struct {
	Username string
	Password string
	FullName string
	Email    string // optional
	Invite   string // needed where the site is by invitation
	Locale   string // "" for "en"
	Client   Client
}

// Login is a try to sign in.
type Login struct {
	Name     string // username or e-mail address
	Password string
	Client   Client
}

// Principal is who a request acts for, and what its credential allows.
type Principal struct {
	UserID       tintype.ID
	CredentialID string
	AppID        tintype.ID // 0 for a session of the site
	Scopes       tintype.Scope
	Admin        bool
}

// Session is one credential as its owner sees it.
type Session struct {
	ID        string
	Created   time.Time
	Seen      time.Time
	UserAgent string
	Address   string
	AppID     tintype.ID
	AppName   string // "" for a session of the site
}

// Private is what only the user may know of their account.
type Private struct {
	Email  string
	Locale string
	Admin  bool
}

// Changes are the parts of a profile to change; nil leaves a part alone.
type Changes struct {
	Username *string
	FullName *string
	Bio      *string
	Website  *string
	Email    *string // "" removes it
	Private  *bool
	Locale   *string
}

// The modes of signing up.
const (
	SignUpOpen   = "open"
	SignUpInvite = "invite"
	SignUpClosed = "closed"
)

// Site is what the site's admin decides.
type Site struct {
	Name           string
	SignUp         string // one of the modes
	NeedsFirstUser bool   // nobody has signed up: who does will be the admin
	ChangedBy      tintype.ID
	Changed        time.Time
}

// SiteChanges are the settings to change; nil leaves one alone.
type SiteChanges struct {
	Name   *string
	SignUp *string
}

// NewUser is an account made at the command line, past sign-up modes and limits.
type NewUser struct {
	Username     string
	Password     string // "" for an account that nobody can sign in to yet
	PasswordHash string // instead of Password, from HashPassword: many accounts with one password
	FullName     string
	Email        string
	Bio          string
	Private      bool
}

// NewApp registers a third-party app.
type NewApp struct {
	Name         string
	Website      string
	RedirectURIs []string
	Scopes       string // what it may ask for at most; "" for all
	Public       bool   // it can keep no secret: native and browser apps
}

// AuthorizeRequest is the query of GET /oauth/authorize; see ParseAuthorize.
type AuthorizeRequest struct {
	ResponseType        string
	ClientID            string
	RedirectURI         string
	Scope               string
	State               string
	CodeChallenge       string
	CodeChallengeMethod string
	Issuer              string // the site's own base URL, added to the answer as iss (RFC 9207); "" leaves it out
}

// Consent is what a person is asked to agree to.
type Consent struct {
	App    *tintype.App
	Scopes tintype.Scope
}

// TokenRequest is the form of POST /oauth/access_token; see ParseTokenRequest.
type TokenRequest struct {
	GrantType    string
	Code         string
	RedirectURI  string
	ClientID     string
	ClientSecret string
	CodeVerifier string
	Client       Client
}

// Token is what an app gets for a code.
type Token struct {
	AccessToken string
	UserID      tintype.ID
	Scopes      tintype.Scope
}

var errNotYet = &tintype.Error{Kind: tintype.Internal, Msg: "not built yet"}

// Service is the account rules. Make it with New; it is safe for concurrent use.
type Service struct{}

// SignUp makes an account for a stranger, as the site's mode allows. The first
// one on a site is its admin.
func (s *Service) SignUp(ctx context.Context, r SignUp) (*tintype.User, error) { return nil, errNotYet }

// SignIn checks a password and opens a session.
func (s *Service) SignIn(ctx context.Context, l Login) (token string, user *tintype.User, err error) {
	return "", nil, errNotYet
}

// Open opens a session for a user who has just proved who they are (by signing up).
func (s *Service) Open(ctx context.Context, user tintype.ID, c Client) (token string, err error) {
	return "", errNotYet
}

// Authenticate says whom a token stands for; Unauthenticated if for nobody.
func (s *Service) Authenticate(ctx context.Context, token string) (Principal, error) {
	return Principal{}, errNotYet
}

// SignOut ends the credential in use.
func (s *Service) SignOut(ctx context.Context, p Principal) error { return errNotYet }

// SignOutEverywhere ends all sessions and tokens of a user but the credential named keep ("" for none).
func (s *Service) SignOutEverywhere(ctx context.Context, user tintype.ID, keep string) error {
	return errNotYet
}

// Sessions lists a user's sessions and app tokens, the last used first.
func (s *Service) Sessions(ctx context.Context, user tintype.ID) ([]Session, error) {
	return nil, errNotYet
}

// RevokeSession ends one of a user's sessions or tokens; NotFound if there is no such.
func (s *Service) RevokeSession(ctx context.Context, user tintype.ID, id string) error {
	return errNotYet
}

// OnRevoke adds a function that hears of credentials that stopped working. It is
// called after they did, before the call that ended them returns, and must not block.
func (s *Service) OnRevoke(f func(user tintype.ID, credentials []string)) {}

// ChangePassword sets a new password, given the current one, and ends every
// other credential of the user.
func (s *Service) ChangePassword(ctx context.Context, p Principal, current, new string, c Client) error {
	return errNotYet
}

// Private gives what only the user may know of their account.
func (s *Service) Private(ctx context.Context, user tintype.ID) (Private, error) {
	return Private{}, errNotYet
}

// UpdateProfile changes parts of a profile and gives the whole.
func (s *Service) UpdateProfile(ctx context.Context, user tintype.ID, c Changes) (*tintype.User, error) {
	return nil, errNotYet
}

// SetAvatar makes the picture in src the user's profile picture.
func (s *Service) SetAvatar(ctx context.Context, user tintype.ID, src io.Reader) (*tintype.User, error) {
	return nil, errNotYet
}

// RemoveAvatar takes the profile picture away.
func (s *Service) RemoveAvatar(ctx context.Context, user tintype.ID) (*tintype.User, error) {
	return nil, errNotYet
}

// Site gives the site's settings.
func (s *Service) Site(ctx context.Context) (Site, error) { return Site{}, errNotYet }

// SetSite changes settings; admins only.
func (s *Service) SetSite(ctx context.Context, by Principal, c SiteChanges) (Site, error) {
	return Site{}, errNotYet
}

// MediaSecret is the site's 32-byte key for signing media URLs, made on first use.
func (s *Service) MediaSecret(ctx context.Context) ([]byte, error) { return nil, errNotYet }

// Invites lists all invites, the newest first; admins only.
func (s *Service) Invites(ctx context.Context, by Principal) ([]tintype.Invite, error) {
	return nil, errNotYet
}

// Invite makes an invite for one sign-up, good for the given time (0 for ever); admins only.
func (s *Service) Invite(ctx context.Context, by Principal, note string, good time.Duration) (tintype.Invite, error) {
	return tintype.Invite{}, errNotYet
}

// DeleteInvite withdraws an unused invite; admins only.
func (s *Service) DeleteInvite(ctx context.Context, by Principal, code string) error {
	return errNotYet
}

// RegisterApp registers an app of a user's; the secret is shown this once, and is "" for a public app.
func (s *Service) RegisterApp(ctx context.Context, owner tintype.ID, a NewApp) (app *tintype.App, secret string, err error) {
	return nil, "", errNotYet
}

// Apps lists the apps that a user registered, the newest first.
func (s *Service) Apps(ctx context.Context, owner tintype.ID) ([]*tintype.App, error) {
	return nil, errNotYet
}

// DeleteApp deletes a user's own app and ends all its tokens.
func (s *Service) DeleteApp(ctx context.Context, owner, app tintype.ID) error { return errNotYet }

// CheckAuthorize checks an authorization request before consent is asked for.
// Its error is an *OAuthError: with RedirectTo, send the person there; without,
// show them the message and redirect nowhere.
func (s *Service) CheckAuthorize(ctx context.Context, r AuthorizeRequest) (*Consent, error) {
	return nil, errNotYet
}

// Authorize is the person's answer: allow it for exactly the scopes they were
// shown, or not. It gives the URL to send them to. Errors as CheckAuthorize.
func (s *Service) Authorize(ctx context.Context, user tintype.ID, r AuthorizeRequest, shown tintype.Scope, allow bool) (redirectTo string, err error) {
	return "", errNotYet
}

// Exchange redeems an authorization code, once. Its error is an *OAuthError.
func (s *Service) Exchange(ctx context.Context, r TokenRequest) (Token, error) {
	return Token{}, errNotYet
}

// Revoke ends an app's token, as RFC 7009: no error if it is not the app's or not there.
func (s *Service) Revoke(ctx context.Context, r TokenRequest, token string) error { return errNotYet }

// Grants lists the apps that hold tokens of a user.
func (s *Service) Grants(ctx context.Context, user tintype.ID) ([]tintype.AppGrant, error) {
	return nil, errNotYet
}

// RevokeGrant ends all tokens that an app has of a user.
func (s *Service) RevokeGrant(ctx context.Context, user, app tintype.ID) error { return errNotYet }

// Search finds people by name: the exact username first, then by prefix of the
// username and of words of the full name, the most followed first. The caller
// leaves out whom the viewer may not see.
func (s *Service) Search(ctx context.Context, q string, count int) ([]tintype.ID, error) {
	return nil, errNotYet
}

// IndexUsers is the handler of job.IndexUserKind.
func (s *Service) IndexUsers(ctx context.Context, users []job.User) error { return errNotYet }

// Sweep settles claims that a crash left behind and deletes what has expired.
// It runs every minute or so.
func (s *Service) Sweep(ctx context.Context) error { return errNotYet }

// HashPassword checks and hashes a password for NewUser.PasswordHash.
func (s *Service) HashPassword(ctx context.Context, password string) (string, error) {
	return "", errNotYet
}

// Create makes an account at the command line.
func (s *Service) Create(ctx context.Context, u NewUser) (*tintype.User, error) {
	return nil, errNotYet
}

// UserID finds a user by exact username; NotFound if there is none.
func (s *Service) UserID(ctx context.Context, username string) (tintype.ID, error) {
	return 0, errNotYet
}

// ResetPassword sets a password at the command line and ends all credentials.
func (s *Service) ResetPassword(ctx context.Context, user tintype.ID, password string) error {
	return errNotYet
}

// SetAdmin makes a user an admin, or no longer one.
func (s *Service) SetAdmin(ctx context.Context, user tintype.ID, admin bool) error { return errNotYet }

// Suspend shuts a user out, with all they publish, or lets them back in.
func (s *Service) Suspend(ctx context.Context, user tintype.ID, suspended bool) error {
	return errNotYet
}

// Close writes what is still to be written (when credentials were last seen).
func (s *Service) Close() error { return nil }
