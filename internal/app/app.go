package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"net/http"
	"net/url"
	"os"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tintype/tintype/internal/account"
	"github.com/tintype/tintype/internal/activity"
	"github.com/tintype/tintype/internal/api"
	"github.com/tintype/tintype/internal/blob"
	"github.com/tintype/tintype/internal/cache"
	"github.com/tintype/tintype/internal/cache/memcached"
	"github.com/tintype/tintype/internal/collect"
	"github.com/tintype/tintype/internal/discover"
	"github.com/tintype/tintype/internal/feed"
	"github.com/tintype/tintype/internal/gazetteer"
	"github.com/tintype/tintype/internal/graph"
	"github.com/tintype/tintype/internal/imaging"
	"github.com/tintype/tintype/internal/job/runner"
	"github.com/tintype/tintype/internal/knobs"
	"github.com/tintype/tintype/internal/live"
	"github.com/tintype/tintype/internal/moderate"
	"github.com/tintype/tintype/internal/mydata"
	"github.com/tintype/tintype/internal/outbound"
	"github.com/tintype/tintype/internal/post"
	"github.com/tintype/tintype/internal/redis"
	"github.com/tintype/tintype/internal/safety"
	"github.com/tintype/tintype/internal/server"
	"github.com/tintype/tintype/internal/share"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/storage"
	"github.com/tintype/tintype/internal/tintype"
	"github.com/tintype/tintype/internal/webapp"
	"github.com/tintype/tintype/internal/words"
	"github.com/tintype/tintype/web"
)

// App is a composed site. Make it with Open.
type App struct {
	Account  *account.Service
	Graph    *graph.Service
	Safety   *safety.Service
	Post     *post.Service
	Feed     *feed.Service
	Tags     *discover.Tags
	Book     *discover.Book
	Places   *discover.Places
	Captions *discover.Captions
	Popular  *discover.Popular
	Share    *share.Service
	MyData   *mydata.Service
	Saved    *collect.Saved
	Albums   *collect.Albums
	Links    *collect.Links
	Activity *activity.Service
	Moderate *moderate.Service
	Knobs    *knobs.Service
	Storage  *storage.Service
	Hub      *live.Hub
	Images   *imaging.Pool
	Blobs    blob.Store
	Runner   *runner.Runner
	Backend  *Backend
	API      *api.API
	Handler  http.Handler // all routes and pages
	Log      *slog.Logger

	cfg       checked
	lock      *lock
	redis     *redis.Pool // nil where there is none
	bus       *redis.Bus  // nil where this process is all there is
	outward   *outbound.Client
	mail      mailer
	openID    account.OpenID // nil where nobody signs in by others
	made      atomic.Bool    // the rules are
	relay     *live.Relay    // nil without a bus
	telling   sync.WaitGroup // what other processes had this one tell
	lookups   *redis.Credentials
	budgets   api.Budgets // nil where this process counts alone
	calls     api.Calls   // as budgets
	limiter   account.Limiter
	memcached *memcached.Servers
	caches    caches
	towns     *gazetteer.Gazetteer
	stopKnobs func()
	work      work
}

// maxStreams is how many pages may listen to this process at a time.
const maxStreams = 20_000

// gcPercent lets garbage grow to three times of what lives before it is
// collected, within the memory limit. Little lives in a server whose truth is in
// SQL: at 100 a tenth of its time under load went into collecting, at 300 a thirtieth.
const gcPercent = 300

