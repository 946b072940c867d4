package server

import (
	"io"
	"net/http"
	"testing"
)

// TestOwnAddresses: what the server answers itself can be read, and nothing else.
func TestOwnAddresses(t *testing.T) {
	t.Parallel()
	base, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }, io.Discard, nil)
	for _, path := range []string{"/healthz", "/metrics"} {
		for method, want := range map[string]int{"GET": 200, "HEAD": 200, "POST": 405, "TRACE": 405, "DELETE": 405} {
			req, err := http.NewRequestWithContext(t.Context(), method, base+path, http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if resp.StatusCode != want {
				t.Errorf("%s %s: %d, want %d", method, path, resp.StatusCode, want)
			}
		}
	}
}
