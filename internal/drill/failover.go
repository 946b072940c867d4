package drill

import (
	"context"
	"fmt"
	"time"
)

// pooler kills the PgBouncer that processes go to first.
func pooler(ctx context.Context, s *Site) (string, error) {
	l := s.load(ctx)
	defer l.stop()
	before, err := l.calm(ctx)
	if err != nil {
		return "", err
	}
	begin := time.Now()
	if err := s.Fleet.Kill("pgbouncer-1"); err != nil {
		return "", err
	}
	recovery, err := l.recovered(ctx, before)
	if err != nil {
		return "", err
	}
	if err := s.Fleet.StartMember(ctx, "pgbouncer-1"); err != nil {
		return "", err
	}
	f := l.between(begin, time.Now())
	return fmt.Sprintf("a PgBouncer killed: %v (before: p99 %d ms), as before after %.0f s without it", f, before.p99.Milliseconds(), recovery.Seconds()), nil
}

// failover kills the primary of the database that holds the directory. A standby takes its place; nothing that was
// acknowledged is lost; the old primary comes back as a standby and takes no writes.
func failover(ctx context.Context, s *Site) (string, error) {
	if err := s.Fleet.AwaitSync(ctx); err != nil { // a drill before this one may have cost a standby
		return "", err
	}
	old, standby := s.Fleet.Nodes("a")
	l := s.load(ctx)
	defer l.stop()
	before, err := l.calm(ctx)
	if err != nil {
		return "", err
	}
	killed := time.Now()
	if err := s.Fleet.Kill(old); err != nil {
		return "", err
	}
	recovery, err := l.recovered(ctx, before)
	if err != nil {
		return "", err
	}
	f := l.between(killed, time.Now())
	writes := l.pauseOf(killed, "like", "comment", "unlike")
	if now, _ := s.Fleet.Nodes("a"); now != standby {
		return "", fmt.Errorf("the primary of a is %s, not %s", now, standby)
	}
	// The old one comes back, and may not take writes.
	started := time.Now()
	if err := s.Fleet.StartMember(ctx, old); err != nil {
		return "", err
	}
	if err := s.Fleet.RefusesWrites(ctx, old); err != nil {
		return "", err
	}
	if err := s.Fleet.AwaitSync(ctx); err != nil {
		return "", err
	}
	back := time.Since(started)
	l.stop()
	acknowledged, lost, err := l.lost(ctx)
	line := fmt.Sprintf("primary %s killed, %s promoted: writes everywhere again after %.1f s, as before after %.0f s; meanwhile %v; %d of %d acknowledged writes lost; %s came back as a standby that refuses writes, and counts as one after %.0f s",
		old, standby, writes.Seconds(), recovery.Seconds(), f, lost, acknowledged, old, back.Seconds())
	if err == nil && lost > 0 {
		err = fmt.Errorf("%d acknowledged writes are lost", lost)
	}
	if err == nil && acknowledged == 0 {
		err = fmt.Errorf("nothing was acknowledged, so nothing was shown")
	}
	return line, err
}

// pauseOf is how long after a moment the last request of some kinds failed.
func (l *load) pauseOf(since time.Time, kinds ...string) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	var last time.Duration
	for _, s := range l.samples {
		if s.failed != "" && has(kinds, s.kind) && s.at.After(since) {
			last = max(last, s.at.Sub(since))
		}
	}
	return last
}
