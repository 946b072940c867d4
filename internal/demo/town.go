package demo

import (
	"context"
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/tintype"
)

// town is who there is, who follows whom and how much they post, in 8 bytes a
// follow and 20 a user; all else follows from numbers by hashing. Users are
// numbered in the order in which they came, which is that of their IDs.
type town struct {
	o     BulkOptions
	media []tintype.Media

	home   []uint16  // by user: index into o.Shards
	lives  [][]int32 // by shard: its users, ascending
	posted []int32   // by user: how many posts

	// Edges, by follower and by followed: those of user i are [start[i], start[i+1]), ascending.
	start, fstart    []int64
	target, follower []int32
}

// How far back the town goes.
const (
	firstDay = 400 * 24 * time.Hour // before now came the first user
	lastDay  = 100 * 24 * time.Hour // before now came the last
)

func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 1)) }

// spread hashes two numbers (the finalizer of SplitMix64, twice).
func spread(a, b uint64) uint64 {
	h := a*0x9e3779b97f4a7c15 + b
	for range 2 {
		h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
		h = (h ^ h>>27) * 0x94d049bb133111eb
		h ^= h >> 31
	}
	return h
}

func newTown(ctx context.Context, o BulkOptions, media []tintype.Media) (*town, error) {
	t := &town{o: o, media: media, home: make([]uint16, o.Users), lives: make([][]int32, len(o.Shards))}
	r := newRand(o.Seed + 1)
	for i := range t.home {
		k := r.IntN(len(o.Shards))
		t.home[i] = uint16(k)
		t.lives[k] = append(t.lives[k], int32(i))
	}
	t.posted = deal(r, o.Users, o.Posts, math.MaxInt32, 1.4)
	degrees := deal(r, o.Users, o.Follows, min(o.Users-1, max(5000, 3*o.Follows/o.Users)), 1.1)
	t.start = offsets(degrees)
	if err := t.follow(ctx); err != nil {
		return nil, err
	}
	t.invert()
	return t, nil
}

// deal deals total out to n, each at most limit, as a log-normal lot of that sigma has it.
func deal(r *rand.Rand, n, total, limit int, sigma float64) []int32 {
	weights := make([]float64, n)
	sum := 0.0
	for i := range weights {
		weights[i] = math.Exp(sigma * r.NormFloat64())
		sum += weights[i]
	}
	out := make([]int32, n)
	cum, before, left := 0.0, 0, total
	for i, w := range weights {
		cum += w
		upTo := min(int(float64(total)*cum/sum), total)
		out[i] = int32(min(upTo-before, limit))
		before = upTo
		left -= int(out[i])
	}
	for i := r.IntN(n); left > 0; i = (i + 1) % n { // what the limit or rounding left over
		if int(out[i]) < limit {
			out[i]++
			left--
		}
	}
	return out
}

func offsets(counts []int32) []int64 {
	out := make([]int64, len(counts)+1)
	for i, n := range counts {
		out[i+1] = out[i] + int64(n)
	}
	return out
}

// follow draws whom each user follows. Popularity falls with rank r as
// (r+8)^-0.75, whose inverse distribution is a fourth power.
func (t *town) follow(ctx context.Context) error {
	n := uint64(t.o.Users)
	t.target = make([]int32, t.start[n])
	const flat = 8
	low, high := math.Pow(flat, 0.25), math.Pow(float64(n)+flat, 0.25)
	// Ranks are spread over the users by a step that shares no divisor with their number.
	step := uint64(float64(n)*0.618) | 1
	for gcd(step, n) != 1 {
		step += 2
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	const block = 8192
	for from := 0; from < t.o.Users; from += block {
		g.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			r := rand.New(rand.NewPCG(t.o.Seed+2, uint64(from)))
			for i := from; i < min(from+block, t.o.Users); i++ {
				mine := t.target[t.start[i]:t.start[i+1]]
				have := mine[:0]
				for tries := 0; len(have) < len(mine) && tries < 20; tries++ {
					for range len(mine) - len(have) {
						y := low + r.Float64()*(high-low)
						rank := min(uint64(max(y*y*y*y-flat, 0)), n-1)
						if j := rank * step % n; j != uint64(i) {
							have = append(have, int32(j))
						}
					}
					slices.Sort(have)
					have = slices.Compact(have)
				}
				for j := int32(0); len(have) < len(mine); j++ { // somebody who follows nearly everybody
					if _, found := slices.BinarySearch(have, j); !found && int(j) != i {
						have = append(have, j)
						slices.Sort(have)
					}
				}
			}
			return nil
		})
	}
	return g.Wait()
}

