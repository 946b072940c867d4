package demo

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/tintype"
)

// Options say what to make. The same options give the same site, but for the
// unguessable keys of its files.
type Options struct {
	Seed     uint64
	Now      time.Time // the newest post is a few minutes older
	People   int
	Posts    int
	Pictures int // distinct pictures to draw; posts beyond them share their files
	Active   int // how many people get a home timeline built; the others' are built when they come
	Width    int // of the pictures, in pixels
	Password string
	Shards   []tintype.Shard // where new users may live
}

// Progress is told how far a stage has come.
type Progress func(stage string, done, total int)

// Store writes finished rows in bulk, both sides of every edge. sqlstore.Bulk implements it.
type Store interface {
	Empty(ctx context.Context) (bool, error)
	People(ctx context.Context, list []tintype.Member) error
	Follows(ctx context.Context, list []job.Edge) error
	Posts(ctx context.Context, list []*tintype.Post) error
	Reactions(ctx context.Context, likes []job.Edge, comments []tintype.Comment, owners map[tintype.ID]tintype.ID) error
	Feed(ctx context.Context, owner tintype.ID, ids []tintype.ID) error
}

// Darkroom turns a drawn picture into stored files.
type Darkroom interface {
	// Develop renders and stores one file as an upload would and gives the media row.
	Develop(ctx context.Context, jpeg []byte) (tintype.Media, error)
	// Avatar makes a picture the profile picture of a user who is there.
	Avatar(ctx context.Context, user tintype.ID, jpeg []byte) error
}

// Names turns names and passwords into what the directory keeps.
type Names interface {
	Skeleton(username string) string
	HashPassword(ctx context.Context, password string) (string, error)
}

// Places makes places that people name. discover.Book implements it.
type Places interface {
	// Locate makes a place of a name and a point, once for all who name it there.
	Locate(ctx context.Context, l *tintype.Location) (*tintype.Location, error)
}

// Summary counts what was made.
type Summary struct{ People, Posts, Pictures, Follows, Likes, Comments int }

// Fill makes a site. A site that has users already is refused with Conflict. Without named its places have no pages.
func Fill(ctx context.Context, st Store, dark Darkroom, names Names, named Places, o Options, progress Progress) (Summary, error) {
	empty, err := st.Empty(ctx)
	if err != nil {
		return Summary{}, err
	}
	if !empty {
		return Summary{}, tintype.Errorf(tintype.Conflict, "there are people on this site already: the demo fills empty sites only; choose another --data directory")
	}
	if o.People < 2 || o.Posts < 0 || len(o.Shards) == 0 {
		return Summary{}, tintype.Errorf(tintype.Invalid, "a demo needs at least two people")
	}
	f := &filler{Options: o, st: st, dark: dark, progress: progress, r: rand.New(rand.NewPCG(o.Seed, 1))}
	hash, err := names.HashPassword(ctx, o.Password)
	if err != nil {
		return Summary{}, err
	}
	if err := f.locate(ctx, named); err != nil {
		return Summary{}, err
	}
	f.makePeople(names, hash)
	f.makeFollows()
	f.assignPosts()
	if err := f.develop(ctx); err != nil {
		return f.sum, err
	}
	if err := f.writePeople(ctx); err != nil {
		return f.sum, err
	}
	if err := f.faces(ctx); err != nil {
		return f.sum, err
	}
	if err := f.writePosts(ctx); err != nil {
		return f.sum, err
	}
	return f.sum, f.writeFeeds(ctx)
}

type filler struct {
	Options
	st       Store
	dark     Darkroom
	progress Progress
	r        *rand.Rand
	sum      Summary

	places    []tintype.Location
	people    []tintype.Member
	pull      []float64 // cumulative popularity
	following [][]int32 // by person: whom they follow
	followers [][]int32
	authors   []int32 // by post, oldest first
	when      []time.Time
	media     []tintype.Media
	seq       uint16
	posted    []tintype.ID // by post, once written
}

// id makes an ID in the past. The sequence runs on, so that no two of one
// millisecond and shard are alike unless a thousand lie between.
func (f *filler) id(t time.Time, s tintype.Shard) tintype.ID {
	f.seq = (f.seq + 1) & tintype.MaxSeq
	return tintype.MakeID(t.UnixMilli(), s, f.seq)
}

