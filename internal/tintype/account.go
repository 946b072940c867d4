package tintype

import "time"

// AccountState says how far an account has come. The numbers are stored.
type AccountState uint8

// The states of an account in the directory.
const (
	AccountClaimed   AccountState = iota // the sign-up is under way; nobody can sign in
	AccountActive                        // the ordinary state
	AccountSuspended                     // no credential works
	AccountDeleted
	AccountLeaving // asked to be deleted: no credential works, but signing in with the password brings all back
)

// Account is what the directory knows of a user: how they sign in.
type Account struct {
	UserID       ID
	Email        string // as typed; "" for none
	PasswordHash string // PHC string; one that no password fits if nobody can sign in
	Admin        bool
	Moderator    bool
	State        AccountState
	Locale       string
	Created      time.Time

	Verified time.Time // since when Email is known to be the user's; zero if it is not
	Pending  string    // the address that is to take its place once it is confirmed; "" for none
}

// NewAccount is what a sign-up claims in the directory.
type NewAccount struct {
	UserID       ID
	Username     string
	Skeleton     string // of the username: names with equal skeletons look alike
	Email        string // as typed; "" for none
	EmailKey     string // what must be unique of it; "" for none
	PasswordHash string
	Locale       string
	Invite       string    // code to be used up; "" for none
	Identity     *Identity // to be linked; nil for none
	Verified     bool      // the address is known to be the user's
	At           time.Time
}

// Claim is a username that was claimed and is not confirmed yet.
type Claim struct {
	UserID   ID
	Username string
	Skeleton string
	At       time.Time
}

// Credential is a session of the site (App is 0) or an app's access token.
type Credential struct {
	ID        string // names it in lists; not the token
	Hash      []byte // SHA-256 of the token
	UserID    ID
	App       ID
	AppName   string // filled in where credentials are listed
	Scopes    Scope
	Created   time.Time
	Seen      time.Time
	Expires   time.Time
	UserAgent string
	Address   string
	Admin     bool   // of the user; filled in where one credential is looked up
	Device    []byte // of a new one: the hash of what tells the user's devices apart; nil not to look at that
	Moderator bool   // as Admin
}

// SecondFactor is what proves, beside the password, who signs in: a secret that an
// authenticator app shares (RFC 6238), and codes for when that is lost.
type SecondFactor struct {
	UserID   ID
	Secret   string    // base32
	Since    time.Time // when it came into force; zero while it is being set up
	Recovery int       // how many recovery codes are left
}

// App is a third party's program that may act for users who let it.
type App struct {
	ID           ID
	OwnerID      ID
	ClientID     string
	SecretHash   []byte // SHA-256; empty for a public client, which has no secret
	Secret       string // the key of signatures; "" where only the hash was kept
	Name         string
	Description  string
	Website      string
	RedirectURIs []string
	Scopes       Scope // the most it may ask for
	Created      time.Time

	EnforceSigned bool // its calls must be signed; the owner says so
	// What only admins decide.
	Implicit    bool // may get tokens in redirects (response_type=token)
	Passwords   bool // may trade users' passwords for tokens (grant_type=password)
	HourlyLimit int  // calls per hour of each of its tokens, and of its client_id; 0 for the site's
}

// AppCalls is how often an app called in one hour.
type AppCalls struct {
	App     ID
	Hour    int64 // Unix time by 3,600
	Calls   int   // that were let in
	Refused int   // because of a limit
}

// CallLimit bounds the calls under a key in any sixty minutes.
type CallLimit struct {
	Key string
	Max int
}

// Share is calls that one process counted and brings to the others.
type Share struct {
	Key    string
	N      int
	Number int64 // from 1 up, another for each share of a process
}

// CallCount is how the calls under a key stand.
type CallCount struct {
	Used    int // calls let in within the last sixty minutes, this one included if it was
	Refused int // calls refused since one was let in last, this one included if it was
	Wait    int // seconds until another is let in; 0 for at once
}

// Public reports whether the app can keep no secret and must use PKCE.
func (a *App) Public() bool { return len(a.SecretHash) == 0 }

// AuthCode is an authorization code on its way to becoming a token.
type AuthCode struct {
	Hash        []byte // SHA-256 of the code
	App         ID
	UserID      ID
	Scopes      Scope
	RedirectURI string
	Challenge   string // PKCE S256; "" for none
	Created     time.Time
	Expires     time.Time
}

// AppGrant is an app that holds tokens of a user.
type AppGrant struct {
	App     App
	Scopes  Scope // of all its tokens together
	Created time.Time
	Seen    time.Time
}

// Invite lets one person sign up.
type Invite struct {
	Code      string
	CreatedBy ID
	Created   time.Time
	Expires   time.Time // zero for never
	Note      string
	UsedBy    ID // 0 while it is good
	Used      time.Time
}

// Setting is one value of the site's settings, with who set it and when.
type Setting struct {
	Name    string
	Value   string
	By      ID     // 0 for the site itself or the command line
	Via     string // who gave the command there; "" if nobody did
	Changed time.Time
	Unset   bool // of a change: the setting is no longer set
}

// ProfileChanges are the parts of a profile to change; nil leaves a part alone.
type ProfileChanges struct {
	FullName *string
	Bio      *string
	Website  *string
	Private  *bool
	ShowsMap *bool

	HidesLikes *bool
}

// Limit bounds how often something may be tried within a fixed window of time.
type Limit struct {
	Key    string
	Max    int
	Window time.Duration
}

// Member is a whole user, for writing many at once: the account, the profile
// with its counters, and when they were last here.
type Member struct {
	Account  Account
	Skeleton string // of the username
	User     User
	Seen     time.Time
}
