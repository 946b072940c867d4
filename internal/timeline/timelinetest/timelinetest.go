// Package timelinetest is the conformance suite of the timeline contract.
package timelinetest

import (
	"context"
	"slices"
	"sync"
	"testing"

	"github.com/tintype/tintype/internal/timeline"
	"github.com/tintype/tintype/internal/tintype"
)

// Run runs the suite. user gives a fresh owner, wherever the store keeps it.
func Run(t *testing.T, s timeline.Store, user func() tintype.ID) {
	x := &suite{Store: s, user: user}
	// One after the other: an expensive store is opened once, and owners are fresh in each.
	for _, c := range []struct {
		name string
		run  func(*suite, *testing.T)
	}{
		{"absent is not empty", (*suite).absent},
		{"append", (*suite).append},
		{"pages", (*suite).pages},
		{"remove", (*suite).remove},
		{"merge", (*suite).merge},
		{"replace and forget", (*suite).replace},
		{"bound", (*suite).bound},
		{"many owners", (*suite).many},
		{"any order", (*suite).anyOrder},
		{"late into a full one", (*suite).late},
		{"repeats", (*suite).repeats},
		{"at the same time", (*suite).together},
	} {
		t.Run(c.name, func(t *testing.T) { c.run(x, t) })
	}
}

type suite struct {
	timeline.Store
	user func() tintype.ID
	last tintype.ID
}

// id gives IDs that increase.
func (s *suite) id() tintype.ID {
	s.last++
	return tintype.MakeID(1_600_000_000_000, 0, 0) + s.last
}

