package mirror_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/tintype/tintype/internal/blob"
	"github.com/tintype/tintype/internal/blob/blobtest"
	"github.com/tintype/tintype/internal/blob/localdisk"
	"github.com/tintype/tintype/internal/blob/mirror"
	"github.com/tintype/tintype/internal/tintype"
)

func disk(t *testing.T) *localdisk.Store {
	t.Helper()
	s, err := localdisk.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestConformance(t *testing.T) {
	t.Parallel()
	blobtest.Run(t, func(t *testing.T) blob.Store { return mirror.New(disk(t), disk(t), t.TempDir()) })
}

func put(t *testing.T, s blob.Store, key, text string) {
	t.Helper()
	if _, err := s.Put(t.Context(), key, strings.NewReader(text)); err != nil {
		t.Fatal(err)
	}
}

func get(t *testing.T, s blob.Store, key string) string {
	t.Helper()
	f, err := s.Open(t.Context(), key)
	if tintype.IsKind(err, tintype.NotFound) {
		return "absent"
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestMove(t *testing.T) {
	t.Parallel()
	from, to := disk(t), disk(t)
	for i := range 50 {
		put(t, from, fmt.Sprintf("o/%d", i), fmt.Sprint("old ", i))
	}
	m := mirror.New(to, from, t.TempDir())
	if got := get(t, m, "o/7"); got != "old 7" {
		t.Errorf("an old file reads %q", got)
	}
	put(t, m, "o/new", "new")
	for name, s := range map[string]blob.Store{"new store": to, "old store": from} {
		if got := get(t, s, "o/new"); got != "new" {
			t.Errorf("the %s has %q for a new file", name, got)
		}
	}
	if err := m.Delete(t.Context(), "o/new", "o/8"); err != nil {
		t.Fatal(err)
	}
	put(t, to, "o/9", "broken") // as a copy that another program left
	stats, err := blob.Copy(t.Context(), from, to, blob.CopyOptions{Compare: true})
	if err != nil || stats.Differing != 49 || stats.Copied != 0 {
		t.Errorf("Compare: %+v, %v; want 49 differing", stats, err)
	}
	told := 0
	stats, err = blob.Copy(t.Context(), from, to, blob.CopyOptions{Progress: func(blob.CopyStats) { told++ }})
	if err != nil || stats.Files != 49 || stats.Copied != 49 || told != 49 {
		t.Errorf("Copy: %+v, %v, told %d times; want 49 copied", stats, err, told)
	}
	stats, err = blob.Copy(t.Context(), from, to, blob.CopyOptions{})
	if err != nil || stats.Same != 49 || stats.Copied != 0 {
		t.Errorf("Copy again: %+v, %v; want 49 the same", stats, err)
	}
	for key, want := range map[string]string{"o/7": "old 7", "o/8": "absent", "o/9": "old 9", "o/new": "absent"} {
		if got := get(t, to, key); got != want {
			t.Errorf("after the move %s is %q, want %q", key, got, want)
		}
	}
	n := 0
	for _, err := range m.List(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	if n != 49 {
		t.Errorf("the mirror lists %d files, want each of 49 once", n)
	}
}

// A file that is deleted while it is on its way does not come back.
func TestDeletedOnTheWay(t *testing.T) {
	t.Parallel()
	from, to := disk(t), disk(t)
	put(t, from, "o/1", "text")
	m := mirror.New(to, from, t.TempDir())
	stats, err := blob.Copy(t.Context(), from, deletesAfter{to, from}, blob.CopyOptions{})
	if err != nil || stats.Gone != 1 || stats.Copied != 0 {
		t.Errorf("Copy: %+v, %v; want one gone", stats, err)
	}
	if got := get(t, m, "o/1"); got != "absent" {
		t.Errorf("a deleted file came back: %q", got)
	}
}

// deletesAfter is a store after each of whose Puts somebody deletes the file from another.
type deletesAfter struct {
	blob.Store
	from blob.Store
}

func (d deletesAfter) Put(ctx context.Context, key string, r io.Reader) (blob.Info, error) {
	// From the source alone: that the target's goes, too, is for Copy to see to.
	info, err := d.Store.Put(ctx, key, r)
	return info, errors.Join(err, d.from.Delete(ctx, key))
}

// full is a store that takes nothing.
type full struct{ blob.Store }

func (full) Put(context.Context, string, io.Reader) (blob.Info, error) {
	return blob.Info{}, tintype.Errorf(tintype.Full, "full")
}

func TestNewStoreRefuses(t *testing.T) {
	t.Parallel()
	from := disk(t)
	m := mirror.New(full{disk(t)}, from, t.TempDir())
	if _, err := m.Put(t.Context(), "o/1", strings.NewReader("x")); !tintype.IsKind(err, tintype.Full) {
		t.Errorf("Put: %v, want Full", err)
	}
	if got := get(t, from, "o/1"); got != "absent" {
		t.Errorf("after a failed Put the old store has %q", got)
	}
}

// away is a store that does not answer.
type away struct{ blob.Store }

func (away) Open(context.Context, string) (blob.File, error) {
	return nil, tintype.Errorf(tintype.Unavailable, "away")
}

func TestNewStoreIsAway(t *testing.T) {
	t.Parallel()
	from := disk(t)
	put(t, from, "o/1", "old")
	m := mirror.New(away{disk(t)}, from, t.TempDir())
	if got := get(t, m, "o/1"); got != "old" {
		t.Errorf("a file that the old store has reads %q", got)
	}
	if _, err := m.Open(t.Context(), "o/2"); !tintype.IsKind(err, tintype.Unavailable) {
		t.Errorf("a file that only the new store may have: %v, want Unavailable", err)
	}
}

func TestCopyEnds(t *testing.T) {
	t.Parallel()
	from := disk(t)
	for i := range 20 {
		put(t, from, fmt.Sprintf("o/%d", i), "x")
	}
	if _, err := blob.Copy(t.Context(), from, full{disk(t)}, blob.CopyOptions{}); !tintype.IsKind(err, tintype.Full) {
		t.Errorf("Copy into a full store: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	_, err := blob.Copy(ctx, from, disk(t), blob.CopyOptions{Workers: 1, Progress: func(blob.CopyStats) { cancel() }})
	if !tintype.IsKind(err, tintype.Unavailable) {
		t.Errorf("a copy that was broken off: %v", err)
	}
}
