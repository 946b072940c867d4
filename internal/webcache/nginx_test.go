package webcache_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"sync/atomic"
	"testing"

	"github.com/tintype/tintype/internal/services"
	"github.com/tintype/tintype/internal/testserve"
	"github.com/tintype/tintype/internal/webcache"
)

// nginxConf caches and purges as deploy/nginx does.
const nginxConf = `%s
worker_processes 1;
pid nginx.pid;
error_log stderr warn;
events {}
http {
    access_log off;
    client_body_temp_path temp; proxy_temp_path temp; fastcgi_temp_path temp; uwsgi_temp_path temp; scgi_temp_path temp;
    proxy_cache_path cache levels=1:2 keys_zone=media:1m use_temp_path=off;
    map $http_accept $format { default ""; "~*image/avif" ".avif"; }
    server {
        listen %s;
        proxy_cache media;
        proxy_cache_key $uri$format$is_args$args;
        proxy_ignore_headers Vary;
        proxy_cache_revalidate on;
        add_header X-Cache $upstream_cache_status always;
        location / { proxy_pass %s; }
        location ~ ^/purge(/(m|avatars)/.+)$ {
            set $purged $1;
            proxy_cache_purge media $purged$is_args$args;
        }
    }
}
`

// A real nginx keeps what may be kept, and forgets it when told.
func TestNginx(t *testing.T) {
	t.Parallel()
	var private atomic.Bool
	origin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case private.Load() && r.URL.RawQuery == "":
			w.Header().Set("Cache-Control", "private, no-store")
			w.WriteHeader(http.StatusNotFound)
		case r.URL.RawQuery != "":
			w.Header().Set("Cache-Control", "private, no-cache")
		default:
			w.Header().Set("Cache-Control", "public, max-age=31536000, s-maxage=3600, immutable")
		}
		_, _ = io.WriteString(w, "picture") // the client may have gone
	}))
	t.Cleanup(origin.Close)
	const module = "/usr/lib/nginx/modules/ngx_http_cache_purge_module.so"
	if _, err := os.Stat(module); err != nil {
		if testserve.Required("nginx") {
			t.Fatal(err)
		}
		t.Skip("nginx has no module that purges its cache")
	}
	spec, err := services.Nginx(func(s *services.Server) string {
		return fmt.Sprintf(nginxConf, "load_module "+module+";", s.Addr(), origin.URL)
	})
	if errors.Is(err, services.ErrAbsent) && !testserve.Required("nginx") {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	spec.Users = []string{"www-data", "nobody"}
	nginx, err := services.Start(context.Background(), spec)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := nginx.Close(); err != nil {
			t.Error(err)
		}
	})
	accept := ""
	get := func(path string, status int, cache string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+nginx.Addr()+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Accept", accept)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_, err = io.Copy(io.Discard, resp.Body)
		if e := resp.Body.Close(); err != nil || e != nil {
			t.Fatal(err, e)
		}
		if resp.StatusCode != status || resp.Header.Get("X-Cache") != cache {
			t.Errorf("%s: %d from the cache as %s, want %d, %s", path, resp.StatusCode, resp.Header.Get("X-Cache"), status, cache)
		}
	}
	get("/m/a/k/640.jpg", 200, "MISS")
	get("/m/a/k/640.jpg", 200, "HIT")
	get("/m/a/k/640.jpg?v=1", 200, "MISS")
	get("/m/a/k/640.jpg?v=1", 200, "MISS") // never kept
	accept = "image/avif,image/webp,*/*"
	get("/m/a/k/640.jpg", 200, "MISS") // in another format
	get("/m/a/k/640.jpg", 200, "HIT")
	private.Store(true)
	get("/m/a/k/640.jpg", 200, "HIT") // nobody told it
	c := webcache.New(webcache.Config{Purge: []string{"http://" + nginx.Addr() + "/purge"}})
	for range 2 { // the second time there is nothing left
		if err := c.Forget(t.Context(), []string{"/m/a/k/640.jpg", "/m/a/k/1080.jpg"}); err != nil {
			t.Errorf("Forget: %v", err)
		}
	}
	get("/m/a/k/640.jpg", 404, "MISS") // every format of it
	accept = ""
	get("/m/a/k/640.jpg", 404, "MISS")
	private.Store(false)
	get("/m/a/k/640.jpg", 200, "MISS") // the 404 was not kept
}