// Open makes a site ready to work: everything but listening and jobs.
func Open(ctx context.Context, config Config) (_ *App, err error) {
	c, err := config.check()
	if err != nil {
		return nil, err
	}
	if c.Log == nil {
		c.Log = slog.New(slog.NewTextHandler(os.Stderr, nil))
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if len(c.Render) == 0 {
		self, err := os.Executable()
		if err != nil {
			return nil, fmt.Errorf("this program cannot find itself, which it needs to process pictures: %w", err)
		}
		c.Render = []string{self, "render"}
	}
	a := &App{cfg: c, Log: c.Log}
	defer func() {
		if err != nil {
			a.Close()
		}
	}()
	if c.Fleet.KeepsHere() {
		if a.lock, err = takeDir(c.Data); err != nil {
			return nil, err
		}
	}
	if a.Backend, err = openBackend(ctx, c); err != nil {
		return nil, err
	}
	if a.Blobs, err = openFiles(ctx, c); err != nil {
		return nil, err
	}
	if err = a.join(ctx); err != nil {
		return nil, err
	}
	if a.Backend.Writes != nil && a.redis != nil {
		a.Backend.Writes.Share(redis.Writes{P: a.redis})
	}
	if a.mail, err = openMail(c); err != nil {
		return nil, err
	}
	if a.openID, err = a.openProviders(); err != nil {
		return nil, err
	}
	a.Images = imaging.New(imaging.Config{Command: c.Render, Children: c.ImageWorkers, MaxBytes: int64(c.MaxUploadMB) << 20, MaxPixels: int64(c.MaxMegapixels) * 1e6})
	a.Hub = live.New(maxStreams)
	a.makeKnobs(ctx)
	a.makeStorage()
	a.compose()
	a.stopKnobs = a.watchKnobs()
	if err := a.edges(ctx); err != nil {
		return nil, err
	}
	if err := a.jobs(); err != nil {
		return nil, err
	}
	return a, a.stayFrozen(ctx)
}

// compose makes the rules.
func (a *App) compose() {
	r, clock := a.Backend.Router, a.cfg.Clock
	a.caches = makeCaches(a)
	users, posts, lists, relations, liked := a.caches.users, a.caches.posts, a.caches.lists, a.caches.relations, a.caches.liked

	together := a.shared()
	a.budgets, a.calls, a.limiter = together.budgets, together.calls, together.limiter
	accountNews, feedNews, activityNews := a.elsewhere()
	a.Account = account.New(account.Config{
		Clock:       clock,
		Elsewhere:   accountNews,
		Whole:       a.whole,
		Names:       sqlstore.Accounts{R: r},
		Accounts:    sqlstore.Accounts{R: r},
		Profiles:    sqlstore.Profiles{R: r},
		NewProfiles: sqlstore.Profiles{R: r},
		Credentials: sqlstore.Credentials{R: r},
		Lockouts:    sqlstore.Credentials{R: r},
		Factors:     sqlstore.Factors{R: r},
		Leavers:     sqlstore.Leaving{R: r, Clock: clock},
		Emails:      sqlstore.Emails{R: r},
		Links:       sqlstore.Emails{R: r},
		Passkeys:    sqlstore.Passkeys{R: r},
		Challenges:  sqlstore.Passkeys{R: r},
		Identities:  sqlstore.Identities{R: r},
		OpenID:      a.openID,
		Mailer:      a.mail,
		SiteURL:     a.cfg.siteURL(),
		Log:         a.Log,
		Apps:        sqlstore.Apps{R: r},
		Codes:       sqlstore.Apps{R: r},
		Desk:        sqlstore.Apps{R: r},
		Limiter:     together.limiter,
		Lookups:     together.lookups,
		Settings:    sqlstore.Settings{R: r},
		Invites:     sqlstore.Invites{R: r},
		People:      sqlstore.People{R: r, Keys: words.TypoKeys},
		Renderer:    a.Images,
		Blobs:       a.Blobs,
		LimitsNow:   a.accountLimits,
		Weighed:     a.weighed,
		Changed: func(ctx context.Context, user tintype.ID) {
			if err := users.Drop(ctx, cache.Key{Kind: cache.KindUser, A: user}); err != nil {
				a.Log.WarnContext(ctx, "a changed user was not dropped from the cache", "error", err)
			}
		},
	})
	a.Account.OnRevoke(a.Hub.Revoke)

	// What happened is told by activity, which needs posts and graph: they get to know it late.
	happened := func(users []tintype.ID) { a.Activity.Happened(users) }
	a.Graph = graph.New(graph.Config{
		Users:         sqlstore.Users{R: r},
		Names:         a.Account,
		Newest:        sqlstore.Users{R: r},
		Edges:         sqlstore.Graph{R: r},
		Lists:         sqlstore.Graph{R: r},
		UserCache:     users,
		RelationCache: relations,
		IDCache:       lists,
		Dismissals:    sqlstore.Dismissals{R: r, Clock: clock},
		Friends:       sqlstore.Friends{R: r},
		// These two need posts, which need the graph.
		Popular: func(ctx context.Context, n int) ([]tintype.ID, error) { return a.Popular.Authors(ctx, n) },
		TagAuthors: func(ctx context.Context, viewer tintype.ID, n int) ([]tintype.ID, []string, error) {
			return a.Tags.Authors(ctx, viewer, n)
		},
		Muted:      func(ctx context.Context, me tintype.ID) ([]tintype.ID, error) { return a.Safety.Muted(ctx, me) },
		OnActivity: happened,
	})
	stances := sqlstore.Safety{R: r}
	a.Safety = safety.New(safety.Config{People: a.Graph, Mutes: stances, Restricts: stances, Settings: stances, Lists: lists, Users: users, OnActivity: happened})
	listened := func(ctx context.Context) bool { return a.Share.Listened(ctx) } // by the time of the first post it is there
	postStore := sqlstore.Posts{R: r, Clock: clock, Listened: listened}
	uploads := sqlstore.Uploads{R: r, Clock: clock}
	if a.lock != nil {
		uploads.Since = clock() // the lock on the data directory makes this the only process
	}
	likes := sqlstore.Likes{R: r}
	spots := sqlstore.Spots{R: r}
	a.towns = gazetteer.New()
	a.Book = discover.NewBook(a.towns, sqlstore.Places{R: r, Clock: clock}, spots, gazetteer.Fold)
	a.Post = post.New(post.Config{
		Caches:     webCaches(a.cfg),
		Clock:      clock,
		Blobs:      a.Blobs,
		Images:     a.Images,
		People:     a.Graph,
		Names:      a.Account,
		Posts:      postStore,
		Standing:   postStore,
		Maps:       postStore,
		Tagger:     postStore,
		Past:       postStore,
		Withheld:   sqlstore.TakenDown{R: r},
		Places:     a.Book,
		Eraser:     postStore,
		Uploads:    uploads,
		OldUploads: uploads,
		Comments:   sqlstore.Comments{R: r, Clock: clock},
		Held:       sqlstore.Comments{R: r, Clock: clock},
		Words:      stances,
		Likes:      likes,
		LikeEdges:  likes,
		PhotoTags:  sqlstore.PhotoTags{R: r},
		Choices:    sqlstore.Choices{R: r},
		Stances:    stances,
		PostCache:  posts,
		UserCache:  users,
		LikedCache: liked,
		IDCache:    lists,
		Queue:      sqlstore.Feeds{R: r},
		MaxBytes:   int64(a.cfg.MaxUploadMB) << 20,
		AtMost:     a.uploadLimit,
		Formats:    a.pictureFormats,
		Log:        a.Log,
		Stock:      a.stock(),
		Room:       a.Storage.Room,
		Roomy:      a.Storage.Roomy,
		Sweeps:     []post.Sweeper{likes, sqlstore.Graph{R: r}, sqlstore.Idempotency{R: r, Clock: clock}},
		OnActivity: happened,
	})
	tags := sqlstore.Tags{R: r, Listened: listened}
	a.Tags = discover.NewTags(discover.TagsConfig{
		Edges: tags, Lists: tags, Follows: tags, Posts: a.Post, PostIDs: postStore, Queue: sqlstore.Feeds{R: r}, IDCache: lists,
	})
	a.Places = discover.NewPlaces(discover.PlacesConfig{
		Book: a.Book, Edges: spots, Lists: spots, Posts: a.Post, PostIDs: postStore, Queue: sqlstore.Feeds{R: r},
	})
	found := sqlstore.Words{R: r}
	a.Captions = discover.NewCaptions(discover.CaptionsConfig{Edges: found, Lists: found, Posts: a.Post, PostIDs: postStore, Names: a.Account})
	a.Popular = discover.NewPopular(discover.PopularConfig{Scores: sqlstore.Popular{R: r}, Posts: a.Post, PostIDs: postStore, Muted: a.Safety.Muted, Clock: clock})
	a.Feed = feed.New(feed.Config{
		Tags:      tags,
		Mutes:     stances,
		Timeline:  a.homeTimelines(),
		Posts:     a.Post,
		Graph:     a.Graph,
		Store:     sqlstore.Feeds{R: r},
		Friends:   sqlstore.Friends{R: r},
		Pulled:    sqlstore.Feeds{R: r},
		Presence:  sqlstore.Feeds{R: r},
		Queue:     sqlstore.Feeds{R: r},
		News:      a.Hub,
		Elsewhere: feedNews,
		Clock:     clock,
		Log:       a.Log,
		Lists:     lists,
		Turns:     a.turns(),
		Tune:      a.feedTuning,
		OldPosts:  sqlstore.Feeds{R: r}.OldPosts,
	})
	a.Activity = activity.New(activity.Config{
		Store:     sqlstore.Activities{R: r},
		Deeds:     sqlstore.Activities{R: r},
		Choices:   sqlstore.Choices{R: r},
		Posts:     a.Post,
		Comments:  a.Post,
		Graph:     a.Graph,
		Muted:     a.Safety.Muted,
		News:      a.Hub,
		Elsewhere: activityNews,
		Counts:    together.counts,
		Log:       a.Log,
	})
	a.keepOrder(together.limiter)
	a.shareOut()
	a.takeAlong()
	a.made.Store(true)
	if a.bus != nil {
		a.bus.OnLoss(a.Account.ForgetEverybody)
	}
}

// edges makes what speaks HTTP.
func (a *App) edges(ctx context.Context) error {
	if a.cfg.SiteName != "" {
		site, err := a.Account.Site(ctx)
		if err != nil {
			return err
		}
		if site.Name != a.cfg.SiteName {
			if _, err := a.Account.SetSite(ctx, account.Principal{Admin: true}, account.SiteChanges{Name: &a.cfg.SiteName}); err != nil {
				return fmt.Errorf("the site cannot be named %q: %w", a.cfg.SiteName, err)
			}
		}
	}
	secret, err := a.Account.MediaSecret(ctx)
	if err != nil {
		return err
	}
	a.makeCollect(secret)
	a.Runner = runner.New(runner.Config{Log: a.Log, Handlers: a.handlers(), Gather: gathered()})
	a.API = api.New(api.Config{
		Credentials: a.Account,
		Accounts:    a.Account,
		TwoFactors:  a.Account,
		Passkeys:    a.Account,
		Providers:   a.Account,
		Identities:  a.Account,
		Emails:      a.Account,
		Links:       a.Account,
		Sessions:    a.Account,
		Profiles:    a.Account,
		Avatars:     a.Account,
		Site:        a.Account,
		Apps:        a.Account,
		AppDesk:     a.Account,
		OAuth:       a.Account,
		People:      a.Graph,
		Follows:     a.Graph,
		Blocks:      a.Graph,
		Stances:     a.Safety,
		OneSided:    a.Safety,
		Safety:      a.Safety,
		Held:        a.Post,
		FollowLists: a.Graph,
		Clients:     a.Account,
		Uploads:     a.Post,
		Posts:       a.Post,
		PhotoTags:   a.Post,
		Standings:   a.Post,
		Friends:     a.Graph,
		Likes:       a.Post,
		Comments:    a.Post,
		Files:       a.Post,
		Feed:        a.Feed,
		Tags:        a.Tags,
		Places:      a.Places,
		Maps:        a.Post,
		Towns:       a.towns,
		Captions:    a.Captions,
		Popular:     a.Popular,
		Suggestions: a.Graph,
		Activities:  a.Activity,

		ActivityGroups: a.Activity,
		Jobs:           failedJobs{a.Runner},
		Knobs:          a.Knobs,
		Storage:        a.Storage,
		Answers:        sqlstore.Idempotency{R: a.Backend.Router, Clock: a.cfg.Clock},
		Hub:            a.Hub,

		Saved:       a.Saved,
		Collections: a.Saved,
		Albums:      a.Albums,
		SecretLinks: a.Links,
		ReportDesk:  a.Moderate,
		Suspended:   a.Moderate,
		Queue:       a.Moderate,
		AppealDesk:  a.Moderate,
		Suspensions: a.Moderate,
		AuditLog:    a.Moderate,
		Members:     members{a.Account, sqlstore.Accounts{R: a.Backend.Router}},

		Proofs:        a.Account,
		Subscriptions: a.Share,
		Exports:       a.MyData,
		Imports:       a.MyData,
		ImportDeeds:   a.MyData,
		Leaving:       a.Account,
		Grace:         a.Grace(),

		Clock:          a.cfg.Clock,
		Log:            a.Log,
		Version:        a.cfg.Version,
		PublicURL:      a.cfg.publicURL,
		MediaURL:       origin(a.cfg.Fleet.MediaURL),
		PictureURL:     origin(a.cfg.Fleet.S3.PublicURL),
		MapTiles:       a.cfg.MapTiles,
		MapAttribution: a.cfg.MapAttribution,
		TrustedProxies: a.cfg.trusted,
		MediaSecret:    secret,
		Wrote:          a.Backend.wrote,
		UserDrops:      a.caches.userDrops,
		MaxUpload:      int64(a.cfg.MaxUploadMB) << 20,
		MaxPixels:      int64(a.cfg.MaxMegapixels) * 1e6,
		Accepts:        imaging.Types(),
		Formats:        a.pictureFormats,
		HourlyLimit:    a.hourlyLimit,
		Budgets:        a.budgets,
		Calls:          a.calls,
	})
	pages := webapp.Config{Files: web.FS(), Posts: a.Post, People: a.Graph, Tags: a.Tags, Albums: a.Albums, Links: a.Links, Site: a.Account, Requests: a.API, Log: a.Log}
	for _, u := range []*url.URL{a.cfg.publicURL, origin(a.cfg.Fleet.MediaURL), origin(a.cfg.Fleet.S3.PublicURL)} {
		if u != nil {
			pages.ImageOrigins = append(pages.ImageOrigins, u.String())
		}
	}
	if a.cfg.tiles != nil {
		pages.TileOrigin = a.cfg.tiles.String()
	}
	app, err := webapp.New(pages)
	if err != nil {
		return err
	}
	a.Handler = route(a.API, app)
	return nil
}

// route sends each request to the API or to the web app.
func route(v1 *api.API, app http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if api.Owns(r) || v1.MediaOnly(r) {
			v1.ServeHTTP(w, r)
			return
		}
		app.ServeHTTP(w, r)
	})
}

