package account

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/tintype/tintype/internal/blob"
	"github.com/tintype/tintype/internal/imaging"
	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/tintype"
)

// Names keeps usernames, and the claims on them.
type Names interface {
	// Claim takes a new account's username, e-mail address and invite, all or none.
	Claim(ctx context.Context, n tintype.NewAccount) error
	// ClaimName takes another username for a user.
	ClaimName(ctx context.Context, c tintype.Claim) error
	// Settle makes a claim good if actual, the name on the user's shard, is the claimed one; else undoes it.
	Settle(ctx context.Context, c tintype.Claim, actual string, now time.Time) (settled bool, err error)
	// StaleClaims gives up to n claims made before an instant, the oldest first.
	StaleClaims(ctx context.Context, before time.Time, n int) ([]tintype.Claim, error)
	// NameTaken reports whether a name with this skeleton is another user's.
	NameTaken(ctx context.Context, skeleton string, user tintype.ID) (bool, error)
	// UserID gives whose username this is, 0 for nobody's.
	UserID(ctx context.Context, username string) (tintype.ID, error)
}

// Accounts keeps what else the directory knows of users.
type Accounts interface {
	// Account gives a user's account, nil if there is none.
	Account(ctx context.Context, user tintype.ID) (*tintype.Account, error)
	AccountByEmail(ctx context.Context, key string) (*tintype.Account, error)
	SetLocale(ctx context.Context, user tintype.ID, locale string) error
	SetAdmin(ctx context.Context, user tintype.ID, admin bool) error
	SetModerator(ctx context.Context, user tintype.ID, on bool) error
}

// Profiles keeps users' own rows on their shards.
type Profiles interface {
	// Profile gives a user's row, nil if there is none.
	Profile(ctx context.Context, id tintype.ID) (*tintype.User, error)
	UpdateProfile(ctx context.Context, id tintype.ID, c tintype.ProfileChanges) (*tintype.User, error)
	// SetAvatarKey changes the key of the profile picture; old names the files of a key that goes.
	SetAvatarKey(ctx context.Context, id tintype.ID, key string, old func(key string) []string) (*tintype.User, error)
	SetUserState(ctx context.Context, id tintype.ID, state tintype.UserState) error
	// Rename changes a username if it is from, unless late says that it is too late for that.
	Rename(ctx context.Context, id tintype.ID, from, to string, late func() bool) (ok bool, err error)
}

// NewProfiles makes users' rows on their shards.
type NewProfiles interface {
	MintUser(ctx context.Context) (tintype.ID, error)
	// MintFor mints an ID for something that is a user's.
	MintFor(ctx context.Context, user tintype.ID) (tintype.ID, error)
	InsertProfile(ctx context.Context, u *tintype.User, now time.Time) error
	// FenceProfile gives the username of a user's row; if there is none it gives "" and sees to it that none comes late.
	FenceProfile(ctx context.Context, id tintype.ID, now time.Time) (username string, err error)
}

// Credentials keeps sessions and tokens. What ends some gives their Hash, ID and UserID.
type Credentials interface {
	// AddCredential adds one of an active user whose password hash is (still) the one given, "" for any.
	AddCredential(ctx context.Context, c *tintype.Credential, passwordHash string) (ok bool, err error)
	// Credential gives that with this hash if its user is active; else nil.
	Credential(ctx context.Context, hash []byte) (*tintype.Credential, error)
	Credentials(ctx context.Context, user tintype.ID, now time.Time) ([]tintype.Credential, error)
	TouchCredentials(ctx context.Context, cs []tintype.Credential) error
	EndCredential(ctx context.Context, user tintype.ID, id string) ([]tintype.Credential, error)
	EndExpired(ctx context.Context, now time.Time) ([]tintype.Credential, error)
}

// Lookups finds credentials faster than Credentials can. redis.Credentials provides it.
type Lookups interface {
	// Credential gives what Credentials.Credential would, but for how and where it was last used.
	Credential(ctx context.Context, hash []byte) (*tintype.Credential, error)
	// Ended is told what has ended, with Hash and ID, before anybody else is.
	Ended(ctx context.Context, cs []tintype.Credential)
}

// straight looks up credentials where they are.
type straight struct{ Credentials }

func (straight) Ended(context.Context, []tintype.Credential) {}

// Lockouts changes what credentials rest on, and ends them with it.
type Lockouts interface {
	// EndCredentials ends all of a user's but the one named keep.
	EndCredentials(ctx context.Context, user tintype.ID, keep string) ([]tintype.Credential, error)
	// SetPassword replaces a password (old is its hash, "" for any), ends all credentials but keep, and has the user told.
	SetPassword(ctx context.Context, user tintype.ID, old, hash, keep string, by job.Mail, now time.Time) ([]tintype.Credential, error)
	// Rehash replaces the hash of a password that stays.
	Rehash(ctx context.Context, user tintype.ID, old, hash string) (ok bool, err error)
	// SetSuspended suspends a user or lets them back in, if that is not so already; of who leaves it is noted.
	SetSuspended(ctx context.Context, user tintype.ID, suspended bool) ([]tintype.Credential, error)
}

