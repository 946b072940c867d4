package post

import (
	"context"
	"errors"
	"math"
	"slices"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/tintype"
)

// MaxPeople is how many users may be named in one picture.
const MaxPeople = 20

// PhotoTags keeps who is named in pictures. sqlstore.PhotoTags implements it.
type PhotoTags interface {
	AnswerPhotoTag(ctx context.Context, post, user tintype.ID, state int) (changed bool, err error)
	PhotoTagTruth(ctx context.Context, post, user tintype.ID) (owner tintype.ID, state int, err error)
	PutTagged(ctx context.Context, user tintype.ID, t tintype.TaggedPost) (told []tintype.ID, changed bool, err error)
	Tagged(ctx context.Context, user tintype.ID, state int, page tintype.Page) ([]tintype.ID, error)
	TaggedBy(ctx context.Context, user, owner tintype.ID) ([]tintype.ID, error)
	// Unname takes users out of a post's pictures without a trace: it may name them again.
	Unname(ctx context.Context, post tintype.ID, users []tintype.ID) error
}

// Choices tells what users let others do. sqlstore.Choices implements it.
type Choices interface {
	// Choices is aligned with users.
	Choices(ctx context.Context, users []tintype.ID) ([]tintype.Choices, error)
}

// Stances tells what users set between themselves and others. sqlstore.Safety implements it.
type Stances interface {
	Stance(ctx context.Context, user, other tintype.ID) (tintype.Stance, error)
}

// Named is a user to be named at a point of a picture.
type Named struct {
	Media int // position of the picture
	User  tintype.ID
	X, Y  float64 // see tintype.PhotoTag
}

const peopleField = "users_in_photo"

// setPeople names users in p's pictures, and nobody else. Those who are named there already stay as they are, those who wait still wait;
// of the others each must let author do it.
func (s *Service) setPeople(ctx context.Context, p *tintype.Post, list []Named) error {
	states := map[tintype.ID]int{}
	for i := range p.Media {
		for _, t := range p.Media[i].People {
			states[t.UserID] = t.State
		}
	}
	var fresh []tintype.ID
	people := make([][]tintype.PhotoTag, len(p.Media))
	for _, n := range list {
		switch {
		case n.Media < 0 || n.Media >= len(p.Media):
			return tintype.FieldError(peopleField, "there is no picture at position %d", n.Media)
		case !(n.X >= 0 && n.X <= 1 && n.Y >= 0 && n.Y <= 1): // nor what is no number
			return tintype.FieldError(peopleField, "a position has an x and a y between 0 and 1")
		case slices.ContainsFunc(people[n.Media], func(t tintype.PhotoTag) bool { return t.UserID == n.User }):
			return tintype.FieldError(peopleField, "a person may be tagged once in a picture")
		case len(people[n.Media]) == MaxPeople:
			return tintype.FieldError(peopleField, "at most %d people may be tagged in a picture", MaxPeople)
		}
		state, known := states[n.User]
		if known && state == tintype.EdgeGone {
			return tintype.FieldError(peopleField, "somebody whom you tagged took themselves out of this post")
		}
		if !known && !slices.Contains(fresh, n.User) {
			fresh = append(fresh, n.User)
		}
		people[n.Media] = append(people[n.Media], tintype.PhotoTag{UserID: n.User, X: round(n.X), Y: round(n.Y), State: state})
	}
	asked, err := s.mayName(ctx, p.UserID, p.Audience, fresh)
	if err != nil {
		return err
	}
	for i := range people {
		for j := range people[i] {
			if t := &people[i][j]; slices.Contains(fresh, t.UserID) {
				t.State = asked[t.UserID]
			}
		}
		for _, t := range p.Media[i].People {
			if t.State == tintype.EdgeGone {
				people[i] = append(people[i], t)
			}
		}
		p.Media[i].People = people[i]
	}
	return nil
}

