package demo

import (
	"cmp"
	"context"
	"iter"
	"math/bits"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/tintype/tintype/internal/feed"
	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/tintype"
)

// BulkOptions say how large a site to load. The same options give the same
// rows, but for the unguessable keys of files.
type BulkOptions struct {
	Seed      uint64
	Now       time.Time
	Users     int
	Posts     int
	Follows   int
	Pictures  int // distinct pictures; all posts share them
	Width     int // of the pictures, in pixels
	Password  string
	Shards    []tintype.Shard // where users live
	Streams   int             // logical shards loaded at once; 0 for one per processor and one more
	PullAbove int             // followers above which a user's posts are merged in at reading; 0 for feed.PullAbove
}

// Loader writes finished rows as fast as the engine can. sqlstore.Bulk implements it.
type Loader interface {
	Empty(ctx context.Context) (bool, error)
	LoadDirectory(ctx context.Context, people iter.Seq[*tintype.Member], words func(*tintype.User) ([]string, int), pulled []tintype.ID) error
	LoadShard(ctx context.Context, s tintype.Shard, users iter.Seq[*tintype.Member], posts iter.Seq[*tintype.Post], follows, followers iter.Seq[job.Edge]) error
}

// BulkNames is Names that also gives the words by which a user is found, as the site indexes them.
type BulkNames interface {
	Names
	Words(u *tintype.User) []string
}

// BulkSummary counts what was loaded.
type BulkSummary struct {
	Users, Posts, Media, Follows int
	Rows                         int // of all tables
	Pictures                     time.Duration
	Town                         time.Duration // deciding who follows whom
	Load                         time.Duration // writing the rows
}

// LoadBulk makes a site of millions: users, posts and both sides of every follow,
// one logical shard at a time and several at once, without jobs, likes, comments or
// activity, and with feeds that are built when their owners come. A site that has users already is
// refused with Conflict; a load that failed is begun again on empty databases.
func LoadBulk(ctx context.Context, st Loader, dark Darkroom, names BulkNames, o BulkOptions, progress Progress) (BulkSummary, error) {
	var sum BulkSummary
	empty, err := st.Empty(ctx)
	if err != nil {
		return sum, err
	}
	if !empty {
		return sum, tintype.Errorf(tintype.Conflict, "there are people on this site already: the demo fills empty sites only")
	}
	if o.Users < 2 || o.Posts < 0 || o.Follows < 0 || len(o.Shards) == 0 {
		return sum, tintype.Errorf(tintype.Invalid, "a site needs at least two people")
	}
	if most := int64(o.Users) * int64(o.Users-1); int64(o.Follows) > most/2 {
		return sum, tintype.Errorf(tintype.Invalid, "%d people have at most %d follows between them; half of that is as many as are made", o.Users, most)
	}
	o.PullAbove = cmp.Or(o.PullAbove, feed.PullAbove)
	hash, err := names.HashPassword(ctx, o.Password)
	if err != nil {
		return sum, err
	}
	began := time.Now()
	media, err := sharedPictures(ctx, dark, o, progress)
	if err != nil {
		return sum, err
	}
	sum.Pictures, began = time.Since(began), time.Now()
	t, err := newTown(ctx, o, media)
	if err != nil {
		return sum, err
	}
	sum.Town, began = time.Since(began), time.Now()
	if err := t.load(ctx, st, names, hash, progress, &sum); err != nil {
		return sum, err
	}
	sum.Load = time.Since(began)
	sum.Users, sum.Posts, sum.Follows = o.Users, o.Posts, len(t.target)
	return sum, faces(ctx, dark, o, func(i int) tintype.ID { return t.userID(i) }, progress)
}

// sharedPictures draws and stores the pictures that all posts share.
func sharedPictures(ctx context.Context, dark Darkroom, o BulkOptions, progress Progress) ([]tintype.Media, error) {
	f := &filler{Options: Options{Seed: o.Seed, Now: o.Now, Pictures: o.Pictures, Width: o.Width}, dark: dark, progress: progress, r: newRand(o.Seed)}
	err := f.develop(ctx)
	return f.media, err
}

// faces gives profile pictures to those who have a name of their own.
func faces(ctx context.Context, dark Darkroom, o BulkOptions, id func(int) tintype.ID, progress Progress) error {
	f := &filler{Options: Options{Seed: o.Seed, Now: o.Now, People: o.Users, Pictures: o.Pictures}, dark: dark, progress: progress}
	for i := range min(len(firstPeople()), o.Users) {
		var m tintype.Member
		m.User.ID = id(i)
		f.people = append(f.people, m)
	}
	return f.faces(ctx)
}

// load writes the town, the directory beside the shards.
func (t *town) load(ctx context.Context, st Loader, names BulkNames, hash string, progress Progress, sum *BulkSummary) error {
	var rows, media atomic.Int64
	var mu sync.Mutex
	expected := 4*t.o.Users + 2*t.o.Posts + 2*len(t.target) // words and further pictures come on top
	tell := func(n int) {
		total := int(rows.Add(int64(n)))
		mu.Lock()
		defer mu.Unlock()
		progress("rows", min(total, expected-1), expected)
	}
	streams := t.o.Streams
	if streams == 0 {
		streams = runtime.GOMAXPROCS(0) + 1
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(streams)
	g.Go(func() error {
		return st.LoadDirectory(ctx, counted(t.members(names, hash), tell), func(u *tintype.User) ([]string, int) {
			return names.Words(u), bits.Len64(uint64(u.Counts.FollowedBy))
		}, t.pulled())
	})
	for k, s := range t.o.Shards {
		g.Go(func() error {
			posts, pictures := t.posts(k)
			media.Add(int64(pictures))
			return st.LoadShard(ctx, s, counted(t.residents(k, names, hash), tell), counted(posts, tell), counted(t.follows(k), tell), counted(t.followers(k), tell))
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	sum.Media = int(media.Load())
	// What was counted, less the second round over posts, plus their pictures.
	sum.Rows = int(rows.Load()) - t.o.Posts + sum.Media
	progress("rows", expected, expected)
	return nil
}

// counted tells how many values went by, now and then.
func counted[T any](list iter.Seq[T], tell func(int)) iter.Seq[T] {
	return func(yield func(T) bool) {
		n := 0
		for v := range list {
			if !yield(v) {
				return
			}
			if n++; n == 20_000 {
				tell(n)
				n = 0
			}
		}
		tell(n)
	}
}
