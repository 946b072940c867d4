package app_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	"github.com/tintype/tintype/internal/api"
)

// description is docs/openapi.yaml.
var description = sync.OnceValues(func() (*openapi3.T, error) {
	data, err := os.ReadFile("../../docs/openapi.yaml")
	if err != nil {
		return nil, err
	}
	doc, err := openapi3.NewLoader().LoadFromData(data)
	if err != nil {
		return nil, err
	}
	return doc, doc.Validate(context.Background())
})

// answered collects which operations were answered well in this run.
var answered sync.Map

// conform holds a request that was let in, and its answer, against the description.
func conform(t testing.TB, req *http.Request, body []byte, r *reply) {
	t.Helper()
	doc, err := description()
	if err != nil {
		t.Fatal(err)
	}
	pattern, params := match(doc, req.URL.EscapedPath())
	if pattern == "" || req.URL.Query().Has("callback") { // JSONP is compared with the plain answer
		return
	}
	item := doc.Paths.Value(pattern)
	op := item.GetOperation(req.Method)
	if op == nil {
		return
	}
	copied := req.Clone(req.Context())
	copied.Body = io.NopCloser(bytes.NewReader(body))
	in := &openapi3filter.RequestValidationInput{
		Request: copied, PathParams: params,
		Route:   &routers.Route{Spec: doc, Path: pattern, PathItem: item, Method: req.Method, Operation: op},
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true},
	}
	if r.status < 300 {
		answered.Store(req.Method+" "+pattern, true)
		if typ := req.Header.Get("Content-Type"); typ == "application/json" || typ == "" && len(body) == 0 {
			if err := openapi3filter.ValidateRequest(t.Context(), in); err != nil {
				t.Errorf("%s %s was let in against the description: %v", req.Method, req.URL.Path, err)
			}
		}
	}
	if !strings.HasPrefix(r.header.Get("Content-Type"), "application/json") && r.status < 400 {
		types := op.Responses.Status(r.status)
		if types == nil {
			t.Errorf("%s %s: status %d is not described", req.Method, pattern, r.status)
		} else if got, _, _ := strings.Cut(r.header.Get("Content-Type"), ";"); r.status == 200 && types.Value.Content.Get(got) == nil {
			t.Errorf("%s %s: type %q is not described", req.Method, pattern, got)
		}
		return
	}
	out := &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: r.status, Header: r.header, Options: in.Options}
	out.SetBodyBytes(r.body)
	if err := openapi3filter.ValidateResponse(t.Context(), out); err != nil {
		t.Errorf("%s %s: the answer is not as described: %v\n%.2000s", req.Method, req.URL.Path, err, r.body)
	}
}

// match finds the described path for a real one, preferring literal segments.
func match(doc *openapi3.T, path string) (pattern string, params map[string]string) {
	segments := strings.Split(strings.TrimSuffix(strings.TrimSuffix(path, "/"), ".json"), "/")
	best := -1
	for p := range doc.Paths.Map() {
		parts := strings.Split(p, "/")
		if len(parts) != len(segments) {
			continue
		}
		found, literal := map[string]string{}, 0
		ok := true
		for i, part := range parts {
			if name, suffix, isParam := strings.Cut(strings.TrimPrefix(part, "{"), "}"); isParam && strings.HasPrefix(part, "{") {
				v, has := strings.CutSuffix(segments[i], suffix)
				ok = ok && has
				found[name] = v
			} else if part == segments[i] {
				literal++
			} else {
				ok = false
			}
		}
		if ok && literal > best {
			best, pattern, params = literal, p, found
		}
	}
	return pattern, params
}

// TestDescriptionHasEveryRoute compares the routes with the description, both ways.
func TestDescriptionHasEveryRoute(t *testing.T) {
	t.Parallel()
	doc, err := description()
	if err != nil {
		t.Fatal(err)
	}
	var have, want []string
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			have = append(have, method+" "+path)
			for _, r := range api.Routes() {
				if r.Method == method && r.Pattern == path {
					checkOperation(t, r, op)
				}
			}
		}
	}
	for _, r := range api.Routes() {
		want = append(want, r.Method+" "+r.Pattern)
	}
	slices.Sort(have)
	slices.Sort(want)
	for _, r := range want {
		if !slices.Contains(have, r) {
			t.Errorf("%s is not in docs/openapi.yaml", r)
		}
	}
	for _, r := range have {
		if !slices.Contains(want, r) {
			t.Errorf("docs/openapi.yaml has %s, which is no route", r)
		}
	}
}

// checkOperation compares who may call a route with what the description says.
func checkOperation(t *testing.T, r api.Route, op *openapi3.Operation) {
	name := r.Method + " " + r.Pattern
	open := false
	for _, req := range *op.Security {
		open = open || len(req) == 0
	}
	if open != (r.Access == api.Public) {
		t.Errorf("%s: described as public: %v, the route table says %v", name, open, r.Access == api.Public)
	}
	scope, _ := op.Extensions["x-scope"].(string)
	want := ""
	if r.Access < api.Session {
		want = api.ScopeNames(r.Scope)
	}
	if scope != want {
		t.Errorf("%s: described with scope %q, the route table says %q", name, scope, want)
	}
	if (op.RequestBody != nil) != (r.Body != 0) && !slices.Contains(bodyless, name) {
		t.Errorf("%s: described with a body: %v, the route table says %v", name, op.RequestBody != nil, r.Body != 0)
	}
}

// bodyless take a body (of a form with nothing but access_token) and need none.
var bodyless = []string{"POST /v1/media/{id}/likes", "POST /v1/admin/jobs/{db}/{id}/retry"}

// unanswered lists the operations that no test got a good answer from: nobody
// held those against the description.
func unanswered() (list []string) {
	doc, err := description()
	if err != nil {
		return []string{err.Error()}
	}
	for path, item := range doc.Paths.Map() {
		for method := range item.Operations() {
			if _, ok := answered.Load(method + " " + path); !ok {
				list = append(list, method+" "+path)
			}
		}
	}
	return list
}