// round keeps as much of a position as a screen can show.
func round(v float64) float64 { return math.Round(v*1e4) / 1e4 }

// mayName gives the state that each of users gets who is named in a picture of author's, in a post for audience; an Invalid error if one may not be.
// It says the same whatever the reason: a block is nobody's business.
func (s *Service) mayName(ctx context.Context, author tintype.ID, audience tintype.Audience, users []tintype.ID) (map[tintype.ID]int, error) {
	if len(users) == 0 {
		return nil, nil
	}
	if s.c.Choices == nil || s.c.PhotoTags == nil {
		return nil, tintype.Errorf(tintype.Unavailable, "people cannot be tagged here")
	}
	states := make(map[tintype.ID]int, len(users))
	found, choices, err := s.known(ctx, author, users)
	if err != nil {
		return nil, err
	}
	authors, err := s.c.People.Users(ctx, []tintype.ID{author})
	if err != nil {
		return nil, err
	}
	for i, u := range users {
		byHand := choices[i].TagByHand
		name := "this person"
		if found[i] != nil {
			name = "@" + found[i].Username
		}
		no := tintype.FieldError(peopleField, "%s cannot be tagged", name)
		if found[i] == nil || authors[0] == nil {
			return nil, no
		}
		if u != author {
			sees, err := s.sees(ctx, u, authors[0], audience)
			if err != nil {
				return nil, err
			}
			if !sees { // it would be told behind their back
				return nil, no
			}
			lets, err := s.lets(ctx, u, author, choices[i].TagFrom)
			if err != nil {
				return nil, err
			}
			if !lets {
				return nil, no
			}
			if wary, err := s.wary(ctx, u, author); err != nil {
				return nil, err
			} else if wary {
				byHand = true
			}
		}
		states[u] = tintype.EdgeThere
		if byHand && u != author {
			states[u] = tintype.EdgeRequested
		}
	}
	return states, nil
}

// sees tells whether user sees the posts of author that are for audience.
func (s *Service) sees(ctx context.Context, user tintype.ID, author *tintype.User, audience tintype.Audience) (bool, error) {
	rels, err := s.c.People.Relations(ctx, user, []tintype.ID{author.ID})
	return err == nil && tintype.CanViewPost(user, author, &tintype.Post{Audience: audience}, rels[0]), err
}

// wary tells whether user does not want to hear of what author does, and so would not notice being named by them.
func (s *Service) wary(ctx context.Context, user, author tintype.ID) (bool, error) {
	if s.c.Stances == nil {
		return false, nil
	}
	st, err := s.c.Stances.Stance(ctx, user, author)
	return st.Restricted || st.MutedActivity, err
}

// unnameBlind takes those out of a post's pictures who will not see it once it is for audience.
func (s *Service) unnameBlind(ctx context.Context, owner, post tintype.ID, audience tintype.Audience) error {
	p, err := s.Unseen(ctx, post)
	if err != nil || p == nil || s.c.PhotoTags == nil {
		return err
	}
	named := append(tintype.PeopleIn(p.Media, tintype.EdgeThere), tintype.PeopleIn(p.Media, tintype.EdgeRequested)...)
	if len(named) == 0 {
		return nil
	}
	owners, err := s.c.People.Users(ctx, []tintype.ID{owner})
	if err != nil || owners[0] == nil {
		return err
	}
	var blind []tintype.ID
	for _, u := range named {
		sees, err := s.sees(ctx, u, owners[0], audience)
		if err != nil {
			return err
		}
		if !sees {
			blind = append(blind, u)
		}
	}
	if len(blind) == 0 {
		return nil
	}
	return s.c.PhotoTags.Unname(ctx, post, blind)
}