// locate has the places of the site named.
func (f *filler) locate(ctx context.Context, named Places) error {
	for _, pl := range places() {
		l := &tintype.Location{Name: pl.name, Latitude: pl.lat, Longitude: pl.lon, HasPoint: true}
		if named != nil {
			var err error
			if l, err = named.Locate(ctx, l); err != nil {
				return err
			}
		}
		f.places = append(f.places, *l)
	}
	return nil
}

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

func (f *filler) makePeople(names Names, hash string) {
	first, given, family := firstPeople(), givenNames(), familyNames()
	var total float64
	taken := map[string]bool{}
	for i := range f.People {
		created := f.Now.Add(-time.Duration(400-300*i/f.People) * 24 * time.Hour).Add(time.Duration(i) * 7 * time.Millisecond)
		a := tintype.Member{Seen: f.Now.Add(-time.Duration(f.r.IntN(600)) * time.Minute)}
		u := &a.User
		if i < len(first) {
			u.Username, u.FullName, u.Bio = first[i].username, first[i].name, first[i].bio
		} else {
			g, n := pick(f.r, given), pick(f.r, family)
			u.FullName = g + " " + n
			u.Username = fmt.Sprintf("%s_%s%d", lower(g), lower(n), i)
		}
		a.Skeleton = names.Skeleton(u.Username)
		for n := 2; taken[a.Skeleton]; n++ {
			u.Username = fmt.Sprintf("person_%d_%d", i, n)
			a.Skeleton = names.Skeleton(u.Username)
		}
		taken[a.Skeleton] = true
		u.ID = f.id(created, pick(f.r, f.Shards))
		u.Private = i > 2 && f.r.IntN(12) == 0
		if i >= f.Active {
			a.Seen = f.Now.Add(-time.Duration(40+f.r.IntN(200)) * 24 * time.Hour)
		}
		a.Account = tintype.Account{UserID: u.ID, PasswordHash: hash, Admin: i == 0, State: tintype.AccountActive, Locale: "en", Created: created}
		f.people = append(f.people, a)
		total += 1 / math.Pow(float64(i+3), 0.7) // few are followed by many
		f.pull = append(f.pull, total)
	}
}

func lower(s string) string { return string(s[0]|0x20) + s[1:] }

func (f *filler) somebody() int32 {
	x := f.r.Float64() * f.pull[len(f.pull)-1]
	i, _ := slices.BinarySearch(f.pull, x)
	return int32(min(i, len(f.pull)-1))
}

func (f *filler) makeFollows() {
	f.following = make([][]int32, f.People)
	f.followers = make([][]int32, f.People)
	for i := range f.People {
		want := min(8+f.r.IntN(45), f.People-1)
		seen := map[int32]bool{int32(i): true}
		for tries := 0; len(f.following[i]) < want && tries < 6*want; tries++ {
			j := f.somebody()
			if seen[j] {
				continue
			}
			seen[j] = true
			f.following[i] = append(f.following[i], j)
			f.followers[j] = append(f.followers[j], int32(i))
		}
	}
	for i := range f.people {
		f.people[i].User.Counts.Follows, f.people[i].User.Counts.FollowedBy = int64(len(f.following[i])), int64(len(f.followers[i]))
	}
}

// assignPosts deals authors and instants, oldest first, denser towards now.
func (f *filler) assignPosts() {
	const span = 90 * 24 * time.Hour
	f.posted = make([]tintype.ID, f.Posts)
	for i := range f.Posts {
		author := f.somebody()
		if f.Posts > 4*f.People {
			author = int32(f.r.IntN(f.People))
		}
		f.authors = append(f.authors, author)
		f.people[author].User.Counts.Media++
		left := 1 - float64(i)/float64(f.Posts)
		f.when = append(f.when, f.Now.Add(-time.Duration(float64(span)*math.Pow(left, 1.5))-3*time.Minute))
	}
}

