package mail

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"math/big"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"github.com/tintype/tintype/internal/tintype"
)

var letter = tintype.Mail{ID: "id 1", To: "ann@example.com", Language: "zh", Subject: "请确认 Ann's Photos", Text: "您好\n\nhttps://photos.example/x#token=abc\n", HTML: "<p>您好</p>"}

// inbox is a mail server that keeps what it gets.
type inbox struct {
	mu      sync.Mutex
	letters []string
	to      []string
	refuse  error
	user    string // who must say the password
	port    int
	client  *tls.Config
}

func newInbox(t *testing.T, how string, change func(*inbox, *smtp.Server)) *inbox {
	t.Helper()
	cert, pool := certificate(t)
	in := &inbox{client: &tls.Config{RootCAs: pool, ServerName: "127.0.0.1"}}
	s := smtp.NewServer(in)
	s.TLSConfig = &tls.Config{Certificates: []tls.Certificate{cert}}
	s.ErrorLog = log{t}
	s.AllowInsecureAuth = how == Plain
	if how == Plain {
		s.TLSConfig = nil
	}
	if change != nil {
		change(in, s)
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	in.port = ln.Addr().(*net.TCPAddr).Port
	if how == TLS {
		ln = tls.NewListener(ln, s.TLSConfig)
	}
	done := make(chan error, 1)
	go func() { done <- s.Serve(ln) }()
	t.Cleanup(func() {
		s.Close()
		if err := <-done; err != nil && !errors.Is(err, smtp.ErrServerClosed) {
			t.Error(err)
		}
	})
	return in
}

type log struct{ t *testing.T }

func (log) Printf(string, ...any) {}
func (log) Println(...any)        {}

func (in *inbox) NewSession(*smtp.Conn) (smtp.Session, error) { return &session{in: in}, nil }

type session struct {
	in *inbox
	ok bool
}

func (s *session) AuthMechanisms() []string {
	if s.in.user == "" {
		return nil
	}
	return []string{sasl.Plain}
}

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if s.ok = user == s.in.user && password == "the password"; !s.ok {
			return smtp.ErrAuthFailed
		}
		return nil
	}), nil
}

func (s *session) Mail(string, *smtp.MailOptions) error {
	if s.in.user != "" && !s.ok {
		return smtp.ErrAuthRequired
	}
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.in.mu.Lock()
	defer s.in.mu.Unlock()
	if s.in.refuse == nil {
		s.in.to = append(s.in.to, to)
	}
	return s.in.refuse
}

func (s *session) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	s.in.mu.Lock()
	defer s.in.mu.Unlock()
	s.in.letters = append(s.in.letters, string(b))
	return err
}

func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }

func certificate(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

// read takes a letter apart: what it says of itself, and its parts by type.
func read(t *testing.T, text string) (*mail.Message, map[string]string) {
	t.Helper()
	m, err := mail.ReadMessage(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	typ, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || typ != "multipart/alternative" {
		t.Fatalf("the type is %q, %v", typ, err)
	}
	parts := map[string]string{}
	for r := multipart.NewReader(m.Body, params["boundary"]); ; {
		p, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			return m, parts
		}
		if err != nil {
			t.Fatal(err)
		}
		typ, _, _ := mime.ParseMediaType(p.Header.Get("Content-Type"))
		var body io.Reader = p
		if p.Header.Get("Content-Transfer-Encoding") == "quoted-printable" {
			body = quotedprintable.NewReader(p)
		}
		b, err := io.ReadAll(body)
		if err != nil {
			t.Fatal(err)
		}
		parts[typ] = string(bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n")))
	}
}

func mustBe(t *testing.T, text string) {
	t.Helper()
	m, parts := read(t, text)
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	if err != nil || subject != letter.Subject || m.Header.Get("To") != "<ann@example.com>" || m.Header.Get("Auto-Submitted") != "auto-generated" {
		t.Errorf("%q, %v: %+v", subject, err, m.Header)
	}
	if strings.TrimSpace(parts["text/plain"]) != strings.TrimSpace(letter.Text) || strings.TrimSpace(parts["text/html"]) != letter.HTML {
		t.Errorf("the parts: %q", parts)
	}
	if from, err := mail.ParseAddress(m.Header.Get("From")); err != nil || from.Address != "photos@photos.example" || from.Name != "Photos, Ann's" {
		t.Errorf("from %+v, %v", from, err)
	}
}

const from = `"Photos, Ann's" <photos@photos.example>`

// TestSMTP sends over each way of keeping what is said to itself, and believes no other server.
func TestSMTP(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, how, user, password string
		strange                   bool // the certificate is nobody's whom we know
		kind                      tintype.Kind
		fails                     bool
	}{
		{name: "STARTTLS", how: StartTLS},
		{name: "STARTTLS and a password", how: StartTLS, user: "ann", password: "the password"},
		{name: "a wrong password", how: StartTLS, user: "ann", password: "wrong", fails: true, kind: tintype.Unavailable},
		{name: "TLS and a password", how: TLS, user: "ann", password: "the password"},
		{name: "without", how: Plain},
		{name: "a strange certificate", how: StartTLS, strange: true, fails: true, kind: tintype.Unavailable},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			in := newInbox(t, test.how, func(in *inbox, _ *smtp.Server) { in.user = test.user })
			c := Config{Host: "127.0.0.1", Port: in.port, TLS: test.how, Username: test.user, Password: test.password, From: from, TLSConfig: in.client}
			if test.strange {
				c.TLSConfig = nil
			}
			s, err := NewSMTP(c)
			if err != nil {
				t.Fatal(err)
			}
			err = s.Send(t.Context(), letter)
			if (err != nil) != test.fails || err != nil && !tintype.IsKind(err, test.kind) {
				t.Fatalf("%v (%v)", err, tintype.KindOf(err))
			}
			if test.fails {
				if len(in.letters) != 0 {
					t.Error("it was sent all the same")
				}
				return
			}
			if len(in.letters) != 1 || len(in.to) != 1 || in.to[0] != letter.To {
				t.Fatalf("%d letters, to %q", len(in.letters), in.to)
			}
			mustBe(t, in.letters[0])
		})
	}
}

