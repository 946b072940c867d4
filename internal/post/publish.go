package post

import (
	"context"
	"encoding/json"
	"math"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/tintype/tintype/internal/blob"
	"github.com/tintype/tintype/internal/imaging"
	"github.com/tintype/tintype/internal/imaging/grade"
	"github.com/tintype/tintype/internal/tintype"
)

// Draft is a post to be published.
type Draft struct {
	Uploads     []tintype.ID      // 1 to 20 of the user's own, in the order of the album
	Caption     string            // up to MaxCaption code points
	AltTexts    []string          // by position; may be shorter
	Filter      string            // for all pictures without Edits; "" and Normal change nothing
	Edits       []json.RawMessage // recipes by position (package grade); where null or absent Filter decides
	Location    *tintype.Location
	Approximate bool // only the coarse point is kept; see tintype.Coarse
	// Absent from what a key was used for where they say nothing, as before there were any.
	People     []Named            `json:",omitempty"`
	Commenters tintype.Commenters `json:",omitzero"`
	Audience   tintype.Audience   `json:",omitzero"`
	HideLikes  tintype.Choice     `json:",omitzero"`
	Key        string             // idempotency key; "" for none
}

// checked is a draft that was found good.
type checked struct {
	post    *tintype.Post
	recipes []*grade.Recipe
}

// Publish makes a post. A repeat with the same key and draft gives the same
// post, replayed; Conflict if the key was used for another.
func (s *Service) Publish(ctx context.Context, user tintype.ID, d Draft) (p *tintype.Post, replayed bool, err error) {
	if user == 0 {
		return nil, false, errSignedIn
	}
	c, err := s.check(ctx, user, d)
	if err != nil {
		return nil, false, err
	}
	request, err := json.Marshal(d)
	if err != nil {
		return nil, false, tintype.FieldError("edits", "the edits are not well-formed JSON")
	}
	o := once(user, "publish", d.Key, string(request))
	if d.Key == "" {
		if p, err = s.publish(ctx, c, d.Uploads, o, s.c.Posts.Publish); err != nil {
			return nil, false, err
		}
		return s.told(ctx, p), false, nil
	}
	// Repeats that come while the first is under way wait for it.
	first := false
	r := <-s.flights.DoChan("publish "+user.String()+" "+string(o.Key)+string(o.Request), func() (any, error) {
		former, err := s.c.Posts.Published(ctx, o)
		if err != nil {
			return nil, err
		}
		if former != 0 {
			return former, nil
		}
		first = true
		// Others wait for the outcome: it must not end because the first went away.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), publishTime)
		defer cancel()
		return s.publish(ctx, c, d.Uploads, o, s.c.Posts.Publish)
	})
	if r.Err != nil {
		return nil, false, r.Err
	}
	switch v := r.Val.(type) {
	case tintype.ID:
		p, err = s.Get(ctx, user, v)
		return p, true, err
	default:
		return s.told(ctx, v.(*tintype.Post)), !first, nil
	}
}

// told gives a new post as its author is told of it: hidden likes are said also where they are the author's default.
// The post is there already, so that an author who cannot be read now is no error.
func (s *Service) told(ctx context.Context, p *tintype.Post) *tintype.Post {
	users, err := s.c.People.Users(ctx, []tintype.ID{p.UserID})
	if err != nil || users[0] == nil || !p.HideLikes.Of(users[0].HidesLikes) {
		return p
	}
	q := *p
	q.LikesHidden = true
	return &q
}

// check validates a draft and gives the post to be, without its media's pictures.
func (s *Service) check(ctx context.Context, user tintype.ID, d Draft) (*checked, error) {
	n := len(d.Uploads)
	switch {
	case n == 0:
		return nil, tintype.FieldError("uploads", "a post needs at least one picture")
	case n > MaxMedia:
		return nil, tintype.FieldError("uploads", "a post may have at most %d pictures; these are %d", MaxMedia, n)
	case len(d.AltTexts) > n:
		return nil, tintype.FieldError("alt_texts", "there are more alternative texts than pictures")
	case len(d.Edits) > n:
		return nil, tintype.FieldError("edits", "there are more edits than pictures")
	}
	for i, id := range d.Uploads {
		if slices.Contains(d.Uploads[:i], id) {
			return nil, tintype.FieldError("uploads", "the upload %v is named twice", id)
		}
	}
	p := &tintype.Post{UserID: user, Media: make([]tintype.Media, n), Audience: d.Audience, HideLikes: d.HideLikes, Commenters: d.Commenters}
	c := &checked{post: p, recipes: make([]*grade.Recipe, n)}
	if err := s.setCaption(ctx, p, d.Caption); err != nil {
		return nil, err
	}
	var err error
	if p.Location, err = s.place(ctx, d.Location, d.Approximate); err != nil {
		return nil, err
	}
	if err := setAltTexts(p, d.AltTexts); err != nil {
		return nil, err
	}
	if err := s.setPeople(ctx, p, d.People); err != nil {
		return nil, err
	}
	for i := range p.Media {
		if i < len(d.Edits) && len(d.Edits[i]) > 0 && string(d.Edits[i]) != "null" {
			c.recipes[i], err = grade.Parse(d.Edits[i])
		} else {
			c.recipes[i], err = grade.WithFilter(d.Filter)
		}
		if err != nil {
			return nil, err
		}
		if r := c.recipes[i]; r != nil {
			if p.Media[i].Recipe, err = json.Marshal(r); err != nil {
				return nil, err
			}
			p.Media[i].Filter = r.Filter
		}
	}
	return c, nil
}