// develop draws the pictures, several at once. What each shall be is drawn by
// lot beforehand, in order, so that the site does not depend on who is first.
func (f *filler) develop(ctx context.Context) error {
	height := []int{f.Width * 3 / 4, f.Width, f.Width * 5 / 4}
	type sheet struct {
		shot   Shot
		height int
		alt    string
	}
	sheets := make([]sheet, f.Pictures)
	for i := range sheets {
		p, cam := pick(f.r, places()), pick(f.r, cameras())
		sheets[i] = sheet{height: pick(f.r, height), alt: pick(f.r, alts()),
			shot: Shot{Make: cam.make, Model: cam.model, Lens: cam.lens, Taken: f.Now.Add(-time.Duration(f.r.IntN(90*24)) * time.Hour).UTC().Truncate(time.Second),
				ExposureDenominator: uint32(30 << f.r.IntN(6)), Aperture: pick(f.r, []float64{1.8, 2.8, 4, 5.6, 8, 11}), ISO: uint16(100 << f.r.IntN(5)), FocalLength: pick(f.r, cam.focal),
				Latitude: p.lat + f.r.Float64()*0.02, Longitude: p.lon + f.r.Float64()*0.02, HasPoint: true}}
	}
	f.media = make([]tintype.Media, f.Pictures)
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	var mu sync.Mutex
	for i, sh := range sheets {
		g.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			b, err := EncodeJPEG(Draw(f.Seed<<20+uint64(i), f.Width, sh.height), sh.shot)
			if err != nil {
				return err
			}
			m, err := f.dark.Develop(ctx, b)
			if err != nil {
				return err
			}
			m.AltText = sh.alt
			f.media[i] = m
			mu.Lock()
			defer mu.Unlock()
			f.sum.Pictures++
			f.progress("drawing pictures", f.sum.Pictures, f.Pictures)
			return nil
		})
	}
	return g.Wait()
}

// faces gives profile pictures to those who have a name of their own.
func (f *filler) faces(ctx context.Context) error {
	n := min(len(firstPeople()), f.People, f.Pictures)
	for i := range n {
		b, err := EncodeJPEG(Draw(f.Seed<<20+1<<19+uint64(i), 320, 320), Shot{Taken: f.Now})
		if err != nil {
			return err
		}
		if err := f.dark.Avatar(ctx, f.people[i].User.ID, b); err != nil {
			return err
		}
		f.progress("profile pictures", i+1, n)
	}
	return nil
}

