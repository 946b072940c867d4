// Package storage keeps a site within the room that its operator gives it. It adds up what files and databases take,
// says when no more can be taken in, and makes room by deleting what can be made again, that made longest ago first:
// pictures in formats besides JPEG, and when these are gone JPEGs larger than the squares of grids. Originals, squares,
// profile pictures and databases are never touched.
//
// What is counted, and when, is the store's business; who is refused what is left to the rules that ask Room.
// Errors are the store's, and Full where there is no room.
package storage

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/tintype/tintype/internal/blob"
	"github.com/tintype/tintype/internal/tintype"
)

// Counts knows how many bytes there are. sqlstore.Storage provides it.
type Counts interface {
	// Total gives how many bytes the files of all users have, by kind.
	Total(ctx context.Context) (map[tintype.StoredKind]int64, error)
	// Use gives the same of one user.
	Use(ctx context.Context, user tintype.ID) (map[tintype.StoredKind]int64, error)
	// Oldest gives pictures in formats besides JPEG, of every home up to limit, those made longest ago first.
	Oldest(ctx context.Context, limit int) ([]tintype.Stored, error)
	// OldestLarge gives pictures with large JPEGs in the same way.
	OldestLarge(ctx context.Context, limit int) ([]tintype.Stored, error)
	// Restock changes what is written of a picture's renditions.
	Restock(ctx context.Context, post tintype.ID, key string, change func(*tintype.Stored)) (changed bool, err error)
}

// Database is what a database takes.
type Database struct {
	Name  string
	Bytes int64
}

// Config is what a Service is made of.
type Config struct {
	Counts    Counts
	Files     blob.Store
	Databases func(ctx context.Context) ([]Database, error)
	Limit     func() int64 // bytes; 0 for no limit
	Clock     tintype.Clock
	Log       *slog.Logger
}

// Usage is what a site takes.
type Usage struct {
	Kinds     map[tintype.StoredKind]int64
	Databases []Database
	Used      int64 // all of it
	Limit     int64 // 0 for none
	Level     Level
	At        time.Time // when it was added up
}

// Level says how near the limit a site is.
type Level string

// The levels.
const (
	Plenty Level = "ok"
	High   Level = "high"   // 80 %: think of more room
	Urgent Level = "urgent" // 90 %: what can be made again goes
	Full   Level = "full"   // nothing is taken in
)

// In parts of a hundred of the limit: from where on it is said, and down to what room is made.
const (
	highAt   = 80
	urgentAt = 90
	shrinkTo = 85
)

func level(used, limit int64) Level {
	switch {
	case limit <= 0 || used < limit/100*highAt:
		return Plenty
	case used < limit/100*urgentAt:
		return High
	case used < limit:
		return Urgent
	}
	return Full
}

// Service is the room of one site. Make it with New.
type Service struct {
	c Config

	mu    sync.Mutex
	last  Usage
	taken int64 // let in since then
}

// New makes a Service.
func New(c Config) *Service { return &Service{c: c} }

// fresh is how old a sum may be.
const fresh = time.Minute

// Usage adds up what the site takes; a sum of the last minute will do.
func (s *Service) Usage(ctx context.Context) (Usage, error) {
	s.mu.Lock()
	u, taken := s.last, s.taken
	s.mu.Unlock()
	if now := s.c.Clock(); u.Kinds == nil || now.Sub(u.At) >= fresh || now.Before(u.At) {
		return s.measure(ctx)
	}
	return s.judged(u, taken), nil
}

// judged holds a sum against the limit as it is now.
func (s *Service) judged(u Usage, taken int64) Usage {
	u.Limit = s.c.Limit()
	u.Level = level(u.Used+taken, u.Limit)
	return u
}

func (s *Service) measure(ctx context.Context) (Usage, error) {
	u := Usage{At: s.c.Clock()}
	var err error
	if u.Kinds, err = s.c.Counts.Total(ctx); err != nil {
		return u, err
	}
	if u.Databases, err = s.c.Databases(ctx); err != nil {
		return u, err
	}
	for _, b := range u.Kinds {
		u.Used += b
	}
	for _, d := range u.Databases {
		u.Used += d.Bytes
	}
	s.mu.Lock()
	s.last, s.taken = u, 0
	s.mu.Unlock()
	return s.judged(u, 0), nil
}

// Mine gives how many bytes a user's own files have, by kind.
func (s *Service) Mine(ctx context.Context, user tintype.ID) (map[tintype.StoredKind]int64, error) {
	return s.c.Counts.Use(ctx, user)
}

var errFull = &tintype.Error{Kind: tintype.Full, Msg: "this site has no room for more photos at the moment; everything else goes on, and whoever runs it has been told"}

