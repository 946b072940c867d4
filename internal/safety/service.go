package safety

import (
	"context"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/tintype/tintype/internal/cache"
	"github.com/tintype/tintype/internal/tintype"
	"github.com/tintype/tintype/internal/words"
)

// The bounds of what one user may set.
const (
	MaxPeople   = 1000 // muted, and as many restricted
	MaxWords    = 200
	MaxWordSize = 60 // code points
)

// People finds users. graph.Service provides it.
type People interface {
	// User gives a user whom viewer may know of, else NotFound.
	User(ctx context.Context, viewer, id tintype.ID) (*tintype.User, error)
}

// Mutes keeps whom users mute. sqlstore.Safety implements it and the two below, and says what each method does.
type Mutes interface {
	Mute(ctx context.Context, me, other tintype.ID, activity bool, limit int) error
	Unmute(ctx context.Context, me, other tintype.ID) error
	MuteList(ctx context.Context, me tintype.ID) ([]tintype.ID, error)
	Mutes(ctx context.Context, me tintype.ID, page tintype.Page) (users, ops []tintype.ID, err error)
}

// Restricts keeps whom users restrict, and how users stand to others.
type Restricts interface {
	Restrict(ctx context.Context, me, other tintype.ID, limit int) error
	Unrestrict(ctx context.Context, me, other tintype.ID) error
	Restricts(ctx context.Context, me tintype.ID, page tintype.Page) (users, ops []tintype.ID, err error)
	Stance(ctx context.Context, me, other tintype.ID) (tintype.Stance, error)
}

// Settings keeps what concerns everybody.
type Settings interface {
	SetHiddenWords(ctx context.Context, me tintype.ID, w tintype.HiddenWords) error
	HiddenWords(ctx context.Context, me tintype.ID) (tintype.HiddenWords, error)
	SetCommenters(ctx context.Context, me tintype.ID, who tintype.Commenters) error
}

// Config is what a Service is made of. All is required but OnActivity.
type Config struct {
	People    People
	Mutes     Mutes
	Restricts Restricts
	Settings  Settings
	Lists     cache.Cache[[]tintype.ID] // for KindMuted
	Users     cache.Cache[*tintype.User]
	// OnActivity is told whose activity shows differently now. It must not block.
	OnActivity func(users []tintype.ID)
}

// Service is what users set against others. Make it with [New].
type Service struct{ c Config }

// New makes a Service.
func New(c Config) *Service {
	if c.OnActivity == nil {
		c.OnActivity = func([]tintype.ID) {}
	}
	return &Service{c}
}

var errSignedIn = &tintype.Error{Kind: tintype.Unauthenticated, Msg: "please sign in first"}

// Mute leaves other's posts out of me's feed, of what is popular and of what others do; activity: and what
// other does to me out of me's activity. Muting again changes activity.
func (s *Service) Mute(ctx context.Context, me, other tintype.ID, activity bool) error {
	if err := s.someone(ctx, me, other, "mute"); err != nil {
		return err
	}
	return s.muted(ctx, me, s.c.Mutes.Mute(ctx, me, other, activity, MaxPeople))
}

// Unmute takes a mute back, whatever became of other.
func (s *Service) Unmute(ctx context.Context, me, other tintype.ID) error {
	if me == 0 {
		return errSignedIn
	}
	return s.muted(ctx, me, s.c.Mutes.Unmute(ctx, me, other))
}

// muted forgets what a change made stale, even after an error: it may have happened.
func (s *Service) muted(ctx context.Context, me tintype.ID, err error) error {
	if e := s.c.Lists.Drop(context.WithoutCancel(ctx), cache.Key{Kind: cache.KindMuted, A: me}); err == nil {
		err = e
	}
	if err == nil {
		s.c.OnActivity([]tintype.ID{me})
	}
	return err
}

// Restrict holds other's comments on me's posts until me approves them, and makes no activity of what other does.
func (s *Service) Restrict(ctx context.Context, me, other tintype.ID) error {
	if err := s.someone(ctx, me, other, "restrict"); err != nil {
		return err
	}
	return s.c.Restricts.Restrict(ctx, me, other, MaxPeople)
}

// Unrestrict takes that back. What is held by then waits on.
func (s *Service) Unrestrict(ctx context.Context, me, other tintype.ID) error {
	if me == 0 {
		return errSignedIn
	}
	return s.c.Restricts.Unrestrict(ctx, me, other)
}

// Stance gives what me set between me and other.
func (s *Service) Stance(ctx context.Context, me, other tintype.ID) (tintype.Stance, error) {
	if me == 0 || me == other {
		return tintype.Stance{}, nil
	}
	return s.c.Restricts.Stance(ctx, me, other)
}

