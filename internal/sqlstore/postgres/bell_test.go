package postgres

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tintype/tintype/internal/testpg"
)

// TestBell rings for many commits and hears each queue at least once, and the last ring of a bell that is closed.
func TestBell(t *testing.T) {
	t.Parallel()
	dsn := testpg.Start(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if _, err := conn.Exec(ctx, `LISTEN "public.river_insert"`); err != nil {
		t.Fatal(err)
	}
	pool, err := pgxpool.New(ctx, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	b := &bell{pool: pool, pending: map[string]bool{}}
	for range 200 {
		b.ring([]string{"edges", "deliver"})
	}
	b.ring([]string{"upkeep"})
	b.close()
	b.ring([]string{"removal"}) // too late: nobody is told, nothing panics
	heard := map[string]int{}
	for len(heard) < 3 {
		n, err := conn.WaitForNotification(ctx)
		if err != nil {
			t.Fatalf("heard %v: %v", heard, err)
		}
		heard[n.Payload]++
	}
	for _, q := range []string{"edges", "deliver", "upkeep"} {
		if heard[`{"queue": "`+q+`"}`] == 0 {
			t.Errorf("queue %s was not rung for: %v", q, heard)
		}
	}
}
