package app

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

// Fleet is what a site of several machines has instead of one directory. Each
// part stands for itself: what is left out is kept in Config.Data or in memory.
// It is read from the sections of the configuration file.
type Fleet struct {
	// Databases are the PostgreSQL databases; the first one holds the directory.
	Databases []Database `toml:"database"`
	// Shards is how many logical shards a new site begins with, spread over the databases; 64.
	Shards    int       `toml:"shards"`
	Redis     Redis     `toml:"redis"`
	Memcached Memcached `toml:"memcached"`
	S3        S3        `toml:"s3"`
	// MediaURL is the address of the host that serves media alone, without cookies; "" is the site's own.
	MediaURL string `toml:"media_url"`
	// ServeJobs says whether `tintype serve` works jobs itself; nil is true for a site of one
	// process and false for a fleet, whose jobs are worked by `tintype work`.
	ServeJobs *bool `toml:"serve_jobs"`
}

// Database is one PostgreSQL database, a primary and perhaps a replica.
type Database struct {
	Name string `toml:"name"` // for the shard map, logs and metrics; never to be changed
	// DSN is what requests use, as postgres://user@host:port/name. With Pooled it leads to a
	// PgBouncer in transaction mode.
	DSN    string `toml:"dsn"`
	Pooled bool   `toml:"pooled"`
	// Direct leads past PgBouncer, for migrations, jobs and moves of shards; it may name several
	// hosts with target_session_attrs=read-write. "" is DSN, which then must not be pooled.
	Direct string `toml:"direct"`
	// Replica is a streaming replica for reads that may be a little old; "" for none.
	Replica string `toml:"replica"`
	// MaxConns bounds the connections of one process; 0 for 16.
	MaxConns int `toml:"max_conns"`
}

// Redis is independent instances, among which keys are spread by their names.
type Redis struct {
	Servers  []string `toml:"servers"`  // host:port
	Replicas []string `toml:"replicas"` // of the servers, in the same order; none, or as many
	Password string   `toml:"password"`
}

// Memcached is servers, among which keys are spread by ketama.
type Memcached struct {
	Servers []string `toml:"servers"` // host:port
}

// S3 is the bucket of originals, renditions and profile pictures.
type S3 struct {
	Endpoint  string `toml:"endpoint"` // https://host[:port]
	Region    string `toml:"region"`
	Bucket    string `toml:"bucket"`
	Prefix    string `toml:"prefix"` // of all keys, as "site/"
	AccessKey string `toml:"access_key"`
	SecretKey string `toml:"secret_key"`
	PathStyle bool   `toml:"path_style"` // the bucket in the path, not in the host name
	// PublicURL is a CDN that pulls from MediaURL, for the pictures of public posts; "" for none.
	PublicURL string `toml:"public_url"`
	// PurgeURLs are caches that are asked for each picture that they may no longer show,
	// by PurgeMethod ("GET") and the picture's path after the URL; see package webcache.
	PurgeURLs   []string `toml:"purge_urls"`
	PurgeMethod string   `toml:"purge_method"`
	// PurgeHook is sent the URLs of such pictures, many at a time: {"urls":[…]}.
	PurgeHook string `toml:"purge_hook"`
	// Mirror keeps the directory of files in use beside the bucket, while one is copied to the other.
	Mirror bool `toml:"mirror"`
}

// sections are the keys of Fleet in the file.
var sections = []string{"database", "shards", "redis", "memcached", "s3", "media_url", "serve_jobs"}

// readFleet takes the sections out of a decoded file, so that the rest is plain settings.
func (c *Config) readFleet(text string, values map[string]any) error {
	meta, err := toml.Decode(text, &c.Fleet)
	if err != nil {
		return err
	}
	for _, k := range meta.Undecoded() {
		if len(k) > 1 && slices.Contains(sections, k[0]) {
			return fmt.Errorf("there is no setting called %q", k.String())
		}
	}
	for _, k := range sections {
		delete(values, k)
	}
	return nil
}

// check finds what cannot work, before anything is opened.
func (f *Fleet) check() error {
	names := map[string]bool{}
	for i, d := range f.Databases {
		switch {
		case d.Name == "":
			return fmt.Errorf("[[database]] number %d has no name", i+1)
		case names[d.Name]:
			return fmt.Errorf("two databases are called %q", d.Name)
		case d.DSN == "":
			return fmt.Errorf("database %q has no dsn", d.Name)
		case d.Pooled && d.Direct == "":
			return fmt.Errorf("database %q is pooled: it needs direct, an address past the pooler", d.Name)
		}
		names[d.Name] = true
	}
	if f.Shards < 0 || f.Shards > 4096 || f.Shards&(f.Shards-1) != 0 {
		return fmt.Errorf("shards must be a power of two up to 4096, not %d", f.Shards)
	}
	if n := len(f.Redis.Replicas); n != 0 && n != len(f.Redis.Servers) {
		return fmt.Errorf("[redis] has %d servers and %d replicas: give each its own, or none", len(f.Redis.Servers), n)
	}
	if len(f.Databases) > 0 && len(f.Redis.Servers) == 0 {
		return errors.New("a site in PostgreSQL needs [redis] servers: its processes tell each other through them what has changed")
	}
	if len(f.Memcached.Servers) > 0 && len(f.Redis.Servers) == 0 {
		return errors.New("[memcached] needs [redis] servers beside it: its processes tell each other through them what has changed")
	}
	if f.S3.Endpoint != "" && f.S3.Bucket == "" {
		return errors.New("[s3] has an endpoint and no bucket")
	}
	if f.S3.PurgeHook != "" && f.MediaURL == "" && f.S3.PublicURL == "" {
		return errors.New("[s3] purge_hook needs media_url or public_url: it is sent whole addresses")
	}
	for key, v := range map[string]string{"media_url": f.MediaURL, "[s3] endpoint": f.S3.Endpoint, "[s3] public_url": f.S3.PublicURL} {
		if v == "" {
			continue
		}
		if u, err := url.Parse(v); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || strings.Trim(u.Path, "/") != "" {
			return fmt.Errorf("%s must be scheme and host alone, as https://media.example, not %q", key, v)
		}
	}
	return nil
}

// KeepsHere tells whether the databases are files in Config.Data, which then belongs to one process.
func (f *Fleet) KeepsHere() bool { return len(f.Databases) == 0 }

// worksJobs tells whether `tintype serve` works jobs.
func (f *Fleet) worksJobs() bool {
	if f.ServeJobs != nil {
		return *f.ServeJobs
	}
	return f.KeepsHere()
}

// origin is scheme and host of an address that was checked, nil for "".
func origin(v string) *url.URL {
	u, err := url.Parse(v)
	if v == "" || err != nil {
		return nil
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host}
}
