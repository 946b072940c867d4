package mydata

import (
	"context"
	"strings"

	"github.com/tintype/tintype/internal/archive"
	"github.com/tintype/tintype/internal/tintype"
)

// Restorer puts together what belonged together in an archive. Each does no harm when it is done twice.
type Restorer interface {
	// Album has an album of that title hold the posts: the one that is there, or a new one.
	Album(ctx context.Context, user tintype.ID, title, description string, private bool, cover tintype.ID, posts []tintype.ID) error
	// Collection has a collection of that name hold the posts, the last of them as the latest.
	Collection(ctx context.Context, user tintype.ID, name string, cover tintype.ID, posts []tintype.ID) error
	// Person puts somebody on one of user's lists, by name alone. NotFound if nobody is of that name, Forbidden if it may be
	// somebody else than was meant.
	Person(ctx context.Context, user tintype.ID, list string, p archive.Person) error
}

// restore makes of an item that puts posts or people together what it is here.
func (s *Service) restore(ctx context.Context, user tintype.ID, it archive.Item) (tintype.ItemState, tintype.Reasons, error) {
	if it.People != nil {
		return s.restorePeople(ctx, user, it.People)
	}
	g := it.Group
	var posts []tintype.ID
	var cover tintype.ID
	missing := g.Others
	for _, there := range g.Posts {
		id, err := s.hereNow(ctx, user, there)
		if err != nil {
			return 0, nil, err
		}
		if id == 0 {
			missing++
			continue
		}
		if posts = append(posts, id); there == g.Cover {
			cover = id
		}
	}
	if len(posts) == 0 && missing > 0 {
		return tintype.ItemSkipped, tintype.Reasons{{Code: WhyNothing}}, nil
	}
	var err error
	if it.Section == archive.SectionAlbums {
		err = s.c.Restore.Album(ctx, user, g.Title, g.Description, g.Private, cover, posts)
	} else {
		err = s.c.Restore.Collection(ctx, user, g.Title, cover, posts)
	}
	if err != nil {
		if transient(err) || tintype.IsKind(err, tintype.Internal) {
			return 0, nil, err
		}
		return tintype.ItemFailed, tintype.Reasons{{Code: WhyRefused, Text: message(err)}}, nil
	}
	var notes tintype.Reasons
	if missing > 0 {
		notes = tintype.Reasons{{Code: NoteOthers, N: missing}}
	}
	return tintype.ItemDone, notes, nil
}

// hereNow gives the post that came of one in an archive of Tintype, or that it is already; 0 for none.
func (s *Service) hereNow(ctx context.Context, user tintype.ID, there string) (tintype.ID, error) {
	it := archive.Item{Key: archive.PostKey(there), Post: there}
	if id, err := tintype.ParseID(there); err == nil {
		it.Taken = id.Time()
	}
	return s.here(ctx, user, it)
}

// maxNamed is how many names a reason says.
const maxNamed = 20

func (s *Service) restorePeople(ctx context.Context, user tintype.ID, p *archive.People) (tintype.ItemState, tintype.Reasons, error) {
	var absent, strangers []string
	for _, o := range p.Persons {
		err := s.c.Restore.Person(ctx, user, p.List, o)
		switch {
		case err == nil:
		case tintype.IsKind(err, tintype.NotFound), tintype.IsKind(err, tintype.Invalid):
			absent = append(absent, o.Username)
		case tintype.IsKind(err, tintype.Forbidden), tintype.IsKind(err, tintype.Conflict):
			strangers = append(strangers, o.Username)
		default:
			return 0, nil, err
		}
	}
	var notes tintype.Reasons
	for _, n := range []struct {
		code  string
		names []string
	}{{NotePeople, absent}, {NoteStranger, strangers}} {
		if len(n.names) > 0 {
			notes = append(notes, tintype.Reason{Code: n.code, N: len(n.names), Text: strings.Join(n.names[:min(len(n.names), maxNamed)], ", ")})
		}
	}
	if len(absent)+len(strangers) == len(p.Persons) {
		return tintype.ItemSkipped, notes, nil
	}
	return tintype.ItemDone, notes, nil
}
