package mydata

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"time"

	"github.com/tintype/tintype/internal/archive"
	"github.com/tintype/tintype/internal/blob"
	"github.com/tintype/tintype/internal/tintype"
)

// An archive that is packed by gzip is unpacked once, in one step, for nothing in it can be found otherwise; what comes of it
// takes its place. One step may take a minute, so what is too large for that has to be brought unpacked.
const (
	maxPacked  = 2 << 30 // bytes
	unpackTime = 40 * time.Second
)

var errPacked = &tintype.Error{Kind: tintype.Invalid, Err: archive.CodePacked,
	Msg: "this .tar.gz file is too large to be unpacked here; please unpack it yourself (by gunzip) and bring the .tar file that comes of it"}

// unpack unpacks the file of an import that is packed; done is false if it is not, or cannot be: then i says why.
func (s *Service) unpack(ctx context.Context, i *tintype.Import) (done bool, err error) {
	j := s.fileOf(ctx, *i)
	defer j.Close()
	head := make([]byte, 3)
	if _, err := j.ReadAt(head, 0); errors.Is(err, io.EOF) {
		return false, nil
	} else if err != nil {
		return false, err
	}
	if !archive.Packed(head) {
		return false, nil
	}
	if i.Bytes > maxPacked {
		return false, failed(i, errPacked)
	}
	if _, err := j.Seek(0, io.SeekStart); err != nil {
		return false, err
	}
	now := *i
	// The same for each try, so that one that is taken again writes over what the one before wrote.
	sum := sha256.Sum256([]byte(i.Key + " unpacked"))
	now.Key, now.Bytes, now.Parts = base64.RawURLEncoding.EncodeToString(sum[:16]), 0, 0
	err = s.unpackTo(ctx, j, i.Bytes, &now)
	if err == nil {
		done, err = s.c.Unpacked.ReplaceFile(ctx, now, i.Key, i.Parts)
	}
	if err == nil && done {
		return true, nil
	}
	if e := s.c.Blobs.Delete(context.WithoutCancel(ctx), blob.Parts(now.Key, now.Parts+1)...); err == nil && e != nil {
		return false, e
	}
	if tintype.IsKind(err, tintype.Full) {
		i.State, i.Reason = tintype.TaskFailed, because(WhyFull, 0, message(err))
		return false, nil
	}
	if err == nil {
		return true, nil // it was given up meanwhile
	}
	return false, failed(i, err)
}

// unpackTo writes what src unpacks to as the parts of to.
func (s *Service) unpackTo(ctx context.Context, src io.Reader, size int64, to *tintype.Import) error {
	begun := time.Now() // of this process's own work, whatever the site's clock says
	r, err := archive.Unpack(src, size, archive.Limits{Total: s.c.MaxBytes})
	if err != nil {
		return err
	}
	in := bufio.NewReader(r)
	for {
		if _, err := in.Peek(1); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if time.Since(begun) > unpackTime {
			return errPacked
		}
		if err := s.c.Room(ctx, to.PartBytes); err != nil {
			return err
		}
		part := &counted{src: io.LimitReader(in, to.PartBytes)}
		if _, err := s.c.Blobs.Put(ctx, blob.Part(to.Key, to.Parts), part); err != nil {
			if part.err != nil {
				return part.err
			}
			return err
		}
		to.Bytes += part.n
		to.Parts++
	}
}

// counted counts what is read, and keeps the error that ended it.
type counted struct {
	src io.Reader
	n   int64
	err error
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.src.Read(b)
	c.n += int64(n)
	if err != nil && err != io.EOF {
		c.err = err
	}
	return n, err
}
