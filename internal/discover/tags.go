package discover

import (
	"context"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/tintype/tintype/internal/cache"
	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/tintype"
)

// TagEdges keeps which posts have a tag. sqlstore.Tags implements it.
type TagEdges interface {
	// ID is the number of a tag.
	ID(tag string) tintype.ID
	// Truth gives what says which tags a post has; nil if the post is gone.
	Truth(ctx context.Context, post tintype.ID) (*tintype.Tagged, error)
	// Put says of a post whether it has a tag; changed tells whether that was not so already.
	Put(ctx context.Context, tag string, p tintype.TagPost) (changed bool, err error)
}

// TagLists reads tags. sqlstore.Tags implements it.
type TagLists interface {
	// Posts lists the posts that have a tag, latest tagged first, with the op of each, by which pages are cut.
	Posts(ctx context.Context, tag string, page tintype.Page) (posts, ops []tintype.ID, err error)
	// Counts gives how many posts that everybody may see have each of tags.
	Counts(ctx context.Context, tags []string) ([]int64, error)
	// Search gives up to n tags that begin with prefix, that one itself first, then those with the most posts.
	Search(ctx context.Context, prefix string, n int) ([]string, error)
}

// TagFollows keeps which tags users follow. sqlstore.Tags implements it.
type TagFollows interface {
	FollowTag(ctx context.Context, user tintype.ID, tag string, on bool) (changed bool, err error)
	// FollowedTags gives the tags that user follows, by name.
	FollowedTags(ctx context.Context, user tintype.ID) ([]string, error)
}

// Posts is what tags need of posts. post.Service provides it.
type Posts interface {
	VisiblePosts
	// SetTags writes a post's tags, unless it was edited since it was read.
	SetTags(ctx context.Context, p *tintype.Post) error
}

// PostIDs lists users' posts. sqlstore.Posts implements it.
type PostIDs interface {
	// PostIDs lists a user's posts, newest first.
	PostIDs(ctx context.Context, user tintype.ID, page tintype.Page) ([]tintype.ID, error)
}

// Queue puts work off. sqlstore.Feeds provides it.
type Queue interface {
	// Put enqueues j in the database that holds owner's rows.
	Put(ctx context.Context, owner tintype.ID, j ...job.Insert) error
}

// TagsConfig is what Tags are made of. All is required.
type TagsConfig struct {
	Edges   TagEdges
	Lists   TagLists
	Follows TagFollows
	Posts   Posts
	PostIDs PostIDs
	Queue   Queue
	// IDCache holds KindMyTags and KindTagRecent.
	IDCache cache.Cache[[]tintype.ID]
}

// Tags is tags: their pages, finding them, following them. Make it with NewTags.
type Tags struct{ c TagsConfig }

// NewTags makes Tags.
func NewTags(c TagsConfig) *Tags { return &Tags{c} }

const (
	maxFollowed    = 200 // tags that one user may follow
	retagPage      = 200 // posts of a user that one job looks at
	maxRounds      = 20  // looks for more where many may not be seen
	maxTagsFound   = 50
	maxTagQuery    = 200 // bytes
	readTruthAgain = 5
)

var errSignedIn = &tintype.Error{Kind: tintype.Unauthenticated, Msg: "please sign in first"}

// Canonical brings what somebody wrote as a tag to the form in which it is kept; Invalid if it is none.
func Canonical(name string) (string, error) {
	if len(name) > 4*tintype.MaxTag+8 || !utf8.ValidString(name) {
		return "", tintype.FieldError("name", "that is not a tag")
	}
	tag, ok := tintype.FoldTag(strings.TrimLeft(norm.NFC.String(strings.TrimSpace(name)), "#＃"))
	if !ok {
		return "", tintype.FieldError("name", "that is not a tag: tags are letters, digits and _")
	}
	return tag, nil
}

// Tag gives a tag and its count. One that no post has is there with a count of 0, as any may be followed.
func (t *Tags) Tag(ctx context.Context, name string) (tintype.Tag, error) {
	tag, err := Canonical(name)
	if err != nil {
		return tintype.Tag{}, err
	}
	counts, err := t.c.Lists.Counts(ctx, []string{tag})
	if err != nil {
		return tintype.Tag{}, err
	}
	return tintype.Tag{Name: tag, Media: counts[0]}, nil
}

