// Package s3 keeps files in a bucket of an S3 server: the blob store of a site
// of several machines. Buckets are private; nobody but the site reads them.
//
// A file is put with one request, whatever its size, so that a half stored one
// is never visible: what is larger than a megabyte is spooled to a local file
// first, which also makes it repeatable and its hashes known beforehand. What
// was stored is verified by its ETag. Opening a file is one request, too; of a
// larger one the rest follows in ranges, as it is read.
//
// Requests that fail for a reason that passes (no answer, 5xx, a connection
// that breaks) are repeated with jitter within a bounded time. After several
// without any answer in a row, reads fail at once for a second at a time.
//
// Errors are those of package blob. A missing bucket, refused keys and a wrong
// clock are Internal, with a sentence that says so.
package s3

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"github.com/tintype/tintype/internal/tintype"
)

// Config says where a bucket is and how it is reached.
type Config struct {
	// Endpoint is scheme and host of the server, as https://s3.example[:port].
	Endpoint string
	// Region is the bucket's; "" for us-east-1, which servers without regions take.
	Region string
	Bucket string
	// Prefix is what all names in the bucket begin with, as "site/"; a '/' is put after it.
	Prefix string
	// AccessKey and SecretKey are the credentials. Both "" takes them from
	// AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, else from the file that
	// AWS_SHARED_CREDENTIALS_FILE names (~/.aws/credentials), else from the machine's role.
	AccessKey, SecretKey string
	// PathStyle puts the bucket into the path, https://host/bucket/key. Else it
	// stands before the host, https://bucket.host/key: so a bucket under a
	// domain of its own, photos.example, is Bucket photos at Endpoint https://example.
	PathStyle bool
	// Spool is the directory for what is on its way; "" for the system's.
	Spool string
}

// Store implements blob.Store in a bucket. Make it with New.
type Store struct {
	c       Config
	core    minio.Core
	breaker breaker
	// opaque says that ETags turned out not to be the MD5 of the content.
	opaque atomic.Bool
}

// New gives the store of a bucket. It asks nothing of the server; see Check.
func New(c Config) (*Store, error) { return newStore(c, transport()) }

func newStore(c Config, via http.RoundTripper) (*Store, error) {
	u, err := url.Parse(c.Endpoint)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || strings.Trim(u.Path, "/") != "" {
		return nil, tintype.Errorf(tintype.Invalid, "the S3 endpoint must be scheme and host alone, as https://s3.example, not %q", c.Endpoint)
	}
	if c.Bucket == "" {
		return nil, tintype.Errorf(tintype.Invalid, "no S3 bucket is named")
	}
	if (c.AccessKey == "") != (c.SecretKey == "") {
		return nil, tintype.Errorf(tintype.Invalid, "of the S3 access key and secret key one is missing")
	}
	if c.Region == "" {
		c.Region = "us-east-1"
	}
	if c.Prefix = strings.Trim(c.Prefix, "/"); c.Prefix != "" {
		c.Prefix += "/"
	}
	creds := credentials.NewStaticV4(c.AccessKey, c.SecretKey, "")
	if c.AccessKey == "" {
		creds = credentials.NewChainCredentials([]credentials.Provider{
			&credentials.EnvAWS{}, &credentials.FileAWSCredentials{}, &credentials.IAM{}})
	}
	lookup := minio.BucketLookupDNS
	if c.PathStyle {
		lookup = minio.BucketLookupPath
	}
	client, err := minio.New(u.Host, &minio.Options{
		Creds:        creds,
		Secure:       u.Scheme == "https",
		Region:       c.Region, // else it would be asked for
		BucketLookup: lookup,
		Transport:    via,
		MaxRetries:   1, // we repeat ourselves, in bounded time
	})
	if err != nil {
		return nil, &tintype.Error{Kind: tintype.Invalid, Msg: "the S3 settings cannot work", Err: err}
	}
	return &Store{c: c, core: minio.Core{Client: client}}, nil
}

// transport is Go's own with time-outs for a server in the same house, and as
// many idle connections as requests usually are under way.
func transport() *http.Transport {
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: time.Second, KeepAlive: 15 * time.Second}).DialContext,
		TLSHandshakeTimeout:   2 * time.Second,
		MaxIdleConns:          256,
		MaxIdleConnsPerHost:   256,
		IdleConnTimeout:       time.Minute,
		ResponseHeaderTimeout: time.Minute, // requests have their own, shorter
		DisableCompression:    true,        // pictures do not shrink, and ranges must stay ranges
	}
}

// Check asks the server whether the bucket is there for us, so that a wrong
// setting shows when a process starts and not at the first picture.
func (s *Store) Check(ctx context.Context) error {
	return s.retry(ctx, patientRead, func(ctx context.Context, a *attempt) error {
		for o := range s.core.ListObjectsIter(ctx, s.c.Bucket, minio.ListObjectsOptions{Prefix: s.c.Prefix, Recursive: true, MaxKeys: 1}) {
			return o.Err
		}
		return ctx.Err()
	})
}

// Init makes the bucket, unless it is there.
func (s *Store) Init(ctx context.Context) error {
	err := s.retry(ctx, patientWrite(0), func(ctx context.Context, a *attempt) error {
		return s.core.MakeBucket(ctx, s.c.Bucket, minio.MakeBucketOptions{Region: s.c.Region})
	})
	var r minio.ErrorResponse
	if errors.As(err, &r) && r.Code == minio.BucketAlreadyOwnedByYou {
		err = nil
	}
	if err != nil {
		return err
	}
	return s.Check(ctx)
}

// String names the bucket, for people.
func (s *Store) String() string {
	return fmt.Sprintf("bucket %s at %s", s.c.Bucket+"/"+s.c.Prefix, s.c.Endpoint)
}

// name is what a key is called in the bucket.
func (s *Store) name(key string) string { return s.c.Prefix + key }