// Serve answers requests on ln, and works jobs if this process is to, until
// ctx ends, then finishes what is under way.
func (a *App) Serve(ctx context.Context, ln net.Listener) error {
	return a.run(ctx, ln, a.Handler, a.cfg.Fleet.worksJobs())
}

// Work works jobs until ctx ends, then finishes what is under way. On ln it
// answers /healthz and /metrics alone.
func (a *App) Work(ctx context.Context, ln net.Listener) error {
	return a.run(ctx, ln, http.NotFoundHandler(), true)
}

func (a *App) run(ctx context.Context, ln net.Listener, h http.Handler, jobs bool) error {
	debug.SetMemoryLimit(int64(a.cfg.MemoryLimitMB) << 20)
	debug.SetGCPercent(gcPercent)
	if jobs {
		if err := a.startWork(ctx); err != nil {
			ln.Close()
			return err
		}
	}
	s := server.New(server.Config{
		Handler:    h,
		Health:     a.Backend.ping,
		Closing:    a.Hub.Close,
		Drain:      time.Duration(a.cfg.DrainSeconds) * time.Second,
		Statements: a.Backend.statements,
		Gauges:     a.storageGauges(a.gauges()),
		Log:        a.Log,
	})
	err := s.Run(ctx, ln)
	return errors.Join(err, a.stopWork(ctx))
}

