package moves

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/tintype/tintype/internal/tintype"
)

// posts writes n posts of the people, without files, and gives them.
func (s *stage) posts(ctx context.Context, people []person, n int) ([]*tintype.Post, error) {
	const batch = 2000
	now := time.Now()
	all := make([]*tintype.Post, n)
	for i := range all {
		owner := people[i%len(people)].id
		at := now.Add(time.Duration(i-n) * time.Millisecond) // one a millisecond: no two IDs of a shard are the same
		key := rand.Text()[:22]
		all[i] = &tintype.Post{ID: tintype.MakeID(at.UnixMilli(), owner.Shard(), uint16(i%tintype.MaxSeq)), UserID: owner, Caption: fmt.Sprintf("drill %d", i),
			Media: []tintype.Media{{Key: key, OriginalKey: "o/" + key, OriginalType: "image/jpeg", OriginalBytes: 1, Width: 1080, Height: 810, Blurhash: "LEHV6nWB2yk8pyo0adR*.7kCMdnj"}}}
	}
	for i := 0; i < n; i += batch {
		if err := s.Bulk(now).Posts(ctx, all[i:min(i+batch, n)]); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// traffic writes comments and likes to posts without a pause, until it is told
// to end, and remembers what was acknowledged.
type traffic struct {
	urls   []string
	client *http.Client
	people []person
	posts  []*tintype.Post

	sent, retried, refused atomic.Int64 // writes; tries after the first; answers that were no success

	mu       sync.Mutex
	comments map[string]*tintype.Post // acknowledged, by text
	likes    map[[2]tintype.ID]bool   // acknowledged, by post and user
	unknown  map[string]bool          // texts that were given up without an answer
	given    map[[2]tintype.ID]bool   // likes that were given up
	stall    time.Duration            // of the longest write since the last look, its tries together
	worst    time.Duration            // of all
	first    string                   // the first answer that was no success
}

func (s *stage) traffic(people []person, posts []*tintype.Post) *traffic {
	return &traffic{urls: s.URLs, people: people, posts: posts,
		client:   &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 2 * s.Writers}},
		comments: map[string]*tintype.Post{}, likes: map[[2]tintype.ID]bool{}, unknown: map[string]bool{}, given: map[[2]tintype.ID]bool{}}
}

// run writes with n writers until end ends, and then finishes what is under way.
func (t *traffic) run(ctx, end context.Context, n int) error {
	g, ctx := errgroup.WithContext(ctx)
	for w := range n {
		g.Go(func() error {
			for i := 0; end.Err() == nil; i++ {
				who := t.people[mathrand.IntN(len(t.people))]
				post := t.posts[mathrand.IntN(len(t.posts))]
				var err error
				if i%2 == 0 {
					err = t.comment(ctx, who, post, fmt.Sprintf("drill %s %d %d", who.id, w, i))
				} else {
					err = t.like(ctx, who, post)
				}
				if err != nil {
					return err
				}
			}
			return nil
		})
	}
	return g.Wait()
}

func (t *traffic) comment(ctx context.Context, who person, post *tintype.Post, text string) error {
	ok, err := t.write(ctx, who, "/v1/media/"+post.MediaID()+"/comments", url.Values{"text": {text}}, rand.Text())
	t.mu.Lock()
	defer t.mu.Unlock()
	if ok {
		t.comments[text] = post
	} else {
		t.unknown[text] = true
	}
	return err
}

func (t *traffic) like(ctx context.Context, who person, post *tintype.Post) error {
	k := [2]tintype.ID{post.ID, who.id}
	t.mu.Lock()
	done := t.likes[k] || t.given[k]
	t.mu.Unlock()
	if done {
		return nil
	}
	ok, err := t.write(ctx, who, "/v1/media/"+post.MediaID()+"/likes", url.Values{}, "")
	t.mu.Lock()
	defer t.mu.Unlock()
	if ok {
		t.likes[k] = true
	} else {
		t.given[k] = true
	}
	return err
}

