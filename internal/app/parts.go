package app

import (
	"context"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"time"

	"github.com/tintype/tintype/internal/blob"
	"github.com/tintype/tintype/internal/blob/localdisk"
	"github.com/tintype/tintype/internal/blob/mirror"
	"github.com/tintype/tintype/internal/blob/s3"
	"github.com/tintype/tintype/internal/feed"
	"github.com/tintype/tintype/internal/post"
	"github.com/tintype/tintype/internal/redis"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/timeline"
	"github.com/tintype/tintype/internal/tintype"
	"github.com/tintype/tintype/internal/webcache"
)

// openFiles gives where the site's files are: a bucket if one is named, else
// the data directory; both while one is copied to the other.
func openFiles(ctx context.Context, c checked) (blob.Store, error) {
	if c.Fleet.S3.Endpoint == "" {
		files, err := LocalFiles(c.Data)
		if err == nil && c.Fleet.KeepsHere() {
			err = files.Tidy() // the directory is ours alone
		}
		return files, err
	}
	bucket, err := Bucket(c.Fleet.S3)
	if err != nil {
		return nil, err
	}
	// A bucket that does not answer now may later; one that refuses us will not.
	ask, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if err := bucket.Check(ask); err != nil {
		if !tintype.IsKind(err, tintype.Unavailable) {
			return nil, err
		}
		c.Log.Warn("the bucket of files does not answer; pictures will be shown once it does", "error", err)
	}
	if !c.Fleet.S3.Mirror {
		return bucket, nil
	}
	local, err := LocalFiles(c.Data)
	if err != nil {
		return nil, err
	}
	return mirror.New(bucket, local, ""), nil
}

// LocalFiles is the files of a site that are kept in its data directory, which
// other processes may be using.
func LocalFiles(data string) (*localdisk.Store, error) {
	if data == "" {
		data = DefaultData
	}
	files, err := localdisk.Join(filepath.Join(data, "files"))
	if err != nil {
		return nil, fmt.Errorf("the directory of files cannot be opened: %w", err)
	}
	return files, nil
}

// Bucket is the files of a site that are kept in S3. It asks nothing of the server yet.
func Bucket(c S3) (*s3.Store, error) {
	return s3.New(s3.Config{Endpoint: c.Endpoint, Region: c.Region, Bucket: c.Bucket, Prefix: c.Prefix,
		AccessKey: c.AccessKey, SecretKey: c.SecretKey, PathStyle: c.PathStyle})
}

// webCaches are the caches of pictures that the configuration names, nil if there are none.
func webCaches(c checked) post.Caches {
	var sites []string
	for _, u := range []*url.URL{origin(c.Fleet.MediaURL), origin(c.Fleet.S3.PublicURL), c.publicURL} {
		if u != nil && !slices.Contains(sites, u.String()) {
			sites = append(sites, u.String())
		}
	}
	caches := webcache.New(webcache.Config{Purge: c.Fleet.S3.PurgeURLs, Method: c.Fleet.S3.PurgeMethod, Hook: c.Fleet.S3.PurgeHook, Sites: sites})
	if caches == nil {
		return nil // not an interface that holds nil
	}
	return caches
}

// join connects to the servers that the processes of a fleet have in common, if
// any are named, and to the other processes. Servers that are down are no error.
func (a *App) join(ctx context.Context) (err error) {
	c := a.cfg
	a.memcached = openMemcached(c)
	if len(c.Fleet.Redis.Servers) == 0 {
		return nil
	}
	if a.redis, err = redis.Open(redis.Config{Servers: c.Fleet.Redis.Servers, Replicas: c.Fleet.Redis.Replicas, Password: c.Fleet.Redis.Password, Log: c.Log}); err != nil {
		return err
	}
	if a.bus, err = redis.NewBus(a.redis, c.Log); err != nil {
		return err
	}
	// Whoever is not yet heard cannot be missed; but with Redis down we start all the same.
	wait, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	if err := a.bus.Await(wait); err != nil {
		c.Log.WarnContext(ctx, "the other processes cannot be heard: what they change shows a second later", "error", err)
	}
	return ctx.Err()
}

// leave undoes join.
func (a *App) leave() {
	if a.bus != nil {
		if a.relay != nil {
			a.relay.Close()
		}
		a.bus.Close()
		a.telling.Wait()
	}
	if a.lookups != nil {
		a.lookups.Close()
	}
	if a.redis != nil {
		a.redis.Close()
	}
	if a.memcached != nil {
		a.memcached.Close()
	}
}

// homeTimelines are the feeds: in Redis if there is one, else in the databases.
func (a *App) homeTimelines() timeline.Store {
	if a.redis != nil {
		return redis.Timelines{P: a.redis, Kind: timeline.Home}
	}
	return sqlstore.Timelines{R: a.Backend.Router, Clock: a.cfg.Clock, Kind: timeline.Home}
}

// turns lets one process at a time build a feed, where there are several.
func (a *App) turns() feed.Turns {
	if a.redis == nil {
		return nil
	}
	return redis.Turns{P: a.redis}
}