// gaugeTime is how long one number of /metrics may take.
const gaugeTime = 2 * time.Second

// gauges are the numbers that /metrics shows of the whole process.
func (a *App) gauges() map[string]server.Gauge {
	return map[string]server.Gauge{
		"tintype_event_streams": {Help: "Open event streams.", Read: func() float64 { return float64(a.Hub.Len()) }},
		"tintype_jobs_undone": {Help: "Jobs that wait, run or are to be tried again.", Read: func() float64 {
			ctx, cancel := context.WithTimeout(context.Background(), gaugeTime)
			defer cancel()
			n, err := a.Runner.Undone(ctx)
			if err != nil {
				return math.NaN()
			}
			return float64(n)
		}},
		"tintype_image_children": {Help: "Imaging child processes alive.", Read: func() float64 { return float64(a.Images.Children()) }},
	}
}

// Close gives everything back. It may be called on an App half opened.
func (a *App) Close() error {
	var errs []error
	if a.stopKnobs != nil {
		a.stopKnobs()
	}
	if a.Images != nil {
		errs = append(errs, a.Images.Close())
	}
	if a.Feed != nil {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := a.Feed.Close(ctx); !a.isFrozen() { // who was here is not written down any more
			errs = append(errs, err)
		}
	}
	if a.Activity != nil {
		a.Activity.Close()
	}
	if a.outward != nil {
		a.outward.Close()
	}
	if a.Account != nil {
		errs = append(errs, a.Account.Close())
	}
	a.leave()
	if a.Backend != nil {
		errs = append(errs, a.Backend.Close())
	}
	if a.lock != nil {
		errs = append(errs, a.lock.release())
	}
	return errors.Join(errs...)
}

// Addr is where the site is configured to listen.
func (a *App) Addr() string { return a.cfg.Addr }

// Dir is the directory of all that the site keeps; "" if it is kept elsewhere.
func (a *App) Dir() string {
	if a.lock == nil {
		return ""
	}
	return a.cfg.Data
}
