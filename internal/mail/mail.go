package mail

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"github.com/tintype/tintype/internal/tintype"
)

// The ways to keep others from reading what is said to a mail server.
const (
	StartTLS = "starttls" // the connection turns to TLS before anything is said; port 587
	TLS      = "tls"      // it is TLS from the start; port 465
	Plain    = "none"     // it is not: for a relay on the same machine
)

// Config is how to reach a mail server.
type Config struct {
	Host     string
	Port     int    // 0 for the usual one of TLS
	TLS      string // StartTLS, TLS or Plain; "" is StartTLS
	Username string // "" to send without
	Password string
	From     string // the sender: an address, perhaps with a name as in Photos <photos@example.com>

	// TLSConfig is nil for the machine's own certificate authorities.
	TLSConfig *tls.Config
	Timeout   time.Duration // of each step; 0 for 15 seconds
}

// From checks a sender.
func From(s string) (*mail.Address, error) {
	a, err := mail.ParseAddress(s)
	if err != nil || strings.ContainsFunc(a.Name+a.Address, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return nil, fmt.Errorf("mail_from must be an address such as photos@example.com or Photos <photos@example.com>, not %q", s)
	}
	return a, nil
}

// SMTP sends letters over a mail server. Make it with NewSMTP; it is safe for concurrent use.
type SMTP struct {
	c       Config
	from    *mail.Address
	options []gomail.Option
}

// NewSMTP checks how the mail server is to be reached. It asks nothing of it yet.
func NewSMTP(c Config) (*SMTP, error) {
	from, err := From(c.From)
	if err != nil {
		return nil, err
	}
	if c.Timeout == 0 {
		c.Timeout = 15 * time.Second
	}
	o := []gomail.Option{gomail.WithTimeout(c.Timeout)}
	switch c.TLS {
	case StartTLS, "":
		o = append(o, gomail.WithTLSPortPolicy(gomail.TLSMandatory))
	case TLS:
		o = append(o, gomail.WithSSLPort(false))
	case Plain:
		o = append(o, gomail.WithTLSPortPolicy(gomail.NoTLS))
	default:
		return nil, fmt.Errorf("smtp_tls must be %s, %s or %s, not %q", StartTLS, TLS, Plain, c.TLS)
	}
	if c.Port != 0 {
		o = append(o, gomail.WithPort(c.Port))
	}
	if c.TLSConfig != nil {
		o = append(o, gomail.WithTLSConfig(c.TLSConfig))
	}
	if c.Username != "" {
		if c.TLS == Plain {
			return nil, errors.New("smtp_user needs smtp_tls to be starttls or tls: a password is not sent for everybody to read")
		}
		o = append(o, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(c.Username), gomail.WithPassword(c.Password))
	}
	s := &SMTP{c: c, from: from, options: o}
	_, err = gomail.NewClient(c.Host, o...)
	if err != nil {
		return nil, fmt.Errorf("the mail server %q cannot be used: %w", c.Host, err)
	}
	return s, nil
}

// String says for people where letters go.
func (s *SMTP) String() string { return "the mail server " + s.c.Host }

// Send sends one letter.
func (s *SMTP) Send(ctx context.Context, m tintype.Mail) error {
	msg, err := message(s.from, m)
	if err != nil {
		return err
	}
	client, err := gomail.NewClient(s.c.Host, s.options...)
	if err != nil {
		return err
	}
	err = client.DialAndSendWithContext(ctx, msg)
	if err == nil || msg.IsDelivered() {
		return nil // that the server would not hear a farewell is nobody's concern
	}
	var send *gomail.SendError
	if errors.As(err, &send) && !send.IsTemp() && send.ErrorCode() >= 500 {
		return &tintype.Error{Kind: tintype.Invalid, Msg: "the mail server does not take this letter", Err: err}
	}
	return &tintype.Error{Kind: tintype.Unavailable, Msg: "the letter could not be sent now", Err: err}
}

// Outbox keeps letters as files. Make it with NewOutbox.
type Outbox struct {
	dir  string
	from *mail.Address
}

// NewOutbox gives an outbox in a directory, which the first letter makes.
func NewOutbox(dir, from string) (*Outbox, error) {
	a, err := From(from)
	if err != nil {
		return nil, err
	}
	return &Outbox{dir: dir, from: a}, nil
}

// String says for people where letters go.
func (o *Outbox) String() string { return "the directory " + o.dir }

// Send keeps one letter. Who runs the site, and nobody else, can read it.
func (o *Outbox) Send(_ context.Context, m tintype.Mail) error {
	msg, err := message(o.from, m)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(o.dir, 0o700); err != nil {
		return o.failed(err)
	}
	f, err := os.CreateTemp(o.dir, ".letter-*") // 0600
	if err != nil {
		return o.failed(err)
	}
	defer os.Remove(f.Name())
	_, err = msg.WriteTo(f)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return o.failed(err)
	}
	if err := os.Rename(f.Name(), filepath.Join(o.dir, shortHash(m.ID)+".eml")); err != nil {
		return o.failed(err)
	}
	return nil
}

func (o *Outbox) failed(err error) error {
	return &tintype.Error{Kind: tintype.Unavailable, Msg: "the letter could not be written to " + o.dir, Err: err}
}

// shortHash makes a name of an ID, whatever that is made of.
func shortHash(id string) string {
	h := sha256.Sum256([]byte(id))
	return hex.EncodeToString(h[:12])
}

// message builds a letter.
func message(from *mail.Address, m tintype.Mail) (*gomail.Msg, error) {
	bad := func(err error) error {
		return &tintype.Error{Kind: tintype.Invalid, Msg: "there is something wrong with the letter itself", Err: err}
	}
	to, err := mail.ParseAddress(m.To)
	if err != nil {
		return nil, bad(err)
	}
	if to.Name != "" || strings.ContainsFunc(m.To+m.Subject, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return nil, bad(errors.New("an address or a subject that is more than that"))
	}
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	if err := errors.Join(msg.FromFormat(from.Name, from.Address), msg.To(to.Address)); err != nil {
		return nil, bad(err)
	}
	_, host, _ := strings.Cut(from.Address, "@")
	msg.SetMessageIDWithValue(shortHash(m.ID) + "@" + host)
	msg.SetDate()
	msg.Subject(m.Subject)
	// So that nobody's absence is answered to a machine (RFC 3834).
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetGenHeader("Content-Language", m.Language)
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	return msg, nil
}
