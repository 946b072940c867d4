package control

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/tintype/tintype/internal/tintype"
)

func TestAnswers(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		status int
		body   string
		parts  int
		kind   tintype.Kind
		msg    string // "" for no error
	}{
		{name: "whole", body: `{"value":1}` + "\n" + `{"value":2}` + "\n" + `{"done":true}` + "\n", parts: 2},
		{name: "an error with its kind", body: `{"value":1}` + "\n" + `{"error":{"kind":6,"msg":"taken","field":"username"}}` + "\n", parts: 1, kind: tintype.Conflict, msg: "taken"},
		{name: "cut off between lines", body: `{"value":1}` + "\n", parts: 1, kind: tintype.Unavailable, msg: "the server ended before it was done: EOF"},
		{name: "cut off in a line", body: `{"value":1`, kind: tintype.Unavailable, msg: "the server ended before it was done: EOF"},
		{name: "nonsense", body: "<html>\n", kind: tintype.Internal, msg: "the server's answer cannot be understood: invalid character '<' looking for beginning of value"},
		{name: "an older server", status: 404, body: "no such command", kind: tintype.Internal,
			msg: "the running server does not know this command (404 Not Found): is it of the same version as this program?"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if test.status != 0 {
					w.WriteHeader(test.status)
				}
				fmt.Fprint(w, test.body)
			}))
			defer s.Close()
			client := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
				var d net.Dialer
				return d.DialContext(ctx, network, s.Listener.Addr().String())
			}}}
			defer client.CloseIdleConnections()
			parts := 0
			err := ask(context.Background(), client, "users", nothing{}, func(json.RawMessage) error { parts++; return nil })
			got := ""
			if err != nil {
				got = err.Error()
			}
			if parts != test.parts || got != test.msg || err != nil && tintype.KindOf(err) != test.kind {
				t.Errorf("%d parts and error %q (%v); want %d and %q (%v)", parts, got, tintype.KindOf(err), test.parts, test.msg, test.kind)
			}
		})
	}
}

func TestNobodyServes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, d := range []string{dir, filepath.Join(dir, "absent")} {
		if call, _, err := dial(context.Background(), d); call != nil || err != nil {
			t.Errorf("%s: somebody answers, or %v", d, err)
		}
	}
	if err := ownedByUs(dir); err != nil {
		t.Errorf("our own directory: %v", err)
	}
	if os.Geteuid() != 0 {
		return // only root can give a directory away
	}
	if err := os.Chown(dir, 65534, 65534); err != nil {
		t.Fatal(err)
	}
	if err := ownedByUs(dir); !tintype.IsKind(err, tintype.Forbidden) {
		t.Errorf("somebody else's directory: %v", err)
	}
}

func TestStateNames(t *testing.T) {
	t.Parallel()
	want := map[tintype.AccountState]string{tintype.AccountClaimed: "unfinished", tintype.AccountActive: "active",
		tintype.AccountSuspended: "suspended", tintype.AccountDeleted: "deleted"}
	for s, name := range want {
		if got := stateName(s); got != name {
			t.Errorf("state %d is %q, want %q", s, got, name)
		}
	}
}
