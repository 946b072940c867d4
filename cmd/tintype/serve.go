package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"

	"github.com/tintype/tintype/internal/app"
	"github.com/tintype/tintype/internal/control"
)

type serveCommand struct {
	site
	Addr          string   `help:"Where to listen (default 127.0.0.1:8080)." placeholder:"HOST:PORT"`
	SiteName      string   `help:"Name of the site; it is kept, and can be changed in the site's settings." placeholder:"NAME"`
	PublicURL     string   `name:"public-url" help:"The site's own address, for links, behind a proxy." placeholder:"URL"`
	TrustedProxy  []string `help:"Address or network of a proxy whose X-Forwarded-For and X-Forwarded-Proto are believed; may be repeated." placeholder:"ADDR"`
	RateLimit     string   `help:"API calls per hour of one credential or address (default 5000, 0 for no limit)." placeholder:"N"`
	MaxUploadMB   string   `name:"max-upload-mb" help:"Largest file in MB (default 50)." placeholder:"N"`
	MaxMegapixels string   `help:"Largest picture in megapixels (default 100)." placeholder:"N"`
	MaxImportGB   string   `help:"Largest archive to import in GB (default 50)." placeholder:"GB"`
	ImageWorkers  string   `help:"Pictures processed at once (default one per processor)." placeholder:"N"`
	MemoryLimitMB string   `name:"memory-limit-mb" help:"Soft limit of the server's memory in MB (default 512)." placeholder:"N"`
	SMTPHost      string   `name:"smtp-host" help:"Mail server that letters are sent over; without one they are kept as files in outbox, beside the data." placeholder:"HOST"`
	SMTPPort      string   `name:"smtp-port" help:"Its port (default 587, or 465 with --smtp-tls=tls)." placeholder:"N"`
	SMTPTLS       string   `name:"smtp-tls" help:"How it is spoken to: starttls (default), tls or none." placeholder:"HOW"`
	SMTPUser      string   `name:"smtp-user" help:"Who the site is to it." placeholder:"NAME"`
	SMTPPassword  string   `name:"smtp-password-file" help:"File with the password for it." placeholder:"FILE" type:"path"`
	MailFrom      string   `help:"Who letters are from, as 'Photos <photos@photos.example>'." placeholder:"ADDRESS"`
	LogJSON       bool     `name:"log-json" help:"Write the log as JSON."`
}

// Help is shown under the flags.
func (serveCommand) Help() string {
	return "The first person to sign up is the site's admin. Stop it with Ctrl-C or SIGTERM: requests under way are finished."
}

// Run runs the site until the context ends.
func (s *serveCommand) Run(w *world) error {
	c, err := s.load(w)
	if err != nil {
		return err
	}
	for key, v := range map[string]string{"addr": s.Addr, "site_name": s.SiteName, "public_url": s.PublicURL, "rate_limit": s.RateLimit,
		"max_upload_mb": s.MaxUploadMB, "max_megapixels": s.MaxMegapixels, "max_import_gb": s.MaxImportGB, "image_workers": s.ImageWorkers, "memory_limit_mb": s.MemoryLimitMB,
		"smtp_host": s.SMTPHost, "smtp_port": s.SMTPPort, "smtp_tls": s.SMTPTLS, "smtp_user": s.SMTPUser, "smtp_password_file": s.SMTPPassword, "mail_from": s.MailFrom} {
		if v == "" {
			continue
		}
		if err := c.Set(key, v); err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
	}
	if len(s.TrustedProxy) > 0 {
		c.TrustedProxies = s.TrustedProxy
	}
	c.Log = w.logger(s.LogJSON)
	a, err := app.Open(w.ctx, c)
	if err != nil {
		return err
	}
	ln, err := net.Listen("tcp", a.Addr())
	if err != nil {
		a.Close()
		return fmt.Errorf("cannot listen: %w", err)
	}
	stopControl, err := control.Listen(a)
	if err != nil {
		return errors.Join(err, ln.Close(), a.Close())
	}
	where := "a fleet"
	if dir := a.Dir(); dir != "" {
		where = "data in " + dir
	}
	fmt.Fprintf(w.stdout, "Tintype %s is ready at %s (%s). Stop it with Ctrl-C.\n", version, shownURL(c.PublicURL, ln.Addr()), where)
	fmt.Fprintf(w.stdout, "Letters go to %s.\n", a.MailTo())
	err = a.Serve(w.ctx, ln)
	if w.ctx.Err() != nil && errors.Is(err, context.Canceled) {
		err = nil // it was stopped while it started
	}
	return errors.Join(err, stopControl(), a.Close())
}

// logger writes the log to standard error.
func (w *world) logger(asJSON bool) *slog.Logger {
	if asJSON {
		return slog.New(slog.NewJSONHandler(w.stderr, nil))
	}
	return slog.New(slog.NewTextHandler(w.stderr, nil))
}

// shownURL is what to type into a browser.
func shownURL(public string, addr net.Addr) string {
	if public != "" {
		return public
	}
	tcp, ok := addr.(*net.TCPAddr)
	if !ok {
		return addr.String()
	}
	host := tcp.IP.String()
	if tcp.IP.IsLoopback() || tcp.IP.IsUnspecified() {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, strconv.Itoa(tcp.Port))
}
