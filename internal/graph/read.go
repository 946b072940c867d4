package graph

import (
	"context"
	"slices"
	"strings"

	"github.com/tintype/tintype/internal/cache"
	"github.com/tintype/tintype/internal/tintype"
)

var (
	errNobody   = &tintype.Error{Kind: tintype.NotFound, Msg: "this user does not exist"}
	errPrivate  = &tintype.Error{Kind: tintype.NotAllowed, Msg: "you cannot view this resource"}
	errSignedIn = &tintype.Error{Kind: tintype.Unauthenticated, Msg: "please sign in first"}
)

// Users gives the users of ids, aligned, nil where there is none. It asks no
// viewer: what may be shown of them, and to whom, is CanView's to say. With a
// partial error those who could not be read are nil too.
func (s *Service) Users(ctx context.Context, ids []tintype.ID) ([]*tintype.User, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	users, _, err := s.c.UserCache.Fetch(ctx, cache.Keys(cache.KindUser, ids), s.loadUsers)
	return users, err
}

func (s *Service) loadUsers(ctx context.Context, missing []cache.Key, set func(cache.Key, *tintype.User)) error {
	ids := make([]tintype.ID, len(missing))
	for i, k := range missing {
		ids[i] = k.A
	}
	users, err := s.c.Users.Users(ctx, ids)
	for _, u := range users {
		set(cache.Key{Kind: cache.KindUser, A: u.ID}, u)
	}
	return err
}

// User gives a user whom viewer may know of, else NotFound.
func (s *Service) User(ctx context.Context, viewer, id tintype.ID) (*tintype.User, error) {
	u, rel, err := s.userAnd(ctx, viewer, id)
	if err == nil && rel.CloseFriend && u.Counts.FriendMedia != 0 {
		friend := *u // who sees the posts for close friends sees how many there are
		friend.Counts.Media += u.Counts.FriendMedia
		u = &friend
	}
	return u, err
}

func (s *Service) userAnd(ctx context.Context, viewer, id tintype.ID) (*tintype.User, tintype.Relation, error) {
	var rel tintype.Relation
	users, err := s.Users(ctx, []tintype.ID{id})
	if err != nil {
		return nil, rel, err
	}
	if users[0] == nil {
		return nil, rel, errNobody
	}
	rels, err := s.Relations(ctx, viewer, []tintype.ID{id})
	if err != nil {
		return nil, rel, err
	}
	if rel = rels[0]; !tintype.CanViewProfile(viewer, users[0], rel) {
		return nil, rel, errNobody
	}
	return users[0], rel, nil
}

// Open gives a user of whom viewer may see what they publish: NotFound if viewer may not
// know of the user, NotAllowed if of no more.
func (s *Service) Open(ctx context.Context, viewer, user tintype.ID) (*tintype.User, error) {
	u, rel, err := s.userAnd(ctx, viewer, user)
	if err != nil {
		return nil, err
	}
	if !tintype.CanView(viewer, u, rel) {
		return nil, errPrivate
	}
	return u, nil
}

// UserByName is User by username, in any case.
func (s *Service) UserByName(ctx context.Context, viewer tintype.ID, name string) (*tintype.User, error) {
	id, err := s.c.Names.UserID(ctx, strings.ToLower(name))
	if err != nil {
		return nil, err
	}
	if id == 0 {
		return nil, errNobody
	}
	return s.User(ctx, viewer, id)
}

// Relations gives what lies between viewer and each author, aligned. With a
// partial error what could not be read is Unknown.
func (s *Service) Relations(ctx context.Context, viewer tintype.ID, authors []tintype.ID) ([]tintype.Relation, error) {
	if viewer == 0 || len(authors) == 0 {
		return make([]tintype.Relation, len(authors)), nil
	}
	keys := make([]cache.Key, len(authors))
	for i, a := range authors {
		keys[i] = cache.Key{Kind: cache.KindRelation, A: viewer, B: a}
	}
	rels, found, err := s.c.RelationCache.Fetch(ctx, keys, func(ctx context.Context, missing []cache.Key, set func(cache.Key, tintype.Relation)) error {
		ids := make([]tintype.ID, len(missing))
		for i, k := range missing {
			ids[i] = k.B
		}
		rels, err := s.c.Lists.Relations(ctx, viewer, ids)
		if err != nil && !tintype.IsPartial(err) {
			return err
		}
		for i, k := range missing {
			if !rels[i].Unknown {
				set(k, rels[i])
			}
		}
		return err
	})
	if tintype.IsPartial(err) {
		for i := range rels {
			rels[i].Unknown = !found[i]
		}
	}
	return rels, err
}