// Search gives up to n tags that begin with q, that tag itself first, then those with the most posts.
func (t *Tags) Search(ctx context.Context, q string, n int) ([]tintype.Tag, error) {
	if len(q) > maxTagQuery {
		return nil, tintype.FieldError("q", "please search for fewer words")
	}
	tag, err := Canonical(q)
	if err != nil {
		return nil, nil // nothing begins like this
	}
	n = min(n, maxTagsFound)
	names, err := t.c.Lists.Search(ctx, tag, n)
	if begin, ok := strings.CutSuffix(tag, "ς"); ok && err == nil && len(names) < n {
		// More may follow what is typed, and then the sigma is none that ends a word.
		var more []string
		more, err = t.c.Lists.Search(ctx, begin+"σ", n-len(names))
		names = append(names, more...)
	}
	if err != nil || len(names) == 0 {
		return nil, err
	}
	counts, err := t.c.Lists.Counts(ctx, names)
	if err != nil {
		return nil, err
	}
	out := make([]tintype.Tag, 0, len(names))
	for i, name := range names {
		if counts[i] > 0 {
			out = append(out, tintype.Tag{Name: name, Media: counts[i]})
		}
	}
	return out, nil
}

// Posts lists the posts with a tag that viewer may see, latest tagged first. next is
// the page.Max of the next page, 0 at the end, and newest the op of the first post; a page may
// be short before the end (see maxRounds).
func (t *Tags) Posts(ctx context.Context, viewer tintype.ID, name string, page tintype.Page) (posts []*tintype.Post, newest, next tintype.ID, err error) {
	tag, err := Canonical(name)
	if err != nil {
		return nil, 0, 0, err
	}
	posts = []*tintype.Post{}
	ask := page.ByOld(viewer)
	ask.Count++
	for range maxRounds {
		ids, ops, err := t.c.Lists.Posts(ctx, tag, ask)
		if err != nil {
			return nil, 0, 0, err
		}
		visible, err := t.c.Posts.Visible(ctx, viewer, ids)
		if err != nil && !tintype.IsPartial(err) {
			return nil, 0, 0, err
		}
		for _, p := range visible {
			op := ops[slices.Index(ids, p.ID)]
			if len(posts) == page.Count {
				return posts, newest, op + 1, nil
			}
			if newest == 0 {
				newest = op
			}
			posts = append(posts, p)
		}
		if len(ids) < ask.Count {
			return posts, newest, 0, nil
		}
		ask.Max = ops[len(ops)-1]
	}
	return posts, newest, ask.Max, nil
}

// Follow makes user follow a tag, or no longer.
func (t *Tags) Follow(ctx context.Context, user tintype.ID, name string, on bool) error {
	if user == 0 {
		return errSignedIn
	}
	tag, err := Canonical(name)
	if err != nil {
		return err
	}
	if on {
		have, err := t.c.Follows.FollowedTags(ctx, user)
		if err != nil {
			return err
		}
		if len(have) >= maxFollowed && !slices.Contains(have, tag) {
			return tintype.Errorf(tintype.Conflict, "you follow %d tags, which is as many as there may be", len(have))
		}
	}
	_, err = t.c.Follows.FollowTag(ctx, user, tag, on)
	// After an error it may have happened all the same.
	if e := t.c.IDCache.Drop(context.WithoutCancel(ctx), cache.Key{Kind: cache.KindMyTags, A: user}); err == nil {
		err = e
	}
	return err
}

// Followed gives the tags that user follows, by name, with their counts.
func (t *Tags) Followed(ctx context.Context, user tintype.ID) ([]tintype.Tag, error) {
	if user == 0 {
		return nil, errSignedIn
	}
	names, err := t.c.Follows.FollowedTags(ctx, user)
	if err != nil || len(names) == 0 {
		return nil, err
	}
	counts, err := t.c.Lists.Counts(ctx, names)
	if err != nil {
		return nil, err
	}
	out := make([]tintype.Tag, len(names))
	for i, name := range names {
		out[i] = tintype.Tag{Name: name, Media: counts[i]}
	}
	return out, nil
}

// Follows tells whether user follows a tag.
func (t *Tags) Follows(ctx context.Context, user tintype.ID, name string) (bool, error) {
	tag, err := Canonical(name)
	if err != nil {
		return false, err
	}
	if user == 0 {
		return false, errSignedIn
	}
	names, err := t.c.Follows.FollowedTags(ctx, user)
	return slices.Contains(names, tag), err
}

