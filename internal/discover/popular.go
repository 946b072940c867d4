package discover

import (
	"context"
	"math"
	"slices"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/tintype"
)

// Scores keeps the scores of popular posts. sqlstore.Popular implements it.
type Scores interface {
	// Echoes gives what those of posts that exist got from others: the truth.
	Echoes(ctx context.Context, posts []tintype.ID) (map[tintype.ID]tintype.Echo, error)
	// Scores gives what is kept of those of posts that are among the popular ones.
	Scores(ctx context.Context, posts []tintype.ID) (map[tintype.ID]tintype.Ranked, error)
	// Put writes scores, and takes posts out.
	Put(ctx context.Context, in []tintype.Ranked, out []tintype.ID) error
	// Best gives the n highest scores, the highest first.
	Best(ctx context.Context, n int) ([]tintype.Ranked, error)
	// Trim keeps about the keep highest scores.
	Trim(ctx context.Context, keep int) error
}

// PopularConfig is what Popular is made of. All is required but Fresh and Keep.
type PopularConfig struct {
	Scores  Scores
	Posts   VisiblePosts
	PostIDs PostIDs
	// Muted gives, sorted, whom a user muted; nil where nobody is.
	Muted func(ctx context.Context, user tintype.ID) ([]tintype.ID, error)
	Clock tintype.Clock
	Fresh time.Duration // how old a list may be that is shown; 2 s
	Keep  int           // how many posts are kept; 3,000
}

// Popular is the posts that got the most from others lately. Make it with NewPopular.
//
// A post's score is log2(1 + likes + 2·comments) + its age part, which grows by 1 with each day on which
// the post was made later. So a post is before another of a day before if it got more than half as much,
// and a stored score changes only with likes and comments, never with time.
type Popular struct {
	c       PopularConfig
	flights singleflight.Group
	mu      sync.Mutex
	list    []tintype.Ranked // never written to
	read    time.Time        // when list was; zero if never
	old     bool             // it is known to be
	wrote   int              // how often this process wrote
}

// NewPopular makes Popular.
func NewPopular(c PopularConfig) *Popular {
	if c.Fresh == 0 {
		c.Fresh = 2 * time.Second
	}
	if c.Keep == 0 {
		c.Keep = 3000
	}
	return &Popular{c: c}
}

const (
	// oneDoubling is 1 in the units in which scores are kept: twice the likes, or a day. A unit is 80 µs.
	oneDoubling = 1 << 30
	// halfLife is a day: so every part of the world has had its evening, and hours of the day count for nothing.
	halfLife = 24 * time.Hour
	// worthWriting is by how much a score must be off to be written: a fifth of likes more or less. So n likes
	// cost about 4·log2(n) writes.
	worthWriting = oneDoubling / 4
	// oldFloor is how old the list may be by which a post is held too low to be written.
	oldFloor = time.Minute
	// perAuthor is how many posts of one user are shown.
	perAuthor = 2
)

// score is the score of a post that got e; 0 if it is not to be among the popular ones.
func score(e tintype.Echo) int64 {
	points := e.Likes + 2*e.Comments
	if !e.Open || points <= 0 {
		return 0
	}
	days := float64(e.Post.UnixMillis()) / float64(halfLife.Milliseconds())
	return int64((math.Log2(float64(1+points)) + days) * oneDoubling)
}

// ApplyEdges brings posts' scores up to date after likes and comments that job.EdgeKind brought to them.
func (p *Popular) ApplyEdges(ctx context.Context, edges []job.Edge) error {
	var posts []tintype.ID
	for _, e := range edges {
		if e.Type == job.EdgeLike || e.Type == job.EdgeComment {
			posts = append(posts, e.Post)
		}
	}
	return p.apply(ctx, posts)
}

// ApplyErased takes out deleted posts.
func (p *Popular) ApplyErased(ctx context.Context, erased []job.Erase) error {
	posts := make([]tintype.ID, len(erased))
	for i, e := range erased {
		posts[i] = e.Post
	}
	return p.apply(ctx, posts)
}

