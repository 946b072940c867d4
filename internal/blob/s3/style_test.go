package s3

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestStyles: where the bucket stands in an address, and whose keys sign it.
func TestStyles(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "from-the-environment")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	asked := make(chan *http.Request, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r
		w.Header().Set("Last-Modified", "Mon, 02 Jan 2006 15:04:05 GMT")
		w.Header().Set("Content-Length", "7")
		w.Header().Set("Etag", `"0123456789abcdef0123456789abcdef"`)
	}))
	t.Cleanup(server.Close)
	via := transport()
	via.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, server.Listener.Addr().String())
	}
	t.Cleanup(via.CloseIdleConnections)
	for _, tt := range []struct {
		name            string
		c               Config
		host, path, key string
	}{
		{name: "path", c: Config{Endpoint: "http://s3.example", Bucket: "photos", AccessKey: "mine", SecretKey: "s", PathStyle: true},
			host: "s3.example", path: "/photos/o/1", key: "mine/"},
		{name: "domain of its own", c: Config{Endpoint: "http://example:8080", Bucket: "photos", Prefix: "/site", AccessKey: "mine", SecretKey: "s"},
			host: "photos.example:8080", path: "/site/o/1", key: "mine/"},
		{name: "region and keys of the environment", c: Config{Endpoint: "http://s3.example/", Bucket: "photos", Region: "eu-central-1", Prefix: "a/b/", PathStyle: true},
			host: "s3.example", path: "/photos/a/b/o/1", key: "from-the-environment/"},
	} {
		s, err := newStore(tt.c, via)
		if err != nil {
			t.Fatal(err)
		}
		info, err := s.Stat(t.Context(), "o/1")
		if err != nil || info.Size != 7 || info.MD5 != "0123456789abcdef0123456789abcdef" {
			t.Errorf("%s: Stat gives %+v, %v", tt.name, info, err)
		}
		r := <-asked
		region := tt.c.Region
		if region == "" {
			region = "us-east-1"
		}
		sig := r.Header.Get("Authorization")
		if r.Host != tt.host || r.URL.Path != tt.path || !strings.Contains(sig, "Credential="+tt.key) || !strings.Contains(sig, "/"+region+"/s3/") {
			t.Errorf("%s: %s%s signed %s", tt.name, r.Host, r.URL.Path, sig)
		}
	}
}
