package api

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/tintype/tintype/internal/tintype"
)

type decoded struct {
	Text string   `json:"text"`
	Flag *bool    `json:"flag"`
	N    int      `json:"n"`
	List []string `json:"list"`
	Sub  *struct {
		X float64 `json:"x"`
	} `json:"sub"`
}

func TestDecodeJSON(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, body string
		bad        bool
		field      string
	}{
		{name: "plain", body: `{"text":"a","flag":true,"n":3,"list":["x"],"sub":{"x":1.5}}`},
		{name: "spaces", body: " \n\t{ \"text\" : \"a\" } \r\n"},
		{name: "escapes", body: `{"text":"\ud83e\udd84 \u00e9 \\ \" \/"}`},
		{name: "empty object", body: `{}`},
		{name: "null", body: `null`, bad: true},
		{name: "array", body: `[]`, bad: true},
		{name: "string", body: `"x"`, bad: true},
		{name: "trailing", body: `{} x`, bad: true},
		{name: "two documents", body: `{}{}`, bad: true},
		{name: "unknown key", body: `{"role":"admin"}`, bad: true, field: "role"},
		{name: "key twice", body: `{"text":"a","text":"b"}`, bad: true, field: "text"},
		{name: "key twice in other case", body: `{"text":"a","TEXT":"b"}`, bad: true, field: "text"},
		{name: "key twice by escape", body: `{"text":"a","t\u0065xt":"b"}`, bad: true, field: "text"},
		{name: "key twice inside", body: `{"sub":{"x":1,"x":2}}`, bad: true, field: "x"},
		{name: "NUL", body: `{"text":"a\u0000b"}`, bad: true},
		{name: "lone high surrogate", body: `{"text":"\ud83e"}`, bad: true},
		{name: "lone low surrogate", body: `{"text":"\udd84"}`, bad: true},
		{name: "high and high", body: `{"text":"\ud83e\ud83e"}`, bad: true},
		{name: "invalid UTF-8", body: "{\"text\":\"\xff\"}", bad: true},
		{name: "BOM", body: "\ufeff{}", bad: true},
		{name: "UTF-16", body: "{\x00}\x00", bad: true},
		{name: "huge number", body: `{"n":1e400}`, bad: true, field: "n"},
		{name: "float for int", body: `{"n":1.5}`, bad: true, field: "n"},
		{name: "string for int", body: `{"n":"1"}`, bad: true, field: "n"},
		{name: "int for string", body: `{"text":1}`, bad: true, field: "text"},
		{name: "NaN", body: `{"n":NaN}`, bad: true},
		{name: "unclosed", body: `{"text":"a"`, bad: true},
		{name: "bare comma", body: `{"list":[,]}`, bad: true},
		{name: "deep", body: `{"list":` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + `}`, bad: true},
	} {
		var d decoded
		err := decodeJSON([]byte(tt.body), &d)
		if (err != nil) != tt.bad {
			t.Errorf("%s: error %v, want one: %v", tt.name, err, tt.bad)
			continue
		}
		if !tt.bad {
			continue
		}
		var e *tintype.Error
		if !errors.As(err, &e) || e.Kind != tintype.Invalid || e.Field != tt.field || e.Msg == "" {
			t.Errorf("%s: %#v, want Invalid with field %q", tt.name, err, tt.field)
		}
	}
}

