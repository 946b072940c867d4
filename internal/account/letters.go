package account

import (
	"cmp"
	"context"
	"time"

	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/letter"
	"github.com/tintype/tintype/internal/tintype"
)

// Mailer sends letters. Both ways of package mail are one.
type Mailer interface {
	// Send sends one letter; Invalid if no further try would help.
	Send(ctx context.Context, m tintype.Mail) error
}

// Letters is the handler of job.MailKind: it writes letters and sends them. A letter that is of no use any more is not sent, nor one to nobody.
func (s *Service) Letters(ctx context.Context, items []job.Mail) error {
	for _, it := range items {
		if err := s.post(ctx, it); err != nil {
			return err
		}
	}
	return nil
}

// post writes and sends one letter. Tried again, it is the same letter with another link; both are good.
func (s *Service) post(ctx context.Context, it job.Mail) error {
	at := time.UnixMicro(it.At)
	a, to, key, err := s.addressee(ctx, it)
	if err != nil || a == nil {
		return err
	}
	u, err := s.c.Profiles.Profile(ctx, a.UserID)
	if err != nil || u == nil {
		return err
	}
	site, err := s.Site(ctx)
	if err != nil {
		return err
	}
	v := letter.Values{Site: site.Name, SiteURL: s.c.SiteURL, Name: u.Username, Email: to, At: at, Agent: it.Agent, Address: it.Address}
	link := tintype.MailLink{UserID: a.UserID, Email: to, EmailKey: key}
	var path string
	switch it.Letter {
	case job.LetterVerify:
		path, link.Purpose, link.Expires = "/confirm-email", tintype.LinkVerify, at.Add(VerifyLife)
	case job.LetterChange:
		path, link.Purpose, link.Expires = "/confirm-email", tintype.LinkChange, at.Add(VerifyLife)
	case job.LetterChanging:
		path, link.Purpose, link.Expires, link.Verified = "/undo-email", tintype.LinkUndo, at.Add(UndoLife), time.UnixMicro(it.Verified)
	case job.LetterReset:
		path, link.Purpose, link.Expires = "/reset-password", tintype.LinkReset, at.Add(ResetLife)
	}
	if path != "" {
		if !s.c.Clock().Before(link.Expires) {
			return nil // the mail server was down for that long
		}
		var token string
		token, link.Hash = newLink()
		if err := s.c.Links.AddLink(ctx, link); err != nil {
			return err
		}
		// What is behind the # is not sent to servers, nor to those who look at links before people do.
		v.Link = s.c.SiteURL + path + "#token=" + token
	}
	l, ok := letter.Compose(string(it.Letter), a.Locale, v)
	if !ok {
		return tintype.Errorf(tintype.Internal, "there is no letter called %q", it.Letter)
	}
	err = s.c.Mailer.Send(ctx, tintype.Mail{ID: it.ID, To: to, Language: l.Language, Subject: l.Subject, Text: l.Text, HTML: l.HTML})
	if tintype.IsKind(err, tintype.Invalid) {
		s.c.Log.WarnContext(ctx, "a letter was refused for good", "letter", it.Letter, "user", a.UserID, "error", err)
		return nil
	}
	return err
}

// hears tells whether a letter goes to somebody whose account has come that far. Who is suspended, or about to be deleted, hears
// what happened to the account all the same: it may have been somebody else who did it. They get no link by which they can
// do what they may not.
func hears(l job.Letter, s tintype.AccountState) bool {
	switch s {
	case tintype.AccountActive:
		return true
	case tintype.AccountLeaving:
		return l != job.LetterVerify && l != job.LetterChange
	case tintype.AccountSuspended:
		return l != job.LetterVerify && l != job.LetterChange && l != job.LetterReset
	}
	return false
}

// addressee finds whom a letter is to: the account, nil for nobody, and the address with its key.
func (s *Service) addressee(ctx context.Context, it job.Mail) (a *tintype.Account, to, key string, err error) {
	if it.User == 0 {
		if _, key, err = Email(it.To); err != nil || key == "" {
			return nil, "", "", nil // it cannot be anybody's
		}
		a, err = s.c.Accounts.AccountByEmail(ctx, key)
	} else {
		a, err = s.c.Accounts.Account(ctx, it.User)
	}
	if err != nil || a == nil || !hears(it.Letter, a.State) {
		return nil, "", "", err
	}
	switch it.Letter {
	case job.LetterChange:
		if a.Pending != it.To {
			return nil, "", "", nil // another one was asked for since
		}
	case job.LetterVerify:
		if !a.Verified.IsZero() {
			return nil, "", "", nil
		}
	case job.LetterReset:
	default:
		// What happened to somebody's account is told to whom it is known to belong alone, or was known to when it
		// happened. Where the user has an address from before that one, the change to that one was undone since.
		if it.To == "" && a.Verified.IsZero() || !a.Verified.IsZero() && a.Verified.UnixMicro() < it.Verified {
			return nil, "", "", nil
		}
	}
	to = a.Email
	if it.User != 0 && it.To != "" {
		to = it.To
	}
	if to == "" {
		return nil, "", "", nil
	}
	_, key, err = Email(to)
	return a, to, key, err
}

// TestMail sends a letter that shows that sending works, at once; for the command line.
func (s *Service) TestMail(ctx context.Context, address string) error {
	to, _, err := Email(address)
	if err != nil {
		return err
	}
	site, err := s.Site(ctx)
	if err != nil {
		return err
	}
	l, _ := letter.Compose("test", "en", letter.Values{Site: site.Name, SiteURL: s.c.SiteURL, Name: cmp.Or(to, address)})
	return s.c.Mailer.Send(ctx, tintype.Mail{ID: randomID(), To: to, Language: l.Language, Subject: l.Subject, Text: l.Text, HTML: l.HTML})
}
