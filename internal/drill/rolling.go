package drill

import (
	"context"
	"fmt"
	"time"
)

// rolling restarts both API processes. Nobody may notice.
func rolling(ctx context.Context, s *Site) (string, error) {
	return unnoticed(ctx, s, "both API processes restarted", func(ctx context.Context) error { return s.Fleet.Roll(ctx) })
}

// unnoticed does something under load that nobody may notice: no request fails, and the site is as fast as before
// within a minute.
func unnoticed(ctx context.Context, s *Site, what string, do func(ctx context.Context) error) (string, error) {
	l := s.load(ctx)
	defer l.stop()
	before, err := l.calm(ctx)
	if err != nil {
		return "", err
	}
	begin := time.Now()
	if err := do(ctx); err != nil {
		return "", err
	}
	took := time.Since(begin)
	recovery, err := l.recovered(ctx, before)
	f := l.between(begin, time.Now())
	line := fmt.Sprintf("%s in %.1f s: %v (before: p99 %d ms), as before after %.0f s", what, took.Seconds(), f, before.p99.Milliseconds(), recovery.Seconds())
	if err == nil && f.failed > 0 {
		err = fmt.Errorf("%d requests failed %v, the first: %s", f.failed, f.byKind, f.first)
	}
	return line, err
}