// Apply is the handler of job.TagKind. It brings posts to the timelines of the tags that
// they have by now, whatever the deed was that it is called for, so it does not matter in
// what order deeds come.
func (t *Tags) Apply(ctx context.Context, items []job.Tagging) error {
	byPost := map[tintype.ID]*job.Tagging{}
	var order []*job.Tagging
	var errs []error
	for _, it := range items {
		if it.User != 0 {
			errs = append(errs, t.applyUser(ctx, it))
			continue
		}
		if was := byPost[it.Post]; was != nil {
			was.Tags = append(was.Tags, it.Tags...)
			was.Op = max(was.Op, it.Op)
			was.Quiet = was.Quiet && it.Quiet
			continue
		}
		one := it
		one.Tags = slices.Clone(it.Tags)
		byPost[it.Post] = &one
		order = append(order, &one)
	}
	for _, it := range order {
		_, err := t.applyPost(ctx, *it, !it.Quiet)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// applyUser looks at a page of a user's posts.
func (t *Tags) applyUser(ctx context.Context, it job.Tagging) error {
	last, err := eachPost(ctx, t.c.PostIDs, it.User, it.Before, func(ctx context.Context, post tintype.ID) (bool, error) { return t.Rebuild(ctx, post) })
	if err != nil || last == 0 {
		return err
	}
	return t.c.Queue.Put(ctx, it.User, job.Insert{Kind: job.TagKind, Item: job.Tagging{User: it.User, Before: last}})
}

// eachPost calls f with a page of a user's posts before one, newest first, and gives the last of it, 0 if there are no more.
func eachPost(ctx context.Context, posts PostIDs, user, before tintype.ID, f func(ctx context.Context, post tintype.ID) (changed bool, err error)) (last tintype.ID, err error) {
	ids, err := posts.PostIDs(ctx, user, tintype.Page{Max: before, Count: retagPage})
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		if _, err := f(ctx, id); err != nil {
			return 0, err
		}
	}
	if len(ids) < retagPage {
		return 0, nil
	}
	return ids[len(ids)-1], nil
}

// Rebuild brings a post to the timelines of its tags anew, and out of those of was that it has not. changed tells whether anything was amiss.
func (t *Tags) Rebuild(ctx context.Context, post tintype.ID, was ...string) (changed bool, err error) {
	return t.applyPost(ctx, job.Tagging{Post: post, Op: post, Tags: was}, false)
}

// applyPost reads the truth again after it has written: of two jobs at once the
// one that read first may write last. tell is for deeds: apps hear of what the post got.
func (t *Tags) applyPost(ctx context.Context, it job.Tagging, tell bool) (changed bool, err error) {
	var done *tintype.Tagged
	for try := range readTruthAgain {
		truth, err := t.c.Edges.Truth(ctx, it.Post)
		if err != nil {
			return changed, err
		}
		if try > 0 && same(done, truth) {
			return changed, nil
		}
		has := map[string]tintype.ID{} // the op of the deed that gave it
		var names []string
		if truth != nil {
			names, has = truth.Tags(it.Op)
			if !slices.Equal(names, truth.Post.Tags) {
				it.Tags = append(it.Tags, truth.Post.Tags...)
				truth.Post.Tags = names
				changed = true
				if err := t.c.Posts.SetTags(ctx, &truth.Post); err != nil {
					return changed, err
				}
			}
		}
		all := append(slices.Clone(names), it.Tags...)
		slices.Sort(all)
		for _, tag := range slices.Compact(all) {
			op, on := has[tag]
			put, err := t.c.Edges.Put(ctx, tag, tintype.TagPost{Post: it.Post, Op: op, On: on, Open: on && truth.Open, Tell: tell})
			if err != nil {
				return changed, err
			}
			if !put {
				continue
			}
			changed = true
			if err := t.c.IDCache.Drop(context.WithoutCancel(ctx), cache.Key{Kind: cache.KindTagRecent, A: t.c.Edges.ID(tag)}); err != nil {
				return changed, err
			}
		}
		done = truth
	}
	return changed, &tintype.Error{Kind: tintype.Unavailable, Msg: "the post keeps changing; its tags are looked at again later"}
}

// same tells whether nothing that decides on tags has changed.
func same(a, b *tintype.Tagged) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Open == b.Open && a.Post.Caption == b.Post.Caption && slices.Equal(a.Post.Tags, b.Post.Tags) &&
		slices.EqualFunc(a.Comments, b.Comments, func(x, y tintype.Comment) bool { return x.ID == y.ID && x.Text == y.Text })
}
