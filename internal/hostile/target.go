package hostile

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"
	"time"
)

// Target is a site with people: ana, whose account is private, and ben, who is a stranger to her.
type Target struct {
	site   *Site
	client *http.Client
	admin  person
	ana    person
	ben    person
	canary string // stands in what only ana may see
}

type person struct {
	name, password string
	id, token      string
	post           string // ID of a post
	code           string // its shortcode
	comment        string
	upload         string // ID of an upload that is in no post
	picture        string // address of a rendition
}

// request is one that Go's client can send.
type request struct {
	method, path string // path with its query; or a whole URL
	token        string
	body         []byte
	typ          string // of the body; application/json if there is one
	header       http.Header
}

// get, post and so on are requests with JSON; a string body is taken as it is.
func ask(method, path, token string, body any) request {
	q := request{method: method, path: path, token: token}
	switch b := body.(type) {
	case nil:
	case string:
		q.body, q.typ = []byte(b), "application/json"
	case []byte:
		q.body, q.typ = b, "application/json"
	case url.Values:
		q.body, q.typ = []byte(b.Encode()), "application/x-www-form-urlencoded"
	default:
		q.body, _ = json.Marshal(b)
		q.typ = "application/json"
	}
	return q
}

// newTarget fills a new site.
func newTarget(ctx context.Context, s *Site) (*Target, error) {
	t := &Target{site: s, canary: "canary" + strings.ToLower(rand.Text()[:12])}
	t.client = &http.Client{
		Timeout:       2 * time.Minute,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport:     &http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true},
	}
	for _, p := range []struct {
		who  *person
		name string
	}{{&t.admin, "admin_"}, {&t.ana, "ana_"}, {&t.ben, "ben_"}} {
		if err := t.join(ctx, p.who, p.name+strings.ToLower(rand.Text()[:6])); err != nil {
			return nil, fmt.Errorf("preparing the site: %w", err)
		}
	}
	// Everybody here comes from one address: what bounds one address would stop the round itself.
	knobs := map[string]any{"set": map[string]string{"password_tries_address": "100000", "signups_per_hour": "100000"}}
	if err := t.must(ctx, ask("PATCH", "/v1/admin/knobs", t.admin.token, knobs), nil); err != nil {
		return nil, fmt.Errorf("preparing the site: %w", err)
	}
	if err := t.must(ctx, ask("PATCH", "/v1/users/self", t.ana.token, map[string]any{"is_private": true, "bio": "a bio"}), nil); err != nil {
		return nil, fmt.Errorf("preparing the site: %w", err)
	}
	if err := t.publish(ctx, &t.ana, t.canary+" in a caption"); err != nil {
		return nil, fmt.Errorf("preparing the site: %w", err)
	}
	if err := t.publish(ctx, &t.ben, "for everybody"); err != nil {
		return nil, fmt.Errorf("preparing the site: %w", err)
	}
	return t, nil
}

// join signs somebody up.
func (t *Target) join(ctx context.Context, p *person, name string) error {
	p.name, p.password = name, rand.Text()
	var out struct {
		Data struct {
			Token string `json:"access_token"`
			User  struct{ ID string }
		}
	}
	if err := t.must(ctx, ask("POST", "/v1/users", "", map[string]any{"username": name, "password": p.password}), &out); err != nil {
		return err
	}
	p.id, p.token = out.Data.User.ID, out.Data.Token
	return nil
}

// publish posts a picture with a comment, and uploads one more.
func (t *Target) publish(ctx context.Context, p *person, caption string) error {
	var up struct{ Data struct{ ID string } }
	for range 2 {
		form, typ := fileForm("a.jpg", "image/jpeg", photo(rand.Text()))
		if err := t.must(ctx, request{method: "POST", path: "/v1/uploads", token: p.token, body: form, typ: typ}, &up); err != nil {
			return err
		}
		if p.upload != "" {
			break
		}
		p.upload = up.Data.ID
	}
	var post struct {
		Data struct {
			ID, Shortcode string
			Images        struct {
				Standard struct{ URL string } `json:"standard_resolution"`
			}
		}
	}
	if err := t.must(ctx, ask("POST", "/v1/media", p.token, map[string]any{"uploads": []string{up.Data.ID}, "caption": caption}), &post); err != nil {
		return err
	}
	p.post, p.code, p.picture = post.Data.ID, post.Data.Shortcode, post.Data.Images.Standard.URL
	var c struct{ Data struct{ ID string } }
	if err := t.must(ctx, ask("POST", "/v1/media/"+p.post+"/comments", p.token, map[string]any{"text": "on " + caption}), &c); err != nil {
		return err
	}
	p.comment = c.Data.ID
	return nil
}

