package fleet

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/tintype/tintype/deploy"
	"github.com/tintype/tintype/internal/services"
)

// Names of the members that others must know.
func poolerNames() []string { return []string{"pgbouncer-1", "pgbouncer-2"} }
func redisNames() []string  { return []string{"redis-1", "redis-2"} }
func cacheNames() []string  { return []string{"memcached-1", "memcached-2"} }

// What the S3 server has.
const (
	s3Access = "tintype"
	s3Bucket = "photos"
	s3Region = "us-east-1"
)

// startPoolers starts the PgBouncers. Where a database is stands in a file for
// each, which deploy/repmgr/node rewrites at a failover.
func (f *Fleet) startPoolers(ctx context.Context) error {
	file, err := deploy.Files.ReadFile("pgbouncer/settings.ini")
	if err != nil {
		return err
	}
	f.say("starting PgBouncer")
	for _, name := range poolerNames() {
		dir := filepath.Join(f.cfg.Dir, name)
		var databases []string
		for _, c := range f.clusters {
			databases = append(databases, "%include "+filepath.Join(dir, c.name+".ini"))
		}
		settings := []string{"auth_type = scram-sha-256", "auth_file = " + filepath.Join(dir, "userlist.txt"), "admin_users = repmgr"}
		for l := range strings.Lines(string(file)) {
			settings = append(settings, strings.TrimSpace(l))
		}
		spec, err := services.PgBouncer(databases, settings)
		prepare := spec.Prepare
		spec.Prepare = func(s *services.Server) error {
			// A failover may happen while it is down: the files are written for now.
			for _, c := range f.clusters {
				n := c.nodes[0]
				if c.nodes[1].primary.Load() {
					n = c.nodes[1]
				}
				if err := s.Write(c.name+".ini", fmt.Sprintf("%s host=127.0.0.1 port=%d\n", c.bouncerLine(), n.server.Spec.Port)); err != nil {
					return err
				}
			}
			users := fmt.Sprintf("\"tintype\" \"%[1]s\"\n\"repmgr\" \"%[1]s\"\n", f.state.Password)
			return errors.Join(s.Write("userlist.txt", users), prepare(s))
		}
		m, err := f.add(name, rolePooler, spec, err)
		if err != nil {
			return err
		}
		m.kept = true
		if err := m.start(ctx); err != nil {
			return err
		}
	}
	return nil
}

// startStores starts Redis with its replicas, memcached and the S3 server.
func (f *Fleet) startStores(ctx context.Context) error {
	f.say("starting Redis, memcached and the S3 server")
	var all []*member
	for _, name := range redisNames() {
		spec, err := services.Redis("--maxmemory", "512mb", "--maxmemory-policy", "allkeys-lru")
		primary, err := f.add(name, roleRedis, spec, err)
		if err != nil {
			return err
		}
		// The replica keeps things on disk, so that the primary never has to fork.
		spec, err = services.Redis("--replicaof", "127.0.0.1 "+fmt.Sprint(primary.Spec.Port), "--appendonly", "yes", "--maxmemory", "512mb")
		replica, err := f.add(name+"r", roleRedis2, spec, err)
		if err != nil {
			return err
		}
		all = append(all, primary, replica)
	}
	for _, name := range cacheNames() {
		spec, err := services.Memcached(256)
		m, err := f.add(name, roleCache, spec, err)
		if err != nil {
			return err
		}
		all = append(all, m)
	}
	spec, err := services.S3(s3Access, f.state.S3Secret, f.cfg.Tools...)
	prepare := spec.Prepare
	spec.Prepare = func(s *services.Server) error {
		if err := prepare(s); err != nil {
			return err
		}
		err := os.Mkdir(filepath.Join(s.Path("buckets"), s3Bucket), 0o700) // a bucket is a directory
		if errors.Is(err, fs.ErrExist) {
			err = nil
		}
		return err
	}
	m, err := f.add("s3", roleS3, spec, err)
	if err != nil {
		return err
	}
	starts := []func() error{func() error { return m.start(ctx) }}
	for _, m := range all {
		starts = append(starts, func() error { return m.start(ctx) })
	}
	return parallel(starts...)
}
