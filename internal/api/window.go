package api

import (
	"context"
	"sync"
	"time"

	"github.com/tintype/tintype/internal/tintype"
)

// Calls counts the calls of apps exactly, over all processes of a site.
// redis.Calls provides it.
type Calls interface {
	// Take counts one call in each window of sixty minutes, or in none if one of
	// them is full. place is one for what is counted together.
	Take(ctx context.Context, place string, limits []tintype.CallLimit, now time.Time) ([]tintype.CallCount, error)
}

// windows counts the calls of apps in this process, in any sixty minutes. Where there are several
// processes they count together, and this is what goes on while they cannot.
// Memory is bounded: a restart, and very many apps at once, forgive.
type windows struct {
	clock  tintype.Clock
	shared Calls // nil for none
	mu     sync.Mutex
	m      map[string]*slide
}

// A slide is one window. What was called in one minute of the clock leaves it
// together, when none of it can be younger than sixty minutes.
type slide struct {
	minute  int64 // the last it knows of
	used    int
	refused int
	each    [61]int32 // calls of one minute, by the minute's remainder
}

const maxSlides = 32 << 10

func newWindows(clock tintype.Clock, shared Calls) *windows {
	return &windows{clock: clock, shared: shared, m: map[string]*slide{}}
}

// take counts one call under all limits, or none of them; there is one count for each.
func (w *windows) take(ctx context.Context, place string, limits []tintype.CallLimit) []tintype.CallCount {
	now := w.clock()
	here := w.count(limits, now.Unix())
	if w.shared == nil || fullest(here) > 0 {
		return here
	}
	all, err := w.shared.Take(ctx, place, limits, now)
	if err != nil {
		return here // each process goes by its own count meanwhile
	}
	if fullest(all) > 0 {
		w.undo(limits, now.Unix())
	}
	return all
}

// fullest gives the longest of the times to wait.
func fullest(counts []tintype.CallCount) int {
	wait := 0
	for _, c := range counts {
		wait = max(wait, c.Wait)
	}
	return wait
}

func (w *windows) count(limits []tintype.CallLimit, unix int64) []tintype.CallCount {
	minute, second := unix/60, int(unix%60)
	w.mu.Lock()
	defer w.mu.Unlock()
	out := make([]tintype.CallCount, len(limits))
	wait := 0
	for i, l := range limits {
		s := w.m[l.Key]
		if s == nil {
			if len(w.m) >= maxSlides {
				w.trim(minute)
			}
			s = &slide{minute: minute}
			w.m[l.Key] = s
		}
		s.move(minute)
		out[i].Wait = s.wait(l.Max, minute, second)
		wait = max(wait, out[i].Wait)
	}
	for i, l := range limits {
		s := w.m[l.Key]
		if s == nil { // trimmed in favour of its neighbour
			continue
		}
		switch {
		case wait == 0:
			s.used++
			s.each[s.minute%61]++
			s.refused = 0
		case out[i].Wait > 0:
			s.refused++
		}
		out[i].Used, out[i].Refused = s.used, s.refused
	}
	return out
}

// undo takes back a call that was refused elsewhere.
func (w *windows) undo(limits []tintype.CallLimit, unix int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, l := range limits {
		if s := w.m[l.Key]; s != nil {
			if each := &s.each[max(s.minute, unix/60)%61]; *each > 0 {
				*each--
				s.used--
			}
		}
	}
}

// move brings a window forward to a minute.
func (s *slide) move(minute int64) {
	if minute-s.minute > 60 {
		*s = slide{minute: minute}
		return
	}
	for s.minute < minute {
		s.minute++
		s.used -= int(s.each[s.minute%61])
		s.each[s.minute%61] = 0
	}
}

// wait is how many seconds it takes until a call more is allowed; 0 for at once.
func (s *slide) wait(limit int, minute int64, second int) int {
	if s.used < limit {
		return 0
	}
	rest := s.used
	for m := s.minute - 60; m <= s.minute; m++ {
		if rest -= int(s.each[m%61]); rest < limit {
			return int(m+61-minute)*60 - second
		}
	}
	return 61 * 60 // a limit of none
}

// trim makes room: for what is over, else for whatever comes first.
func (w *windows) trim(minute int64) {
	for k, s := range w.m {
		if minute-s.minute > 60 {
			delete(w.m, k)
		}
	}
	for k := range w.m {
		if len(w.m) < maxSlides*3/4 {
			return
		}
		delete(w.m, k)
	}
}