// must sends a request that has to succeed.
func (t *Target) must(ctx context.Context, q request, out any) error {
	a, err := t.do(ctx, q)
	if err != nil {
		return err
	}
	if a.Status/100 != 2 {
		return fmt.Errorf("%s %s answers %d: %.300s", q.method, q.path, a.Status, a.Body)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(a.Body, out)
}

// do sends a request. A connection that ends without an answer is no error.
func (t *Target) do(ctx context.Context, q request) (Answer, error) {
	u := q.path
	if strings.HasPrefix(u, "/") {
		u = t.site.URL + u
	}
	var body io.Reader
	if q.body != nil {
		body = bytes.NewReader(q.body)
	}
	req, err := http.NewRequestWithContext(ctx, q.method, u, body)
	if err != nil {
		return Answer{}, err
	}
	if q.typ != "" {
		req.Header.Set("Content-Type", q.typ)
	}
	if q.token != "" {
		req.Header.Set("Authorization", "Bearer "+q.token)
	}
	for k, v := range q.header {
		req.Header[k] = v
	}
	resp, err := t.client.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return Answer{}, ctx.Err()
		}
		return Answer{}, nil
	}
	defer resp.Body.Close()
	b, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<20)) // what came before it broke off is the answer
	return Answer{Status: resp.StatusCode, Header: resp.Header, Body: b}, nil
}

// send sends a request as part of a round. What cannot be sent at all is a failure of the round.
func (r *Round) send(ctx context.Context, q request) Answer {
	a, err := r.do(ctx, q)
	if err != nil && ctx.Err() == nil {
		r.fail("%s %s could not be sent: %v", q.method, q.path, err)
	}
	return a
}

// raw writes bytes to the site's socket as they are and reads one answer.
func (r *Round) raw(ctx context.Context, sent string) Answer {
	return r.rawAfter(ctx, 10*time.Second, sent)
}

func (r *Round) rawAfter(ctx context.Context, patience time.Duration, sent ...string) Answer {
	c, err := r.dial(ctx)
	if err != nil {
		r.fail("no connection: %v", err)
		return Answer{}
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(patience))
	go func() {
		for _, part := range sent {
			if _, err := io.WriteString(c, part); err != nil {
				return // it was cut: what came back is the answer
			}
		}
	}()
	return readAnswer(bufio.NewReader(c))
}

// dialAndLeave writes the beginning of a request, waits a moment for an answer, and closes.
func (r *Round) dialAndLeave(ctx context.Context, beginning string) (Answer, error) {
	c, err := r.dial(ctx)
	if err != nil {
		return Answer{}, err
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(200 * time.Millisecond))
	if _, err := io.WriteString(c, beginning); err != nil {
		return Answer{}, nil
	}
	return readAnswer(bufio.NewReader(c)), nil
}

func (r *Round) dial(ctx context.Context) (net.Conn, error) {
	u, err := url.Parse(r.site.URL)
	if err != nil {
		return nil, err
	}
	d := net.Dialer{Timeout: 5 * time.Second}
	return d.DialContext(ctx, "tcp", u.Host)
}

// readAnswer reads one response without holding it to anything.
func readAnswer(br *bufio.Reader) Answer {
	resp, err := http.ReadResponse(br, nil)
	if err != nil {
		return Answer{}
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		b = append(b, []byte(" …")...)
	}
	return Answer{Status: resp.StatusCode, Header: resp.Header, Body: b}
}

// fileForm is a form with one file, and its type.
func fileForm(name, typ string, file []byte) (body []byte, contentType string) {
	h := textproto.MIMEHeader{}
	h.Set("Content-Disposition", fmt.Sprintf(`form-data; name="file"; filename=%q`, name))
	h.Set("Content-Type", typ)
	return form(part{h, file})
}
