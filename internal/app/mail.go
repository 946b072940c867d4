package app

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"

	"github.com/tintype/tintype/internal/account"
	"github.com/tintype/tintype/internal/mail"
)

// SMTP is how to reach a mail server.
type SMTP struct {
	Host         string // "" for none
	Port         int    // 0 for 587, or 465 with TLS
	TLS          string // "starttls" (the default), "tls" or "none"
	User         string // "" to send without a password
	Password     string
	PasswordFile string // instead of Password
}

// mailer sends letters and says for people where to.
type mailer interface {
	account.Mailer
	fmt.Stringer
}

// openMail gives the mail server that is named, or the directory that stands in for one.
func openMail(c checked) (mailer, error) {
	from := c.MailFrom
	if c.SMTP.Host == "" {
		host := "localhost"
		if c.publicURL != nil {
			host = c.publicURL.Hostname()
		}
		return mail.NewOutbox(filepath.Join(c.Data, "outbox"), cmp.Or(from, "tintype@"+host))
	}
	if from == "" {
		return nil, errors.New("smtp_host needs mail_from, the address that letters are from")
	}
	password := c.SMTP.Password
	if c.SMTP.PasswordFile != "" {
		if password != "" {
			return nil, errors.New("smtp_password and smtp_password_file are both set: please set one")
		}
		text, err := os.ReadFile(c.SMTP.PasswordFile)
		if err != nil {
			return nil, fmt.Errorf("smtp_password_file cannot be read: %w", err)
		}
		password = strings.TrimRight(string(text), "\r\n")
	}
	return mail.NewSMTP(mail.Config{Host: c.SMTP.Host, Port: c.SMTP.Port, TLS: c.SMTP.TLS, Username: c.SMTP.User, Password: password, From: from})
}

// MailTo says for people where letters go.
func (a *App) MailTo() string { return a.mail.String() }

// siteURL is the site's own address for links in letters: the public one, or where a site is found that is only for this machine.
// It is never what a request says, which anybody can make up.
func (c checked) siteURL() string {
	if c.publicURL != nil {
		return c.publicURL.String()
	}
	_, port, err := net.SplitHostPort(c.Addr)
	if err != nil {
		port = "8080"
	}
	return "http://" + net.JoinHostPort("localhost", port)
}