// Room is nil if so many bytes more may be taken in, and counts them as taken until the next sum. Where the sum is
// unknown, what is counted is no reason to refuse: a full disk will say so itself.
func (s *Service) Room(ctx context.Context, bytes int64) error {
	limit := s.c.Limit()
	if limit <= 0 {
		return nil
	}
	u, err := s.Usage(ctx)
	if err != nil {
		s.c.Log.WarnContext(ctx, "what the site takes is not known", "error", err)
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if u.Used+s.taken+bytes > limit {
		return errFull
	}
	s.taken += bytes
	return nil
}

// Roomy reports whether there is room for what can be made again.
func (s *Service) Roomy(ctx context.Context) bool {
	if s.c.Limit() <= 0 {
		return true
	}
	u, err := s.Usage(ctx)
	return err == nil && (u.Level == Plenty || u.Level == High)
}

// batch is how many pictures of each home are looked at at a time.
const batch = 200

// Sweep makes room if the site is near its limit: call it every few minutes, in one process or in several.
func (s *Service) Sweep(ctx context.Context) error {
	if s.c.Limit() <= 0 {
		return nil
	}
	u, err := s.measure(ctx)
	if err != nil {
		return err
	}
	if u.Level == High {
		s.c.Log.WarnContext(ctx, "the site takes more than 80 % of the room that it may have", "used", u.Used, "limit", u.Limit)
	}
	if u.Level != Urgent && u.Level != Full {
		return nil
	}
	var freed int64
	want := u.Used - u.Limit/100*shrinkTo
	for _, d := range []dropping{{s.c.Counts.Oldest, s.dropExtras}, {s.c.Counts.OldestLarge, s.dropLarge}} {
		n, err := s.drop(ctx, d, want-freed)
		freed += n
		if err != nil {
			return err
		}
	}
	s.c.Log.WarnContext(ctx, "the site takes more than 90 % of the room that it may have: pictures that can be made again were deleted",
		"used", u.Used, "limit", u.Limit, "freed", freed)
	_, err = s.measure(ctx)
	return err
}

// dropping is one kind of what can be made again.
type dropping struct {
	oldest func(ctx context.Context, limit int) ([]tintype.Stored, error)
	// drop deletes it of one picture, which oldest then no longer gives; did is false if it is left as it was.
	drop func(ctx context.Context, p tintype.Stored) (freed int64, did bool, err error)
}

// drop deletes of a kind what was made longest ago, until so many bytes are freed or nothing is left.
func (s *Service) drop(ctx context.Context, d dropping, want int64) (freed int64, err error) {
	left := map[string]bool{} // what is not to be dropped
	for going := true; going && freed < want; {
		old, err := d.oldest(ctx, batch+len(left))
		if err != nil || len(old) == 0 {
			return freed, err
		}
		slices.SortFunc(old, func(a, b tintype.Stored) int { return a.Made.Compare(b.Made) })
		going = false
		for _, p := range old {
			if freed >= want {
				break
			}
			if left[p.Key] {
				continue
			}
			n, did, err := d.drop(ctx, p)
			freed, going = freed+n, true
			if !did {
				left[p.Key] = true
			}
			if err != nil {
				return freed, err
			}
		}
	}
	return freed, nil
}

// dropExtras deletes a picture's formats besides JPEG.
func (s *Service) dropExtras(ctx context.Context, p tintype.Stored) (freed int64, did bool, err error) {
	// The files first: what is gone and still counted is found and counted again by the next who drops it.
	if err := s.c.Files.Delete(ctx, blob.Extras(p.Key)...); err != nil {
		return 0, false, err
	}
	did, err = s.c.Counts.Restock(ctx, p.Post, p.Key, func(s *tintype.Stored) { s.AVIF, s.WebP = 0, 0 })
	return p.AVIF + p.WebP, did, err
}

// dropLarge deletes a picture's large JPEGs. That they may be missing is written first, so that the check never takes
// it for damage; what a death in between leaves is found by `tintype rebuild storage`.
func (s *Service) dropLarge(ctx context.Context, p tintype.Stored) (freed int64, did bool, err error) {
	original, err := blob.Stat(ctx, s.c.Files, p.Original)
	if err != nil && !tintype.IsKind(err, tintype.NotFound) {
		return 0, false, err
	}
	if err != nil || original.Size != p.OriginalBytes {
		s.c.Log.WarnContext(ctx, "large JPEGs are kept, as the original that they could be made from is not as it should be", "post", p.Post, "original", p.Original)
		return 0, false, nil
	}
	names := blob.Large(p.Key)
	for _, name := range names {
		info, err := blob.Stat(ctx, s.c.Files, name)
		if err != nil && !tintype.IsKind(err, tintype.NotFound) {
			return 0, false, err
		}
		freed += info.Size
	}
	if _, err := s.c.Counts.Restock(ctx, p.Post, p.Key, func(s *tintype.Stored) {
		if did = s.Large != tintype.LargeGone; did {
			s.JPEG, s.Large = max(s.JPEG-freed, 0), tintype.LargeGone
		}
	}); err != nil || !did {
		return 0, false, err
	}
	if err := s.c.Files.Delete(ctx, names...); err != nil {
		// Some may be there still: they count, and are tried again.
		_, e := s.c.Counts.Restock(context.WithoutCancel(ctx), p.Post, p.Key, func(s *tintype.Stored) { s.JPEG, s.Large = s.JPEG+freed, tintype.LargeSome })
		return 0, true, errors.Join(err, e)
	}
	return freed, true, nil
}