// Leavers keeps who asked to be deleted. sqlstore.Leaving implements it.
type Leavers interface {
	// Leave shuts a user out, to be deleted at due.
	Leave(ctx context.Context, user tintype.ID, due time.Time) (ended []tintype.Credential, err error)
	// Return takes that back, but no suspension; ok is false if it is too late.
	Return(ctx context.Context, user tintype.ID) (ok bool, err error)
}

// Apps keeps third parties' apps.
type Apps interface {
	AddApp(ctx context.Context, a *tintype.App) error
	// App gives the app of a client ID, nil if there is none.
	App(ctx context.Context, clientID string) (*tintype.App, error)
	AppsOf(ctx context.Context, owner tintype.ID) ([]*tintype.App, error)
	DeleteApp(ctx context.Context, owner, app tintype.ID) ([]tintype.Credential, error)
	AppGrants(ctx context.Context, user tintype.ID, now time.Time) ([]tintype.AppGrant, error)
	EndGrant(ctx context.Context, user, app tintype.ID) ([]tintype.Credential, error)
}

// Codes keeps authorization codes.
type Codes interface {
	AddCode(ctx context.Context, c *tintype.AuthCode) error
	// RedeemCode turns a code into the token that token makes, once; a second time it ends that token.
	RedeemCode(ctx context.Context, c *tintype.AuthCode, now time.Time,
		token func(user tintype.ID, scopes tintype.Scope) *tintype.Credential) (ok bool, ended []tintype.Credential, err error)
	// EndToken ends a token if it is the app's.
	EndToken(ctx context.Context, app tintype.ID, hash []byte) ([]tintype.Credential, error)
	SweepCodes(ctx context.Context, before time.Time) error
}

// Limiter counts tries.
type Limiter interface {
	// Take counts one try under each limit; wait is above 0 if that is one too many.
	Take(ctx context.Context, limits []tintype.Limit, now time.Time) (wait time.Duration, err error)
	Refund(ctx context.Context, keys []string) error
	SweepLimits(ctx context.Context, before time.Time) error
}

// Settings keeps the site's settings.
type Settings interface {
	Settings(ctx context.Context) ([]tintype.Setting, error)
	Set(ctx context.Context, values []tintype.Setting) error
	// SetOnce sets what is not set yet.
	SetOnce(ctx context.Context, v tintype.Setting) error
}

// Invites keeps invites; Names.Claim uses them up.
type Invites interface {
	AddInvite(ctx context.Context, i tintype.Invite) error
	Invites(ctx context.Context, n int) ([]tintype.Invite, error)
	DeleteInvite(ctx context.Context, code string) error
}

// People keeps the index of users by the words of their names.
type People interface {
	Index(ctx context.Context, id tintype.ID, words []string, weight int) error
	// SearchPeople gives users who have, for each prefix, a word that begins with it.
	SearchPeople(ctx context.Context, prefixes []string, n int) ([]tintype.ID, error)

	// Beginnings gives beginnings of words by the keys of words.TypoKeys.
	Beginnings(ctx context.Context, keys []string, n int) ([]string, error)
	// Words gives words that begin with prefix, in their order.
	Words(ctx context.Context, prefix string, n int) ([]string, error)
	// NearPeople gives users who have a word that begins with any of prefixes, those first for whom it is the whole word.
	NearPeople(ctx context.Context, prefixes []string, n int) ([]tintype.ID, error)
	WordsOf(ctx context.Context, users []tintype.ID) (map[tintype.ID][]string, error)
}

// Renderer makes pictures; *imaging.Pool is one.
type Renderer interface {
	Render(ctx context.Context, src io.Reader, plan imaging.Plan, sink imaging.Sink) (imaging.Result, error)
}

// Elsewhere tells the other processes of the site. live.Relay provides it; it
// must not block.
type Elsewhere interface {
	// Revoked has them forget what they know of user's credentials, and end what was
	// opened with those named.
	Revoked(user tintype.ID, credentials []string)
	// SiteChanged has them call ForgetSite.
	SiteChanged()
}

// nowhere is elsewhere for a site of one process.
type nowhere struct{}

func (nowhere) Revoked(tintype.ID, []string) {}
func (nowhere) SiteChanged()                 {}

