package api

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/tintype/tintype/internal/imaging"
	"github.com/tintype/tintype/internal/live"
	"github.com/tintype/tintype/internal/tintype"
)

// Config is what an API is made of. All interfaces are required.
type Config struct {
	Credentials Credentials
	Accounts    Accounts
	TwoFactors  TwoFactors
	Passkeys    Passkeys
	Providers   Providers
	Identities  Identities
	Emails      Emails
	Links       Links
	Sessions    Sessions
	Profiles    Profiles
	Avatars     Avatars
	Site        Site
	Apps        Apps
	AppDesk     AppDesk
	OAuth       OAuth
	Clients     Clients
	People      People
	Follows     Follows
	Blocks      Blocks
	FollowLists FollowLists
	Uploads     Uploads
	Posts       Posts
	Standings   Standings
	Friends     Friends
	Likes       Likes
	Comments    Comments
	Files       Files
	Feed        Feed
	Tags        Tags
	Places      Places
	Maps        Maps
	Towns       Towns
	Captions    Captions
	Popular     Popular
	Suggestions Suggestions
	Stances     Stances
	OneSided    OneSided
	Safety      Safety
	Held        Held
	Activities  Activities
	PhotoTags   PhotoTags
	// ActivityGroups is activity too.
	ActivityGroups ActivityGroups
	Jobs           Jobs
	Knobs          Knobs
	Storage        Storage
	Answers        Answers
	Hub            *live.Hub

	Saved       Saved
	Collections Collections
	Albums      Albums
	SecretLinks SecretLinks
	ReportDesk  ReportDesk
	Suspended   Suspended
	Queue       Queue
	AppealDesk  AppealDesk
	Suspensions Suspensions
	AuditLog    AuditLog
	Members     Members

	Proofs        Proofs
	Subscriptions Subscriptions
	Exports       Exports
	Imports       Imports
	ImportDeeds   ImportDeeds
	Leaving       Leaving
	Grace         time.Duration // in which who asked to be deleted may come back

	Clock          tintype.Clock
	Log            *slog.Logger
	Version        string
	PublicURL      *url.URL       // the site's address for links; nil to go by each request's Host
	MediaURL       *url.URL       // of the host that serves pictures and nothing else, without cookies; nil for the site's own
	PictureURL     *url.URL       // of what everybody may see: a CDN that asks MediaURL; nil for MediaURL
	MapTiles       string         // the address of map tiles, with {z}, {x} and {y}; "" for the site's own base map
	MapAttribution string         // whom the tiles are from
	TrustedProxies []netip.Prefix // whose X-Forwarded-For and -Proto are believed
	MediaSecret    []byte         // signs the URLs of private media
	MaxUpload      int64          // bytes of one file
	MaxPixels      int64          // of one picture
	Accepts        []string       // MIME types of pictures
	// Formats gives the formats besides JPEG that pictures are shown in at the moment.
	Formats     func() []imaging.Format
	HourlyLimit func() int // calls per credential or address; 0 for none
	Calls       Calls      // counts those of apps over all processes; nil where there is only this one
	Budgets     Budgets    // adds them up over all processes; nil where there is only this one
	// Wrote hears of users who may have changed something, before they hear of it; nil for nobody.
	Wrote     func(ctx context.Context, user tintype.ID)
	UserDrops func() uint64 // changes when any user may have changed; nil where that cannot be known
	Fragments int           // encoded posts kept in memory; 0 for 16,384
}

// API answers the routes of the table. Make it with New.
type API struct {
	cfg       Config
	routes    []Route
	router    *router
	fragments *fragments
	signer    signer
	limiter   *limiter
	windows   *windows
	memory    *memoryAnswers
	clients   *clients
	cross     *http.CrossOriginProtection
	secure    bool   // PublicURL is https
	base      string // of PublicURL, without trailing slash
	media     string // of MediaURL
	pictures  string // of PictureURL
	mediaHost string // of MediaURL, if no page is there
}

// New makes an API.
func New(cfg Config) *API {
	if cfg.Wrote == nil {
		cfg.Wrote = func(context.Context, tintype.ID) {}
	}
	if cfg.Fragments == 0 {
		cfg.Fragments = 16 << 10
	}
	a := &API{
		cfg:       cfg,
		routes:    Routes(),
		fragments: newFragments(cfg.Fragments),
		signer:    newSigner(cfg.MediaSecret, cfg.Clock),
		limiter:   newLimiter(cfg.Clock, cfg.HourlyLimit, cfg.Budgets),
		windows:   newWindows(cfg.Clock, cfg.Calls),
		memory:    newMemoryAnswers(cfg.Clock),
		clients:   newClients(cfg.Clients, cfg.Clock),
		cross:     http.NewCrossOriginProtection(),
	}
	a.router = newRouter(a.routes)
	if u := cfg.PublicURL; u != nil {
		a.base = strings.TrimSuffix(u.String(), "/")
		a.secure = u.Scheme == "https"
		// A proxy may hand on another Host than the one people type.
		if err := a.cross.AddTrustedOrigin(u.Scheme + "://" + u.Host); err != nil {
			panic(err) // the configuration was checked before
		}
	}
	if u := cfg.MediaURL; u != nil {
		a.media = u.Scheme + "://" + u.Host
		a.pictures = a.media
		if cfg.PublicURL == nil || cfg.PublicURL.Host != u.Host {
			a.mediaHost = u.Host
		}
	}
	if u := cfg.PictureURL; u != nil {
		a.pictures = u.Scheme + "://" + u.Host
	}
	return a
}

// Owns reports whether a request is the API's to answer. The consent page of
// OAuth shares its address with the API: a browser asks for a page.
func Owns(r *http.Request) bool {
	path := r.URL.Path
	if strings.TrimSuffix(path, "/") == "/oauth/authorize" && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
		return !strings.Contains(r.Header.Get("Accept"), "text/html")
	}
	for _, prefix := range [...]string{"/v1/", "/m/", "/avatars/", "/oauth/"} {
		if strings.HasPrefix(path, prefix) {
			return true
		}
	}
	return path == "/v1" || strings.TrimSuffix(path, "/") == "/oembed"
}

// ViewerOf gives the user whose session cookie a request carries, 0 for nobody
// or a cookie that is good no more: for pages, which are read without it too.
func (a *API) ViewerOf(ctx context.Context, r *http.Request) tintype.ID {
	_, secure, _, err := a.origin(r)
	if err != nil {
		return 0
	}
	token, err := readCookie(r, secure)
	if err != nil || token == "" {
		return 0
	}
	p, err := a.cfg.Credentials.Authenticate(ctx, token)
	if err != nil || p.Scopes&tintype.ScopeSession == 0 {
		return 0
	}
	return p.UserID
}

// BaseURL is scheme and host for absolute links in the answer to a request.
func (a *API) BaseURL(r *http.Request) (string, error) {
	_, _, base, err := a.origin(r)
	return base, err
}