func gcd(a, b uint64) uint64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// invert gives the other side of all follows.
func (t *town) invert() {
	counts := make([]int32, t.o.Users)
	for _, j := range t.target {
		counts[j]++
	}
	t.fstart = offsets(counts)
	t.follower = make([]int32, len(t.target))
	next := slices.Clone(t.fstart[:t.o.Users])
	for i := range t.o.Users {
		for _, j := range t.target[t.start[i]:t.start[i+1]] {
			t.follower[next[j]] = int32(i)
			next[j]++
		}
	}
}

// came is when user i signed up.
func (t *town) came(i int) time.Time {
	span := int64((firstDay - lastDay) / time.Millisecond)
	return time.UnixMilli(t.o.Now.Add(-firstDay).UnixMilli() + int64(float64(span)*float64(i)/float64(t.o.Users))).UTC()
}

// userID is unique: there are never 1,024 users of one millisecond.
func (t *town) userID(i int) tintype.ID {
	return tintype.MakeID(t.came(i).UnixMilli(), t.o.Shards[t.home[i]], uint16(i&tintype.MaxSeq))
}

// fill makes user i's row.
func (t *town) fill(m *tintype.Member, i int, names Names, hash string) {
	h := spread(t.o.Seed+3, uint64(i))
	*m = tintype.Member{}
	u := &m.User
	if first := firstPeople(); i < len(first) {
		u.Username, u.FullName, u.Bio = first[i].username, first[i].name, first[i].bio
	} else {
		given, family := givenNames(), familyNames()
		g, n := given[h%uint64(len(given))], family[h>>8%uint64(len(family))]
		u.FullName = g + " " + n
		u.Username = fmt.Sprintf("%s_%s%d", lower(g), lower(n), i)
	}
	u.ID = t.userID(i)
	u.Private = i > 2 && h>>16%12 == 0
	u.Counts = tintype.UserCounts{Media: int64(t.posted[i]), Follows: t.start[i+1] - t.start[i], FollowedBy: t.fstart[i+1] - t.fstart[i]}
	m.Skeleton = names.Skeleton(u.Username)
	minutes := time.Duration(h>>24%(14*24*60)) * time.Minute
	if h>>40%10 >= 4 && i > 2 { // six of ten have not been here for long
		minutes += 31 * 24 * time.Hour
	}
	m.Seen = t.o.Now.Add(-minutes)
	m.Account = tintype.Account{UserID: u.ID, PasswordHash: hash, Admin: i == 0, State: tintype.AccountActive, Locale: "en", Created: t.came(i)}
}

// members gives everybody. The same value is given each time.
func (t *town) members(names Names, hash string) iter.Seq[*tintype.Member] {
	return func(yield func(*tintype.Member) bool) {
		var m tintype.Member
		for i := range t.o.Users {
			if t.fill(&m, i, names, hash); !yield(&m) {
				return
			}
		}
	}
}

// residents gives the users of shard number k.
func (t *town) residents(k int, names Names, hash string) iter.Seq[*tintype.Member] {
	return func(yield func(*tintype.Member) bool) {
		var m tintype.Member
		for _, i := range t.lives[k] {
			if t.fill(&m, int(i), names, hash); !yield(&m) {
				return
			}
		}
	}
}

// pulled lists those whose posts are merged in at reading, ascending.
func (t *town) pulled() []tintype.ID {
	var out []tintype.ID
	for i := range t.o.Users {
		if t.fstart[i+1]-t.fstart[i] > int64(t.o.PullAbove) {
			out = append(out, t.userID(i))
		}
	}
	return out
}