// TestNoTLS holds a server that cannot keep what is said to itself for one that is down.
func TestNoTLS(t *testing.T) {
	t.Parallel()
	in := newInbox(t, Plain, nil)
	s, err := NewSMTP(Config{Host: "127.0.0.1", Port: in.port, From: from})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Send(t.Context(), letter); !tintype.IsKind(err, tintype.Unavailable) || len(in.letters) != 0 {
		t.Errorf("%v, %d letters", err, len(in.letters))
	}
}

// TestRefused tells a server that is busy from one that will never take a letter.
func TestRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err  error
		kind tintype.Kind
	}{
		"busy":    {&smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "later"}, tintype.Unavailable},
		"unknown": {&smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such mailbox"}, tintype.Invalid},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := newInbox(t, StartTLS, func(in *inbox, _ *smtp.Server) { in.refuse = test.err })
			s, err := NewSMTP(Config{Host: "127.0.0.1", Port: in.port, From: from, TLSConfig: in.client})
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Send(t.Context(), letter); !tintype.IsKind(err, test.kind) {
				t.Errorf("%v", err)
			}
		})
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ln.Close()
	s, err := NewSMTP(Config{Host: "127.0.0.1", Port: ln.Addr().(*net.TCPAddr).Port, From: from})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Send(t.Context(), letter); !tintype.IsKind(err, tintype.Unavailable) {
		t.Errorf("nobody there: %v", err)
	}
}

// TestOutbox keeps a letter once, however often it is sent.
func TestOutbox(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data", "outbox")
	o, err := NewOutbox(dir, from)
	if err != nil {
		t.Fatal(err)
	}
	other := letter
	other.ID = "../../id 2"
	for _, m := range []tintype.Mail{letter, letter, other} {
		if err := o.Send(context.Background(), m); err != nil {
			t.Fatal(err)
		}
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) != 2 {
		t.Fatalf("%v, %v", files, err)
	}
	for _, f := range files {
		info, err := os.Stat(f)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", f, info.Mode(), err)
		}
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		mustBe(t, string(text))
	}
}

// TestNothingSlipsIn refuses addresses and subjects that would be more than that.
func TestNothingSlipsIn(t *testing.T) {
	t.Parallel()
	o, err := NewOutbox(t.TempDir(), from)
	if err != nil {
		t.Fatal(err)
	}
	for i, m := range []tintype.Mail{
		{To: "ann@example.com\r\nBcc: all@example.com", Subject: "x"},
		{To: "ann@example.com, bob@example.com", Subject: "x"},
		{To: "Ann <ann@example.com>", Subject: "x"},
		{To: "ann@example.com>\nX: y <bob@example.com", Subject: "x"},
		{To: "", Subject: "x"},
		{To: "ann@example.com", Subject: "x\r\nBcc: all@example.com"},
		{To: "ann@example.com", Subject: "x\nY"},
	} {
		m.ID = strconv.Itoa(i)
		if err := o.Send(context.Background(), m); !tintype.IsKind(err, tintype.Invalid) {
			t.Errorf("%q, %q: %v", m.To, m.Subject, err)
		}
	}
	for _, bad := range []string{"", "photos", "a@b\nBcc: c@d", "\"x\r\ny\" <a@b.example>", "a@b.example, c@d.example"} {
		if _, err := NewOutbox(t.TempDir(), bad); err == nil {
			t.Errorf("letters may be from %q", bad)
		}
	}
	for _, c := range []Config{{Host: "", From: from}, {Host: "h", From: from, TLS: "maybe"}, {Host: "h", From: from, TLS: Plain, Username: "ann"}} {
		if _, err := NewSMTP(c); err == nil {
			t.Errorf("%+v is fine", c)
		}
	}
}
