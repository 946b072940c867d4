package drill

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"time"

	"github.com/tintype/tintype/internal/fleet"
)

// members is how many people a site for drills has. Spread over 64 logical shards they live on both databases.
const members = 12

// Site is a running fleet with people who follow each other, each with a post.
type Site struct {
	Fleet  *fleet.Fleet
	client *http.Client
	people []person
	link   *slowLink
	log    io.Writer
	short  bool
}

type person struct {
	id, token string
	post      string // ID of a post of theirs
	picture   string // address of its picture
}

func newSite(ctx context.Context, f *fleet.Fleet, link *slowLink, log io.Writer) (*Site, error) {
	s := &Site{Fleet: f, link: link, log: log, client: &http.Client{
		Timeout:   15 * time.Second,
		Transport: &http.Transport{MaxIdleConnsPerHost: 64},
	}}
	tag := strings.ToLower(rand.Text()[:6]) // the fleet may have been here before
	for i := range members {
		p, err := s.join(ctx, fmt.Sprintf("drill_%s_%d", tag, i), i)
		if err != nil {
			return nil, fmt.Errorf("preparing the site: %w", err)
		}
		s.people = append(s.people, p)
	}
	for i, p := range s.people {
		for j := 1; j <= 4; j++ {
			other := s.people[(i+j)%members]
			if err := s.must(ctx, p.token, "POST", "/v1/users/"+other.id+"/relationship", map[string]string{"action": "follow"}, nil); err != nil {
				return nil, fmt.Errorf("preparing the site: %w", err)
			}
		}
	}
	return s, nil
}

// join makes a member with a post.
func (s *Site) join(ctx context.Context, name string, n int) (person, error) {
	var p person
	var signed struct {
		Data struct {
			Token string              `json:"access_token"`
			User  struct{ ID string } `json:"user"`
		}
	}
	err := s.must(ctx, "", "POST", "/v1/users", map[string]string{"username": name, "password": rand.Text()}, &signed)
	if err != nil {
		return p, err
	}
	p.id, p.token = signed.Data.User.ID, signed.Data.Token
	var up struct{ Data struct{ ID string } }
	if err := s.upload(ctx, p.token, n, &up); err != nil {
		return p, err
	}
	var post struct {
		Data struct {
			ID     string
			Images struct {
				Standard struct{ URL string } `json:"standard_resolution"`
			}
		}
	}
	err = s.must(ctx, p.token, "POST", "/v1/media", map[string]any{"uploads": []string{up.Data.ID}, "caption": "a drill"}, &post)
	p.post, p.picture = post.Data.ID, post.Data.Images.Standard.URL
	return p, err
}

// upload uploads a small picture, each n another.
func (s *Site) upload(ctx context.Context, token string, n int, into any) error {
	img := image.NewRGBA(image.Rect(0, 0, 320, 240))
	for y := range 240 {
		for x := range 320 {
			img.Set(x, y, color.RGBA{uint8(x + n), uint8(y * n), uint8(n >> 8), 255})
		}
	}
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", "drill.jpg")
	if err != nil {
		return err
	}
	if err := jpeg.Encode(part, img, nil); err != nil {
		return err
	}
	if err := form.Close(); err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.Fleet.URL()+"/v1/uploads", &body)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", form.FormDataContentType())
	req.Header.Set("Authorization", "Bearer "+token)
	return s.send(req, into)
}

// must sends a request that has to succeed. JSON in, JSON out.
func (s *Site) must(ctx context.Context, token, method, path string, in, out any) error {
	req, err := s.request(ctx, token, method, path, in)
	if err != nil {
		return err
	}
	return s.send(req, out)
}

func (s *Site) request(ctx context.Context, token, method, path string, in any) (*http.Request, error) {
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(b)
	}
	url := path
	if strings.HasPrefix(path, "/") {
		url = s.Fleet.URL() + path
	}
	req, err := http.NewRequestWithContext(ctx, method, url, body)
	if err != nil {
		return nil, err
	}
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	return req, nil
}

func (s *Site) send(req *http.Request, out any) error {
	resp, err := s.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("%s %s answers %s: %.300s", req.Method, req.URL.Path, resp.Status, b)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(b, out)
}

// pause is how long what is broken stays so: less in the short form.
func (s *Site) pause(ctx context.Context, d time.Duration) error {
	if s.short {
		d = min(d, 2*time.Second)
	}
	return pause(ctx, d)
}

// pause waits, or gives the context's error.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
