package drill

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// slowS3 makes every request to the S3 server wait a second, while people also upload.
func slowS3(ctx context.Context, s *Site) (string, error) {
	var uploads, failed atomic.Int64
	var first atomic.Value
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var uploading sync.WaitGroup
	uploading.Go(func() {
		for n := 1000; ctx.Err() == nil; n++ {
			err := s.upload(context.WithoutCancel(ctx), s.people[0].token, n, nil)
			uploads.Add(1)
			if err != nil {
				failed.Add(1)
				first.CompareAndSwap(nil, err.Error())
			}
			_ = pause(ctx, 500*time.Millisecond) // the loop asks the context
		}
	})
	line, err := unnoticed(ctx, s, "S3 slower by 1 s", func(ctx context.Context) error {
		s.link.slow.Store(int64(time.Second))
		defer s.link.slow.Store(0)
		return s.pause(ctx, 10*time.Second)
	})
	cancel()
	uploading.Wait()
	line += fmt.Sprintf("; %d of %d uploads failed", failed.Load(), uploads.Load())
	if err == nil && failed.Load() > 0 {
		err = fmt.Errorf("an upload failed: %v", first.Load())
	}
	return line, err
}

// slowLink hands on connections, and can be made slow: each request waits then.
type slowLink struct {
	ln   net.Listener
	to   atomic.Value // string
	slow atomic.Int64 // time.Duration
}

func newSlowLink() (*slowLink, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	l := &slowLink{ln: ln}
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return // closed
			}
			go l.serve(c)
		}
	}()
	return l, nil
}

// Addr is where it listens.
func (l *slowLink) Addr() string { return l.ln.Addr().String() }

// To says where connections lead.
func (l *slowLink) To(addr string) { l.to.Store(addr) }

// Close ends it.
func (l *slowLink) Close() error { return l.ln.Close() }

func (l *slowLink) serve(in net.Conn) {
	defer in.Close()
	to, ok := l.to.Load().(string)
	if !ok {
		return
	}
	out, err := net.Dial("tcp", to)
	if err != nil {
		return
	}
	defer out.Close()
	var answered atomic.Bool
	answered.Store(true)
	go func() {
		_ = hand(out, in, func() { answered.Store(true) }) // whichever side ends first ends both
		in.Close()
	}()
	_ = hand(in, out, func() {
		if answered.Swap(false) { // the first bytes of a request
			time.Sleep(time.Duration(l.slow.Load()))
		}
	})
}

func hand(from, to net.Conn, each func()) error {
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		if n > 0 {
			each()
			if _, err := to.Write(buf[:n]); err != nil {
				return err
			}
		}
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				return nil
			}
			return err
		}
	}
}
