package discover

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/tintype"
	"github.com/tintype/tintype/internal/words"
)

// WordEdges keeps which posts have a term. sqlstore.Words implements it.
type WordEdges interface {
	// ID is the number of a term's timeline: of everybody's posts, or of owner's alone if that is not 0.
	ID(owner tintype.ID, term string) tintype.ID
	// Texts gives what those of posts that exist say.
	Texts(ctx context.Context, posts []tintype.ID) (map[tintype.ID]tintype.Said, error)
	// Put writes that posts are in timelines, and that others are not; changed is how many of these things were not so already.
	Put(ctx context.Context, in, out []tintype.WordPost) (changed int64, err error)
}

// WordLists reads the timelines of terms. sqlstore.Words implements it.
type WordLists interface {
	// Posts lists the posts of a timeline, newest first.
	Posts(ctx context.Context, word tintype.ID, page tintype.Page) ([]tintype.ID, error)
	// Have gives those of posts that are in a timeline, in the order of posts; of page it takes how old the answer may be.
	Have(ctx context.Context, word tintype.ID, posts []tintype.ID, page tintype.Page) ([]tintype.ID, error)
}

// Names finds users. account.Service provides it.
type Names interface {
	// UserID gives the user of a name; NotFound if there is none.
	UserID(ctx context.Context, username string) (tintype.ID, error)
}

// CaptionsConfig is what Captions are made of. All is required.
type CaptionsConfig struct {
	Edges   WordEdges
	Lists   WordLists
	Posts   VisiblePosts
	PostIDs PostIDs
	Names   Names
}

// Captions finds posts by the words of their captions and alternative texts. Make it with NewCaptions.
type Captions struct{ c CaptionsConfig }

// NewCaptions makes Captions.
func NewCaptions(c CaptionsConfig) *Captions { return &Captions{c} }

const (
	maxCaptionQuery = 200 // bytes
	captionBatch    = 60  // posts of a timeline that the first round looks at; each later one looks at twice as many
)

// captionQuestion is what somebody asks for.
type captionQuestion struct {
	words words.Question
	from  tintype.ID // whose posts; 0 for everybody's
	none  bool       // nothing is found
}

// Search lists the posts that viewer may see and that have all words of q, newest first; of them, with "from:name"
// or "from:me" in q, those of one user. next is the page.Max of the next page, 0 at the end; a page may be short before the end (see maxRounds).
func (c *Captions) Search(ctx context.Context, viewer tintype.ID, q string, page tintype.Page) (posts []*tintype.Post, next tintype.ID, err error) {
	posts = []*tintype.Post{}
	ask, err := c.read(ctx, viewer, q)
	if err != nil || ask.none {
		return posts, 0, err
	}
	p := page.ByOld(viewer)
	p.Count = captionBatch
	lists, err := c.lists(ctx, ask, p)
	if err != nil {
		return nil, 0, err
	}
	for range maxRounds {
		ids, below, err := c.batch(ctx, ask, lists, p)
		if err != nil {
			return nil, 0, err
		}
		found, err := visibly(ctx, c.c.Posts, viewer, ids, page.Count+1-len(posts), func(v *tintype.Post) bool {
			// Another word of the same number, or edited, and the job has yet to come?
			return (ask.from == 0 || v.UserID == ask.from) && ask.words.In(texts(v)...)
		})
		if err != nil {
			return nil, 0, err
		}
		if posts = append(posts, found...); len(posts) > page.Count {
			posts = posts[:page.Count]
			return posts, posts[len(posts)-1].ID, nil
		}
		if below == 0 {
			return posts, 0, nil
		}
		p.Max, p.Count = below, min(2*p.Count, 16*captionBatch)
	}
	return posts, p.Max, nil
}

// read takes a question apart.
func (c *Captions) read(ctx context.Context, viewer tintype.ID, q string) (ask captionQuestion, err error) {
	if len(q) > maxCaptionQuery || !utf8.ValidString(q) {
		return ask, tintype.FieldError("q", "please search for fewer words")
	}
	var rest []string
	name := ""
	for _, f := range strings.Fields(q) {
		// Input methods for Chinese write the colon wide.
		if who, is := strings.CutPrefix(strings.Replace(strings.ToLower(f), "：", ":", 1), "from:"); is {
			name = strings.TrimLeft(who, "@＠")
			continue
		}
		rest = append(rest, f)
	}
	ask.words = words.Ask(strings.Join(rest, " "))
	switch name {
	case "":
		ask.none = ask.words.Empty()
	case "me":
		if ask.from = viewer; viewer == 0 {
			return ask, errSignedIn
		}
	default:
		ask.from, err = c.c.Names.UserID(ctx, name)
		if tintype.IsKind(err, tintype.NotFound) || tintype.IsKind(err, tintype.Invalid) {
			err = nil
		}
		ask.none = ask.from == 0
	}
	return ask, err
}

func texts(p *tintype.Post) []string {
	out := []string{p.Caption}
	for _, m := range p.Media {
		out = append(out, m.AltText)
	}
	return out
}

