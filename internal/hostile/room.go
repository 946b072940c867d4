package hostile

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// room is how much a site takes, as its admin sees it.
type room struct {
	Data struct {
		Used, Limit int64
		At          string // in seconds, when it was added up; that is done anew after a minute
	}
}

// lastBytes is B47: the room that the operator gave is used up but for so many files, and more are sent at once.
func lastBytes(ctx context.Context, r *Round) {
	knob := func(gb string) {
		r.want("storage_gb "+gb, r.send(ctx, ask("PATCH", "/v1/admin/knobs", r.admin.token, map[string]any{"set": map[string]string{"storage_gb": gb}})), success)
	}
	look := func() (u room) {
		r.want("the room", r.send(ctx, ask("GET", "/v1/admin/storage", r.admin.token, nil)), success).JSON(&u)
		return u
	}
	defer knob("0")
	knob("1")
	const sent, fits = 8, 3
	file := photo("last bytes")
	var before room
	r.until(ctx, "the sum is young", func() bool {
		before = look()
		at, err := strconv.ParseInt(before.Data.At, 10, 64)
		return err == nil && time.Since(time.Unix(at, 0)) < 40*time.Second
	})
	// What an import announces is taken until the sum is made anew.
	rest := before.Data.Limit - before.Data.Used - fits*int64(len(file)) - int64(len(file))/2
	var i struct{ Data struct{ ID string } }
	if !r.want("an import that takes the rest", r.send(ctx, ask("POST", "/v1/users/self/imports", r.ben.token, map[string]any{"name": "rest.zip", "bytes": rest})), success).JSON(&i) {
		return
	}
	var mu sync.Mutex
	var wg sync.WaitGroup
	taken := 0
	for range sent {
		wg.Go(func() {
			a := r.upload(ctx, "a.jpg", "image/jpeg", file)
			mu.Lock()
			defer mu.Unlock()
			r.want("one of several", a, success, http.StatusInsufficientStorage)
			if a.Status/100 == success {
				taken++
			}
		})
	}
	wg.Wait()
	// Each process of a fleet has a sum of its own; and a sweep may have made it anew.
	if taken != fits && !r.site.Fleet && look().Data.At == before.Data.At {
		r.fail("%d of %d files were taken, and there was room for %d", taken, sent, fits)
	}
	r.want("the import is given up", r.send(ctx, ask("DELETE", "/v1/users/self/imports/"+i.Data.ID, r.ben.token, nil)), success)
	r.want("reading", r.send(ctx, ask("GET", "/v1/users/self/feed", r.ben.token, nil)), success)
	r.want("a like", r.send(ctx, ask("POST", "/v1/media/"+r.ben.post+"/likes", r.ben.token, nil)), success)
	r.want("and back", r.send(ctx, ask("DELETE", "/v1/media/"+r.ben.post+"/likes", r.ben.token, nil)), success)
}