// ApplyReach looks at the posts that not the same may see any longer, and at a page of those of each user of whom
// that is so. Tags.Apply asks for the next page.
func (p *Popular) ApplyReach(ctx context.Context, items []job.Tagging) error {
	var posts []tintype.ID
	for _, it := range items {
		if it.User == 0 {
			if it.Reach {
				posts = append(posts, it.Post)
			}
			continue
		}
		ids, err := p.c.PostIDs.PostIDs(ctx, it.User, tintype.Page{Max: it.Before, Count: retagPage})
		if err != nil {
			return err
		}
		if err := p.apply(ctx, ids); err != nil {
			return err
		}
	}
	return p.apply(ctx, posts)
}

func (p *Popular) apply(ctx context.Context, posts []tintype.ID) error {
	slices.Sort(posts)
	_, err := p.bring(ctx, slices.Compact(posts))
	return err
}

// Rebuild scores a post anew. changed tells whether its score was amiss.
func (p *Popular) Rebuild(ctx context.Context, post tintype.ID) (changed bool, err error) {
	return p.bring(ctx, []tintype.ID{post})
}

// bring writes the scores of posts. It reads the truth again after it
// has written: of two jobs at once the one that read first may write last.
func (p *Popular) bring(ctx context.Context, posts []tintype.ID) (changed bool, err error) {
	if len(posts) == 0 {
		return false, nil
	}
	floor, err := p.floor(ctx)
	if err != nil {
		return false, err
	}
	for range readTruthAgain {
		in, out, err := p.amiss(ctx, posts, floor)
		if err != nil || len(in)+len(out) == 0 {
			return changed, err
		}
		changed = true
		err = p.c.Scores.Put(ctx, in, out)
		p.forget(len(out) > 0)
		if err != nil {
			return changed, err
		}
	}
	return changed, &tintype.Error{Kind: tintype.Unavailable, Msg: "the posts keep changing; their scores are looked at again later"}
}

// amiss tells which of posts have to be among the popular ones with another score than they have, and which must not be there.
func (p *Popular) amiss(ctx context.Context, posts []tintype.ID, floor int64) (in []tintype.Ranked, out []tintype.ID, err error) {
	truth, err := p.c.Scores.Echoes(ctx, posts)
	if err != nil {
		return nil, nil, err
	}
	kept, err := p.c.Scores.Scores(ctx, posts)
	if err != nil {
		return nil, nil, err
	}
	for _, id := range posts {
		now := score(truth[id])
		was, is := kept[id]
		switch off := now - was.Score; {
		case is && now == 0:
			out = append(out, id)
		case is && max(off, -off) >= worthWriting, !is && now > floor:
			in = append(in, tintype.Ranked{Post: id, User: truth[id].User, Score: now})
		}
	}
	return in, out, nil
}

// Misscored gives those of posts that Rebuild would change.
func (p *Popular) Misscored(ctx context.Context, posts []tintype.ID) ([]tintype.ID, error) {
	if len(posts) == 0 {
		return nil, nil
	}
	floor, err := p.floor(ctx)
	if err != nil {
		return nil, err
	}
	in, out, err := p.amiss(ctx, posts, floor)
	for _, r := range in {
		out = append(out, r.Post)
	}
	return out, err
}

// floor is the score up to which a post would be trimmed again at once; 0 while there is room.
func (p *Popular) floor(ctx context.Context) (int64, error) {
	// Posts that came meanwhile only make it higher: it is not read anew after each of them.
	list, err := p.best(ctx, oldFloor, true)
	if err != nil || len(list) < p.c.Keep {
		return 0, err
	}
	return list[len(list)-1].Score, nil
}

// forget has the list read anew: where one process is the whole site, none that is shown is old. Where
// posts were taken out, there may be room again, too.
func (p *Popular) forget(tookOut bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.wrote++
	p.old = true
	if tookOut {
		p.read = time.Time{}
	}
}