// Hidden gives, sorted, whom viewer blocks and who blocks viewer.
func (s *Service) Hidden(ctx context.Context, viewer tintype.ID) ([]tintype.ID, error) {
	if viewer == 0 {
		return nil, nil
	}
	key := [1]cache.Key{{Kind: cache.KindHidden, A: viewer}}
	lists, _, err := s.c.IDCache.Fetch(ctx, key[:], func(ctx context.Context, missing []cache.Key, set func(cache.Key, []tintype.ID)) error {
		ids, err := s.c.Lists.Hidden(ctx, viewer)
		if err == nil {
			set(missing[0], ids)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return lists[0], nil
}

// Relationship tells me's relationship with other in the words of API v1: out
// is follows, requested or none; in is followed_by, requested_by,
// blocked_by_you or none. What me did shows at once.
func (s *Service) Relationship(ctx context.Context, me, other tintype.ID) (out, in string, private bool, err error) {
	u, err := s.User(ctx, me, other)
	if err != nil {
		return "", "", false, err
	}
	if me == 0 || me == other {
		return "none", "none", u.Private, nil
	}
	t, err := s.c.Lists.Ties(ctx, me, other)
	if err != nil {
		return "", "", false, err
	}
	out = [...]string{tintype.EdgeGone: "none", tintype.EdgeRequested: "requested", tintype.EdgeThere: "follows"}[t.Out]
	in = [...]string{tintype.EdgeGone: "none", tintype.EdgeRequested: "requested_by", tintype.EdgeThere: "followed_by"}[t.In]
	if t.Blocks {
		in = "blocked_by_you"
	}
	return out, in, u.Private, nil
}

// list is one of the lists that Lists reads.
type list func(ctx context.Context, user tintype.ID, state int, page tintype.Page) (users, ops []tintype.ID, err error)

// Followers lists who follows user, newest first. next is the page.Max of the
// next page, 0 at the end.
func (s *Service) Followers(ctx context.Context, viewer, user tintype.ID, page tintype.Page) (ids []tintype.ID, next tintype.ID, err error) {
	return s.people(ctx, viewer, user, page, s.c.Lists.Followers)
}

// Following lists whom user follows, in the same way.
func (s *Service) Following(ctx context.Context, viewer, user tintype.ID, page tintype.Page) (ids []tintype.ID, next tintype.ID, err error) {
	return s.people(ctx, viewer, user, page, s.c.Lists.Following)
}

func (s *Service) people(ctx context.Context, viewer, user tintype.ID, page tintype.Page, read list) ([]tintype.ID, tintype.ID, error) {
	if _, err := s.Open(ctx, viewer, user); err != nil {
		return nil, 0, err
	}
	return s.visiblePage(ctx, viewer, user, tintype.EdgeThere, page.ByOld(viewer), read)
}

// Requests lists who asks to follow me, in the same way.
func (s *Service) Requests(ctx context.Context, me tintype.ID, page tintype.Page) (ids []tintype.ID, next tintype.ID, err error) {
	if me == 0 {
		return nil, 0, errSignedIn
	}
	return s.visiblePage(ctx, me, me, tintype.EdgeRequested, page, s.c.Lists.Followers)
}

// maxRounds is how often one answer looks for more where many may not be shown:
// the page may be short then, and who asks again goes on from there.
const maxRounds = 20

// visiblePage reads until the page is full of users whom viewer may know of.
func (s *Service) visiblePage(ctx context.Context, viewer, user tintype.ID, state int, page tintype.Page, read list) ([]tintype.ID, tintype.ID, error) {
	hidden, err := s.Hidden(ctx, viewer)
	if err != nil {
		return nil, 0, err
	}
	out := make([]tintype.ID, 0, page.Count)
	ask := page
	ask.Count = page.Count + 1 // one more tells whether there is a next page
	for range maxRounds {
		ids, ops, err := read(ctx, user, state, ask)
		if err != nil {
			return nil, 0, err
		}
		users, err := s.Users(ctx, ids)
		if err != nil && !tintype.IsPartial(err) { // the list goes on without those who cannot be read now
			return nil, 0, err
		}
		for i, id := range ids {
			if _, hide := slices.BinarySearch(hidden, id); hide || users[i] == nil || users[i].State != tintype.UserActive {
				continue
			}
			if len(out) == page.Count {
				return out, ops[i] + 1, nil // exclusive: the next page begins with this one
			}
			out = append(out, id)
		}
		if len(ids) < ask.Count {
			return out, 0, nil
		}
		ask.Max = ops[len(ops)-1]
	}
	return out, ask.Max, nil
}
