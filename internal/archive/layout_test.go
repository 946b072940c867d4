package archive_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/tintype/tintype/internal/archive"
)

type opened struct{ *bytes.Reader }

func (opened) Close() error { return nil }

func piece(text string) archive.Piece {
	return archive.Piece{Size: int64(len(text)), Open: func() (io.ReadSeekCloser, error) { return opened{bytes.NewReader([]byte(text))}, nil }}
}

// What is laid out is what the standard library reads, whole and in any part.
func TestLayout(t *testing.T) {
	t.Parallel()
	at := time.Date(2019, 7, 5, 10, 20, 30, 0, time.UTC)
	for _, n := range []int{0, 1, 3, 70_000} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			var entries []archive.Entry
			text := func(i int) string { return fmt.Sprintf("content %d é", i) }
			for i := range n {
				s := text(i)
				entries = append(entries, archive.Entry{Name: fmt.Sprintf("a/é%d.txt", i), Modified: at, CRC: crc32.ChecksumIEEE([]byte(s)),
					Content: []archive.Piece{piece(s[:4]), {Size: int64(len(s) - 4), Data: []byte(s[4:])}}})
			}
			j := archive.Join(archive.Layout(entries))
			all, err := io.ReadAll(j)
			if err != nil || int64(len(all)) != j.Size() {
				t.Fatalf("%d of %d bytes: %v", len(all), j.Size(), err)
			}
			z, err := zip.NewReader(bytes.NewReader(all), int64(len(all)))
			if err != nil || len(z.File) != n {
				t.Fatalf("%v; want %d files", err, n)
			}
			for i, f := range z.File {
				if n > 100 && i%1000 != 0 {
					continue
				}
				r, err := f.Open()
				if err != nil {
					t.Fatal(err)
				}
				got, err := io.ReadAll(r)
				if err != nil || string(got) != text(i) || f.Name != entries[i].Name || !f.Modified.Equal(at) {
					t.Fatalf("%s of %v is %q, %v", f.Name, f.Modified, got, err)
				}
			}
			for range 50 {
				from := rand.Int64N(j.Size())
				b := make([]byte, rand.Int64N(min(2000, j.Size()-from)+1))
				if _, err := j.ReadAt(b, from); err != nil || !bytes.Equal(b, all[from:from+int64(len(b))]) {
					t.Fatalf("%d bytes from %d are others: %v", len(b), from, err)
				}
			}
		})
	}
}

// gap is a piece of zeros that nobody makes.
type gap struct{ at, size int64 }

func (g *gap) Read(b []byte) (int, error) {
	n := min(int64(len(b)), g.size-g.at)
	if n == 0 {
		return 0, io.EOF
	}
	clear(b[:n])
	g.at += n
	return int(n), nil
}
func (g *gap) Seek(off int64, _ int) (int64, error) { g.at = off; return off, nil }
func (*gap) Close() error                           { return nil }

// Files above 4 GiB, and what lies behind them, are found by zip64.
func TestLayoutLarge(t *testing.T) {
	t.Parallel()
	const size = 5 << 30
	j := archive.Join(archive.Layout([]archive.Entry{
		{Name: "large", Content: []archive.Piece{{Size: size, Open: func() (io.ReadSeekCloser, error) { return &gap{size: size}, nil }}}},
		{Name: "behind", CRC: crc32.ChecksumIEEE([]byte("here")), Content: []archive.Piece{{Size: 4, Data: []byte("here")}}},
	}))
	z, err := zip.NewReader(j, j.Size())
	if err != nil {
		t.Fatal(err)
	}
	if got := z.File[0].UncompressedSize64; got != size {
		t.Errorf("the large one has %d bytes", got)
	}
	r, err := z.File[1].Open()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(r); err != nil || string(got) != "here" {
		t.Errorf("behind it: %q, %v", got, err)
	}
}