// known gives, aligned, those of users who are there for author, nil for others, and what they chose.
func (s *Service) known(ctx context.Context, author tintype.ID, users []tintype.ID) ([]*tintype.User, []tintype.Choices, error) {
	found, err := s.c.People.Users(ctx, users)
	if err != nil {
		return nil, nil, err
	}
	rels, err := s.c.People.Relations(ctx, author, users)
	if err != nil {
		return nil, nil, err
	}
	out := make([]*tintype.User, len(users))
	for i := range users {
		if found[i] != nil && tintype.CanViewProfile(author, found[i], rels[i]) && !rels[i].Blocks {
			out[i] = found[i]
		}
	}
	if s.c.Choices == nil {
		return out, make([]tintype.Choices, len(users)), nil
	}
	choices, err := s.c.Choices.Choices(ctx, users)
	return out, choices, err
}

// lets tells whether author is in the circle that user chose.
func (s *Service) lets(ctx context.Context, user, author tintype.ID, circle tintype.Who) (bool, error) {
	if user == author || circle == tintype.Everyone {
		return true, nil
	}
	if circle == tintype.Nobody {
		return false, nil
	}
	rels, err := s.c.People.Relations(ctx, user, []tintype.ID{author})
	return err == nil && rels[0].Follows, err
}

// AnswerPhotoTag has viewer, who is named in a post's pictures, be in them (on) or not: it approves a tag that waits, or
// takes viewer out, for good unless they say otherwise. NotFound if viewer is not named there.
func (s *Service) AnswerPhotoTag(ctx context.Context, viewer, post tintype.ID, on bool) error {
	if viewer == 0 {
		return errSignedIn
	}
	state := tintype.EdgeGone
	if on {
		if _, _, err := s.see(ctx, viewer, post); err != nil {
			return err
		}
		state = tintype.EdgeThere
	}
	// One may always take oneself out, also where one may see nothing any longer.
	_, err := s.c.PhotoTags.AnswerPhotoTag(ctx, post, viewer, state)
	return s.commented(ctx, post, err)
}

// PeopleIn gives who is in a post's pictures, by position; to its owner those who wait, too.
func (s *Service) PeopleIn(ctx context.Context, viewer, post tintype.ID) ([][]tintype.PhotoTag, error) {
	p, _, err := s.see(ctx, viewer, post)
	if err != nil {
		return nil, err
	}
	out := make([][]tintype.PhotoTag, len(p.Media))
	for i := range p.Media {
		for _, t := range p.Media[i].People {
			if t.State == tintype.EdgeThere || t.State == tintype.EdgeRequested && (viewer == p.UserID || viewer == t.UserID) {
				out[i] = append(out[i], t)
			}
		}
	}
	return out, nil
}

// Tagged lists the posts that user is in, newest first, for a viewer who may see what user publishes, as far as viewer
// may see each. next is the page.Max of the next page, 0 at the end; a page may be short before it.
func (s *Service) Tagged(ctx context.Context, viewer, user tintype.ID, page tintype.Page) (posts []*tintype.Post, next tintype.ID, err error) {
	if _, _, err := s.seeUser(ctx, viewer, user); err != nil {
		return nil, 0, err
	}
	return s.tagged(ctx, viewer, user, tintype.EdgeThere, page.ByOld(viewer))
}

// TagsAsked lists, in the same way, the posts in which viewer would be if they approved.
func (s *Service) TagsAsked(ctx context.Context, viewer tintype.ID, page tintype.Page) (posts []*tintype.Post, next tintype.ID, err error) {
	if viewer == 0 {
		return nil, 0, errSignedIn
	}
	return s.tagged(ctx, viewer, viewer, tintype.EdgeRequested, page)
}