func (s *Service) setCaption(ctx context.Context, p *tintype.Post, caption string) (err error) {
	if p.Caption, err = clean("caption", caption, MaxCaption); err != nil {
		return err
	}
	if p.Tags, err = tags(p.Caption); err != nil {
		return err
	}
	p.Mentions, err = s.mentions(ctx, p.UserID, "caption", p.Caption)
	return err
}

func setAltTexts(p *tintype.Post, texts []string) (err error) {
	for i, t := range texts {
		if p.Media[i].AltText, err = clean("alt_texts", t, MaxAltText); err != nil {
			return err
		}
	}
	return nil
}

// place checks a location and makes it whole; one that says nothing is nil. Of an approximate
// point only the coarse one is kept: nobody can be told what is not there.
func (s *Service) place(ctx context.Context, l *tintype.Location, approximate bool) (*tintype.Location, error) {
	out, err := checkPlace(l)
	if err != nil || out == nil {
		return nil, err
	}
	if approximate && out.HasPoint {
		out.Latitude, out.Longitude = tintype.Coarse(out.Latitude, out.Longitude)
	}
	if s.c.Places == nil {
		return out, nil
	}
	return s.c.Places.Locate(ctx, out)
}

func checkPlace(l *tintype.Location) (*tintype.Location, error) {
	if l == nil {
		return nil, nil
	}
	out := *l
	var err error
	if out.Name, err = clean("location", l.Name, MaxPlace); err != nil {
		return nil, err
	}
	switch {
	case out.ID < 0:
		return nil, tintype.FieldError("location", "that is not a place's ID")
	case !out.HasPoint:
		out.Latitude, out.Longitude, out.OffMap = 0, 0, false
	case !validPoint(out.Latitude, out.Longitude):
		return nil, tintype.FieldError("location", "the latitude must be between -90 and 90, the longitude between -180 and 180")
	}
	if out == (tintype.Location{}) {
		return nil, nil
	}
	return &out, nil
}

func validPoint(lat, lon float64) bool {
	return !math.IsNaN(lat) && !math.IsNaN(lon) && math.Abs(lat) <= 90 && math.Abs(lon) <= 180
}

// publishTime is how long a publication may take that others wait for.
const publishTime = 5 * time.Minute

// A claim on uploads is renewed long before it runs out, which it does after 15 seconds (package sqlstore). Who repeats
// a publication waits for a former claim a little longer than that, and looks this often.
const (
	renewClaim = 4 * time.Second
	awaitClaim = 20 * time.Second
	lookAgain  = 500 * time.Millisecond
)

// albumParallel is how many pictures of one album are in hand at once.
const albumParallel = 4

// writePost is Posts.Publish, or what stands for it where a post is not new.
type writePost func(ctx context.Context, p *tintype.Post, uploads []tintype.ID, sums [][32]byte, o tintype.Once) (former tintype.ID, err error)

