package api

import (
	"context"
	"slices"
	"sync"

	"github.com/tintype/tintype/internal/tintype"
)

// splicer writes fragments for one reader. It knows every user that the posts
// name, having asked for all of them at once.
type splicer struct {
	api    *API
	base   string
	viewer tintype.ID
	hidden []tintype.ID // sorted
	sign   []byte       // scratch

	ids   []tintype.ID // users to ask for, each once
	users []*tintype.User
	index idTable
}

var splicers = sync.Pool{New: func() any { return new(splicer) }}

func (a *API) newSplicer(c *call) *splicer {
	s := splicers.Get().(*splicer)
	s.api, s.base, s.viewer = a, c.base, c.viewer()
	return s
}

func (s *splicer) release() {
	s.api, s.hidden = nil, nil
	s.ids = s.ids[:0]
	clear(s.users)
	s.users = s.users[:0]
	s.index.reset()
	splicers.Put(s)
}

// need notes that a user will be named.
func (s *splicer) need(id tintype.ID) {
	if s.index.add(id, len(s.ids)) {
		s.ids = append(s.ids, id)
	}
}

func (s *splicer) needPost(p *tintype.Post) {
	s.need(p.UserID)
	for i := range p.TopComments {
		s.need(p.TopComments[i].UserID)
	}
	for _, id := range p.TopLikers {
		s.need(id)
	}
}

// load fetches the users that were noted, and whom the viewer must not meet.
func (s *splicer) load(ctx context.Context) (err error) {
	if s.viewer != 0 {
		if s.hidden, err = s.api.cfg.People.Hidden(ctx, s.viewer); err != nil {
			return err
		}
	}
	if len(s.ids) == 0 {
		return nil
	}
	users, err := s.api.cfg.People.Users(ctx, s.ids)
	if err != nil {
		return err
	}
	s.users = append(s.users[:0], users...)
	return nil
}

// user gives a noted user who may be shown, else nil.
func (s *splicer) user(id tintype.ID) *tintype.User {
	i, ok := s.index.get(id)
	if !ok || i >= len(s.users) {
		return nil
	}
	u := s.users[i]
	if u == nil || u.State != tintype.UserActive {
		return nil
	}
	if len(s.hidden) > 0 {
		if _, hide := slices.BinarySearch(s.hidden, id); hide {
			return nil
		}
	}
	return u
}

func (s *splicer) person(b []byte, u *tintype.User) []byte {
	return append(b, s.api.fragments.ofUser(u).at(s.base)...)
}

// post appends a post, or nothing if its author may not be shown.
func (s *splicer) post(b []byte, p *tintype.Post, liked bool) (_ []byte, ok bool) {
	author := s.user(p.UserID)
	if author == nil {
		return b, false
	}
	f := s.api.fragments.ofPost(p)
	text, marks := f.text, f.marks
	if author.Private {
		s.sign = s.api.signer.appendQuery(s.sign[:0], p.ID, s.viewer)
	} else {
		o := f.at(s.base)
		text, marks = o.text, o.marks
	}
	at := int32(0)
	for _, m := range marks {
		b = append(b, text[at:m.at]...)
		at = m.at
		switch m.what {
		case markBase:
			b = append(b, s.base...)
		case markSign:
			b = append(b, s.sign...)
		case markUser, markCaption:
			b = s.person(b, author)
		case markComments:
			b = s.comments(b, f)
		case markLikers:
			b = s.likers(b, p.TopLikers)
		case markLiked:
			if s.viewer != 0 {
				if liked {
					b = append(b, `,"user_has_liked":true`...)
				} else {
					b = append(b, `,"user_has_liked":false`...)
				}
			}
		}
	}
	return append(b, text[at:]...), true
}

func (s *splicer) comments(b []byte, f *fragment) []byte {
	first := true
	for i, head := range f.comments {
		u := s.user(f.post.TopComments[i].UserID)
		if u == nil {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = append(b, head...)
		b = s.person(b, u)
		b = append(b, '}')
	}
	return b
}

func (s *splicer) likers(b []byte, ids []tintype.ID) []byte {
	first := true
	for _, id := range ids {
		u := s.user(id)
		if u == nil {
			continue
		}
		if !first {
			b = append(b, ',')
		}
		first = false
		b = s.person(b, u)
	}
	return b
}

// idTable maps IDs to small numbers: a hash table made to be emptied cheaply.
type idTable struct {
	slots []idSlot
	n     int
}

type idSlot struct {
	id tintype.ID
	at int32
}

// add puts id in unless it is there; it reports whether it was new.
func (t *idTable) add(id tintype.ID, at int) bool {
	if 2*t.n >= len(t.slots) {
		t.grow()
	}
	i := slot(id, len(t.slots))
	for t.slots[i].id != 0 {
		if t.slots[i].id == id {
			return false
		}
		i = (i + 1) & uint64(len(t.slots)-1)
	}
	t.slots[i] = idSlot{id, int32(at)}
	t.n++
	return true
}

func (t *idTable) get(id tintype.ID) (int, bool) {
	if t.n == 0 {
		return 0, false
	}
	for i := slot(id, len(t.slots)); t.slots[i].id != 0; i = (i + 1) & uint64(len(t.slots)-1) {
		if t.slots[i].id == id {
			return int(t.slots[i].at), true
		}
	}
	return 0, false
}

func (t *idTable) grow() {
	old := t.slots
	t.slots, t.n = make([]idSlot, max(256, 2*len(old))), 0
	for _, s := range old {
		if s.id != 0 {
			t.add(s.id, int(s.at))
		}
	}
}

func (t *idTable) reset() {
	if len(t.slots) > 4096 {
		t.slots = nil
	}
	clear(t.slots)
	t.n = 0
}