// built gives n owners with empty timelines.
func (s *suite) built(t *testing.T, n int) []tintype.ID {
	t.Helper()
	var out []tintype.ID
	for range n {
		u := s.user()
		ok(t, s.Replace(t.Context(), u, nil))
		out = append(out, u)
	}
	return out
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (s *suite) want(t *testing.T, owner tintype.ID, want ...tintype.ID) {
	t.Helper()
	got, built, err := s.Range(t.Context(), owner, tintype.Page{Count: timeline.Max})
	ok(t, err)
	if !built || !slices.Equal(got, want) {
		t.Errorf("timeline of %v is %v (built %v), want %v", owner, got, built, want)
	}
}

func (s *suite) wantAbsent(t *testing.T, owner tintype.ID) {
	t.Helper()
	got, built, err := s.Range(t.Context(), owner, tintype.Page{Count: 10})
	ok(t, err)
	if built || len(got) > 0 {
		t.Errorf("timeline of %v is built with %v, want it absent", owner, got)
	}
}

func (s *suite) absent(t *testing.T) {
	ctx, u := t.Context(), s.user()
	s.wantAbsent(t, u)
	added, err := s.Append(ctx, []tintype.ID{u}, s.id())
	ok(t, err)
	if len(added) > 0 {
		t.Errorf("added to %v, which is absent", added)
	}
	ok(t, s.Merge(ctx, u, []tintype.ID{s.id()}, false))
	ok(t, s.Remove(ctx, []tintype.ID{u}, s.id()))
	ok(t, s.Forget(ctx, []tintype.ID{u}))
	s.wantAbsent(t, u)
	ok(t, s.Replace(ctx, u, nil))
	s.want(t, u)
}

func (s *suite) append(t *testing.T) {
	ctx := t.Context()
	o := s.built(t, 3)
	away := s.user()
	a, b, c := s.id(), s.id(), s.id()
	added, err := s.Append(ctx, []tintype.ID{o[0], away, o[1]}, b)
	ok(t, err)
	slices.Sort(added)
	want := []tintype.ID{o[0], o[1]}
	slices.Sort(want)
	if !slices.Equal(added, want) {
		t.Errorf("added to %v, want %v", added, want)
	}
	for _, id := range []tintype.ID{a, c, a} { // late, early, twice
		_, err = s.Append(ctx, []tintype.ID{o[0]}, id)
		ok(t, err)
	}
	if added, err = s.Append(ctx, []tintype.ID{o[0], o[2]}, a); err != nil || !slices.Equal(added, []tintype.ID{o[2]}) {
		t.Errorf("added to %v, %v; only to the one that did not have it", added, err)
	}
	s.want(t, o[0], c, b, a)
	s.want(t, o[1], b)
	s.want(t, o[2], a)
	s.wantAbsent(t, away)
	if added, err := s.Append(ctx, nil, a); err != nil || len(added) > 0 {
		t.Errorf("no owners: %v %v", added, err)
	}
}

func (s *suite) pages(t *testing.T) {
	ctx, u := t.Context(), s.user()
	var ids []tintype.ID
	for range 10 {
		ids = append(ids, s.id())
	}
	ok(t, s.Replace(ctx, u, ids))
	slices.Reverse(ids) // newest first, as they come out
	for _, c := range []struct {
		name string
		page tintype.Page
		want []tintype.ID
	}{
		{"newest", tintype.Page{Count: 3}, ids[:3]},
		{"below", tintype.Page{Count: 3, Max: ids[2]}, ids[3:6]},
		{"below one that is not there", tintype.Page{Count: 3, Max: ids[0] + 1}, ids[:3]},
		{"above", tintype.Page{Count: 5, Min: ids[2]}, ids[:2]},
		{"between", tintype.Page{Count: 5, Max: ids[1], Min: ids[4]}, ids[2:4]},
		{"the end", tintype.Page{Count: 5, Max: ids[7]}, ids[8:]},
		{"beyond the end", tintype.Page{Count: 5, Max: ids[9]}, nil},
		{"none", tintype.Page{Count: 0}, nil},
	} {
		got, _, err := s.Range(ctx, u, c.page)
		ok(t, err)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	if _, built, err := s.Range(ctx, u, tintype.Page{Count: 5, Max: ids[9]}); err != nil || !built {
		t.Errorf("beyond the end: built %v, %v", built, err)
	}
}

func (s *suite) remove(t *testing.T) {
	ctx := t.Context()
	o := s.built(t, 2)
	a, b := s.id(), s.id()
	for _, id := range []tintype.ID{a, b} {
		_, err := s.Append(ctx, o, id)
		ok(t, err)
	}
	ok(t, s.Remove(ctx, []tintype.ID{o[0], s.user()}, a))
	ok(t, s.Remove(ctx, []tintype.ID{o[0]}, a))
	ok(t, s.Remove(ctx, nil, a))
	s.want(t, o[0], b)
	s.want(t, o[1], b, a)
	ok(t, s.Remove(ctx, o, b))
	s.want(t, o[0]) // empty is still built
}

func (s *suite) merge(t *testing.T) {
	ctx := t.Context()
	o := s.built(t, 2)
	a, b, c, d := s.id(), s.id(), s.id(), s.id()
	ok(t, s.Merge(ctx, o[0], []tintype.ID{b, d}, false))
	ok(t, s.Merge(ctx, o[0], []tintype.ID{d, a, c}, false))
	s.want(t, o[0], d, c, b, a)
	ok(t, s.Merge(ctx, o[0], []tintype.ID{c, a, s.id()}, true))
	s.want(t, o[0], d, b)
	ok(t, s.Merge(ctx, o[0], nil, false))
	ok(t, s.Merge(ctx, o[0], nil, true))
	s.want(t, o[0], d, b)
	s.want(t, o[1])
}

func (s *suite) replace(t *testing.T) {
	ctx := t.Context()
	o := s.built(t, 2)
	a, b, c := s.id(), s.id(), s.id()
	ok(t, s.Replace(ctx, o[0], []tintype.ID{a, b}))
	s.want(t, o[0], b, a)
	ok(t, s.Replace(ctx, o[0], []tintype.ID{c}))
	s.want(t, o[0], c)
	s.want(t, o[1])
	ok(t, s.Replace(ctx, o[1], []tintype.ID{a}))
	ok(t, s.Forget(ctx, []tintype.ID{o[0]}))
	s.wantAbsent(t, o[0])
	s.want(t, o[1], a)
	ok(t, s.Replace(ctx, o[0], nil))
	s.want(t, o[0]) // what was there before does not come back
}

// bound: however much is put in, no more than twice the maximum is kept, and
// what is kept is the newest.
func (s *suite) bound(t *testing.T) {
	ctx, u := t.Context(), s.user()
	const n = 3 * timeline.Max
	ids := make([]tintype.ID, n)
	for i := range ids {
		ids[i] = s.id()
	}
	ok(t, s.Replace(ctx, u, nil))
	for part := range slices.Chunk(ids, 300) {
		ok(t, s.Merge(ctx, u, part, false))
	}
	for _, id := range []tintype.ID{s.id(), s.id(), s.id()} {
		_, err := s.Append(ctx, []tintype.ID{u}, id)
		ok(t, err)
		ids = append(ids, id)
	}
	slices.Reverse(ids)
	var got []tintype.ID
	for page := (tintype.Page{Count: 400}); ; page.Max = got[len(got)-1] {
		part, _, err := s.Range(ctx, u, page)
		ok(t, err)
		if len(part) == 0 {
			break
		}
		got = append(got, part...)
	}
	if len(got) < timeline.Max || len(got) > 2*timeline.Max || !slices.Equal(got, ids[:len(got)]) {
		t.Errorf("%d IDs are kept of %d; want the newest %d to %d", len(got), len(ids), timeline.Max, 2*timeline.Max)
	}
	if all, _, err := s.Range(ctx, u, tintype.Page{Count: 10 * timeline.Max}); err != nil || len(all) > timeline.Max {
		t.Errorf("a page of %d, %v", len(all), err)
	}
}

// many: appends to the same owners keep every timeline within its bound too.
func (s *suite) many(t *testing.T) {
	ctx := t.Context()
	o := s.built(t, 150)
	post := s.id()
	added, err := s.Append(ctx, append(slices.Clone(o), s.user()), post)
	ok(t, err)
	slices.Sort(added)
	slices.Sort(o)
	if !slices.Equal(added, o) {
		t.Errorf("added to %d of %d owners", len(added), len(o))
	}
	for _, u := range []tintype.ID{o[0], o[75], o[149]} {
		s.want(t, u, post)
	}
	ok(t, s.Remove(ctx, o, post))
	s.want(t, o[149])
	u := o[0]
	filling := make([]tintype.ID, timeline.Max)
	for i := range filling {
		filling[i] = s.id()
	}
	ok(t, s.Replace(ctx, u, filling))
	const more = 900 // some of these appends trim; that none does would be one chance in a million
	for range more {
		_, err := s.Append(ctx, []tintype.ID{u}, s.id())
		ok(t, err)
	}
	tail, _, err := s.Range(ctx, u, tintype.Page{Count: timeline.Max, Max: filling[more]})
	ok(t, err)
	if len(tail) >= more {
		t.Errorf("%d IDs beyond the maximum after %d appends; they are trimmed now and then", len(tail), more)
	}
	head, _, err := s.Range(ctx, u, tintype.Page{Count: timeline.Max})
	ok(t, err)
	if len(head) != timeline.Max || head[0] != tintype.MakeID(1_600_000_000_000, 0, 0)+s.last {
		t.Errorf("%d newest, from %v", len(head), head[0])
	}
}

// anyOrder: IDs come as jobs are worked, not as posts are published, and some
// are of long ago, with fewer digits; they stand in order all the same.
func (s *suite) anyOrder(t *testing.T) {
	ctx := t.Context()
	o := s.built(t, 3)
	var ids []tintype.ID
	for i := range 40 {
		// From the first millisecond that there is, half a year apart.
		ids = append(ids, tintype.MakeID(tintype.EpochMillis+int64(i)*15_811_200_000, tintype.Shard(i), uint16(i+1)))
	}
	const step = 17 // has no factor in common with 40
	for i := range ids {
		id := ids[(i*step)%len(ids)]
		if added, err := s.Append(ctx, o[:2], id); err != nil || len(added) != 2 {
			t.Fatalf("added %v to %v, %v", id, added, err)
		}
		ok(t, s.Merge(ctx, o[2], []tintype.ID{id, ids[0]}, false))
	}
	want := slices.Clone(ids)
	slices.Reverse(want)
	for _, u := range o {
		s.want(t, u, want...)
	}
	for i, max := range want {
		got, _, err := s.Range(ctx, o[0], tintype.Page{Count: 3, Max: max})
		ok(t, err)
		if rest := want[i+1:]; !slices.Equal(got, rest[:min(3, len(rest))]) {
			t.Errorf("below %v: %v", max, got)
		}
	}
	ok(t, s.Merge(ctx, o[0], ids[3:30], true))
	s.want(t, o[0], append(slices.Clone(want[:10]), want[37:]...)...)
	ok(t, s.Replace(ctx, o[1], append(slices.Clone(ids[20:]), ids[:20]...)))
	s.want(t, o[1], want...)
}

// late: into a timeline that is as long as it gets, late ones go to their place
// among the newest, and what is built from too many is the newest of them.
func (s *suite) late(t *testing.T) {
	ctx, u := t.Context(), s.user()
	var there, late []tintype.ID
	for i := range timeline.Max {
		there = append(there, s.id())
		if i%4 == 0 {
			late = append(late, s.id())
		}
	}
	ok(t, s.Replace(ctx, u, there))
	slices.Reverse(late) // the newest first
	for _, id := range late {
		_, err := s.Append(ctx, []tintype.ID{u}, id)
		ok(t, err)
	}
	all := slices.Sorted(slices.Values(append(late, there...)))
	slices.Reverse(all)
	s.want(t, u, all[:timeline.Max]...)
	got, built, err := s.Range(ctx, u, tintype.Page{Count: timeline.Max, Max: all[timeline.Max-1]})
	ok(t, err)
	if !built || !slices.IsSortedFunc(got, func(a, b tintype.ID) int { return int(b - a) }) {
		t.Errorf("beyond the maximum: %d IDs (built %v), out of order", len(got), built)
	}
	ok(t, s.Remove(ctx, []tintype.ID{u}, all[0]))
	got, _, err = s.Range(ctx, u, tintype.Page{Count: 10})
	ok(t, err)
	if !slices.Equal(got, all[1:11]) {
		t.Errorf("after the newest was removed: %v, want %v", got, all[1:11])
	}
}

// repeats: what is given twice is there once.
func (s *suite) repeats(t *testing.T) {
	ctx := t.Context()
	o := s.built(t, 2)
	a, b, c := s.id(), s.id(), s.id()
	ok(t, s.Replace(ctx, o[0], []tintype.ID{b, a, b, a}))
	s.want(t, o[0], b, a)
	ok(t, s.Merge(ctx, o[0], []tintype.ID{c, c, a}, false))
	s.want(t, o[0], c, b, a)
	d := s.id()
	added, err := s.Append(ctx, []tintype.ID{o[0], o[1], o[0]}, d)
	ok(t, err)
	slices.Sort(added)
	want := slices.Sorted(slices.Values(o))
	if !slices.Equal(added, want) {
		t.Errorf("an owner named twice: added to %v, want %v", added, want)
	}
	s.want(t, o[0], d, c, b, a)
	ok(t, s.Merge(ctx, o[0], []tintype.ID{d, d, a, a}, true))
	ok(t, s.Remove(ctx, []tintype.ID{o[0], o[0]}, c))
	s.want(t, o[0], b)
	ok(t, s.Forget(ctx, []tintype.ID{o[0], o[0]}))
	s.wantAbsent(t, o[0])
}

// together: concurrent appends, repeats and pages lose nothing, and a walk down
// the pages gives each ID at most once and skips none that was there before.
func (s *suite) together(t *testing.T) {
	ctx := context.WithoutCancel(t.Context())
	o := s.built(t, 8)
	var before, after []tintype.ID
	for range 60 {
		before = append(before, s.id())
	}
	for _, u := range o {
		ok(t, s.Replace(ctx, u, before))
	}
	for range 40 {
		after = append(after, s.id())
	}
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for _, id := range after {
				if _, err := s.Append(ctx, o, id); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for _, u := range o[:3] {
		wg.Go(func() {
			for range 5 {
				seen := map[tintype.ID]bool{}
				for page := (tintype.Page{Count: 7}); ; {
					ids, _, err := s.Range(ctx, u, page)
					if err != nil {
						t.Error(err)
						return
					}
					for _, id := range ids {
						if seen[id] || page.Max != 0 && id >= page.Max {
							t.Errorf("%v came twice or out of order", id)
						}
						seen[id], page.Max = true, id
					}
					if len(ids) < page.Count {
						break
					}
				}
				for _, id := range before {
					if !seen[id] {
						t.Errorf("%v was skipped", id)
					}
				}
			}
		})
	}
	wg.Wait()
	all := append(slices.Clone(before), after...)
	slices.Reverse(all)
	for _, u := range o {
		s.want(t, u, all...)
	}
}
