// Package moves shows that a logical shard can be moved to and fro while people
// write to it: it makes users and posts on the shard, writes comments and likes
// through the API without a pause, remembers every answer, and compares
// afterwards. It needs a fleet whose databases run; what it makes stays there.
package moves

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/tintype/tintype/internal/account"
	"github.com/tintype/tintype/internal/app"
	"github.com/tintype/tintype/internal/tintype"
)

// Options steer a drill.
type Options struct {
	Config app.Config // of a fleet whose servers run
	// URLs of API processes; none starts two in this process, which also work jobs.
	URLs    []string
	Writers int // requests under way; 0 for 8
	Posts   int // that the shard gets; 0 for 2,000
	Times   int // moves; 0 for 10
	Out     io.Writer
}

// stage is the site that a drill plays on.
type stage struct {
	Options
	*app.App // to fill it and to look at it
	stop     func() error
}

// open opens the site and, unless there are URLs, two processes' worth of API.
func open(ctx context.Context, o Options) (_ *stage, err error) {
	if o.Writers == 0 {
		o.Writers = 8
	}
	c := o.Config
	c.HourlyLimit = -1 // of the processes that are started here
	c.Log = slog.New(slog.NewTextHandler(o.Out, &slog.HandlerOptions{Level: slog.LevelError}))
	own := len(o.URLs) == 0
	c.Fleet.ServeJobs = &own
	s := &stage{Options: o}
	serving, end := context.WithCancel(context.WithoutCancel(ctx))
	var apps []*app.App
	var mu sync.Mutex
	var errs []error
	note := func(err error) {
		mu.Lock()
		defer mu.Unlock()
		if err != nil {
			errs = append(errs, err)
		}
	}
	var running sync.WaitGroup
	s.stop = sync.OnceValue(func() error {
		end()
		running.Wait()
		for _, a := range apps {
			note(a.Close())
		}
		for _, err := range errs {
			return err
		}
		return nil
	})
	n := 1
	if own {
		n = 2
	}
	for range n {
		a, err := app.Open(ctx, c)
		if err != nil {
			note(err)
			return nil, s.stop()
		}
		apps = append(apps, a)
		if !own {
			break
		}
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			note(err)
			return nil, s.stop()
		}
		s.URLs = append(s.URLs, "http://"+ln.Addr().String())
		running.Go(func() { note(a.Serve(serving, ln)) })
	}
	s.App = apps[0]
	return s, nil
}

// say prints a line.
func (s *stage) say(format string, args ...any) { fmt.Fprintf(s.Out, format+"\n", args...) }

// person is a user of a drill, signed in.
type person struct {
	id    tintype.ID
	token string
}

// people makes n users on a logical shard, signed in.
func (s *stage) people(ctx context.Context, shard tintype.Shard, n int) ([]person, error) {
	now := time.Now()
	tag := fmt.Sprintf("%x", now.UnixNano())
	var list []tintype.Member
	for i := range n {
		var m tintype.Member
		m.User.ID = tintype.MakeID(now.UnixMilli(), shard, uint16(i))
		m.User.Username = fmt.Sprintf("drill_%s_%d_%d", tag, shard, i)
		m.User.FullName = "Drill"
		m.Skeleton = account.Skeleton(m.User.Username)
		m.Seen = now
		m.Account = tintype.Account{UserID: m.User.ID, PasswordHash: "!", State: tintype.AccountActive, Locale: "en", Created: now}
		list = append(list, m)
	}
	if err := s.Bulk(now).People(ctx, list); err != nil {
		return nil, err
	}
	out := make([]person, n)
	for i, m := range list {
		token, err := s.Account.Open(ctx, m.User.ID, account.Client{UserAgent: "tintype drill"})
		if err != nil {
			return nil, err
		}
		out[i] = person{m.User.ID, token}
	}
	return out, nil
}
