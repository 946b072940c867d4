package drill

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"
)

// load is people at work on the site: in turn they read their feed, a post, a
// picture, like, take it back and comment. It is a closed loop with a pause
// between requests, so that it leaves the machine room to recover.
type load struct {
	s      *Site
	cancel context.CancelFunc
	wait   sync.WaitGroup

	mu       sync.Mutex
	samples  []sample
	comments []comment // acknowledged
}

type sample struct {
	at     time.Time // of the end
	took   time.Duration
	failed string // "" if it was answered as it should
	kind   string
}

type comment struct{ post, id string }

// clients is how many people work at once, and rest the pause after each request.
const (
	clients = members
	rest    = 60 * time.Millisecond
)

func (s *Site) load(ctx context.Context) *load {
	ctx, cancel := context.WithCancel(ctx)
	l := &load{s: s, cancel: cancel}
	for i := range clients {
		l.wait.Go(func() { l.work(ctx, i) })
	}
	return l
}

// stop ends the load once the requests under way are answered.
func (l *load) stop() {
	l.cancel()
	l.wait.Wait()
}

func (l *load) work(ctx context.Context, i int) {
	me := l.s.people[i]
	for n := 0; ctx.Err() == nil; n++ {
		other := l.s.people[(i+1+n/6%4)%members]
		switch n % 6 {
		case 0:
			l.ask("feed", me.token, "GET", "/v1/users/self/feed", nil, nil)
		case 1:
			l.ask("post", me.token, "GET", "/v1/media/"+other.post, nil, nil)
		case 2:
			l.ask("picture", "", "GET", other.picture, nil, nil)
		case 3:
			l.ask("like", me.token, "POST", "/v1/media/"+other.post+"/likes", map[string]string{}, nil)
		case 4:
			l.ask("unlike", me.token, "DELETE", "/v1/media/"+other.post+"/likes", nil, nil)
		case 5:
			var made struct{ Data struct{ ID string } }
			if l.ask("comment", me.token, "POST", "/v1/media/"+other.post+"/comments", map[string]string{"text": fmt.Sprintf("drill %d of %d", n, i)}, &made) {
				l.mu.Lock()
				l.comments = append(l.comments, comment{other.post, made.Data.ID})
				l.mu.Unlock()
			}
		}
		_ = pause(ctx, rest) // the loop asks the context
	}
}

// ask sends one request, whatever becomes of the load meanwhile, and notes how it went.
func (l *load) ask(kind, token, method, path string, in, out any) bool {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	begin := time.Now()
	failed := ""
	req, err := l.s.request(ctx, token, method, path, in)
	if err == nil && out == nil {
		err = l.discard(req)
	} else if err == nil {
		err = l.s.send(req, out)
	}
	if err != nil {
		failed = err.Error()
	}
	now := time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.samples = append(l.samples, sample{at: now, took: now.Sub(begin), failed: failed, kind: kind})
	return failed == ""
}

func (l *load) discard(req *http.Request) error {
	resp, err := l.s.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode/100 != 2 {
		b, err := io.ReadAll(io.LimitReader(resp.Body, 300))
		if err != nil {
			return err
		}
		return fmt.Errorf("%s %s answers %s: %s", req.Method, req.URL.Path, resp.Status, b)
	}
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}

// figures is what a stretch of time looked like.
type figures struct {
	requests, failed int
	first            string // failure
	byKind           map[string]int
	p50, p99         time.Duration // of those that succeeded
	rate             float64
}

func (l *load) between(from, to time.Time) figures {
	l.mu.Lock()
	defer l.mu.Unlock()
	f := figures{byKind: map[string]int{}}
	var took []time.Duration
	for _, s := range l.samples {
		if s.at.Before(from) || s.at.After(to) {
			continue
		}
		f.requests++
		if s.failed != "" {
			f.failed++
			f.byKind[s.kind]++
			if f.first == "" {
				f.first = s.kind + ": " + s.failed
			}
			continue
		}
		took = append(took, s.took)
	}
	if n := len(took); n > 0 {
		slices.Sort(took)
		f.p50, f.p99 = took[n/2], took[min(n-1, n*99/100)]
	}
	if d := to.Sub(from).Seconds(); d > 0 {
		f.rate = float64(f.requests) / d
	}
	return f
}

func (f figures) String() string {
	return fmt.Sprintf("%d of %d requests failed, %.0f/s, p50 %d ms, p99 %d ms", f.failed, f.requests, f.rate, f.p50.Milliseconds(), f.p99.Milliseconds())
}

// steady is for how long a site is watched before something is done to it.
const steady = 8 * time.Second

// calm watches the site at rest.
func (l *load) calm(ctx context.Context) (figures, error) {
	if err := pause(ctx, 3*time.Second); err != nil { // caches and connections warm up
		return figures{}, err
	}
	from, watched := time.Now(), steady
	if l.s.short {
		watched = time.Second
	}
	if err := pause(ctx, watched); err != nil {
		return figures{}, err
	}
	f := l.between(from, time.Now())
	if f.failed > 0 {
		return f, fmt.Errorf("requests fail before anything was done: %s", f.first)
	}
	return f, nil
}

// recovered waits until the site is as it was before: no failure, and its p99 within a quarter, or 20 ms, of what it
// was, for five seconds. It gives how long that took, and an error if it took over a minute. In the short form it
// waits for two seconds without a failure.
func (l *load) recovered(ctx context.Context, before figures) (time.Duration, error) {
	const limit = time.Minute
	window := 5 * time.Second
	if l.s.short {
		window = 2 * time.Second
	}
	begin := time.Now()
	allowed := max(before.p99*5/4, before.p99+20*time.Millisecond)
	for {
		if err := pause(ctx, time.Second); err != nil {
			return 0, err
		}
		now := time.Now()
		if now.Sub(begin) < window {
			continue
		}
		f := l.between(now.Add(-window), now)
		if f.failed == 0 && f.requests > 0 && (l.s.short || f.p99 <= allowed) {
			return max(0, now.Sub(begin)-window), nil
		}
		if now.Sub(begin) > limit+window {
			return 0, fmt.Errorf("not as before within a minute: %v; before: %v", f, before)
		}
	}
}

// lost counts the acknowledged comments that are not there.
func (l *load) lost(ctx context.Context) (acknowledged, lost int, err error) {
	l.mu.Lock()
	wanted := map[string]map[string]bool{}
	for _, c := range l.comments {
		if wanted[c.post] == nil {
			wanted[c.post] = map[string]bool{}
		}
		wanted[c.post][c.id] = true
		acknowledged++
	}
	l.mu.Unlock()
	for post, ids := range wanted {
		next := "/v1/media/" + post + "/comments?count=100"
		for next != "" && len(ids) > 0 {
			var page struct {
				Pagination struct {
					Next string `json:"next_url"`
				}
				Data []struct{ ID string }
			}
			if err := l.s.must(ctx, l.s.people[0].token, "GET", next, nil, &page); err != nil {
				return acknowledged, 0, err
			}
			for _, c := range page.Data {
				delete(ids, c.ID)
			}
			next = page.Pagination.Next
		}
		lost += len(ids)
	}
	return acknowledged, lost, nil
}
