package bench

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"time"

	"github.com/tintype/tintype/internal/sqlstore/sqlite"
	"github.com/tintype/tintype/internal/tintype"
)

const writers = 64

// liking measures durable likes and comments over HTTP against bare
// transactions of the same rows, one fsync each, and how long the work that a
// minute of likes caused goes on after it.
func (b *Bench) liking(ctx context.Context) ([]Row, error) {
	p, s, err := b.served(ctx, bigPeople, bigPosts)
	if err != nil {
		return nil, err
	}
	defer s.stop()
	var paths []string
	for _, post := range p.Public {
		paths = append(paths, "/v1/media/"+post.String()+"/likes")
	}
	likes, err := wrkPairs(ctx, s.Base, writers, time.Minute, "POST", p.Tokens, paths, "")
	if err != nil {
		return nil, err
	}
	drained, err := b.drain(ctx, s)
	if err != nil {
		return nil, err
	}
	bareLikes, err := b.bareWrites(ctx, `INSERT INTO my_likes (user_id, post_id, op, state) VALUES ($1, $2, $3, 2)`)
	if err != nil {
		return nil, err
	}
	rows := []Row{
		atLeast("likes, durable before the answer, 64 clients, a minute", "/s", likes, bareLikes, 1.5),
		below("the work of that minute of likes, done after", "s", drained.Seconds(), 10),
	}
	for i := range paths {
		paths[i] = "/v1/media/" + p.Public[i].String() + "/comments"
	}
	comments, err := wrkPairs(ctx, s.Base, writers, b.Each, "POST", p.Tokens, paths, "text=What+a+lovely+light")
	if err != nil {
		return rows, err
	}
	bareComments, err := b.bareWrites(ctx, `INSERT INTO comments (post_id, id, user_id, text) VALUES ($1, $3, $2, 'What a lovely light')`)
	if err != nil {
		return rows, err
	}
	return append(rows, atLeast("comments, the same way", "/s", comments, bareComments, 0.75)), nil
}

// drain waits until no job is left, two minutes at most.
func (b *Bench) drain(ctx context.Context, s *server) (time.Duration, error) {
	began := time.Now()
	undone := regexp.MustCompile(`(?m)^tintype_jobs_undone ([0-9.e+]+)`)
	for time.Since(began) < 2*time.Minute {
		body, err := get(s.Base, request{Method: "GET", Path: "/metrics"})
		if err != nil {
			return 0, err
		}
		m := undone.FindSubmatch(body)
		if m == nil {
			return 0, fmt.Errorf("/metrics has no tintype_jobs_undone")
		}
		if n, err := strconv.ParseFloat(string(m[1]), 64); err != nil || n == 0 {
			return time.Since(began), err
		}
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
	return time.Since(began), nil
}

// bareWrites runs one-row transactions, each committed (and so synced) by
// itself, on a file of the same kind on the same disk, and gives their rate.
func (b *Bench) bareWrites(ctx context.Context, insert string) (float64, error) {
	dir, err := os.MkdirTemp(b.Dir, "bare-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	db, err := sqlite.Open(ctx, sqlite.Options{Path: filepath.Join(dir, "bare.db"), Name: "bare", Clock: time.Now})
	if err != nil {
		return 0, err
	}
	defer db.Close()
	pool := db.WritePool()
	st, err := pool.PrepareContext(ctx, insert)
	if err != nil {
		return 0, err
	}
	defer st.Close()
	began, n := time.Now(), 0
	for ; time.Since(began) < b.Each; n++ {
		post := tintype.MakeID(began.UnixMilli(), tintype.Shard(n%tintype.NumShards), uint16(n/tintype.NumShards))
		if err := bareWrite(ctx, pool, st, int64(post), int64(n%100+1), int64(n+1)); err != nil {
			return 0, err
		}
	}
	return float64(n) / time.Since(began).Seconds(), nil
}

func bareWrite(ctx context.Context, pool *sql.DB, st *sql.Stmt, args ...any) error {
	tx, err := pool.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if _, err := tx.StmtContext(ctx, st).ExecContext(ctx, args...); err != nil {
		tx.Rollback()
		return err
	}
	return tx.Commit()
}
