package archive

import (
	"errors"
	"io"
	"sort"

	"github.com/tintype/tintype/internal/tintype"
)

// Piece is a run of bytes of something that is made of several: bytes at hand, or a file to be opened.
type Piece struct {
	Size int64
	Data []byte                            // where Open is nil
	Open func() (io.ReadSeekCloser, error) // gives Size bytes
}

// Joined is pieces one after the other, as one file. A piece is opened when it is
// come to, and closed when another is. It is not safe for concurrent use.
type Joined struct {
	pieces []Piece
	starts []int64 // of each piece, and the end of the last
	at     int64
	open   io.ReadSeekCloser
	which  int   // piece that is open
	in     int64 // where in it
}

// Join makes a Joined.
func Join(pieces []Piece) *Joined {
	j := &Joined{pieces: pieces, starts: make([]int64, len(pieces)+1), which: -1}
	for i, p := range pieces {
		j.starts[i+1] = j.starts[i] + p.Size
	}
	return j
}

// Size is how many bytes there are.
func (j *Joined) Size() int64 { return j.starts[len(j.pieces)] }

// Seek implements io.Seeker.
func (j *Joined) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += j.at
	case io.SeekEnd:
		offset += j.Size()
	}
	if offset < 0 {
		return 0, errors.New("archive: sought before the beginning")
	}
	j.at = offset
	return offset, nil
}

// Read implements io.Reader.
func (j *Joined) Read(b []byte) (int, error) {
	if j.at >= j.Size() {
		return 0, io.EOF
	}
	if len(b) == 0 {
		return 0, nil
	}
	i := sort.Search(len(j.pieces), func(i int) bool { return j.starts[i+1] > j.at })
	p, from := j.pieces[i], j.at-j.starts[i]
	b = b[:min(int64(len(b)), p.Size-from)]
	if p.Open == nil {
		n := copy(b, p.Data[from:])
		j.at += int64(n)
		return n, nil
	}
	if j.which != i {
		if err := j.Close(); err != nil {
			return 0, err
		}
		f, err := p.Open()
		if err != nil {
			return 0, err
		}
		j.open, j.which, j.in = f, i, 0
	}
	if j.in != from {
		if _, err := j.open.Seek(from, io.SeekStart); err != nil {
			return 0, err
		}
		j.in = from
	}
	n, err := j.open.Read(b)
	j.at, j.in = j.at+int64(n), j.in+int64(n)
	if errors.Is(err, io.EOF) {
		if err = nil; n == 0 {
			return 0, tintype.Errorf(tintype.Internal, "a file is shorter than it was")
		}
	}
	return n, err
}

// ReadAt implements io.ReaderAt; it moves where Read goes on.
func (j *Joined) ReadAt(b []byte, off int64) (int, error) {
	if _, err := j.Seek(off, io.SeekStart); err != nil {
		return 0, err
	}
	n, err := io.ReadFull(j, b)
	if err == io.ErrUnexpectedEOF {
		err = io.EOF
	}
	return n, err
}

// Close closes the piece that is open.
func (j *Joined) Close() error {
	if j.open == nil {
		return nil
	}
	err := j.open.Close()
	j.open, j.which = nil, -1
	return err
}