// write sends one write, again with the same key until it is acknowledged or
// half a minute is over, to one process after the other.
func (t *traffic) write(ctx context.Context, who person, path string, form url.Values, key string) (acknowledged bool, err error) {
	const patience = 30 * time.Second
	t.sent.Add(1)
	began := time.Now()
	for try := 0; time.Since(began) < patience; try++ {
		if try > 0 {
			t.retried.Add(1)
			select {
			case <-ctx.Done():
				return false, ctx.Err()
			case <-time.After(20 * time.Millisecond):
			}
		}
		base := t.urls[(mathrand.IntN(len(t.urls))+try)%len(t.urls)]
		status, body, err := t.send(ctx, "POST", base+path, who.token, form, key)
		if err == nil && status/100 == 2 {
			t.mu.Lock()
			if took := time.Since(began); took > t.stall {
				t.stall = took
			}
			t.mu.Unlock()
			return true, nil
		}
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
		t.refused.Add(1)
		what := fmt.Sprintf("%d %.300s", status, body)
		if err != nil {
			what = err.Error()
		}
		t.mu.Lock()
		if t.first == "" {
			t.first = what
		}
		t.mu.Unlock()
		if status/100 == 4 && status != http.StatusTooManyRequests {
			return false, fmt.Errorf("POST %s: %s", path, what)
		}
	}
	return false, nil
}

func (t *traffic) send(ctx context.Context, method, address, token string, form url.Values, key string) (int, []byte, error) {
	var body io.Reader
	if form != nil {
		body = bytes.NewReader([]byte(form.Encode()))
	}
	r, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return 0, nil, err
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("Authorization", "Bearer "+token)
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	a, err := t.client.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer a.Body.Close()
	b, err := io.ReadAll(a.Body)
	return a.StatusCode, b, err
}

// list reads a list to its end, a page at a time; each gives the items.
func (t *traffic) list(ctx context.Context, token, path string, each func(json.RawMessage) error) error {
	for next := t.urls[0] + path; next != ""; {
		status, body, err := t.send(ctx, "GET", next, token, nil, "")
		if err != nil {
			return err
		}
		var page struct {
			Data       []json.RawMessage `json:"data"`
			Pagination struct {
				NextURL string `json:"next_url"`
			} `json:"pagination"`
		}
		if err := json.Unmarshal(body, &page); err != nil || status != http.StatusOK {
			return errors.Join(fmt.Errorf("GET %s: %d %.300s", next, status, body), err)
		}
		for _, item := range page.Data {
			if err := each(item); err != nil {
				return err
			}
		}
		next = page.Pagination.NextURL
	}
	return nil
}

// verdict is what a comparison found.
type verdict struct{ comments, likes, lost, doubled, strange int }

// compare reads everything that was written to and compares it with what was acknowledged.
func (t *traffic) compare(ctx context.Context) (verdict, error) {
	v := verdict{comments: len(t.comments), likes: len(t.likes)}
	seen := map[string]*tintype.Post{}
	wanted := map[tintype.ID]*tintype.Post{}
	for _, p := range t.comments {
		wanted[p.ID] = p
	}
	likers := map[tintype.ID]int{}
	for k := range t.likes {
		likers[k[0]]++
	}
	for _, p := range t.posts {
		if likers[p.ID] > 0 {
			wanted[p.ID] = p
		}
	}
	for _, p := range wanted {
		if err := t.list(ctx, t.people[0].token, "/v1/media/"+p.MediaID()+"/comments?count=100", func(item json.RawMessage) error {
			var c struct {
				Text string `json:"text"`
			}
			if err := json.Unmarshal(item, &c); err != nil {
				return err
			}
			switch {
			case seen[c.Text] != nil:
				v.doubled++
			case t.comments[c.Text] == nil && !t.unknown[c.Text]:
				v.strange++
			}
			seen[c.Text] = p
			return nil
		}); err != nil {
			return v, err
		}
		var who = map[string]bool{}
		if err := t.list(ctx, t.people[0].token, "/v1/media/"+p.MediaID()+"/likes?count=100", func(item json.RawMessage) error {
			var u struct {
				ID string `json:"id"`
			}
			if err := json.Unmarshal(item, &u); err != nil {
				return err
			}
			if who[u.ID] {
				v.doubled++
			}
			who[u.ID] = true
			return nil
		}); err != nil {
			return v, err
		}
		for _, u := range t.people {
			if t.likes[[2]tintype.ID{p.ID, u.id}] && !who[u.id.String()] {
				v.lost++
			}
		}
	}
	for text, p := range t.comments {
		if seen[text] == nil || seen[text].ID != p.ID {
			v.lost++
		}
	}
	return v, nil
}