func (s *Service) publish(ctx context.Context, c *checked, uploads []tintype.ID, o tintype.Once, write writePost) (*tintype.Post, error) {
	p := c.post
	list, err := s.c.Uploads.Uploads(ctx, p.UserID, uploads)
	if err != nil {
		return nil, err
	}
	byID := map[tintype.ID]*tintype.Upload{}
	for _, u := range list {
		byID[u.ID] = u
	}
	sums := make([][32]byte, len(uploads))
	keys := make([]string, len(uploads))
	for i, id := range uploads {
		u := byID[id]
		switch {
		case u == nil:
			return nil, tintype.FieldError("uploads", "there is no upload %v of yours; it may have expired", id)
		case u.PostID != 0:
			return nil, &tintype.Error{Kind: tintype.Conflict, Field: "uploads", Msg: "the upload " + id.String() + " is published already"}
		}
		keys[i], sums[i] = random(), u.SHA256
		m := &p.Media[i]
		m.Key, m.OriginalKey, m.OriginalType, m.OriginalBytes, m.Camera = keys[i], u.BlobKey, u.Type, u.Bytes, u.Camera
	}
	former, err := s.claim(ctx, p.UserID, uploads, keys, o)
	if err != nil {
		return nil, err
	}
	if former != 0 {
		return s.Get(ctx, p.UserID, former)
	}
	release := s.hold(ctx, p.UserID, uploads, keys)
	err = s.renderAll(ctx, p)
	release()
	if err == nil {
		// From here on the request is carried to its end, so that its outcome is known.
		former, err = write(context.WithoutCancel(ctx), p, uploads, sums, o)
	}
	if err != nil || former != 0 {
		s.unpublish(ctx, p.UserID, uploads, keys)
	}
	if e := s.dropOwner(ctx, p.UserID); err == nil {
		err = e
	}
	if err != nil {
		return nil, err
	}
	if former != 0 {
		return s.Get(ctx, p.UserID, former)
	}
	return p, nil
}

// claim reserves uploads for a publication. What was asked for before, with the same key, may still be under way in
// another process: then it gives the post that came of it. Or that process died: then its claim runs out.
func (s *Service) claim(ctx context.Context, user tintype.ID, uploads []tintype.ID, keys []string, o tintype.Once) (former tintype.ID, err error) {
	for waited := time.Duration(0); ; waited += lookAgain {
		err := s.c.Uploads.ClaimUploads(ctx, user, uploads, keys)
		if !tintype.IsKind(err, tintype.Conflict) || o.Key == nil || waited >= awaitClaim {
			return 0, err
		}
		if former, e := s.c.Posts.Published(ctx, o); e != nil || former != 0 {
			return former, e
		}
		list, e := s.c.Uploads.Uploads(ctx, user, uploads)
		if e != nil {
			return 0, e
		}
		if len(list) < len(uploads) || slices.ContainsFunc(list, func(u *tintype.Upload) bool { return u.PostID != 0 }) {
			return 0, err // another post has it, or it was deleted
		}
		select {
		case <-ctx.Done():
			return 0, context.Cause(ctx)
		case <-time.After(lookAgain):
		}
	}
}

// hold renews a claim until release is called. Where that fails the claim runs out, and whoever takes it wins:
// a commit under another's claim is refused.
func (s *Service) hold(ctx context.Context, user tintype.ID, uploads []tintype.ID, keys []string) (release func()) {
	ctx, cancel := context.WithCancel(ctx)
	var renewing sync.WaitGroup
	renewing.Go(func() {
		tick := time.NewTicker(renewClaim)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				_ = s.c.Uploads.ClaimUploads(ctx, user, uploads, keys) // see above
			}
		}
	})
	return func() {
		cancel()
		renewing.Wait() // a renewal after the release would be a claim
	}
}

func (s *Service) renderAll(ctx context.Context, p *tintype.Post) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(albumParallel)
	for i := range p.Media {
		m := &p.Media[i]
		g.Go(func() error {
			res, err := s.render(ctx, m.OriginalKey, imaging.Plan{Recipe: m.Recipe, Sizes: imaging.PostSizes()},
				func(size string) string { return blob.Rendition(m.Key, size) })
			if err != nil {
				return err
			}
			for _, r := range res.Renditions {
				m.Made += r.Bytes
			}
			m.Width, m.Height, m.Blurhash = res.Renditions[0].Width, res.Renditions[0].Height, res.Blurhash
			return nil
		})
	}
	return g.Wait()
}

// unpublish takes back what a publication that failed had made. What it cannot
// take back, the claim still names, and the sweep finds.
func (s *Service) unpublish(ctx context.Context, user tintype.ID, uploads []tintype.ID, keys []string) {
	ctx, cancel := cleanup(ctx)
	defer cancel()
	// A commit whose answer was lost may have happened: then the files are the post's.
	list, err := s.c.Uploads.Uploads(ctx, user, uploads)
	if err != nil || slices.ContainsFunc(list, func(u *tintype.Upload) bool { return u.PostID != 0 }) {
		return
	}
	var files []string
	for _, k := range keys {
		files = append(files, blob.Renditions(k)...)
	}
	if s.c.Blobs.Delete(ctx, files...) == nil {
		_ = s.c.Uploads.ReleaseUploads(ctx, user, uploads, keys) // else the claim runs out by itself
	}
}

