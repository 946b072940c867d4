package account

import (
	"net/netip"
	"time"

	"github.com/tintype/tintype/internal/tintype"
)

// Client is where a request comes from. Addr is the true address, found by the
// server from configured proxies only.
type Client struct {
	Addr      netip.Addr
	UserAgent string
	Device    string // what the site put into the browser to know it again; "" for none
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
	Code     string         // of the second factor, where there is one
	Passkey  *PasskeyAnswer // instead of Code; without a Name, instead of everything
	Client   Client
}

// Principal is who a request acts for, and what its credential allows.
type Principal struct {
	UserID       tintype.ID
	CredentialID string
	AppID        tintype.ID // 0 for a session of the site
	Scopes       tintype.Scope
	Admin        bool
	Moderator    bool
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
	Email         string
	EmailVerified bool
	Locale        string
	Admin         bool
	Moderator     bool
}

// Changes are the parts of a profile to change; nil leaves a part alone.
type Changes struct {
	Username *string
	FullName *string
	Bio      *string
	Website  *string
	Private  *bool
	// HidesLikes is that others are not told who likes the posts, nor how many.
	HidesLikes *bool
	ShowsMap   *bool
	Locale     *string
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
	Description  string // what it does, in one line; may be ""
	Website      string
	RedirectURIs []string
	Scopes       string // what it may ask for at most; "" for all
	Public       bool   // it can keep no secret: native and browser apps
}

// AppChanges are the parts of an app for its owner to change; nil leaves a part alone.
type AppChanges struct {
	Name          *string
	Description   *string
	Website       *string
	RedirectURIs  *[]string
	EnforceSigned *bool
}

// AppPowers are what an admin can give an app, or take from it; nil leaves it alone.
type AppPowers struct {
	Implicit    *bool // tokens in redirects, response_type=token
	Passwords   *bool // tokens for passwords, grant_type=password
	HourlyLimit *int  // calls per hour; 0 for as many as the site gives
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
	Client              Client // of the person, for the list of sessions
	Issuer              string // the site's own base URL, added to the answer as iss (RFC 9207); "" leaves it out
}

// Consent is what a person is asked to agree to.
type Consent struct {
	App      *tintype.App
	Scopes   tintype.Scope
	Implicit bool // the answer will be a token, not a code
}

// TokenRequest is the form of POST /oauth/access_token; see ParseTokenRequest.
type TokenRequest struct {
	GrantType    string
	Code         string
	RedirectURI  string
	ClientID     string
	ClientSecret string
	CodeVerifier string
	Username     string // of grant_type=password, as the rest
	Password     string
	Scope        string
	Client       Client
}

// Token is what an app gets for a code, or a password.
type Token struct {
	AccessToken string
	UserID      tintype.ID
	Scopes      tintype.Scope
}
