// Package blobtest is the suite that every implementation of blob.Store passes.
package blobtest

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/tintype/tintype/internal/blob"
	"github.com/tintype/tintype/internal/tintype"
)

// Run runs the suite on stores that open gives, each empty.
func Run(t *testing.T, open func(t *testing.T) blob.Store) {
	for _, tt := range []struct {
		name string
		test func(t *testing.T, s blob.Store)
	}{
		{"put and open", putAndOpen},
		{"keys", keys},
		{"absent", absent},
		{"replace", replace},
		{"source fails", sourceFails},
		{"context ends", contextEnds},
		{"ranges", ranges},
		{"delete", deletes},
		{"list", list},
		{"same key at once", sameKey},
		{"delete while open", deleteWhileOpen},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.test(t, open(t))
		})
	}
}

func put(t *testing.T, s blob.Store, key string, data []byte) {
	t.Helper()
	info, err := s.Put(t.Context(), key, bytes.NewReader(data))
	if err != nil {
		t.Fatalf("Put(%q): %v", key, err)
	}
	if info.Key != key || info.Size != int64(len(data)) {
		t.Fatalf("Put(%q) gives %+v, want its key and size %d", key, info, len(data))
	}
}

func get(t *testing.T, s blob.Store, key string) []byte {
	t.Helper()
	f, err := s.Open(t.Context(), key)
	if err != nil {
		t.Fatalf("Open(%q): %v", key, err)
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	if err != nil {
		t.Fatalf("read %q: %v", key, err)
	}
	if info := f.Info(); info.Key != key || info.Size != int64(len(data)) || info.Modified.IsZero() {
		t.Errorf("Info of %q: %+v, want its key, size %d and a time", key, info, len(data))
	}
	return data
}

func noSuch(t *testing.T, s blob.Store, key string) {
	t.Helper()
	f, err := s.Open(t.Context(), key)
	if err == nil {
		f.Close()
	}
	if !tintype.IsKind(err, tintype.NotFound) {
		t.Errorf("Open(%q): %v, want NotFound", key, err)
	}
}

func allKeys(t *testing.T, s blob.Store, prefix string) []string {
	t.Helper()
	var found []string
	for info, err := range s.List(t.Context(), prefix) {
		if err != nil {
			t.Fatalf("List(%q): %v", prefix, err)
		}
		found = append(found, info.Key)
	}
	slices.Sort(found)
	return found
}

func putAndOpen(t *testing.T, s blob.Store) {
	for _, size := range []int{0, 1, 4095, 4096, 1<<20 + 1, 9 << 20} {
		data := make([]byte, size)
		rand.Read(data)
		key := fmt.Sprintf("o/size-%d", size)
		put(t, s, key, data)
		if !bytes.Equal(get(t, s, key), data) {
			t.Errorf("%d bytes came back different", size)
		}
	}
	// A source may give little at a time, and its end with its last bytes.
	info, err := s.Put(t.Context(), "o/slow", iotest.DataErrReader(iotest.OneByteReader(strings.NewReader("slowly"))))
	if err != nil || info.Size != 6 || string(get(t, s, "o/slow")) != "slowly" {
		t.Errorf("a slow source: %+v, %v", info, err)
	}
}

func keys(t *testing.T, s blob.Store) {
	for _, key := range []string{"a", "A-Z_09.jpg", "r/key/640.jpg", "...", "a..b", ".hidden", "b/.b/c.", strings.Repeat("k", blob.MaxKey), strings.Repeat("c/", 99) + "c", "tmp/x"} {
		put(t, s, key, []byte(key))
		if got := get(t, s, key); string(got) != key {
			t.Errorf("under %q is %q", key, got)
		}
	}
	bad := []string{"", "/", "/a", "a/", "a//b", ".", "..", "../a", "a/..", "a/../b", "a/./b", "./a", "a b", "a\x00b", "a\nb", `a\b`, `..\a`,
		"a%2fb", "%2e%2e/a", "a:b", "é", "a\u2215b", "a?b", "a#b", "a*b", "~a", "\xff", strings.Repeat("k", blob.MaxKey+1)}
	for _, key := range bad {
		if _, err := s.Put(t.Context(), key, strings.NewReader("x")); !tintype.IsKind(err, tintype.Invalid) {
			t.Errorf("Put(%q): %v, want Invalid", key, err)
		}
		if f, err := s.Open(t.Context(), key); !tintype.IsKind(err, tintype.Invalid) {
			t.Errorf("Open(%q): %v, want Invalid", key, err)
			if err == nil {
				f.Close()
			}
		}
		if err := s.Delete(t.Context(), key); !tintype.IsKind(err, tintype.Invalid) {
			t.Errorf("Delete(%q): %v, want Invalid", key, err)
		}
	}
}

func absent(t *testing.T, s blob.Store) {
	noSuch(t, s, "o/none")
	put(t, s, "o/some", []byte("x"))
	noSuch(t, s, "o")
	noSuch(t, s, "o/som")
	noSuch(t, s, "o/some/more")
	noSuch(t, s, "O/SOME")
}

func replace(t *testing.T, s blob.Store) {
	put(t, s, "k", []byte("a longer first text"))
	put(t, s, "k", []byte("second"))
	if got := get(t, s, "k"); string(got) != "second" {
		t.Errorf("after a replacement: %q", got)
	}
}

func sourceFails(t *testing.T, s blob.Store) {
	broken := errors.New("the source broke")
	src := func() io.Reader {
		return io.MultiReader(bytes.NewReader(make([]byte, 1<<20)), iotest.ErrReader(broken))
	}
	if _, err := s.Put(t.Context(), "k", src()); !errors.Is(err, broken) {
		t.Errorf("Put from a broken source: %v, want the source's error", err)
	}
	noSuch(t, s, "k")
	put(t, s, "k", []byte("whole"))
	if _, err := s.Put(t.Context(), "k", src()); err == nil {
		t.Error("Put from a broken source succeeded")
	}
	if got := get(t, s, "k"); string(got) != "whole" {
		t.Errorf("a failed replacement left %d bytes", len(got))
	}
	if got := allKeys(t, s, ""); len(got) != 1 {
		t.Errorf("a failed Put is listed: %q", got)
	}
}

func contextEnds(t *testing.T, s blob.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	go func() {
		w.Write(make([]byte, 1<<10))
		cancel()
		w.Write(make([]byte, 1<<10))
		w.Close()
	}()
	_, err := s.Put(ctx, "k", r)
	r.Close()
	if !tintype.IsKind(err, tintype.Unavailable) {
		t.Errorf("Put with a context that ended: %v, want Unavailable", err)
	}
	noSuch(t, s, "k")
}

func ranges(t *testing.T, s blob.Store) {
	data := []byte("0123456789")
	put(t, s, "k", data)
	f, err := s.Open(t.Context(), "k")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, tt := range []struct {
		offset int64
		whence int
		want   string
	}{{3, io.SeekStart, "345"}, {-3, io.SeekEnd, "789"}, {0, io.SeekStart, "012"}, {2, io.SeekCurrent, "567"}, {0, io.SeekEnd, ""}, {20, io.SeekStart, ""}} {
		if _, err := f.Seek(tt.offset, tt.whence); err != nil {
			t.Fatalf("Seek(%d, %d): %v", tt.offset, tt.whence, err)
		}
		b := make([]byte, 3)
		n, err := io.ReadFull(f, b)
		if string(b[:n]) != tt.want || (err == nil) != (n == 3) {
			t.Errorf("after Seek(%d, %d): %q, %v; want %q", tt.offset, tt.whence, b[:n], err, tt.want)
		}
	}
	if end, err := f.Seek(0, io.SeekEnd); err != nil || end != 10 {
		t.Errorf("the end is at %d, %v", end, err)
	}
	if err := iotest.TestReader(reopened(t, s, "k"), data); err != nil {
		t.Error(err)
	}
}

func reopened(t *testing.T, s blob.Store, key string) io.Reader {
	f, err := s.Open(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func deletes(t *testing.T, s blob.Store) {
	for _, k := range []string{"a", "b", "c"} {
		put(t, s, k, []byte(k))
	}
	for range 2 { // twice: absent ones are no error
		if err := s.Delete(t.Context(), "a", "none", "c"); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Delete(t.Context()); err != nil {
		t.Errorf("Delete of nothing: %v", err)
	}
	noSuch(t, s, "a")
	noSuch(t, s, "c")
	if string(get(t, s, "b")) != "b" {
		t.Error("Delete took another file")
	}
	// One bad name does not save the others.
	if err := s.Delete(t.Context(), "../b", "b"); !tintype.IsKind(err, tintype.Invalid) {
		t.Errorf("Delete of a bad name: %v, want Invalid", err)
	}
	put(t, s, "a", []byte("again"))
	if string(get(t, s, "a")) != "again" {
		t.Error("a deleted key cannot be used again")
	}
}

func list(t *testing.T, s blob.Store) {
	if got := allKeys(t, s, ""); len(got) != 0 {
		t.Errorf("an empty store lists %q", got)
	}
	var all []string
	for i := range 30 {
		all = append(all, fmt.Sprintf("o/%02d", i), fmt.Sprintf("r/k%02d/640.jpg", i))
	}
	for _, k := range all {
		put(t, s, k, []byte(k))
	}
	for _, tt := range []struct {
		prefix string
		want   int
	}{{"", 60}, {"o/", 30}, {"o", 30}, {"o/1", 10}, {"r/k07/", 1}, {"r/k07/640.jpg", 1}, {"none", 0}} {
		if got := allKeys(t, s, tt.prefix); len(got) != tt.want {
			t.Errorf("List(%q) gives %d files, want %d", tt.prefix, len(got), tt.want)
		}
	}
	n := 0
	for info, err := range s.List(t.Context(), "o/") {
		if err != nil || info.Size != int64(len(info.Key)) || info.Modified.IsZero() {
			t.Errorf("List gives %+v, %v", info, err)
		}
		if n++; n == 3 {
			break
		}
	}
	for _, err := range s.List(t.Context(), "../") {
		if !tintype.IsKind(err, tintype.Invalid) {
			t.Errorf("List of a bad prefix: %v, want Invalid", err)
		}
	}
}

func sameKey(t *testing.T, s blob.Store) {
	const writers = 8
	data := make([][]byte, writers)
	for i := range data {
		data[i] = bytes.Repeat([]byte{byte('a' + i)}, 200_000+i)
	}
	put(t, s, "k", data[0])
	stop := make(chan struct{})
	var readers, wg sync.WaitGroup
	readers.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			f, err := s.Open(context.WithoutCancel(t.Context()), "k")
			if err != nil {
				t.Errorf("Open while it is replaced: %v", err)
				return
			}
			got, err := io.ReadAll(f)
			f.Close()
			if err != nil || len(got) == 0 || int(got[0]-'a') >= writers || !bytes.Equal(got, data[got[0]-'a']) {
				t.Errorf("while it is replaced a file reads as a mixture (%d bytes, %v)", len(got), err)
				return
			}
		}
	})
	for i := range writers {
		wg.Go(func() {
			for range 5 {
				if _, err := s.Put(context.WithoutCancel(t.Context()), "k", bytes.NewReader(data[i])); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	close(stop)
	readers.Wait()
	if got := allKeys(t, s, ""); len(got) != 1 {
		t.Errorf("one key is listed as %q", got)
	}
}

func deleteWhileOpen(t *testing.T, s blob.Store) {
	put(t, s, "k", []byte("still here"))
	f, err := s.Open(t.Context(), "k")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := s.Delete(t.Context(), "k"); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(f); err != nil || string(got) != "still here" {
		t.Errorf("a file that was open when it was deleted reads %q, %v", got, err)
	}
	noSuch(t, s, "k")
}