// best gives the posts that are kept, the highest score first, as they were not longer ago than old; or also, with
// before, as they were before this process wrote some.
func (p *Popular) best(ctx context.Context, old time.Duration, before bool) ([]tintype.Ranked, error) {
	p.mu.Lock()
	list, wrote, fresh := p.list, p.wrote, !p.read.IsZero() && p.c.Clock().Sub(p.read) < old && (before || !p.old)
	p.mu.Unlock()
	if fresh {
		return list, nil
	}
	got, err, _ := p.flights.Do(strconv.Itoa(wrote), func() (any, error) {
		at := p.c.Clock()
		// Others wait for it who are still there when this caller has gone.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		list, err := p.c.Scores.Best(ctx, p.c.Keep)
		if err != nil {
			return nil, err
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.list = list; p.wrote == wrote {
			p.read, p.old = at, false
		}
		return list, nil
	})
	list, _ = got.([]tintype.Ranked)
	return list, err
}

// Posts lists the popular posts, two of an author at most, that everybody may see and that viewer may see, without
// viewer's own and those of whom viewer muted. next is the page.Max of the next page, 0 at the end; a page may be short before the end (see maxRounds).
func (p *Popular) Posts(ctx context.Context, viewer tintype.ID, page tintype.Page) (posts []*tintype.Post, next tintype.ID, err error) {
	posts = []*tintype.Post{}
	list, err := p.best(ctx, p.c.Fresh, false)
	if err != nil {
		return nil, 0, err
	}
	without := []tintype.ID{viewer}
	if p.c.Muted != nil && viewer != 0 {
		muted, err := p.c.Muted(ctx, viewer)
		if err != nil {
			return nil, 0, err
		}
		without = append(without, muted...)
	}
	list = someOfEach(list, without)
	if page.Max != 0 {
		list = list[afterScore(list, int64(page.Max)):]
	}
	last := page.Max
	for range maxRounds {
		n := min(len(list), page.Count+1-len(posts)+page.Count/8)
		shown, err := p.visible(ctx, viewer, list[:n])
		if err != nil {
			return nil, 0, err
		}
		for _, r := range list[:n] {
			v := shown[r.Post]
			if v == nil {
				continue
			}
			if len(posts) == page.Count {
				return posts, last, nil
			}
			posts, last = append(posts, v), tintype.ID(r.Score)
		}
		if list = list[n:]; len(list) == 0 {
			return posts, 0, nil
		}
	}
	return posts, tintype.ID(list[0].Score + 1), nil
}

// visible gives those of list that may be shown to viewer. Those of private users are not for their followers either: a job that
// takes them out may have yet to come.
func (p *Popular) visible(ctx context.Context, viewer tintype.ID, list []tintype.Ranked) (map[tintype.ID]*tintype.Post, error) {
	ids := make([]tintype.ID, len(list))
	for i, r := range list {
		ids[i] = r.Post
	}
	seen, err := p.c.Posts.Visible(ctx, 0, ids)
	if err != nil && !tintype.IsPartial(err) {
		return nil, err
	}
	if viewer != 0 {
		ids = ids[:0]
		for _, v := range seen {
			ids = append(ids, v.ID)
		}
		if seen, err = p.c.Posts.Visible(ctx, viewer, ids); err != nil && !tintype.IsPartial(err) {
			return nil, err
		}
	}
	out := make(map[tintype.ID]*tintype.Post, len(seen))
	for _, v := range seen {
		out[v.ID] = v
	}
	return out, nil
}

// someOfEach gives the first posts of each author in list, without those of some authors.
func someOfEach(list []tintype.Ranked, without []tintype.ID) []tintype.Ranked {
	out := make([]tintype.Ranked, 0, len(list))
	had := make(map[tintype.ID]int, len(list))
	skip := make(map[tintype.ID]bool, len(without))
	for _, id := range without {
		skip[id] = true
	}
	for _, r := range list {
		if had[r.User]++; had[r.User] <= perAuthor && !skip[r.User] {
			out = append(out, r)
		}
	}
	return out
}

// afterScore is where in list the scores below one begin.
func afterScore(list []tintype.Ranked, score int64) int {
	at, _ := slices.BinarySearchFunc(list, score, func(r tintype.Ranked, score int64) int {
		if r.Score >= score {
			return -1
		}
		return 1
	})
	return at
}

// Authors gives up to n users whose posts are popular, the one with the most popular post first.
func (p *Popular) Authors(ctx context.Context, n int) ([]tintype.ID, error) {
	list, err := p.best(ctx, p.c.Fresh, false)
	if err != nil {
		return nil, err
	}
	var out []tintype.ID
	had := map[tintype.ID]bool{}
	for _, r := range list {
		if len(out) == n {
			break
		}
		if !had[r.User] {
			had[r.User] = true
			out = append(out, r.User)
		}
	}
	return out, nil
}

// Sweep trims what is kept; call it now and then.
func (p *Popular) Sweep(ctx context.Context) error { return p.c.Scores.Trim(ctx, p.c.Keep) }
