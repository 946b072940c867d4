package moderate

import (
	"context"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/tintype/tintype/internal/tintype"
)

// NewReport is what somebody reports.
type NewReport struct {
	Kind   tintype.ThingKind
	ID     tintype.ID // of the post, the comment or the user
	PostID tintype.ID // that a comment is on
	Reason string
	Words  string
}

// Report reports something that reporter may see, other than their own. Who has an open report of it gets that one: fresh is false then.
func (s *Service) Report(ctx context.Context, reporter tintype.ID, n NewReport) (r tintype.Report, fresh bool, err error) {
	if err := goodReason(n.Reason); err != nil {
		return r, false, err
	}
	if err := goodWords("words", n.Words, false); err != nil {
		return r, false, err
	}
	t, text, held, err := s.find(ctx, reporter, n)
	if err != nil {
		return r, false, err
	}
	if t.UserID == reporter {
		return r, false, tintype.FieldError("id", "this is yours: you can change or delete it")
	}
	now := s.c.Clock()
	who := reporter.String()
	wait, err := s.c.Limiter.Take(ctx, []tintype.Limit{
		{Key: "report:hour:" + who, Max: 20, Window: time.Hour}, {Key: "report:day:" + who, Max: 60, Window: day}}, now)
	if err != nil {
		return r, false, err
	}
	if wait > 0 {
		return r, false, &tintype.Error{Kind: tintype.RateLimited, RetryAfter: int(math.Ceil(wait.Seconds())), Msg: "you have reported a lot; please try again later"}
	}
	private, err := s.guarded(ctx, []tintype.Thing{t})
	if err != nil {
		return r, false, err
	}
	id, err := s.c.IDs.MintFor(ctx, reporter)
	if err != nil {
		return r, false, err
	}
	c := tintype.Case{Thing: t, Opened: now, Text: text, Private: private[0] || held}
	if c.ID, err = s.c.IDs.MintFor(ctx, t.UserID); err != nil {
		return r, false, err
	}
	return s.c.Reports.AddReport(ctx, tintype.Report{ID: id, Reporter: reporter, Thing: t, Reason: n.Reason, Words: strings.TrimSpace(n.Words), Created: now}, c)
}

// find gives what is reported, as far as viewer may see it, and what it says. held is of a comment that only its author and the post's owner know of.
func (s *Service) find(ctx context.Context, viewer tintype.ID, n NewReport) (t tintype.Thing, text string, held bool, err error) {
	switch n.Kind {
	case tintype.ThingUser:
		u, err := s.c.People.User(ctx, viewer, n.ID)
		if err != nil {
			return t, "", false, err
		}
		return tintype.Thing{Kind: n.Kind, ID: u.ID, UserID: u.ID}, profileText(u), false, nil
	case tintype.ThingPost:
		p, err := s.c.Posts.Get(ctx, viewer, n.ID)
		if err != nil {
			return t, "", false, err
		}
		return tintype.Thing{Kind: n.Kind, ID: p.ID, PostID: p.ID, UserID: p.UserID}, p.Caption, false, nil
	case tintype.ThingComment:
		p, err := s.c.Posts.Get(ctx, viewer, n.PostID)
		if err != nil {
			return t, "", false, err
		}
		c, err := s.c.Posts.UnseenComment(ctx, n.PostID, n.ID)
		if err != nil {
			return t, "", false, err
		}
		hidden, err := s.c.People.Hidden(ctx, viewer)
		if err != nil {
			return t, "", false, err
		}
		if c == nil {
			return t, "", false, errNoThing
		}
		held = c.Held != tintype.NotHeld
		_, hides := slices.BinarySearch(hidden, c.UserID)
		if hides || held && viewer != p.UserID && viewer != c.UserID {
			return t, "", false, errNoThing
		}
		return tintype.Thing{Kind: n.Kind, ID: c.ID, PostID: c.PostID, UserID: c.UserID}, c.Text, held, nil
	}
	return t, "", false, tintype.FieldError("kind", "what is reported is a post, a comment or a user")
}

// profileText is what a profile says.
func profileText(u *tintype.User) string {
	return strings.TrimSpace("@" + u.Username + "\n" + u.FullName + "\n" + u.Bio + "\n" + u.Website)
}

// Mine lists a user's own reports, newest first; next is the page.Max of the next page, 0 at the end.
func (s *Service) Mine(ctx context.Context, user tintype.ID, page tintype.Page) (list []tintype.Report, next tintype.ID, err error) {
	page.Count++
	list, err = s.c.Reports.ReportsOf(ctx, user, page)
	list, next = cut(list, page.Count-1, func(r tintype.Report) tintype.ID { return r.ID })
	return list, next, err
}

// cut leaves n of a list that may have one more, and gives the cursor of the next page: the ID of the last that stays.
func cut[T any](list []T, n int, id func(T) tintype.ID) ([]T, tintype.ID) {
	if len(list) <= n {
		return list, 0
	}
	return list[:n], id(list[n-1])
}