func (f *filler) writePeople(ctx context.Context) error {
	for part := range slices.Chunk(f.people, 1000) {
		if err := f.st.People(ctx, part); err != nil {
			return err
		}
		f.sum.People += len(part)
		f.progress("people", f.sum.People, f.People)
	}
	total := 0
	for _, l := range f.following {
		total += len(l)
	}
	var batch []job.Edge
	flush := func() error {
		if err := f.st.Follows(ctx, batch); err != nil {
			return err
		}
		f.sum.Follows += len(batch)
		f.progress("follows", f.sum.Follows, total)
		batch = batch[:0]
		return nil
	}
	for i, l := range f.following {
		for _, j := range l {
			from := f.people[max(i, int(j))].Account.Created
			t := from.Add(time.Duration(f.r.Int64N(int64(f.Now.Sub(from)))))
			me := f.people[i].User.ID
			batch = append(batch, job.Edge{User: me, Target: f.people[j].User.ID, Op: f.id(t, me.Shard())})
		}
		if len(batch) > 5000 {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}

func (f *filler) writePosts(ctx context.Context) error {
	const part = 2000
	for from := 0; from < f.Posts; from += part {
		var posts []*tintype.Post
		var likes []job.Edge
		var comments []tintype.Comment
		owners := make(map[tintype.ID]tintype.ID, part)
		for i := from; i < min(from+part, f.Posts); i++ {
			p := f.post(i)
			f.posted[i], owners[p.ID] = p.ID, p.UserID
			likes, comments = f.react(p, f.authors[i], f.when[i], likes, comments)
			posts = append(posts, p)
		}
		if err := f.st.Posts(ctx, posts); err != nil {
			return err
		}
		if err := f.st.Reactions(ctx, likes, comments, owners); err != nil {
			return err
		}
		f.sum.Posts += len(posts)
		f.sum.Likes += len(likes)
		f.sum.Comments += len(comments)
		f.progress("posts", f.sum.Posts, f.Posts)
	}
	return nil
}

func (f *filler) post(i int) *tintype.Post {
	author := f.people[f.authors[i]].User.ID
	p := &tintype.Post{ID: f.id(f.when[i], author.Shard()), UserID: author, Caption: pick(f.r, captions())}
	for _, w := range strings.Fields(p.Caption) {
		if tag, ok := strings.CutPrefix(w, "#"); ok {
			p.Tags = append(p.Tags, tag)
		}
	}
	n := 1
	if f.r.IntN(5) == 0 {
		n = 2 + f.r.IntN(5)
	}
	for k := range n {
		m := placeholder(f.r)
		if len(f.media) > 0 {
			m = f.media[(i+k*17)%len(f.media)]
		}
		if f.r.IntN(3) == 0 {
			m.AltText = ""
		}
		p.Media = append(p.Media, m)
	}
	if f.r.IntN(2) == 0 {
		l := pick(f.r, f.places)
		l.Latitude += f.r.NormFloat64() * 0.01 // a kilometre or so away
		l.Longitude += f.r.NormFloat64() * 0.015
		p.Location = &l
	}
	return p
}

// placeholder is a media row without files, for sites that are only measured.
func placeholder(r *rand.Rand) tintype.Media {
	key := make([]byte, 22)
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	for i := range key {
		key[i] = letters[r.IntN(len(letters))]
	}
	return tintype.Media{Key: string(key), OriginalKey: "o/" + string(key), OriginalType: "image/jpeg", OriginalBytes: 3_400_000, Width: 1080, Height: 810, Blurhash: "LEHV6nWB2yk8pyo0adR*.7kCMdnj"}
}

// react lets some of an author's followers like and comment, and sets the post's counters.
func (f *filler) react(p *tintype.Post, author int32, at time.Time, likes []job.Edge, comments []tintype.Comment) ([]job.Edge, []tintype.Comment) {
	fans := f.followers[author]
	if len(fans) == 0 {
		return likes, comments
	}
	age := int64(f.Now.Sub(at))
	soon := func() time.Time { return at.Add(time.Duration(f.r.Int64N(min(age, int64(48*time.Hour))))) }
	want := min(int(f.r.ExpFloat64()*4), len(fans), 40)
	start := f.r.IntN(len(fans))
	for k := range want {
		who := f.people[fans[(start+k)%len(fans)]].User.ID
		likes = append(likes, job.Edge{User: who, Target: p.UserID, Post: p.ID, Op: f.id(soon(), who.Shard())})
	}
	p.Likes = int64(want)
	for range min(int(f.r.ExpFloat64()*1.1), 8) {
		who := f.people[pick(f.r, fans)].User.ID
		comments = append(comments, tintype.Comment{ID: f.id(soon(), p.ID.Shard()), PostID: p.ID, UserID: who, Text: pick(f.r, remarks())})
		p.Comments++
	}
	return likes, comments
}

// writeFeeds builds the home timelines of the active.
func (f *filler) writeFeeds(ctx context.Context) error {
	const newest = 300
	byAuthor := make([][]tintype.ID, f.People)
	for i, a := range f.authors {
		byAuthor[a] = append(byAuthor[a], f.posted[i])
	}
	active := min(f.Active, f.People)
	for i := range active {
		ids := slices.Clone(tail(byAuthor[i], newest))
		for _, j := range f.following[i] {
			ids = append(ids, tail(byAuthor[j], newest)...)
		}
		slices.SortFunc(ids, func(a, b tintype.ID) int { return int(min(max(b-a, -1), 1)) })
		if err := f.st.Feed(ctx, f.people[i].User.ID, ids[:min(len(ids), newest)]); err != nil {
			return err
		}
		if i%50 == 49 || i == active-1 {
			f.progress("feeds", i+1, active)
		}
	}
	return nil
}

func tail(ids []tintype.ID, n int) []tintype.ID { return ids[max(0, len(ids)-n):] }