// edge is the follow of j by i, the same from whichever side it is looked at.
func (t *town) edge(i, j int32) job.Edge {
	h := spread(t.o.Seed+4, uint64(i)<<32|uint64(j))
	from := t.came(int(max(i, j))).UnixMilli()
	at := from + int64(h%uint64(t.o.Now.UnixMilli()-from))
	return job.Edge{User: t.userID(int(i)), Target: t.userID(int(j)), Op: tintype.MakeID(at, t.o.Shards[t.home[i]], uint16(h>>50))}
}

func (t *town) follows(k int) iter.Seq[job.Edge] {
	return func(yield func(job.Edge) bool) {
		for _, i := range t.lives[k] {
			for _, j := range t.target[t.start[i]:t.start[i+1]] {
				if !yield(t.edge(i, j)) {
					return
				}
			}
		}
	}
}

func (t *town) followers(k int) iter.Seq[job.Edge] {
	return func(yield func(job.Edge) bool) {
		for _, j := range t.lives[k] {
			for _, i := range t.follower[t.fstart[j]:t.fstart[j+1]] {
				if !yield(t.edge(i, j)) {
					return
				}
			}
		}
	}
}

// snap is a post in the making.
type snap struct {
	id     tintype.ID
	author int32
}

// posts gives the posts of shard number k in the order of their IDs, and how
// many pictures they have together. The same value is given each time.
func (t *town) posts(k int) (list iter.Seq[*tintype.Post], pictures int) {
	r := rand.New(rand.NewPCG(t.o.Seed+5, uint64(k)))
	var snaps []snap
	now := t.o.Now.UnixMilli() - 180_000
	for _, i := range t.lives[k] {
		age := float64(now - t.came(int(i)).UnixMilli())
		for range t.posted[i] {
			u := r.Float64()
			// Denser towards now. Until it is numbered the ID is the time only.
			snaps = append(snaps, snap{tintype.ID(now - int64(age*u*math.Sqrt(u))), i})
		}
	}
	slices.SortFunc(snaps, func(a, b snap) int {
		if a.id != b.id {
			return int(min(max(a.id-b.id, -1), 1))
		}
		return int(a.author - b.author)
	})
	last, seq := int64(0), uint16(0)
	for i := range snaps {
		ms := max(int64(snaps[i].id), last)
		switch {
		case ms > last:
			seq = 0
		case seq < tintype.MaxSeq:
			seq++
		default:
			ms, seq = ms+1, 0
		}
		last = ms
		snaps[i].id = tintype.MakeID(ms, t.o.Shards[k], seq)
		pictures += t.pictures(snaps[i].id)
	}
	return func(yield func(*tintype.Post) bool) {
		texts, where := captions(), places()
		tags := make([][]string, len(texts))
		for i, text := range texts {
			for _, w := range strings.Fields(text) {
				if tag, ok := strings.CutPrefix(w, "#"); ok {
					tags[i] = append(tags[i], tag)
				}
			}
		}
		spots := make([]tintype.Location, len(where))
		for i, p := range where {
			spots[i] = tintype.Location{Name: p.name, Latitude: p.lat, Longitude: p.lon, HasPoint: true}
		}
		var p tintype.Post
		var media []tintype.Media
		for _, s := range snaps {
			h := spread(t.o.Seed+7, uint64(s.id))
			c := h % uint64(len(texts))
			p = tintype.Post{ID: s.id, UserID: t.userID(int(s.author)), Caption: texts[c], Tags: tags[c]}
			if h>>8&1 == 0 {
				p.Location = &spots[h>>9%uint64(len(spots))]
			}
			media = media[:0]
			for n := range t.pictures(s.id) {
				media = append(media, t.picture(h>>16, uint64(n)))
			}
			p.Media = media
			if !yield(&p) {
				return
			}
		}
	}, pictures
}

// pictures is how many pictures a post has: mostly one.
func (t *town) pictures(post tintype.ID) int {
	n := 1
	if h := spread(t.o.Seed+6, uint64(post)); h%10 == 0 {
		n = 2 + int(h>>8%4)
	}
	if len(t.media) > 0 {
		n = min(n, len(t.media))
	}
	return n
}

func (t *town) picture(h, n uint64) tintype.Media {
	if len(t.media) > 0 {
		m := t.media[(h+n)%uint64(len(t.media))]
		if h>>20%3 == 0 {
			m.AltText = ""
		}
		return m
	}
	return placeholder(rand.New(rand.NewPCG(h, n)))
}
