package api

import (
	"bytes"
	"context"
	"slices"
	"strconv"
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
	drops  uint64       // of users, before any was asked for
	wholes bool         // posts may be taken and kept whole
	kept   []keptWhole  // those at hand when they were asked for
	keeps  bool         // what the viewer saved is told
	saved  []tintype.ID // of the posts to be written, those that the viewer saved

	ids   []tintype.ID // users to ask for, each once
	users []*tintype.User
	index idTable
}

type keptWhole struct {
	post *tintype.Post
	w    *whole
}

var splicers = sync.Pool{New: func() any { return new(splicer) }}

// newSplicer gives a splicer for the reader of a call; release it.
func (a *API) newSplicer(c *call) (*splicer, error) {
	s := splicers.Get().(*splicer)
	s.api, s.base, s.viewer = a, c.base, c.viewer()
	if err := s.begin(c.r.Context()); err != nil {
		s.release()
		return nil, err
	}
	return s, nil
}

func (s *splicer) release() {
	s.api, s.hidden, s.wholes = nil, nil, false
	clear(s.kept)
	s.kept = s.kept[:0]
	s.keeps, s.saved = false, s.saved[:0]
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

// needPost notes whom a post names, unless it is at hand whole.
func (s *splicer) needPost(p *tintype.Post) {
	if w := s.whole(p); w != nil {
		// Held on to: should another reader replace it, its people would be missing here.
		s.kept = append(s.kept, keptWhole{p, w})
		return
	}
	s.need(p.UserID)
	for i := range p.TopComments {
		s.need(p.TopComments[i].UserID)
	}
	for _, id := range p.TopLikers {
		s.need(id)
	}
	for i := range p.Media {
		for _, t := range p.Media[i].People {
			if t.State == tintype.EdgeThere {
				s.need(t.UserID)
			}
		}
	}
}

// begin learns whom the viewer must not meet. It comes before everything else.
func (s *splicer) begin(ctx context.Context) (err error) {
	if s.viewer != 0 {
		if s.hidden, err = s.api.cfg.People.Hidden(ctx, s.viewer); err != nil {
			return err
		}
	}
	if s.wholes = len(s.hidden) == 0 && s.api.cfg.UserDrops != nil; s.wholes {
		s.drops = s.api.cfg.UserDrops()
	}
	return nil
}

// load fetches the users that were noted.
func (s *splicer) load(ctx context.Context) error {
	if len(s.ids) == 0 {
		return nil
	}
	users, err := s.api.cfg.People.Users(ctx, s.ids)
	if tintype.IsPartial(err) {
		s.wholes = false // what is filled in without some of its people is for this reader only
	} else if err != nil {
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
	return append(b, s.api.fragments.ofUser(u).at(s.api.mediaBase(s.base, false))...)
}

// author is a person with the bio and website that API v1 has there.
func (s *splicer) author(b []byte, u *tintype.User) []byte {
	p := s.api.fragments.ofUser(u)
	b = append(b, p.at(s.api.mediaBase(s.base, false))...)
	return append(b[:len(b)-1], p.more...)
}

// whole gives a post that an earlier reader left filled in, if it still holds.
func (s *splicer) whole(p *tintype.Post) *whole {
	if !s.wholes {
		return nil
	}
	if w := s.api.fragments.ofPost(p).whole.Load(); w != nil && w.drops == s.drops && w.base == s.base {
		return w
	}
	return nil
}

// post appends a post, or nothing if its author may not be shown.
func (s *splicer) post(b []byte, p *tintype.Post, liked bool) (_ []byte, ok bool) {
	for i := range s.kept {
		if s.kept[i].post == p {
			b = append(b, s.kept[i].w.head...)
			b = s.liked(b, p.ID, liked)
			return append(b, s.kept[i].w.tail...), true
		}
	}
	author := s.user(p.UserID)
	if author == nil {
		return b, false
	}
	s.sign = s.sign[:0]
	open := tintype.EverybodySees(author, p)
	if !open {
		s.sign = s.api.signer.appendQuery(s.sign, p.ID, s.viewer)
	}
	media := s.api.mediaBase(s.base, !open)
	f := s.api.fragments.ofPost(p)
	start := len(b)
	head, tail := 0, 0 // of the like, in b
	at := int32(0)
	for _, m := range f.marks {
		b = append(b, f.text[at:m.at]...)
		at = m.at
		switch m.what {
		case markBase:
			b = append(b, s.base...)
		case markMedia:
			b = append(b, media...)
		case markSign:
			b = append(b, s.sign...)
		case markUser:
			b = s.author(b, author)
		case markCaption:
			b = s.person(b, author)
		case markComments:
			b = s.comments(b, f)
		case markLikers:
			b = s.likers(b, p.TopLikers)
		case markPeople:
			b = s.people(b, &p.Media[m.media])
		case markLiked:
			head = len(b)
			b = s.liked(b, p.ID, liked)
			tail = len(b)
		}
	}
	b = append(b, f.text[at:]...)
	if s.wholes && open {
		f.whole.Store(&whole{base: s.base, drops: s.drops, head: bytes.Clone(b[start:head]), tail: bytes.Clone(b[tail:])})
	}
	return b, true
}

// liked appends what is the viewer's own in a post.
func (s *splicer) liked(b []byte, post tintype.ID, liked bool) []byte {
	if s.viewer == 0 {
		return b
	}
	b = strconv.AppendBool(append(b, `,"user_has_liked":`...), liked)
	if s.keeps {
		b = strconv.AppendBool(append(b, `,"user_has_saved":`...), slices.Contains(s.saved, post))
	}
	return b
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
