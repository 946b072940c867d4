package mydata

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"time"

	"github.com/tintype/tintype/internal/blob"
	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/tintype"
)

// Posts reads a user's own posts. sqlstore.Posts implements it.
type Posts interface {
	PostIDs(ctx context.Context, user tintype.ID, page tintype.Page) ([]tintype.ID, error)
	Posts(ctx context.Context, ids []tintype.ID) ([]*tintype.Post, error)
	PinnedIDs(ctx context.Context, user tintype.ID) ([]tintype.ID, error)
}

// Exports keeps what exports there are. sqlstore.Exports implements it and says what each method does.
type Exports interface {
	Exports(ctx context.Context, user tintype.ID) ([]tintype.Export, error)
	BeginExport(ctx context.Context, e *tintype.Export, allow func([]tintype.Export) error) error
	SaveExport(ctx context.Context, e tintype.Export) (ok bool, err error)
	DeleteExport(ctx context.Context, user, id tintype.ID) error
	SweepExports(ctx context.Context, now time.Time) error
}

// Imports keeps what imports there are. sqlstore.Imports implements it and says what each method does.
type Imports interface {
	Imports(ctx context.Context, user tintype.ID, page tintype.Page) ([]tintype.Import, error)
	Import(ctx context.Context, user, id tintype.ID) (tintype.Import, error)
	BeginImport(ctx context.Context, i *tintype.Import, allow func([]tintype.Import) error) error
	SaveImport(ctx context.Context, i tintype.Import, next bool) (ok bool, err error)
	AddPart(ctx context.Context, user, id tintype.ID, n int, expires time.Time) (ok bool, err error)
	DeleteImport(ctx context.Context, user, id tintype.ID) error
}

// Unpacked puts what an archive unpacks to in its place. sqlstore.Imports implements it.
type Unpacked interface {
	// ReplaceFile has an import that is as it was at i.Step have i.Bytes in i.Parts by i.Key, and the parts of its file before
	// deleted, and puts its next step off. ok is false if it was not so.
	ReplaceFile(ctx context.Context, i tintype.Import, key string, parts int) (ok bool, err error)
}

// ImportItems keeps what is in imports. sqlstore.Imports implements it.
type ImportItems interface {
	AddItems(ctx context.Context, user, id tintype.ID, items []tintype.ImportItem) error
	Items(ctx context.Context, user, id tintype.ID, after, count int) ([]tintype.ImportItem, error)
	ItemsIn(ctx context.Context, user, id tintype.ID, state tintype.ItemState, after, count int) ([]tintype.ImportItem, error)
	SettleItem(ctx context.Context, user, id tintype.ID, it tintype.ImportItem) error
	RetryImport(ctx context.Context, i tintype.Import) (ok bool, err error)
}

// Imported knows which posts came of imports. sqlstore.Imports implements it.
type Imported interface {
	Imported(ctx context.Context, user tintype.ID, key string) (tintype.ID, error)
	Made(ctx context.Context, user, id tintype.ID, n int) ([]tintype.ID, error)
	Forget(ctx context.Context, user, id tintype.ID, posts []tintype.ID) error
	SweepImports(ctx context.Context, now time.Time) error
	// Refused gives the imports that are TaskRefused.
	Refused(ctx context.Context) ([]tintype.Ticket, error)
}

// Leavers keeps who asked to be deleted, and deletes them. sqlstore.Leaving implements it and says what each method does.
type Leavers interface {
	Leaver(ctx context.Context, user tintype.ID) (*tintype.Leaving, error)
	Due(ctx context.Context, now time.Time, n int) (fresh []tintype.ID, err error)
	Advance(ctx context.Context, user tintype.ID, from, to int, notBefore time.Time) error
	DropTraces(ctx context.Context, user tintype.ID, home int) (changed tintype.Mended, more, last bool, err error)
	DropOwn(ctx context.Context, user tintype.ID, avatar func(key string) []string) error
	DropEntries(ctx context.Context, user tintype.ID) (ended []tintype.Credential, err error)
}