// lists gives the timelines that the posts asked for are in, first the one that has the fewest, as far as a look at the
// beginning of each can tell.
func (c *Captions) lists(ctx context.Context, ask captionQuestion, p tintype.Page) ([]tintype.ID, error) {
	type list struct {
		id   tintype.ID
		n    int
		last tintype.ID
	}
	var lists []list
	for _, key := range ask.words.Keys() {
		lists = append(lists, list{id: c.c.Edges.ID(ask.from, key)})
	}
	if len(lists) > 1 {
		for i, l := range lists {
			ids, err := c.c.Lists.Posts(ctx, l.id, p)
			if err != nil {
				return nil, err
			}
			if lists[i].n = len(ids); len(ids) == p.Count {
				lists[i].last = ids[len(ids)-1]
			}
		}
		// Of two that go on, the one that has come further back has fewer.
		slices.SortStableFunc(lists, func(a, b list) int { return cmp.Or(cmp.Compare(a.n, b.n), cmp.Compare(a.last, b.last)) })
	}
	out := make([]tintype.ID, len(lists))
	for i, l := range lists {
		out[i] = l.id
	}
	return out, nil
}

// batch reads a part of the first timeline and gives those posts of it that are in the others, too. below is where
// the part ended, 0 if that was the end.
func (c *Captions) batch(ctx context.Context, ask captionQuestion, lists []tintype.ID, p tintype.Page) (ids []tintype.ID, below tintype.ID, err error) {
	if len(lists) == 0 {
		ids, err = c.c.PostIDs.PostIDs(ctx, ask.from, p)
	} else {
		ids, err = c.c.Lists.Posts(ctx, lists[0], p)
	}
	if err != nil {
		return nil, 0, err
	}
	if len(ids) == p.Count {
		below = ids[len(ids)-1]
	}
	for _, l := range lists[min(1, len(lists)):] {
		if ids, err = c.c.Lists.Have(ctx, l, ids, p); err != nil {
			return nil, 0, err
		}
	}
	return ids, below, nil
}

// Apply is the handler of job.WordKind. It brings posts to the timelines of the words that they have by now, whatever
// the deed was that it is called for, so it does not matter in what order deeds come.
func (c *Captions) Apply(ctx context.Context, items []job.Wording) error {
	was := make(map[tintype.ID]tintype.Said, len(items))
	for _, it := range items {
		was[it.Post] = tintype.Said{User: it.User, Texts: append(was[it.Post].Texts, it.Was...)}
	}
	_, err := c.bring(ctx, was)
	return err
}

// Rebuild brings a post to the timelines of its words anew. changed tells whether any were missing.
func (c *Captions) Rebuild(ctx context.Context, post tintype.ID) (changed bool, err error) {
	return c.bring(ctx, map[tintype.ID]tintype.Said{post: {}})
}

// bring writes what posts say, and takes away what they said. It reads the truth again after it
// has written: of two jobs at once the one that read first may write last.
func (c *Captions) bring(ctx context.Context, was map[tintype.ID]tintype.Said) (changed bool, err error) {
	old := make(map[tintype.ID]map[string]bool, len(was)) // terms under which a post may be, and should not
	owners := make(map[tintype.ID]tintype.ID, len(was))
	for post, said := range was {
		old[post], owners[post] = map[string]bool{}, said.User
		// Each text by itself: what was one post's may have been several, one after the other.
		for _, text := range said.Texts {
			for _, t := range words.Terms(text) {
				old[post][t] = true
			}
		}
	}
	posts := slices.Sorted(maps.Keys(was))
	var done map[tintype.ID]tintype.Said
	for range readTruthAgain {
		now, err := c.c.Edges.Texts(ctx, posts)
		if err != nil {
			return changed, err
		}
		if done != nil {
			posts = slices.DeleteFunc(posts, func(p tintype.ID) bool { return slices.Equal(now[p].Texts, done[p].Texts) })
			if len(posts) == 0 {
				return changed, nil
			}
		}
		var in, out []tintype.WordPost
		for _, post := range posts {
			owner := cmp.Or(now[post].User, owners[post])
			each := func(term string) []tintype.WordPost {
				both := []tintype.WordPost{{Word: c.c.Edges.ID(0, term), Post: post}}
				if owner != 0 {
					both = append(both, tintype.WordPost{Word: c.c.Edges.ID(owner, term), Post: post})
				}
				return both
			}
			terms := words.Terms(now[post].Texts...)
			for _, t := range terms {
				in = append(in, each(t)...)
				old[post][t] = false
			}
			for t, gone := range old[post] {
				if gone {
					out = append(out, each(t)...)
				}
				old[post][t] = true // it may say something else at the next look
			}
		}
		n, err := c.c.Edges.Put(ctx, in, out)
		if changed = changed || n > 0; err != nil {
			return changed, err
		}
		done = now
	}
	return changed, &tintype.Error{Kind: tintype.Unavailable, Msg: "the posts keep changing; their words are looked at again later"}
}
