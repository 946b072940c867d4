package app

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"time"

	"github.com/tintype/tintype/internal/blob"
	"github.com/tintype/tintype/internal/shard"
	"github.com/tintype/tintype/internal/sqlstore"
	"github.com/tintype/tintype/internal/sqlstore/postgres"
	"github.com/tintype/tintype/internal/sqlstore/sqlite"
	"github.com/tintype/tintype/internal/tintype"
)

// Carried is a site's databases and files from outside, to be carried to or
// from; a server may have them open. See package migrate.
type Carried struct {
	Name   string // of the databases, for people
	Source sqlstore.Source
	Target sqlstore.Target
	Tables []*sqlstore.Table
	Files  blob.Store
	// FilesAt tells whether the files of two sites are in the same place.
	FilesAt string
	// Keys are, of a source, the logical shards that hold what is found by another key than a user's.
	Keys func(context.Context) ([]tintype.Shard, error)
	// Freeze and Thaw stop and let in writes of all processes of a fleet; nil for a
	// site in a directory, where the server does it.
	Freeze, Thaw func(context.Context) error
	Close        func() error
}

// Carry opens a site as a source, or as a target of another.
func Carry(ctx context.Context, config Config, target bool) (*Carried, error) {
	c, err := config.check()
	if err != nil {
		return nil, err
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	tables, err := sqlite.Layout(ctx)
	if err != nil {
		return nil, err
	}
	s := &Carried{Tables: tables}
	if c.Fleet.S3.Endpoint != "" {
		s.FilesAt = c.Fleet.S3.Endpoint + "/" + c.Fleet.S3.Bucket + "/" + c.Fleet.S3.Prefix
		s.Files, err = Bucket(c.Fleet.S3)
	} else {
		if s.FilesAt, err = filepath.Abs(c.Data); err != nil {
			return nil, err
		}
		s.Files, err = LocalFiles(c.Data)
	}
	if err != nil {
		return nil, err
	}
	if c.Fleet.KeepsHere() {
		return s, s.file(ctx, c, target)
	}
	return s, s.fleet(ctx, c)
}

func (s *Carried) file(ctx context.Context, c checked, target bool) error {
	path := filepath.Join(c.Data, databaseFile)
	s.Name = path
	if !target {
		f, err := sqlite.OpenFile(ctx, path)
		if err != nil {
			return err
		}
		s.Source, s.Close = f, f.Close
		s.Keys = func(context.Context) ([]tintype.Shard, error) { return DirectoryKeys(), nil }
		return nil
	}
	l, err := takeDir(c.Data)
	if err != nil {
		return err
	}
	f, err := sqlite.CreateFile(ctx, path, c.Clock)
	if err != nil {
		return errors.Join(err, l.release())
	}
	s.Target, s.Close = f, func() error { return errors.Join(f.Close(), l.release()) }
	return nil
}

func (s *Carried) fleet(ctx context.Context, c checked) error {
	// What comes from a directory is found by its keys on as many shards as there, however few the fleet would begin with.
	n := max(c.Fleet.Shards, shard.DefaultShards)
	o := postgres.SiteOptions{Tables: s.Tables, Shards: shard.Spread(n, 1)[0], Clock: c.Clock, Prepare: func(ctx context.Context, d postgres.SiteDatabase, directory bool) error {
		db, err := postgres.Open(ctx, postgres.Options{Name: d.Name, DSN: d.DSN, Directory: directory, Clock: c.Clock})
		if err != nil {
			return err
		}
		return db.Close()
	}}
	var names []string
	for _, d := range c.Fleet.Databases {
		dsn := d.Direct
		if dsn == "" {
			dsn = d.DSN
		}
		o.Databases = append(o.Databases, postgres.SiteDatabase{Name: d.Name, DSN: dsn})
		names = append(names, d.Name)
	}
	s.Name = "the databases " + strings.Join(names, ", ")
	site, err := postgres.OpenSite(ctx, o)
	if err != nil {
		return err
	}
	s.Source, s.Target, s.Freeze, s.Thaw, s.Close = site, site, site.Freeze, site.Thaw, site.Close
	s.Keys = func(ctx context.Context) ([]tintype.Shard, error) {
		rows, err := site.Map(ctx)
		return shard.KeyShards(rows), err
	}
	return nil
}

// DirectoryKeys are the Keys of every site in a directory.
func DirectoryKeys() []tintype.Shard { return shard.Spread(shard.DefaultShards, 1)[0] }

// Moved is why a site that has moved away, or is just doing so, takes no writes.
func Moved(retryAfter int) *tintype.Error {
	return &tintype.Error{Kind: tintype.Unavailable, Msg: "this site is moving to a new home and can only be read until it is there; please try again in a minute", RetryAfter: retryAfter}
}