// Departed ends what is known of somebody who leaves.
type Departed struct {
	// Hide makes a user invisible who leaves, if they do and are not.
	Hide func(ctx context.Context, user tintype.ID) error
	// DeletePost deletes a post of a user whom nobody can see any more.
	DeletePost func(ctx context.Context, user, post tintype.ID) error
	// Avatar names the files of a profile picture.
	Avatar func(user tintype.ID, key string) []string
	// Changed drops rows of others that changed from caches.
	Changed func(ctx context.Context, m tintype.Mended)
	// Ended is told of credentials that ended.
	Ended func([]tintype.Credential)
	// Forget forgets the feed of a user.
	Forget func(ctx context.Context, users []tintype.ID) error
}

// Draft is what becomes of an item.
type Draft struct {
	Uploads     []tintype.ID
	Caption     string
	AltTexts    []string
	Edits       []json.RawMessage
	Location    *tintype.Location
	Approximate bool
	Audience    tintype.Audience
	HideLikes   tintype.Choice
	Commenters  tintype.Commenters
}

// Publisher makes posts, and deletes them. It is post.Service, made to fit in app.
type Publisher interface {
	Upload(ctx context.Context, user tintype.ID, src io.Reader, size int64) (*tintype.Upload, error)
	DeleteUpload(ctx context.Context, user, id tintype.ID) error
	PublishPast(ctx context.Context, user tintype.ID, d Draft, past tintype.Past) (post tintype.ID, was bool, err error)
	// Delete deletes a post of user's, whether or not they may see it at this moment.
	Delete(ctx context.Context, user, post tintype.ID) error
}

// A List is one file of an export besides posts and their originals: a JSON array, or one value.
type List struct {
	Name string // of the file
	// Each gives what is in it, in order. What others may see of others alone is given.
	Each func(ctx context.Context, user tintype.ID, yield func(v any) error) error
	One  bool // Each gives one value, and the file is it
}

// Config is what a Service is made of. All is required.
type Config struct {
	Clock    tintype.Clock
	Blobs    blob.Store
	Posts    Posts
	Exports  Exports
	Imports  Imports
	Items    ImportItems
	Unpacked Unpacked
	Made     Imported
	Publish  Publisher
	Restore  Restorer
	Leavers  Leavers
	Departed Departed
	// Settle is how long after the last post of somebody was deleted what was put off by that is over.
	Settle time.Duration
	// MaxBytes is how large an archive that is brought may be, and MaxPart one part of it.
	MaxBytes, MaxPart int64
	// Names gives the usernames of those of others whom user may know of.
	Names func(ctx context.Context, user tintype.ID, others []tintype.ID) (map[tintype.ID]string, error)
	// Lists gives what goes into an export besides posts, in the order of its files.
	Lists []List
	// Pictures names the blobs of a user's profile picture, the largest first; nil for none.
	Pictures func(ctx context.Context, user tintype.ID) ([]string, error)
	SiteName func(ctx context.Context) (string, error)
	// Room is nil if so many bytes more may be taken in.
	Room func(ctx context.Context, bytes int64) error
	// MayPublish says why a user may publish nothing at this moment; refused is nil if they may.
	MayPublish func(ctx context.Context, user tintype.ID) (refused, err error)
	// Keep is how long an export can be fetched.
	Keep time.Duration
	Log  *slog.Logger
}

// Service is people's data. Make it with [New].
type Service struct {
	c Config
}

// New makes a Service.
func New(c Config) *Service {
	if c.Keep == 0 {
		c.Keep = keepExports
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return &Service{c: c}
}

const (
	keepExports = 7 * 24 * time.Hour
	perDay      = 3                // exports that one user may ask for in a day
	stepTime    = 15 * time.Second // after which a step leaves the rest to the next one
	stuckAfter  = 24 * time.Hour   // without any progress, an export counts as failed
)

var errSignedIn = &tintype.Error{Kind: tintype.Unauthenticated, Msg: "please sign in first"}

// random mints 128 unguessable bits, as 22 characters of base64url.
func random() string {
	var b [16]byte
	rand.Read(b[:]) // never fails
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// Sweep deletes what was kept for long enough; call it every few minutes.
func (s *Service) Sweep(ctx context.Context) error {
	now := s.c.Clock()
	return errors.Join(s.c.Exports.SweepExports(ctx, now), s.c.Made.SweepImports(ctx, now), s.resumeRefused(ctx), s.sweepLeavers(ctx, now))
}

// ticket reads a step.
func ticket(j job.Step) tintype.Ticket { return tintype.Ticket{User: j.User, ID: j.ID, Step: j.Step} }