// FuzzDecodeJSON holds the scanner against encoding/json: what it lets pass is
// JSON, without NUL, and comes out valid.
func FuzzDecodeJSON(f *testing.F) {
	for _, s := range []string{`{}`, `{"text":"a\u0000"}`, `{"a":[1,{"b":null}]}`, `{"text":"\ud800\udc00"}`, `{"text":"a","text":1}`, `{"n":-1e3}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var d decoded
		if decodeJSON(body, &d) != nil {
			return
		}
		if !json.Valid(body) {
			t.Fatalf("%q was taken for JSON", body)
		}
		for _, s := range append(d.List, d.Text) {
			if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
				t.Fatalf("%q gave %q", body, s)
			}
		}
	})
}

func TestDecodeForm(t *testing.T) {
	t.Parallel()
	var d decoded
	if err := decodeForm(url.Values{"text": {"a"}, "flag": {"true"}, "n": {"3"}, "list": {"x", "y"}, "access_token": {"t"}, "sig": {"1", "2"}}, &d); err != nil {
		t.Fatal(err)
	}
	if d.Text != "a" || d.Flag == nil || !*d.Flag || d.N != 3 || len(d.List) != 2 {
		t.Errorf("decoded %+v", d)
	}
	for _, bad := range []url.Values{{"text": {"a", "b"}}, {"flag": {"maybe"}}, {"n": {"x"}}, {"sub": {"{}"}}} {
		if err := decodeForm(bad, &decoded{}); !tintype.IsKind(err, tintype.Invalid) {
			t.Errorf("%v: %v", bad, err)
		}
	}
}

func TestBodyType(t *testing.T) {
	t.Parallel()
	for typ, ok := range map[string]bool{"application/json": true, "application/json; charset=utf-8": true, "Application/JSON;charset=UTF-8": true,
		"text/plain": false, "": false, "application/json; charset=utf-16": false, "text/json": false, "application/jsonx": false} {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(`{"text":"a"}`))
		r.Header.Set("Content-Type", typ)
		err := (&call{r: r}).decode(&decoded{})
		if (err == nil) != ok {
			t.Errorf("%q: %v", typ, err)
		}
	}
}

func TestPage(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		query string
		want  tintype.Page
		bad   bool
	}{
		{query: "", want: tintype.Page{Count: 20}},
		{query: "count=5&max_id=10&min_id=3", want: tintype.Page{Count: 5, Max: 10, Min: 3}},
		{query: "count=1000000000", want: tintype.Page{Count: 60}},
		{query: "max_id=4194304_8388608", want: tintype.Page{Count: 20, Max: 4194304}},
		{query: "max_id=4194304_1024", bad: true}, // an owner on another shard
		{query: "max_id=5_7", want: tintype.Page{Count: 20, Max: 5}},
		{query: "max_id=&min_id=", want: tintype.Page{Count: 20}},
		{query: "count=0", bad: true}, {query: "count=-1", bad: true}, {query: "count=abc", bad: true}, {query: "count=%2B5", bad: true}, {query: "count=1&count=2", bad: true},
		{query: "max_id=0", bad: true}, {query: "max_id=-1", bad: true}, {query: "max_id=007", bad: true}, {query: "max_id=0x10", bad: true}, {query: "max_id=9223372036854775808", bad: true},
		{query: "max_id=１", bad: true}, {query: "max_id=5_", bad: true}, {query: "max_id=_5", bad: true}, {query: "max_id=5&min_id=5", bad: true}, {query: "max_id=' OR 1=1", bad: true},
	} {
		c := &call{query: mustQuery(t, strings.ReplaceAll(tt.query, " ", "%20"))}
		got, err := c.page("max_id", maxMediaCount)
		if tt.bad {
			if !tintype.IsKind(err, tintype.Invalid) {
				t.Errorf("%q: %+v, %v; want Invalid", tt.query, got, err)
			}
			continue
		}
		if err != nil || got != tt.want {
			t.Errorf("%q: %+v, %v; want %+v", tt.query, got, err, tt.want)
		}
	}
}

// FuzzCursor sends anything as IDs and cursors: what is taken is a positive ID, written in one way only.
func FuzzCursor(f *testing.F) {
	for _, s := range []string{"1", "1_1", "9223372036854775807", "0", "-1", "01", "1e3", "１", "5382_72"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		id, ok := parseMediaID(s)
		if !ok {
			return
		}
		if post, _, _ := strings.Cut(s, "_"); id <= 0 || id.String() != post {
			t.Fatalf("%q was taken for %d", s, id)
		}
		c := &call{query: url.Values{"max_id": {s}}}
		if p, err := c.page("max_id", 20); err != nil || p.Max != id {
			t.Fatalf("%q as a cursor: %+v, %v", s, p, err)
		}
	})
}

// FuzzSignature sends anything as a signed URL's query: none but ours is good.
func FuzzSignature(f *testing.F) {
	s := newSigner([]byte("secret"), fixed(noon))
	f.Add("v=7&e=1772625600&s=AAAAAAAAAAAAAAAAAAAAAA")
	f.Fuzz(func(t *testing.T, q string) {
		v, err := url.ParseQuery(q)
		if err != nil {
			return
		}
		if got := s.viewer(5, v); got != 0 {
			t.Fatalf("%q is good for %d", q, got)
		}
	})
}

func TestTimes(t *testing.T) {
	t.Parallel()
	sec := noon.Unix()
	var p tintype.Page
	c := &call{query: url.Values{"min_timestamp": {tintype.ID(sec).String()}, "max_timestamp": {tintype.ID(sec + 10).String()}}}
	if err := c.times(&p); err != nil {
		t.Fatal(err)
	}
	in := func(ms int64) bool { id := tintype.MakeID(ms, 9, 3); return id > p.Min && id < p.Max }
	for ms, want := range map[int64]bool{sec*1000 + 999: false, (sec + 1) * 1000: true, (sec+10)*1000 - 1: true, (sec + 10) * 1000: false} {
		if in(ms) != want {
			t.Errorf("%d ms: %v, want %v", ms-sec*1000, !want, want)
		}
	}
	for _, bad := range []string{"-1", "abc", "1e9", "99999999999"} {
		c := &call{query: url.Values{"max_timestamp": {bad}}}
		if err := c.times(&p); !tintype.IsKind(err, tintype.Invalid) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestNextURL(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, "/v1/users/self/feed?count=3&access_token=tok&client_id=cid&client_secret=shh&sig=abc", nil)
	r.Header.Set("Authorization", "Bearer tok")
	r.Header.Set("Cookie", "tintype_session=cookie")
	c := &call{w: w, r: r, base: "https://photos.example", query: r.URL.Query()}
	if err := c.end(append(c.open(200), "[]"...), "max_id", 42); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Pagination map[string]string
	}
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	want := "https://photos.example/v1/users/self/feed?access_token=tok&client_id=cid&count=3&max_id=42"
	if got.Pagination["next_url"] != want || got.Pagination["next_max_id"] != "42" {
		t.Errorf("pagination is %v, want next_url %s", got.Pagination, want)
	}
}

func TestLocationIn(t *testing.T) {
	t.Parallel()
	for body, ok := range map[string]bool{`{"id":896,"name":"x"}`: true, `{"id":"2236000797603135488"}`: true, `{"id":null}`: true, `{"latitude":1,"longitude":2}`: true,
		`{"latitude":1}`: false, `{"id":-1}`: false, `{"id":1.5}`: false, `{"id":"x"}`: false, `{"planet":"Mars"}`: false} {
		var l *locationIn
		err := decodeJSON([]byte(body), &l)
		if err == nil {
			_, err = l.location()
		}
		if (err == nil) != ok {
			t.Errorf("%s: %v", body, err)
		}
	}
}
