package hostile

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// What may be wanted of an answer besides a status: a class of them, or none at all.
const (
	cut     = 0 // the connection ends without an answer
	success = 2 // 200 to 299
	moved   = 3
	refused = 4 // 400 to 499
)

// Answer is what came back.
type Answer struct {
	Status int // 0 if the connection ended without an answer
	Header http.Header
	Body   []byte // its first MB
}

// JSON decodes the body into v; what does not fit stays zero.
func (a Answer) JSON(v any) bool { return json.Unmarshal(a.Body, v) == nil }

// Type is the error's type, as APINotFoundError; "" if there is none.
func (a Answer) Type() string {
	type meta struct {
		Code int
		Type string `json:"error_type"`
	}
	var e struct {
		Meta meta
		meta
	}
	if !a.JSON(&e) {
		return ""
	}
	if e.Meta.Type != "" {
		return e.Meta.Type
	}
	return e.Type
}

// Round is one item being done.
type Round struct {
	*Target
	Short   bool
	res     Result
	counter int
}

// many is how often something is done that differs by a seed or a count only.
func (r *Round) many(n int) int {
	if r.Short {
		return max(2, n/10)
	}
	return n
}

// fail notes that something was not as it must be.
func (r *Round) fail(format string, args ...any) {
	if len(r.res.Failures) < 20 {
		r.res.Failures = append(r.res.Failures, fmt.Sprintf(format, args...))
	}
}

// inside matches what no answer may hold: what it looks like within.
var inside = regexp.MustCompile(`goroutine \d|\.go:\d+|panic:|SELECT |INSERT INTO|SQLSTATE|sqlite|pgx|/(?:home|root|tmp|var)/|vips|runtime error`)

// want notes an answer, and fails unless its status is one of those wanted.
func (r *Round) want(name string, a Answer, statuses ...int) Answer {
	r.note(a)
	ok := false
	for _, s := range statuses {
		ok = ok || s == a.Status || s > 0 && s < 10 && a.Status/100 == s
	}
	if !ok {
		r.fail("%s: got %d %s, wanted %v: %.200q", name, a.Status, a.Type(), statuses, a.Body)
	}
	r.inspect(name, a)
	return a
}

func (r *Round) note(a Answer) {
	r.res.Requests++
	key := "cut"
	if a.Status != 0 {
		key = strconv.Itoa(a.Status)
	}
	r.res.Got[key]++
}

// inspect asks what is asked of every answer.
func (r *Round) inspect(name string, a Answer) {
	if a.Status < 400 {
		return
	}
	ct := a.Header.Get("Content-Type")
	if found := inside.Find(a.Body); found != nil && !strings.HasPrefix(ct, "text/html") {
		r.fail("%s: the answer tells of the inside: %q", name, found)
	}
	if strings.HasPrefix(ct, "application/json") && len(a.Body) > 0 { // HEAD has none
		if a.Type() == "" || !bytes.Contains(a.Body, []byte(strconv.Itoa(a.Status))) {
			r.fail("%s: the error has not the documented form: %.200q", name, a.Body)
		}
	}
}

// unseen fails if somebody else's answer holds a private word.
func (r *Round) unseen(name string, a Answer) {
	if bytes.Contains(a.Body, []byte(r.canary)) {
		r.fail("%s: a private word was seen by somebody else", name)
	}
}

// afterwards asks whether the site is still well: it answers, shows its posts, and takes a picture.
func (r *Round) afterwards(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	for _, look := range []struct{ token, path string }{{"", "/v1/site"}, {r.ana.token, "/v1/media/" + r.ana.post}, {r.ben.token, "/v1/users/self"}} {
		a, err := r.do(ctx, request{method: "GET", path: look.path, token: look.token})
		if err != nil || a.Status != http.StatusOK {
			r.fail("after it, GET %s answers %d: %v", look.path, a.Status, err)
		}
	}
	a, err := r.do(ctx, request{method: "GET", path: "/v1/media/" + r.ana.post, token: r.ben.token})
	if err != nil || a.Status/100 != 4 {
		r.fail("after it, a stranger asks for a private post and gets %d: %v", a.Status, err)
	}
	r.unseen("after it", a)
	if err := r.site.Alive(); err != nil {
		r.fail("after it: %v", err)
	}
}
