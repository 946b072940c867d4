// Package webcache tells the HTTP caches between the site and its readers,
// proxies of our own or a CDN, to forget pictures: of deleted posts, of users
// who went private, former profile pictures. What to forget is for its callers
// to know, and to say again if they are told that a cache did not answer.
//
// Two ways of asking are spoken, each to any number of caches:
//
//   - a request for each picture, as nginx's cache purge module, Varnish and
//     others take it: GET (or another method) <base><path>, and the same with each
//     of Variants after it, answered 2xx, or 404 or 412 where the cache did not have it;
//   - one hook for many, for what a CDN needs: POST with the JSON object
//     {"urls":["https://media.example/m/…/640.jpg", …]}, at most 500 URLs at a
//     time, answered 2xx when all of them are forgotten or about to be.
//
// Asking twice does no harm. Errors are Unavailable, whatever a cache answered.
package webcache

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/tintype/tintype/internal/tintype"
)

// Config says which caches there are.
type Config struct {
	// Purge are the addresses that a picture's path is put after, as http://10.0.0.5:8089/purge.
	Purge []string
	// Method is how these are asked; "" is GET.
	Method string
	// Hook is the address of the hook; "" for none.
	Hook string
	// Sites are scheme and host under which pictures are known to the hook's caches.
	Sites []string
}

// Caches asks. Make it with New.
type Caches struct {
	c      Config
	client *http.Client
}

// New gives the caches of a site; nil if there are none.
func New(c Config) *Caches {
	if len(c.Purge) == 0 && c.Hook == "" {
		return nil
	}
	if c.Method == "" {
		c.Method = http.MethodGet
	}
	return &Caches{c: c, client: &http.Client{
		Timeout:       10 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport:     &http.Transport{MaxIdleConnsPerHost: atOnce, IdleConnTimeout: time.Minute},
	}}
}

const (
	atOnce   = 8   // requests under way
	hookMost = 500 // URLs of one call of the hook
)

// Variants are what is put after a picture's path to ask for what a cache may keep
// of it: as everybody gets it, and in the formats that clients name in Accept. A
// proxy puts the same into its key (deploy/nginx/tintype.conf does), since one that
// forgets an address forgets one variant only: what it keeps by Vary stays behind.
func Variants() []string { return []string{"", ".avif", ".webp"} }

// Forget has every cache forget the pictures at paths, which begin with '/'.
// All are tried, whatever errs.
func (c *Caches) Forget(ctx context.Context, paths []string) error {
	var g errgroup.Group
	g.SetLimit(atOnce)
	errs := make(chan error, 1) // the first
	ask := func(method, url string, body []byte) {
		g.Go(func() error {
			if err := c.ask(ctx, method, url, body); err != nil {
				select {
				case errs <- err:
				default:
				}
			}
			return nil
		})
	}
	for _, base := range c.c.Purge {
		for _, p := range paths {
			for _, variant := range Variants() {
				ask(c.c.Method, strings.TrimSuffix(base, "/")+p+variant, nil)
			}
		}
	}
	if c.c.Hook != "" {
		var urls []string
		for _, site := range c.c.Sites {
			for _, p := range paths {
				urls = append(urls, strings.TrimSuffix(site, "/")+p)
			}
		}
		for len(urls) > 0 {
			some := urls[:min(hookMost, len(urls))]
			urls = urls[len(some):]
			body, err := json.Marshal(struct {
				URLs []string `json:"urls"`
			}{some})
			if err != nil {
				return err
			}
			ask(http.MethodPost, c.c.Hook, body)
		}
	}
	_ = g.Wait() // its errors went to errs
	select {
	case err := <-errs:
		return &tintype.Error{Kind: tintype.Unavailable, Msg: "a cache of pictures could not be told what to forget", Err: err}
	default:
		return nil
	}
}

func (c *Caches) ask(ctx context.Context, method, url string, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := c.client.Do(req)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10)) // so that the connection is used again
	err = errors.Join(err, resp.Body.Close())
	switch {
	case resp.StatusCode >= 200 && resp.StatusCode < 300:
		return err
	case body == nil && (resp.StatusCode == http.StatusNotFound || resp.StatusCode == http.StatusPreconditionFailed):
		return nil // it was not there
	}
	return fmt.Errorf("%s %s: status %d", method, url, resp.StatusCode)
}
