package moderate

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"strings"
	"time"

	"github.com/tintype/tintype/internal/tintype"
)

// Notices lists what was decided against user, newest first; next is the page.Max of the next page, 0 at the end.
func (s *Service) Notices(ctx context.Context, user tintype.ID, page tintype.Page) (list []tintype.Decision, next tintype.ID, err error) {
	page.Count++
	list, err = s.c.Decisions.DecisionsOf(ctx, user, page)
	list, next = cut(list, page.Count-1, func(d tintype.Decision) tintype.ID { return d.ID })
	return list, next, err
}

// CanAppeal reports whether the person concerned may ask for d to be looked at again.
func CanAppeal(d tintype.Decision, now time.Time) bool {
	return d.State == tintype.DecisionHolds && d.Appeal == tintype.AppealNone &&
		(d.Action == tintype.ActionSuspend || now.Before(d.At.Add(AppealTerm)))
}

// Appeal asks for a decision against user to be looked at again, once.
func (s *Service) Appeal(ctx context.Context, user, id tintype.ID, words string) error {
	words = strings.TrimSpace(words)
	if err := goodWords("words", words, true); err != nil {
		return err
	}
	d, err := s.decision(ctx, id)
	if err != nil {
		return err
	}
	if d.Thing.UserID != user {
		return errNoDecision
	}
	now := s.c.Clock()
	if !CanAppeal(*d, now) {
		return &tintype.Error{Kind: tintype.Conflict, Msg: "this can be appealed once, while it holds, and within thirty days"}
	}
	return s.c.Appeals.Appeal(ctx, id, user, words, now)
}

// Appeals lists the decisions that are to be looked at again, the oldest first; next is the page.Min of the next page, 0 at
// the end. What only some can see is not told here: Look does, of the case.
func (s *Service) Appeals(ctx context.Context, page tintype.Page) (list []tintype.Decision, next tintype.ID, err error) {
	page.Count++
	list, err = s.c.Appeals.Appeals(ctx, page)
	list, next = cut(list, page.Count-1, func(d tintype.Decision) tintype.ID { return d.ID })
	if err == nil {
		err = s.blank(ctx, list)
	}
	if err != nil {
		return nil, 0, err
	}
	return list, next, nil
}

// Answer answers an appeal; with grant the decision is reversed. One about an admin or a moderator is an admin's to answer. Who decided it answers only where nobody else can.
func (s *Service) Answer(ctx context.Context, by, id tintype.ID, grant bool, reply string) error {
	reply = strings.TrimSpace(reply)
	if err := goodWords("words", reply, true); err != nil {
		return err
	}
	d, err := s.decision(ctx, id)
	if err == nil {
		err = s.mayJudge(ctx, by, d.Thing.UserID)
	}
	if err != nil {
		return err
	}
	if d.By == by {
		n, err := s.c.Appeals.Moderators(ctx, d.Thing.UserID)
		if err != nil {
			return err
		}
		if n > 1 {
			return &tintype.Error{Kind: tintype.Forbidden, Msg: "you decided this: another moderator has to answer the appeal"}
		}
	}
	op, err := s.c.IDs.MintFor(ctx, d.Thing.UserID)
	if err != nil {
		return err
	}
	deed := "appeal.reject"
	if grant {
		deed = "appeal.grant"
	}
	if err := s.c.Appeals.Reply(ctx, *d, grant, reply, op, s.entry(by, deed, d.Thing, reply)); err != nil {
		return err
	}
	return s.apply(ctx, *d)
}

// ticketFor is how long somebody who is suspended may read and write on the page that says so before they sign in once more.
const ticketFor = time.Hour

// Ticket gives a suspended user, who has just proved who they are, what opens Suspension and AppealSuspension, and nothing else, for an hour.
func (s *Service) Ticket(ctx context.Context, user tintype.ID) (string, error) {
	return s.ticket(ctx, user, s.c.Clock().Add(ticketFor).Unix())
}

func (s *Service) ticket(ctx context.Context, user tintype.ID, until int64) (string, error) {
	secret, err := s.c.Secret(ctx)
	if err != nil {
		return "", err
	}
	var b [16 + sha256.Size]byte
	binary.BigEndian.PutUint64(b[:], uint64(user))
	binary.BigEndian.PutUint64(b[8:], uint64(until))
	h := hmac.New(sha256.New, secret)
	h.Write([]byte("suspended 1\n"))
	h.Write(b[:16])
	h.Sum(b[16:16])
	return base64.RawURLEncoding.EncodeToString(b[:]), nil
}

var errNoTicket = &tintype.Error{Kind: tintype.Unauthenticated, Msg: "please sign in once more"}

// bearer gives whose ticket it is.
func (s *Service) bearer(ctx context.Context, ticket string) (tintype.ID, error) {
	b, err := base64.RawURLEncoding.DecodeString(ticket)
	if err != nil || len(b) != 16+sha256.Size {
		return 0, errNoTicket
	}
	user, until := tintype.ID(binary.BigEndian.Uint64(b)), int64(binary.BigEndian.Uint64(b[8:]))
	want, err := s.ticket(ctx, user, until)
	if err != nil {
		return 0, err
	}
	if !hmac.Equal([]byte(want), []byte(ticket)) || s.c.Clock().Unix() >= until {
		return 0, errNoTicket
	}
	return user, nil
}

// Suspension gives who has a ticket the suspensions that shut them out.
func (s *Service) Suspension(ctx context.Context, ticket string) ([]tintype.Decision, error) {
	user, err := s.bearer(ctx, ticket)
	if err != nil {
		return nil, err
	}
	return s.suspensions(ctx, user)
}

// AppealSuspension is Appeal for who has a ticket.
func (s *Service) AppealSuspension(ctx context.Context, ticket string, id tintype.ID, words string) error {
	user, err := s.bearer(ctx, ticket)
	if err != nil {
		return err
	}
	d, err := s.decision(ctx, id)
	if err != nil {
		return err
	}
	if d.Action != tintype.ActionSuspend {
		return errNoDecision
	}
	return s.Appeal(ctx, user, id, words)
}