func (s *Service) tagged(ctx context.Context, viewer, user tintype.ID, state int, page tintype.Page) ([]*tintype.Post, tintype.ID, error) {
	posts := []*tintype.Post{}
	ask := page
	ask.Count++
	for range maxRounds {
		ids, err := s.c.PhotoTags.Tagged(ctx, user, state, ask)
		if err != nil {
			return nil, 0, err
		}
		visible, err := s.Visible(ctx, viewer, ids)
		if err != nil && !tintype.IsPartial(err) {
			return nil, 0, err
		}
		for _, p := range visible {
			// What was taken back shows at once, before the job has been here.
			if !slices.Contains(tintype.PeopleIn(p.Media, state), user) {
				continue
			}
			if len(posts) == page.Count {
				return posts, p.ID + 1, nil
			}
			posts = append(posts, p)
		}
		if len(ids) < ask.Count {
			return posts, 0, nil
		}
		ask.Max = ids[len(ids)-1]
	}
	return posts, ask.Max, nil
}

// readTruthAgain is how often a job looks whether what it wrote is still true.
const readTruthAgain = 5

// ApplyPhotoTags is the handler of job.PhotoTagKind. It writes on users' sides how they are in a post's pictures by now,
// whatever the deed was, and reads that again: of two jobs at once the one that read first may write last.
func (s *Service) ApplyPhotoTags(ctx context.Context, items []job.PhotoTag) error {
	var errs []error
	for _, it := range items {
		_, err := s.applyPhotoTag(ctx, it)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

func (s *Service) applyPhotoTag(ctx context.Context, it job.PhotoTag) (changed bool, err error) {
	var done tintype.TaggedPost
	for try := range readTruthAgain {
		owner, state, err := s.c.PhotoTags.PhotoTagTruth(ctx, it.Post, it.User)
		if err != nil {
			return changed, err
		}
		t := tintype.TaggedPost{Post: it.Post, Owner: owner, State: state, Op: it.Op, Quiet: it.Quiet}
		if try > 0 && t == done {
			return changed, nil
		}
		told, put, err := s.c.PhotoTags.PutTagged(ctx, it.User, t)
		if err != nil {
			return changed, err
		}
		changed = changed || put
		if len(told) > 0 {
			s.c.OnActivity(told)
		}
		done = t
	}
	return changed, tintype.Errorf(tintype.Unavailable, "who is in the post keeps changing; it is looked at again later")
}

// RebuildTagged brings a post anew to the sides of those who are in its pictures, and out of those of was who are not. changed tells whether anything was amiss.
func (s *Service) RebuildTagged(ctx context.Context, post tintype.ID, was ...tintype.ID) (changed bool, err error) {
	posts, err := s.c.Posts.Posts(ctx, []tintype.ID{post})
	if err != nil {
		return false, err
	}
	for _, p := range posts {
		for _, state := range []int{tintype.EdgeThere, tintype.EdgeRequested, tintype.EdgeGone} {
			was = append(was, tintype.PeopleIn(p.Media, state)...)
		}
	}
	var errs []error
	for _, u := range was {
		put, err := s.applyPhotoTag(ctx, job.PhotoTag{Post: post, User: u, Op: post, Quiet: true})
		changed = changed || put
		errs = append(errs, err)
	}
	return changed, errors.Join(errs...)
}

// applyBlocks takes two users of whom one blocks the other out of each other's pictures.
func (s *Service) applyBlocks(ctx context.Context, blocks []job.Edge) error {
	if s.c.PhotoTags == nil {
		return nil
	}
	var errs []error
	for _, b := range blocks {
		if b.State != tintype.EdgeThere {
			continue
		}
		for _, pair := range [2][2]tintype.ID{{b.User, b.Target}, {b.Target, b.User}} {
			ids, err := s.c.PhotoTags.TaggedBy(ctx, pair[0], pair[1])
			errs = append(errs, err)
			for _, post := range ids {
				_, err := s.c.PhotoTags.AnswerPhotoTag(ctx, post, pair[0], tintype.EdgeGone)
				if err = s.commented(ctx, post, err); tintype.IsKind(err, tintype.NotFound) {
					err = nil
				}
				errs = append(errs, err)
			}
		}
	}
	return errors.Join(errs...)
}
