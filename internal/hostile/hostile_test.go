package hostile

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"
)

// TestItems: the catalogue is whole, in order, and each item either does something or says why not.
func TestItems(t *testing.T) {
	t.Parallel()
	last := 0
	for _, it := range All() {
		n, err := strconv.Atoi(strings.TrimPrefix(it.ID, "B"))
		if err != nil || n <= last {
			t.Errorf("%s comes after B%d", it.ID, last)
		}
		last = n
		if (it.Do == nil) == (it.Absent == "") || it.What == "" {
			t.Errorf("%s: has to do something, or to say why not", it.ID)
		}
	}
	if last != 115 {
		t.Errorf("the last item is B%d", last)
	}
}

// TestTable: the table in docs/security.md has a row for every item, as it is called here.
func TestTable(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("../../docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, it := range All() {
		row := strings.SplitAfterN(Markdown([]Result{{Item: it}}), "\n", 3)[2]
		row = strings.Join(strings.SplitAfter(row, "|")[:3], "")
		if !strings.Contains(string(b), row) {
			t.Errorf("no row %q: make hostile writes the table anew", row)
		}
	}
}

// TestSees: a site that is not as it must be is caught.
func TestSees(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		status int
		typ    string
		body   string
		ok     bool
	}{
		{"an error as documented", 400, "application/json", `{"meta":{"code":400,"error_type":"APIError","error_message":"no"}}`, true},
		{"a bare one", 401, "application/json", `{"code":401,"error_type":"OAuthException","error_message":"no"}`, true},
		{"success", 200, "application/json", `{}`, false},
		{"the site's own fault", 500, "application/json", `{"meta":{"code":500,"error_type":"APIError"}}`, false},
		{"another form", 400, "application/json", `{"error":"no"}`, false},
		{"another code", 404, "application/json", `{"meta":{"code":400,"error_type":"APIError"}}`, false},
		{"a stack", 400, "text/plain", "panic: x\ngoroutine 1", false},
		{"a statement", 400, "application/json", `{"meta":{"code":400,"error_type":"APIError","error_message":"near SELECT * FROM"}}`, false},
		{"a private word", 404, "text/html", "canaryword", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", test.typ)
				w.WriteHeader(test.status)
				fmt.Fprint(w, test.body)
			}))
			defer s.Close()
			r := &Round{Target: &Target{site: &Site{URL: s.URL}, client: s.Client(), canary: "canaryword"}, res: Result{Got: map[string]int{}}}
			a := r.want("it", r.send(t.Context(), ask("GET", "/x", "", nil)), refused)
			r.unseen("it", a)
			if caught := len(r.res.Failures) > 0; caught == test.ok {
				t.Errorf("failures: %q", r.res.Failures)
			}
			if r.res.Got[strconv.Itoa(test.status)] != 1 || r.res.Requests != 1 {
				t.Errorf("noted %v", r.res.Got)
			}
		})
	}
}

// TestCut: a connection that ends without an answer is an answer of its own.
func TestCut(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	defer s.Close()
	r := &Round{Target: &Target{site: &Site{URL: s.URL}, client: s.Client()}, res: Result{Got: map[string]int{}}}
	r.want("by the client", r.send(t.Context(), ask("GET", "/x", "", nil)), cut)
	r.want("by hand", r.raw(t.Context(), "GET / HTTP/1.1\r\nHost: x\r\n\r\n"), cut)
	if len(r.res.Failures) > 0 || r.res.Got["cut"] != 2 {
		t.Errorf("%q %v", r.res.Failures, r.res.Got)
	}
}
