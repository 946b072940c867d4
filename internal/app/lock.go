package app

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// lock is a data directory that is this process's alone.
type lock struct{ f *os.File }

// takeDir makes the directory if need be and locks it. The lock goes with the
// process, however it ends.
func takeDir(dir string) (*lock, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("the data directory cannot be made: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("the data directory cannot be used: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("another tintype is using %s: stop it first, or give this one another directory with --data", dir)
		}
		return nil, fmt.Errorf("the data directory cannot be locked: %w", err)
	}
	return &lock{f}, nil
}

func (l *lock) release() error { return l.f.Close() }