// Edit changes a post; nil fields stay.
type Edit struct {
	Caption     *string
	AltTexts    []string // by position as it is before Order; those beyond its end stay
	SetLocation bool
	Location    *tintype.Location // with SetLocation; nil removes it
	Approximate bool              // only the coarse point is kept; see tintype.Coarse
	SetPeople   bool
	People      []Named // with SetPeople: all who are to be named, by position as it is before Order
	Order       []int   // old positions in their new order, or nil
	Commenters  *tintype.Commenters
	Standing    tintype.Arrangement
}

// contents tells whether e changes more than how the post stands among the others.
func (e Edit) contents() bool {
	return e.Caption != nil || e.AltTexts != nil || e.SetLocation || e.SetPeople || e.Commenters != nil || e.Order != nil
}

// Edit changes one of user's own posts. Tags and mentions follow the caption;
// who is mentioned for the first time is told.
func (s *Service) Edit(ctx context.Context, user, post tintype.ID, e Edit) (*tintype.Post, error) {
	if _, err := s.own(ctx, user, post); err != nil {
		return nil, err
	}
	if e.contents() {
		if err := s.editContents(ctx, post, e); err != nil {
			return nil, err
		}
	}
	if err := s.arrange(ctx, user, post, e.Standing); err != nil {
		return nil, err
	}
	return s.Get(ctx, user, post)
}

func (s *Service) editContents(ctx context.Context, post tintype.ID, e Edit) error {
	for try := 0; ; try++ {
		// From the store, not the cache: the edit is made to what is there now.
		posts, err := s.c.Posts.Posts(ctx, []tintype.ID{post})
		if err != nil {
			return err
		}
		if len(posts) == 0 {
			return errNoPost
		}
		p := posts[0]
		before := p.Mentions
		if err := s.apply(ctx, p, e); err != nil {
			return err
		}
		err = s.c.Posts.EditPost(ctx, p, without(p.Mentions, before), without(before, p.Mentions))
		if tintype.IsKind(err, tintype.Conflict) && try < 3 {
			continue // another edit came between
		}
		return s.commented(ctx, post, err)
	}
}

// without gives those of ids that are not in others.
func without(ids, others []tintype.ID) []tintype.ID {
	var out []tintype.ID
	for _, id := range ids {
		if !slices.Contains(others, id) {
			out = append(out, id)
		}
	}
	return out
}

func (s *Service) apply(ctx context.Context, p *tintype.Post, e Edit) error {
	var err error
	if e.Caption != nil {
		if err := s.setCaption(ctx, p, *e.Caption); err != nil {
			return err
		}
	}
	if e.SetLocation {
		if p.Location, err = s.place(ctx, e.Location, e.Approximate); err != nil {
			return err
		}
	}
	if e.Commenters != nil {
		p.Commenters = *e.Commenters
	}
	if len(e.AltTexts) > len(p.Media) {
		return tintype.FieldError("alt_texts", "there are more alternative texts than pictures")
	}
	if err := setAltTexts(p, e.AltTexts); err != nil {
		return err
	}
	if e.SetPeople {
		if err := s.setPeople(ctx, p, e.People); err != nil {
			return err
		}
	}
	if e.Order == nil {
		return nil
	}
	media := make([]tintype.Media, 0, len(p.Media))
	for i, n := range e.Order {
		if n < 0 || n >= len(p.Media) || slices.Contains(e.Order[:i], n) {
			return tintype.FieldError("order", "the order must name each position from 0 to %d once", len(p.Media)-1)
		}
		media = append(media, p.Media[n])
	}
	if len(media) != len(p.Media) {
		return tintype.FieldError("order", "the order must name each position from 0 to %d once", len(p.Media)-1)
	}
	p.Media = media
	return nil
}

// Delete deletes one of user's own posts. It is gone from every answer when
// Delete returns; its files, its places in feeds and what hung on it go by jobs.
func (s *Service) Delete(ctx context.Context, user, post tintype.ID) error {
	if _, err := s.own(ctx, user, post); err != nil {
		return err
	}
	return s.DeleteUnseen(ctx, user, post)
}

// DeleteUnseen is Delete whether or not user may see the post at this moment, as those who are suspended may not.
func (s *Service) DeleteUnseen(ctx context.Context, user, post tintype.ID) error {
	return s.deleted(ctx, user, post, s.c.Posts.DeletePost(ctx, user, post))
}

// deleted drops what a deletion made stale, even after an error: it may have happened.
func (s *Service) deleted(ctx context.Context, user, post tintype.ID, err error) error {
	if e := s.dropPosts(ctx, post); err == nil {
		err = e
	}
	if e := s.dropOwner(ctx, user); err == nil {
		err = e
	}
	return err
}
