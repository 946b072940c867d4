package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/tintype/tintype/internal/app"
	"github.com/tintype/tintype/internal/demo"
	"github.com/tintype/tintype/internal/job"
	"github.com/tintype/tintype/internal/tintype"
)

// fanningOut measures a post's way into 10,000 feeds against one bare
// transaction of the same rows in the same file, and how soon after the answer
// a follower of an author with 1,000 has it.
func (b *Bench) fanningOut(ctx context.Context) ([]Row, error) {
	const fans = 10_000
	dir := filepath.Join(b.Dir, "site-fanout")
	if err := os.RemoveAll(dir); err != nil {
		return nil, err
	}
	a, err := app.Open(ctx, app.Config{Data: dir, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		return nil, err
	}
	now := time.Now()
	bulk := a.Bulk(now)
	b.say("filling a site of %d followers", fans)
	p, rows, err := b.fanoutRows(ctx, a, bulk, now, fans)
	if e := a.Close(); err == nil {
		err = e
	}
	if err != nil {
		return rows, err
	}
	p.Dir = dir
	row, err := b.latency(ctx, p)
	return append(rows, row...), err
}

func (b *Bench) fanoutRows(ctx context.Context, a *app.App, bulk demo.Store, now time.Time, fans int) (*plant, []Row, error) {
	_, err := demo.Fill(ctx, bulk, demo.Files{}, demo.AccountNames{Service: a.Account}, nil, demo.Options{Seed: 2, Now: now, People: fans + 2, Posts: 20_000, Active: fans + 2, Width: 640, Password: "tintype-bench", Shards: a.Shards()}, func(string, int, int) {})
	if err != nil {
		return nil, nil, err
	}
	members, err := a.Members(ctx, 0, fans+2)
	if err != nil {
		return nil, nil, err
	}
	star, modest := members[0].User.ID, members[fans+1].User.ID // the last is followed by hardly anybody else
	var edges []job.Edge
	for i, m := range members[1 : fans+1] {
		op := tintype.MakeID(now.UnixMilli()+int64(i/1000), m.User.ID.Shard(), uint16(i%1000))
		edges = append(edges, job.Edge{User: m.User.ID, Target: star, Op: op})
		if i < 1000 {
			edges = append(edges, job.Edge{User: m.User.ID, Target: modest, Op: op + 1<<22})
		}
	}
	if err := bulk.Follows(ctx, edges); err != nil {
		return nil, nil, err
	}
	var took, bare []time.Duration
	pool := a.Backend.Router.Directory().DB.WritePool()
	for i := range 7 {
		p := &tintype.Post{ID: tintype.MakeID(now.UnixMilli()+int64(i)*1000+5000, star.Shard(), 1), UserID: star, Media: []tintype.Media{{Key: fmt.Sprintf("bench-%d", i), Width: 4, Height: 3}}}
		if err := bulk.Posts(ctx, []*tintype.Post{p}); err != nil {
			return nil, nil, err
		}
		began := time.Now()
		if err := a.Feed.Deliver(ctx, []job.Fanout{{Post: p.ID, Author: star}}); err != nil {
			return nil, nil, err
		}
		took = append(took, time.Since(began))
		var owners []string
		for _, m := range members[1 : fans+1] {
			owners = append(owners, m.User.ID.String())
		}
		began = time.Now()
		res, err := pool.ExecContext(ctx, `INSERT INTO timeline (kind, owner_id, id) SELECT 1, value, $1 FROM json_each($2)`, int64(p.ID)+1, "["+strings.Join(owners, ",")+"]")
		if err != nil {
			return nil, nil, err
		}
		bare = append(bare, time.Since(began))
		if n, err := res.RowsAffected(); err != nil || n != int64(fans) {
			return nil, nil, fmt.Errorf("the bare transaction inserted %d rows: %w", n, err)
		}
	}
	rows := []Row{atLeast("fan-out of one post to 10,000 followers", "rows/s", float64(fans)/median(took).Seconds(), float64(fans)/median(bare).Seconds(), 0.5)}
	p := &plant{}
	for _, m := range []tintype.Member{members[fans+1], members[900]} {
		token, err := a.Account.Open(ctx, m.User.ID, client())
		if err != nil {
			return nil, rows, err
		}
		p.Tokens = append(p.Tokens, token)
	}
	return p, rows, nil
}

// latency publishes through the API and asks a follower's feed until the post is there.
func (b *Bench) latency(ctx context.Context, p *plant) ([]Row, error) {
	s, err := b.serve(ctx, p.Dir)
	if err != nil {
		return nil, err
	}
	defer s.stop()
	author, follower := p.Tokens[0], p.Tokens[1]
	var took []time.Duration
	const rounds, warmUp = 20, 2 // the follower is here before the post is, and the child has started
	for i := range rounds + warmUp {
		jpeg, err := smallJPEG(uint64(i))
		if err != nil {
			return nil, err
		}
		id, err := publish(s.Base, author, jpeg)
		if err != nil {
			return nil, err
		}
		began := time.Now()
		for {
			body, err := get(s.Base, request{"GET", "/v1/users/self/feed?count=1", follower})
			if err != nil {
				return nil, err
			}
			var answer struct{ Data []struct{ ID string } }
			if err := json.Unmarshal(body, &answer); err != nil {
				return nil, err
			}
			if len(answer.Data) > 0 && answer.Data[0].ID == id {
				break
			}
			if time.Since(began) > 5*time.Second {
				return nil, fmt.Errorf("post %s did not reach the follower's feed within 5 s", id)
			}
		}
		if i >= warmUp {
			took = append(took, time.Since(began))
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
	return []Row{
		below("a follower of 1,000 has the post after the 201, p50 of 20", "ms", ms(median(took)), 20),
		below("the same, the slowest of 20", "ms", ms(took[len(took)-1]), 20),
	}, nil
}
