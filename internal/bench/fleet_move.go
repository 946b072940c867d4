package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/tintype/tintype/internal/app"
	"github.com/tintype/tintype/internal/tintype"
)

// move moves a logical shard with many posts to the other database and back,
// while people who live on it comment on their neighbours' posts through nginx
// without a pause. Its pause is as the move measured it: from the last lock to
// the change of the map. What people saw of it stands beside it.
func (b *FleetBench) move(ctx context.Context, f *running) (_ []Row, err error) {
	var c app.Config
	if err := c.ReadFile(f.ConfigFile()); err != nil {
		return nil, err
	}
	m, err := c.OpenShards(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, m.Close()) }()
	list, err := m.List(ctx)
	if err != nil {
		return nil, err
	}
	moving := list[0]
	for _, s := range list {
		if s.Posts > moving.Posts {
			moving = s
		}
	}
	if err := f.addPosts(ctx, moving, b.Moved); err != nil {
		return nil, err
	}
	w, err := f.writersOn(ctx, moving.Shard, 8)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	g, gctx := errgroup.WithContext(ctx)
	writing, stop := context.WithCancel(gctx)
	defer stop()
	for i := range w.tokens {
		g.Go(func() error { return w.write(gctx, writing, i) })
	}
	var pause, locked time.Duration
	var moved int64
	at := moving.Database
	for range 2 {
		to := c.Fleet.Databases[0].Name
		if to == at {
			to = c.Fleet.Databases[1].Name
		}
		if err := wait(ctx, 2*time.Second); err != nil {
			return nil, err
		}
		r, err := m.Move(ctx, moving.Shard, to, app.MoveOptions{})
		if err != nil {
			return nil, err
		}
		b.say("  moved from %s to %s in %.1f s: %d rows, paused for %.0f ms, %.0f ms from the first lock, after %d fences", r.From, r.To, r.Took.Seconds(), r.Rows, ms(r.Pause), ms(r.Locked), r.Fences)
		at, pause, locked, moved = to, max(pause, r.Pause), max(locked, r.Locked), r.Rows
		if err := wait(ctx, 11*time.Second); err != nil { // a shard does not come back sooner
			return nil, err
		}
	}
	stop()
	if err := g.Wait(); err != nil {
		return nil, err
	}
	lost, err := w.lost(ctx)
	if err != nil {
		return nil, err
	}
	rows := []Row{
		below(fmt.Sprintf("a logical shard of %d posts (%d rows) moved and back under %.0f writes/s, the longer pause", b.Moved, moved, w.rate()), "ms", ms(pause), 1000),
		below("the same, from the first lock asked for", "ms", ms(locked), 1000),
		below(fmt.Sprintf("the same, the slowest of %d writes meanwhile", w.sent.Load()), "ms", ms(w.slowest), 1000),
		none("the same, writes that failed", int(w.failed.Load())),
		none(fmt.Sprintf("the same, of %d acknowledged comments lost", w.acknowledged()), lost),
	}
	if w.first != "" {
		b.say("  the first failure: %s", w.first)
	}
	return rows, nil
}

func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// addPosts brings a shard to so many posts, old ones, spread over its people.
func (f *running) addPosts(ctx context.Context, s app.Shard, n int) error {
	people, err := f.livingOn(ctx, s.Shard, 1000)
	if err != nil {
		return err
	}
	const batch = 2000
	start := time.Date(2015, 1, 1, 0, 0, 0, 0, time.UTC).UnixMilli() + s.Posts*10 // a former run stopped before here
	bulk := f.site.Bulk(time.Now())
	for i := int(s.Posts); i < n; i += batch {
		posts := make([]*tintype.Post, min(batch, n-i))
		for j := range posts {
			at := start + int64(i+j)
			key := fmt.Sprintf("bench-%d-%d", s.Shard, at)
			posts[j] = &tintype.Post{ID: tintype.MakeID(at, s.Shard, 0), UserID: people[(i+j)%len(people)].User.ID, Caption: "moved",
				Media: []tintype.Media{{Key: key, OriginalKey: "o/" + key, OriginalType: "image/jpeg", OriginalBytes: 1, Width: 1080, Height: 810, Blurhash: "LEHV6nWB2yk8pyo0adR*.7kCMdnj"}}}
		}
		if err := bulk.Posts(ctx, posts); err != nil {
			return err
		}
	}
	return nil
}

