package bench

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"time"
)

const clients = 32

// The big site of the plan, and the very big one.
const (
	bigPeople, bigPosts = 10_000, 100_000
	largePosts          = 1_000_000
)

// reading measures warm reads over HTTP against a handler that writes the same bytes.
func (b *Bench) reading(ctx context.Context) ([]Row, error) {
	p, s, err := b.served(ctx, bigPeople, bigPosts)
	if err != nil {
		return nil, err
	}
	defer s.stop()
	rows, feed, err := b.feedRows(ctx, s, p)
	if err != nil {
		return rows, err
	}
	for _, w := range []struct {
		work string
		path func(i int) string
		n    int
	}{
		{"one post by ID", func(i int) string { return "/v1/media/" + p.Posts[i%len(p.Posts)].ID.String() }, len(p.Posts)},
		{"a profile page of 20", func(i int) string { return "/v1/users/" + p.Users[i%len(p.Users)].String() + "/media/recent?count=20" }, len(p.Users)},
	} {
		var reqs []request
		for i := range w.n {
			reqs = append(reqs, request{"GET", w.path(i), p.Tokens[i%len(p.Tokens)]})
		}
		reqs = b.visible(s, reqs)
		got, limit, err := b.against(ctx, s, reqs)
		if err != nil {
			return rows, err
		}
		rows = append(rows, atLeast(w.work, "req/s", got, limit, 0.5))
	}
	var reqs []request
	for _, t := range p.Tokens {
		reqs = append(reqs, request{"GET", "/v1/tags/" + url.PathEscape(p.Tag) + "/media/recent?count=20", t})
	}
	if err := warm(s, reqs); err != nil {
		return rows, err
	}
	tag, err := wrk(ctx, s.Base, clients, b.Each, reqs)
	if err != nil {
		return rows, err
	}
	rows = append(rows, atLeast("a tag's page of 20, against the home feed", "req/s", tag, feed, 0.5))
	if !b.Large {
		return rows, nil
	}
	s.stop()
	lp, ls, err := b.served(ctx, bigPeople, largePosts)
	if err != nil {
		return rows, err
	}
	defer ls.stop()
	reqs = feedRequests(lp)
	if err := warm(ls, reqs); err != nil {
		return rows, err
	}
	large, err := wrk(ctx, ls.Base, clients, b.Each, reqs)
	if err != nil {
		return rows, err
	}
	return append(rows, atLeast("home feed with 1,000,000 posts, against 100,000", "req/s", large, feed, 0.8)), nil
}

func feedRequests(p *plant) []request {
	var reqs []request
	for _, t := range p.Tokens {
		reqs = append(reqs, request{"GET", "/v1/users/self/feed?count=20", t})
	}
	return reqs
}

// feedRows gives the rows of the home feed, and its rate.
func (b *Bench) feedRows(ctx context.Context, s *server, p *plant) ([]Row, float64, error) {
	reqs := feedRequests(p)
	got, limit, err := b.against(ctx, s, reqs)
	if err != nil {
		return nil, 0, err
	}
	rows := []Row{atLeast("home feed, 20 posts, 100,000 posts, 32 clients", "req/s", got, limit, 0.5)}
	took, err := atRate(ctx, s.Base, got/2, clients, b.Each, reqs)
	if err != nil {
		return rows, got, err
	}
	return append(rows, below("home feed, p99 at half that load", "ms", ms(percentile(took, 0.99)), 10)), got, nil
}

// against measures reqs on the site and on a bare handler that writes as many
// bytes as the middle one of the answers. The two take turns, so that a change
// of the machine's mood meets both.
func (b *Bench) against(ctx context.Context, s *server, reqs []request) (got, limit float64, err error) {
	if err := warm(s, reqs); err != nil {
		return 0, 0, err
	}
	body, err := middle(s, reqs)
	if err != nil {
		return 0, 0, err
	}
	bare, err := b.bare(ctx, body)
	if err != nil {
		return 0, 0, err
	}
	defer bare.stop()
	const turns = 2
	for range turns {
		g, err := wrk(ctx, s.Base, clients, b.Each/turns, reqs)
		if err != nil {
			return 0, 0, err
		}
		l, err := wrk(ctx, bare.Base, clients, b.Each/turns, reqs)
		if err != nil {
			return 0, 0, err
		}
		got, limit = got+g/turns, limit+l/turns
	}
	return got, limit, nil
}

func warm(s *server, reqs []request) error {
	for range 2 {
		for _, r := range reqs {
			if _, err := get(s.Base, r); err != nil {
				return err
			}
		}
	}
	return nil
}

// middle is the answer of middle length.
func middle(s *server, reqs []request) ([]byte, error) {
	var bodies [][]byte
	for _, r := range reqs {
		body, err := get(s.Base, r)
		if err != nil {
			return nil, err
		}
		bodies = append(bodies, body)
	}
	return sortedByLen(bodies)[len(bodies)/2], nil
}

// visible leaves out what the viewer may not see (private people), so that every answer is a full one.
func (b *Bench) visible(s *server, reqs []request) []request {
	var out []request
	for _, r := range reqs {
		if _, err := get(s.Base, r); err == nil {
			out = append(out, r)
		}
	}
	return out
}

// starting measures start-up, idle memory and the first feed after a restart.
func (b *Bench) starting(ctx context.Context) ([]Row, error) {
	p, err := b.build(ctx, bigPeople, bigPosts)
	if err != nil {
		return nil, err
	}
	var ready, first []time.Duration
	var rss float64
	for i := range 11 {
		s, err := b.serve(ctx, p.Dir)
		if err != nil {
			return nil, err
		}
		began := time.Now()
		if _, err := get(s.Base, request{"GET", "/v1/users/self/feed?count=20", p.Tokens[i]}); err != nil {
			s.stop()
			return nil, err
		}
		first, ready = append(first, time.Since(began)), append(ready, s.Ready)
		if i == 0 {
			time.Sleep(5 * time.Second) // idle: what starting up needed has been given back or has not
			if rss, err = s.rss(); err != nil {
				s.stop()
				return nil, err
			}
		}
		s.stop()
	}
	return []Row{
		below("first feed after a restart, p50 of 11", "ms", ms(median(first)), 5),
		below("start to first answer, median of 11", "ms", ms(median(ready)), 300),
		below("idle memory (resident)", "MB", rss, 60),
	}, nil
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func median(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/2]
}

func sortedByLen(b [][]byte) [][]byte {
	slices.SortFunc(b, func(x, y []byte) int { return cmp.Compare(len(x), len(y)) })
	return b
}
