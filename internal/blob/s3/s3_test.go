package s3_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/tintype/tintype/internal/blob"
	"github.com/tintype/tintype/internal/blob/blobtest"
	"github.com/tintype/tintype/internal/blob/s3"
	"github.com/tintype/tintype/internal/testserve"
	"github.com/tintype/tintype/internal/tintype"
)

// config is that of a store in a server's bucket, under a prefix.
func config(server *testserve.S3Server, prefix string) s3.Config {
	return s3.Config{Endpoint: server.Endpoint(), Region: server.Region, Bucket: server.Bucket, Prefix: prefix,
		AccessKey: server.AccessKey, SecretKey: server.SecretKey, PathStyle: true}
}

func open(t *testing.T, c s3.Config) *s3.Store {
	t.Helper()
	c.Spool = t.TempDir()
	s, err := s3.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestConformance(t *testing.T) {
	t.Parallel()
	server := testserve.S3(t)
	var n atomic.Int32
	blobtest.Run(t, func(t *testing.T) blob.Store {
		return open(t, config(server, fmt.Sprintf("store-%d/", n.Add(1))))
	})
}

func TestNew(t *testing.T) {
	t.Parallel()
	good := s3.Config{Endpoint: "https://s3.example", Bucket: "photos", AccessKey: "a", SecretKey: "s"}
	for _, tt := range []struct {
		name   string
		change func(*s3.Config)
		want   string
	}{
		{name: "good", change: func(*s3.Config) {}},
		{name: "no scheme", change: func(c *s3.Config) { c.Endpoint = "s3.example" }, want: "scheme and host"},
		{name: "path", change: func(c *s3.Config) { c.Endpoint += "/bucket" }, want: "scheme and host"},
		{name: "no bucket", change: func(c *s3.Config) { c.Bucket = "" }, want: "no S3 bucket"},
		{name: "half a key", change: func(c *s3.Config) { c.SecretKey = "" }, want: "one is missing"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := good
			tt.change(&c)
			_, err := s3.New(c)
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("New: %v, want %q", err, tt.want)
			}
		})
	}
}

func TestCheckAndInit(t *testing.T) {
	t.Parallel()
	server := testserve.S3(t)
	if err := open(t, config(server, "")).Check(t.Context()); err != nil {
		t.Errorf("Check of a bucket that is there: %v", err)
	}
	c := config(server, "")
	c.Bucket = "another"
	s := open(t, c)
	if err := s.Check(t.Context()); !tintype.IsKind(err, tintype.Internal) || !strings.Contains(err.Error(), `no bucket "another"`) {
		t.Errorf("Check without the bucket: %v", err)
	}
	if f, err := s.Open(t.Context(), "o/x"); tintype.IsKind(err, tintype.NotFound) || err == nil {
		t.Errorf("Open without the bucket: %v %v, which must not look as if only the file were missing", f, err)
	}
	for range 2 {
		if err := s.Init(t.Context()); err != nil {
			t.Errorf("Init: %v", err)
		}
	}
	if err := s.Check(t.Context()); err != nil {
		t.Errorf("Check after Init: %v", err)
	}
	c = config(server, "")
	c.SecretKey = "wrong"
	if err := open(t, c).Check(t.Context()); !tintype.IsKind(err, tintype.Internal) || !strings.Contains(err.Error(), "refuses the access key") {
		t.Errorf("Check with a wrong key: %v", err)
	}
}

func TestPrefixes(t *testing.T) {
	t.Parallel()
	server := testserve.S3(t)
	a, b := open(t, config(server, "/a/")), open(t, config(server, "b"))
	for _, s := range []*s3.Store{a, b} {
		if _, err := s.Put(t.Context(), "o/1", strings.NewReader(s.String())); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.Delete(t.Context(), "o/1"); err != nil {
		t.Fatal(err)
	}
	if info, err := b.Stat(t.Context(), "o/1"); err != nil || info.Size != int64(len(b.String())) {
		t.Errorf("the other site's file: %+v, %v", info, err)
	}
	n, _, err := blob.Count(t.Context(), open(t, config(server, "")), "")
	if err != nil || n != 1 {
		t.Errorf("the bucket has %d files, %v; want 1", n, err)
	}
}