// livingOn lists up to n people of a shard.
func (f *running) livingOn(ctx context.Context, s tintype.Shard, n int) ([]tintype.Member, error) {
	var out []tintype.Member
	for after := tintype.ID(0); len(out) < n; {
		page, err := f.site.Members(ctx, after, 2000)
		if err != nil {
			return nil, err
		}
		if len(page) == 0 {
			break
		}
		for _, m := range page {
			if m.User.ID.Shard() == s && !m.User.Private {
				out = append(out, m)
			}
		}
		after = page[len(page)-1].User.ID
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("nobody lives on shard %d", s)
	}
	return out[:min(len(out), n)], nil
}

// commenters are people who comment on posts of their own shard.
type commenters struct {
	url    string
	tokens []string
	posts  []string
	client http.Client
	began  time.Time

	sent, failed atomic.Int64

	mu      sync.Mutex
	slowest time.Duration
	first   string            // failure
	acked   map[string]string // comment to its post
}

func (f *running) writersOn(ctx context.Context, s tintype.Shard, n int) (*commenters, error) {
	people, err := f.livingOn(ctx, s, n)
	if err != nil {
		return nil, err
	}
	w := &commenters{url: f.URL(), began: time.Now(), acked: map[string]string{}}
	w.client.Timeout = 20 * time.Second
	w.client.Transport = &http.Transport{MaxIdleConnsPerHost: n}
	for _, m := range people {
		token, err := f.site.Account.Open(ctx, m.User.ID, client())
		if err != nil {
			return nil, err
		}
		w.tokens = append(w.tokens, token)
		posts, _, err := f.site.Post.ByUser(ctx, 0, m.User.ID, tintype.Page{Count: 50})
		if err != nil {
			return nil, err
		}
		for _, p := range posts {
			w.posts = append(w.posts, p.MediaID())
		}
	}
	if len(w.posts) == 0 {
		return nil, fmt.Errorf("nobody on shard %d has a post", s)
	}
	return w, nil
}

// write comments until writing ends; a comment under way is awaited.
func (w *commenters) write(ctx, writing context.Context, who int) error {
	for i := 0; writing.Err() == nil; i++ {
		post := w.posts[(who*31+i)%len(w.posts)]
		began := time.Now()
		id, err := w.comment(ctx, w.tokens[who], post, fmt.Sprintf("comment %d of %d", i, who))
		took := time.Since(began)
		w.sent.Add(1)
		w.mu.Lock()
		w.slowest = max(w.slowest, took)
		if err != nil && w.first == "" {
			w.first = err.Error()
		}
		if err == nil {
			w.acked[id] = post
		}
		w.mu.Unlock()
		if err != nil {
			w.failed.Add(1)
		}
		_ = wait(writing, 5*time.Millisecond) // the loop asks it
	}
	return nil
}

func (w *commenters) comment(ctx context.Context, token, post, text string) (id string, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url+"/v1/media/"+post+"/comments", strings.NewReader("text="+strings.ReplaceAll(text, " ", "+")))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := w.client.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return "", err
	}
	if resp.StatusCode/100 != 2 {
		return "", fmt.Errorf("a comment was answered %s: %.300s", resp.Status, body)
	}
	return commentID(body)
}

func (w *commenters) rate() float64 { return float64(w.sent.Load()) / time.Since(w.began).Seconds() }

func (w *commenters) acknowledged() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.acked)
}

// lost counts the acknowledged comments that are not there.
func (w *commenters) lost(ctx context.Context) (int, error) {
	there := map[string]bool{}
	posts := map[string]bool{}
	for _, p := range w.acked {
		posts[p] = true
	}
	for p := range posts {
		for next := "/v1/media/" + p + "/comments?count=100"; next != ""; {
			if err := ctx.Err(); err != nil {
				return 0, err
			}
			body, err := get(w.url, request{"GET", next, w.tokens[0]})
			if err != nil {
				return 0, err
			}
			if next, err = commentIDs(body, there); err != nil {
				return 0, err
			}
			next = strings.TrimPrefix(next, w.url)
		}
	}
	lost := 0
	for id := range w.acked {
		if !there[id] {
			lost++
		}
	}
	return lost, nil
}

// commentID is the ID in the answer to a comment.
func commentID(body []byte) (string, error) {
	var answer struct{ Data struct{ ID string } }
	err := json.Unmarshal(body, &answer)
	if err == nil && answer.Data.ID == "" {
		err = fmt.Errorf("a comment was answered %.300s", body)
	}
	return answer.Data.ID, err
}

// commentIDs notes the IDs in a page of comments and gives the address of the next, "" if there is none.
func commentIDs(body []byte, into map[string]bool) (next string, err error) {
	var page struct {
		Pagination struct {
			Next string `json:"next_url"`
		}
		Data []struct{ ID string }
	}
	err = json.Unmarshal(body, &page)
	for _, c := range page.Data {
		into[c.ID] = true
	}
	return page.Pagination.Next, err
}