// Config is what a Service is made of. Renderer and Blobs may be absent where
// no profile pictures are set; the rest of the interfaces is required. The zero
// values of the others stand for the defaults.
type Config struct {
	Clock tintype.Clock

	Names       Names
	Accounts    Accounts
	Profiles    Profiles
	NewProfiles NewProfiles
	Credentials Credentials
	Lockouts    Lockouts
	Factors     Factors
	Leavers     Leavers // may be absent where nobody is deleted
	Emails      Emails
	Links       Links
	Passkeys    Passkeys
	Challenges  Challenges
	Identities  Identities
	OpenID      OpenID // may be absent where nobody signs in by others
	Apps        Apps
	Codes       Codes
	Desk        AppDesk
	Limiter     Limiter
	Settings    Settings
	Invites     Invites
	People      People
	Renderer    Renderer
	Blobs       blob.Store

	// Mailer sends what Letters writes, with links to pages of SiteURL, the site's own address without a slash at its end.
	Mailer  Mailer
	SiteURL string
	Log     *slog.Logger // of letters that are refused; nil for none

	// Changed is told of users whose profile changed, after the commit: drop them from caches.
	Changed func(ctx context.Context, user tintype.ID)
	// Weighed is told how many bytes a user's new profile picture has; 0 for none.
	Weighed func(ctx context.Context, user tintype.ID, bytes int64)

	// Lookups is nil where credentials are looked up in Credentials.
	Lookups Lookups
	// Elsewhere is nil where there is only this process.
	Elsewhere Elsewhere
	// Whole reports whether what other processes tell is certain to be heard
	// here; nil for yes. While it is not, credentials are looked up anew every second.
	Whole func() bool

	Limits Limits
	// LimitsNow gives the limits as an operator has them at the moment; nil for Limits.
	LimitsNow func() Limits
	Argon2    Argon2
	// Hashers is how many passwords are hashed at once, each in Argon2.Memory.
	Hashers int
}

// Service is the account rules. Make it with New; it is safe for concurrent use.
type Service struct {
	c          Config
	hasher     *hasher
	principals principals
	touched    touches
	usage      usage
	site       siteCache

	mu       sync.Mutex
	onRevoke []func(tintype.ID, []string)

	// between is called between the steps of what takes several transactions;
	// an error ends the call on the spot, as a crash would. For tests.
	between func(step string) error
}

// New makes a Service. Close it when done.
func New(c Config) *Service {
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Limits == (Limits{}) {
		c.Limits = DefaultLimits
	}
	if c.LimitsNow == nil {
		c.LimitsNow = func() Limits { return c.Limits }
	}
	if c.Argon2 == (Argon2{}) {
		c.Argon2 = DefaultArgon2
	}
	if c.Hashers <= 0 {
		c.Hashers = min(4, runtime.GOMAXPROCS(0))
	}
	if c.Lookups == nil {
		c.Lookups = straight{c.Credentials}
	}
	if c.Elsewhere == nil {
		c.Elsewhere = nowhere{}
	}
	if c.Whole == nil {
		c.Whole = func() bool { return true }
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Weighed == nil {
		c.Weighed = func(context.Context, tintype.ID, int64) {}
	}
	if c.Changed == nil {
		c.Changed = func(context.Context, tintype.ID) {}
	}
	s := &Service{c: c, hasher: newHasher(c.Argon2, c.Hashers), between: func(string) error { return nil }}
	s.touched.write = c.Credentials.TouchCredentials
	s.usage.write = func(ctx context.Context, calls []tintype.AppCalls) error { return c.Desk.AddUsage(ctx, calls) }
	return s
}

// Close writes what is still to be written: when credentials were last seen, and
// how much apps were used.
func (s *Service) Close() error { return errors.Join(s.touched.close(), s.usage.close()) }

// OnRevoke adds a function that hears of credentials that stopped working. It is
// called after they did, before the call that ended them returns, and must not block.
func (s *Service) OnRevoke(f func(user tintype.ID, credentials []string)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onRevoke = append(s.onRevoke, f)
}

// ended forgets credentials that a store has ended, and tells who wants to know.
func (s *Service) ended(cs []tintype.Credential) {
	if len(cs) == 0 {
		return
	}
	s.c.Lookups.Ended(context.Background(), cs) // it has happened, whoever is still there
	s.principals.forget(cs)
	s.mu.Lock()
	hooks := slices.Clone(s.onRevoke)
	s.mu.Unlock()
	byUser := map[tintype.ID][]string{}
	for _, c := range cs {
		byUser[c.UserID] = append(byUser[c.UserID], c.ID)
	}
	for user, ids := range byUser {
		for _, f := range hooks {
			f(user, ids)
		}
		s.c.Elsewhere.Revoked(user, ids)
	}
}

// ForgetUser forgets what is known of user's credentials: another process changed it.
func (s *Service) ForgetUser(user tintype.ID) { s.principals.forgetUser(user) }

// ForgetEverybody forgets all that is known of credentials and of the site: what
// another process told may have been missed.
func (s *Service) ForgetEverybody() {
	s.principals.forgetAll()
	s.site.forget()
}

// changed forgets what is known of user's credentials, here and elsewhere.
func (s *Service) changed(user tintype.ID) {
	s.principals.forgetUser(user)
	s.c.Elsewhere.Revoked(user, nil)
}

// siteChanged forgets the site's settings, here and elsewhere.
func (s *Service) siteChanged() {
	s.site.forget()
	s.c.Elsewhere.SiteChanged()
}