// someone checks that me may do something to other.
func (s *Service) someone(ctx context.Context, me, other tintype.ID, verb string) error {
	switch {
	case me == 0:
		return errSignedIn
	case me == other:
		return tintype.Errorf(tintype.Invalid, "you cannot %s yourself", verb)
	}
	_, err := s.c.People.User(ctx, me, other)
	return err
}

// list is one of the lists that the store reads.
type list func(ctx context.Context, me tintype.ID, page tintype.Page) (users, ops []tintype.ID, err error)

// MutedUsers lists whom me muted, the latest first. next is the page.Max of the next page, 0 at the end.
func (s *Service) MutedUsers(ctx context.Context, me tintype.ID, page tintype.Page) (ids []tintype.ID, next tintype.ID, err error) {
	return s.page(ctx, me, page, s.c.Mutes.Mutes)
}

// RestrictedUsers lists whom me restricted in the same way.
func (s *Service) RestrictedUsers(ctx context.Context, me tintype.ID, page tintype.Page) (ids []tintype.ID, next tintype.ID, err error) {
	return s.page(ctx, me, page, s.c.Restricts.Restricts)
}

func (s *Service) page(ctx context.Context, me tintype.ID, page tintype.Page, read list) ([]tintype.ID, tintype.ID, error) {
	if me == 0 {
		return nil, 0, errSignedIn
	}
	count := page.Count
	page.Count++
	ids, ops, err := read(ctx, me, page)
	if err != nil || len(ids) <= count {
		return ids, 0, err
	}
	return ids[:count], ops[count] + 1, nil
}

// Muted gives, sorted, whom me muted.
func (s *Service) Muted(ctx context.Context, me tintype.ID) ([]tintype.ID, error) {
	if me == 0 {
		return nil, nil
	}
	lists, _, err := s.c.Lists.Fetch(ctx, cache.Keys(cache.KindMuted, []tintype.ID{me}), func(ctx context.Context, missing []cache.Key, set func(cache.Key, []tintype.ID)) error {
		ids, err := s.c.Mutes.MuteList(ctx, me)
		if err == nil {
			set(missing[0], ids)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	ids := lists[0]
	if len(ids) > 0 && ids[0] == 0 {
		ids = ids[1:]
	}
	return ids, nil
}

// HiddenWords gives what me does not want to read.
func (s *Service) HiddenWords(ctx context.Context, me tintype.ID) (tintype.HiddenWords, error) {
	if me == 0 {
		return tintype.HiddenWords{}, errSignedIn
	}
	return s.c.Settings.HiddenWords(ctx, me)
}

// SetHiddenWords replaces what me does not want to read, and gives it as it is kept: each word once, in the order in which it first comes.
func (s *Service) SetHiddenWords(ctx context.Context, me tintype.ID, w tintype.HiddenWords) (tintype.HiddenWords, error) {
	if me == 0 {
		return w, errSignedIn
	}
	if len(w.Words) > 2*MaxWords {
		return w, tooMany()
	}
	kept := tintype.HiddenWords{Words: []string{}, Covers: w.Covers}
	for _, word := range w.Words {
		word, err := clean(word)
		if err != nil {
			return w, err
		}
		if word != "" && !slices.ContainsFunc(kept.Words, func(k string) bool { return strings.EqualFold(k, word) }) {
			kept.Words = append(kept.Words, word)
		}
	}
	if len(kept.Words) > MaxWords {
		return w, tooMany()
	}
	return kept, s.muted(ctx, me, s.c.Settings.SetHiddenWords(ctx, me, kept))
}

func tooMany() error {
	return tintype.FieldError("words", "at most %d words or phrases can be hidden", MaxWords)
}

// clean brings a word to the form it is kept in; "" for what could never be found.
func clean(word string) (string, error) {
	if !utf8.ValidString(word) {
		return "", tintype.FieldError("words", "a word is not valid Unicode")
	}
	word = strings.Join(strings.FieldsFunc(norm.NFC.String(word), func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
	if utf8.RuneCountInString(word) > MaxWordSize {
		return "", tintype.FieldError("words", "a word or phrase may have at most %d characters", MaxWordSize)
	}
	if words.Hide([]string{word}).Empty() {
		return "", nil
	}
	return word, nil
}

// SetCommenters sets who may comment on those of me's posts that do not say so themselves.
func (s *Service) SetCommenters(ctx context.Context, me tintype.ID, who tintype.Commenters) error {
	if me == 0 {
		return errSignedIn
	}
	if who == tintype.CommentersUnset {
		who = tintype.CommentersEveryone
	}
	err := s.c.Settings.SetCommenters(ctx, me, who)
	if e := s.c.Users.Drop(context.WithoutCancel(ctx), cache.Key{Kind: cache.KindUser, A: me}); err == nil {
		err = e
	}
	return err
}
