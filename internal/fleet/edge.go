package fleet

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/tintype/tintype/deploy"
	"github.com/tintype/tintype/internal/services"
)

// The ports of nginx besides the one that people know.
const (
	tlsName   = "nginx-tls"
	purgeName = "nginx-purge"
)

// edgeConfig is where nginx listens.
type edgeConfig struct {
	host     string   // of the site; "" for every address
	http     int      // port
	https    int      // port
	binds    []string // addresses
	media    string   // host:port of media; "" for the site's own
	mediaTLS string
}

// planEdge decides where nginx listens. A host of their own for media needs no
// name to be set up anywhere: localhost and 127.0.0.1 are two hosts to a browser.
func (f *Fleet) planEdge() (edgeConfig, error) {
	host, port, err := net.SplitHostPort(f.cfg.Addr)
	if err != nil {
		return edgeConfig{}, fmt.Errorf("%q is no address such as localhost:8080", f.cfg.Addr)
	}
	e := edgeConfig{host: host}
	if port == "0" {
		if e.http, err = f.port("nginx"); err != nil {
			return e, err
		}
	} else if e.http, err = strconv.Atoi(port); err != nil {
		return e, fmt.Errorf("%q is no port", port)
	}
	if _, port, err := net.SplitHostPort(f.cfg.TLSAddr); err == nil {
		if e.https, err = strconv.Atoi(port); err != nil {
			return e, fmt.Errorf("%q is no port", port)
		}
	} else if e.https, err = f.port(tlsName); err != nil {
		return e, err
	}
	if _, err := f.port(purgeName); err != nil {
		return e, err
	}
	switch host {
	case "localhost":
		e.binds, e.media = []string{"127.0.0.1", "[::1]"}, "127.0.0.1"
		if l, err := net.Listen("tcp6", "[::1]:0"); err != nil {
			e.binds = e.binds[:1] // no IPv6 here
		} else {
			l.Close()
		}
	case "127.0.0.1":
		e.binds, e.media = []string{"127.0.0.1"}, "localhost"
	case "", "0.0.0.0", "::":
		e.binds = []string{"0.0.0.0"}
	default:
		e.binds = []string{host}
		if strings.Contains(host, ":") {
			e.binds[0] = "[" + host + "]"
		}
	}
	for _, b := range e.binds {
		l, err := net.Listen("tcp", b+":"+strconv.Itoa(e.http))
		if err != nil {
			return e, fmt.Errorf("cannot listen on %s: %w", net.JoinHostPort(host, strconv.Itoa(e.http)), err)
		}
		l.Close()
	}
	if e.media != "" {
		e.mediaTLS = e.media + ":" + strconv.Itoa(e.https)
		e.media += ":" + strconv.Itoa(e.http)
	}
	shown := host
	if host == "" || host == "0.0.0.0" || host == "::" {
		shown = "localhost"
	}
	f.cfg.Addr = net.JoinHostPort(shown, strconv.Itoa(e.http))
	f.cfg.TLSAddr = net.JoinHostPort(shown, strconv.Itoa(e.https))
	return e, nil
}

// startEdge starts nginx with the files of deploy/nginx, of which only those that differ between sites are written anew.
func (f *Fleet) startEdge(ctx context.Context) error {
	outer, err := deploy.Files.ReadFile("nginx/nginx.conf")
	if err != nil {
		return err
	}
	// Debian's modules may be built in or loaded.
	const module = "/usr/lib/nginx/modules/ngx_http_cache_purge_module.so"
	if _, err := os.Stat(module); err == nil {
		outer = append([]byte("load_module "+module+";\n"), outer...)
	}
	outer = bytes.Replace(outer, []byte("include tintype.conf;"), []byte("include tintype.conf;\n    include more.conf;"), 1)
	spec, err := services.Nginx(func(*services.Server) string { return string(outer) })
	spec.Users = []string{"www-data", "nobody"}
	spec.Port = f.edge.http
	prepare := spec.Prepare
	spec.Prepare = func(s *services.Server) error { return errors.Join(f.writeEdge(s), prepare(s)) }
	f.say("starting nginx")
	if f.nginx, err = f.add("nginx", roleEdge, spec, err); err != nil {
		return err
	}
	f.nginx.kept = true
	return f.nginx.start(ctx)
}

func (f *Fleet) writeEdge(s *services.Server) error {
	for _, dir := range []string{"tintype", "temp", "store"} {
		if err := os.MkdirAll(s.Path(dir), 0o700); err != nil {
			return err
		}
		if err := s.Give(s.Path(dir)); err != nil {
			return err
		}
	}
	err := fs.WalkDir(deploy.Files, "nginx", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := deploy.Files.ReadFile(path)
		if err != nil {
			return err
		}
		return s.Write(strings.TrimPrefix(path, "nginx/"), string(text))
	})
	if err != nil {
		return err
	}
	if err := f.writeCertificate(s); err != nil {
		return err
	}
	var processes, site, media []string
	for _, name := range apiNames() {
		processes = append(processes, "server "+f.addr(name)+" max_fails=1 fail_timeout=2s;")
	}
	for _, b := range f.edge.binds {
		site = append(site, fmt.Sprintf("listen %s:%d default_server;", b, f.edge.http), fmt.Sprintf("listen %s:%d ssl http2 default_server;", b, f.edge.https))
		media = append(media, fmt.Sprintf("listen %s:%d;", b, f.edge.http), fmt.Sprintf("listen %s:%d ssl http2;", b, f.edge.https))
	}
	tls := []string{"ssl_certificate certificate.pem;", "ssl_certificate_key key.pem;", "include tintype/tls.conf;"}
	site = append(append(site, "server_name _;"), tls...)
	name := "media.invalid" // the site's own host has them
	if f.edge.media != "" {
		name, _, _ = strings.Cut(f.edge.media, ":")
	}
	media = append(append(media, "server_name "+name+";"), tls...)
	return errors.Join(
		s.Write("more.conf", f.cfg.Nginx),
		s.Write("tintype/processes.conf", lines(processes...)),
		s.Write("tintype/site.conf", lines(site...)),
		s.Write("tintype/media.conf", lines(media...)),
		s.Write("tintype/purge.conf", lines("listen "+f.addr(purgeName)+";", "server_name _;")),
		s.Write("tintype/store.conf", lines("proxy_cache_path store levels=1:2 keys_zone=tintype_media:8m max_size=1g inactive=30d use_temp_path=off;")),
	)
}

// writeCertificate makes a certificate that nobody but this fleet vouches for.
func (f *Fleet) writeCertificate(s *services.Server) error {
	if b, err := os.ReadFile(s.Path("certificate.pem")); err == nil {
		if p, _ := pem.Decode(b); p != nil {
			if c, err := x509.ParseCertificate(p.Bytes); err == nil && time.Until(c.NotAfter) > 30*24*time.Hour {
				return nil
			}
		}
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return err
	}
	now := time.Now()
	template := x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "tintype fleet"}, NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(1, 0, 0),
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, &key.PublicKey, key)
	if err != nil {
		return err
	}
	keyDER, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return err
	}
	return errors.Join(
		s.Write("key.pem", string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: keyDER}))),
		s.Write("certificate.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))),
	)
}
