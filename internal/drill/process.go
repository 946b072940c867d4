package drill

import (
	"context"
	"fmt"
	"time"
)

// process kills an API and a worker process. What was under way there is lost, a write being nothing that nginx may
// repeat; everything else goes on.
func process(ctx context.Context, s *Site) (string, error) {
	l := s.load(ctx)
	defer l.stop()
	before, err := l.calm(ctx)
	if err != nil {
		return "", err
	}
	begin := time.Now()
	for _, name := range []string{"api-1", "work-1"} {
		if err := s.Fleet.Kill(name); err != nil {
			return "", err
		}
	}
	if err := s.pause(ctx, 5*time.Second); err != nil {
		return "", err
	}
	for _, name := range []string{"api-1", "work-1"} {
		if err := s.Fleet.StartMember(ctx, name); err != nil {
			return "", err
		}
	}
	recovery, err := l.recovered(ctx, before)
	f := l.between(begin, time.Now())
	line := fmt.Sprintf("an API and a worker process killed: %v (before: p99 %d ms), as before after %.0f s", f, before.p99.Milliseconds(), recovery.Seconds())
	// Each client has one request under way at most.
	if err == nil && f.failed > clients {
		err = fmt.Errorf("%d requests failed %v, the first: %s", f.failed, f.byKind, f.first)
	}
	if err == nil && f.byKind["feed"]+f.byKind["post"] > 0 {
		err = fmt.Errorf("reads failed %v, the first: %s", f.byKind, f.first)
	}
	return line, err
}
