package account

import (
	"net/url"
	"strings"
	"testing"

	"github.com/tintype/tintype/internal/tintype"
)

func TestCheckRedirect(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		"https://good.example/cb", "https://good.example", "https://good.example:8443/cb?x=1&y=2", "https://xn--bcher-kva.example/",
		"http://127.0.0.1/cb", "http://127.0.0.1:8080/cb", "http://[::1]:8080/cb", "http://localhost:3000/cb", "https://localhost/cb",
		"com.example.app:/cb", "com.example.app://cb.example/x", "com.example.app:cb",
	} {
		if err := checkRedirect(s); err != nil {
			t.Errorf("%q: %v", s, err)
		}
	}
	for _, s := range []string{
		"", "/cb", "//evil.example/cb", "\\\\evil.example", "good.example/cb", "http://good.example/cb", "https://good@evil.example/", "https://good.example%2f@evil.example/",
		"https://user:pw@good.example/", "https://good.example/#f", "https://good.example/#", "https://good.example/../x", "https://good.example/a/./b", "https://good.example/%2e%2e/x",
		"https://good.example/..%2fx", "https://good.example./cb", "https://GOOD.example/cb", "HTTPS://good.example/cb", "https://good.example:0/", "https://good.example:65536/", "https://good.example:080/",
		"https://good.example:/", "https:///good.example", "https:good.example", "https://bücher.example/", "https://good.example/\tx", "https://good.example/\nx", "https://good.example/ x",
		"https://good.example\\@evil.example/", "https://192.0.2.1/cb", "https://[::1]/cb", "https://intranet/cb", "http://127.0.0.1.evil.example/", "http://127.1/cb", "http://0.0.0.0/",
		"http://2130706433/", "javascript:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc/passwd", "blob:https://x", "about:blank", "intent://x", "ftp://good.example/", "ws://good.example/",
		"myapp://cb", "com.example.app:", "https://good.example/<script>", "https://*.good.example/", "https://good.example/" + strings.Repeat("a", 1024), "urn:ietf:wg:oauth:2.0:oob",
		"https://good.example/\x00", "https://g\u200dood.example/",
	} {
		if err := checkRedirect(s); blame(err) != "invalid redirect_uris" {
			t.Errorf("%q may be registered: %v", s, err)
		}
	}
}

func TestMatchRedirect(t *testing.T) {
	t.Parallel()
	registered := []string{"https://good.example/cb?x=1", "com.example.app:/cb", "http://127.0.0.1/cb", "http://[::1]:9/cb", "http://localhost/cb"}
	tests := []struct {
		given       string
		web, native bool
	}{
		{given: "https://good.example/cb?x=1", web: true, native: true},
		{given: "com.example.app:/cb", web: true, native: true},
		{given: "http://127.0.0.1/cb", web: true, native: true},
		{given: "http://127.0.0.1:49152/cb", native: true},
		{given: "http://[::1]:49152/cb", native: true},
		{given: "http://[::1]/cb", native: true},
		{given: "http://localhost:49152/cb"},
		{given: "http://127.0.0.1:49152/cb/x"},
		{given: "http://127.0.0.1:49152/cb?x"},
		{given: "http://127.0.0.1:49152@evil.example/cb"},
		{given: "http://127.0.0.1@evil.example/cb"},
		{given: "http://127.0.0.1.evil.example/cb"},
		{given: "http://127.0.0.1:0/cb"},
		{given: "http://127.0.0.1:065/cb"},
		{given: "http://127.0.0.1:70000/cb"},
		{given: "http://127.0.0.1:/cb"},
		{given: "https://127.0.0.1/cb"},
		{given: ""},
		{given: "https://good.example/cb"},
		{given: "https://good.example/cb?x=1&y=2"},
		{given: "https://good.example/cb?x=1#f"},
		{given: "https://good.example/cb/?x=1"},
		{given: "https://good.example/x/../cb?x=1"},
		{given: "https://good.example./cb?x=1"},
		{given: "https://good.example:443/cb?x=1"},
		{given: "https://GOOD.example/cb?x=1"},
		{given: "HTTPS://good.example/cb?x=1"},
		{given: "https://good.example@evil.example/cb?x=1"},
		{given: "https://good.example.evil.example/cb?x=1"},
		{given: "https://good.example%2f@evil.example/cb?x=1"},
		{given: "https://good.example\\@evil.example/cb?x=1"},
		{given: "//good.example/cb?x=1"},
		{given: "\\\\good.example/cb?x=1"},
		{given: "http://good.example/cb?x=1"},
		{given: "https://good.example/cb?x=1\n"},
		{given: "\thttps://good.example/cb?x=1"},
		{given: "javascript:alert(1)"},
		{given: "com.example.app:/cb/evil"},
	}
	for _, test := range tests {
		if got := matchRedirect(registered, test.given, false); got != test.web {
			t.Errorf("%q for a web app: %v", test.given, got)
		}
		if got := matchRedirect(registered, test.given, true); got != test.native {
			t.Errorf("%q for a native app: %v", test.given, got)
		}
	}
}

func FuzzRedirect(f *testing.F) {
	for _, s := range []string{"https://good.example/cb", "http://127.0.0.1:1/cb", "http://[::1]/cb", "com.example.app:/cb", "https://good.example@evil.example/cb", "http://127.0.0.1:99@x/cb"} {
		f.Add(s)
	}
	registered := []string{"https://good.example/cb", "http://127.0.0.1/cb", "http://[::1]/cb"}
	f.Fuzz(func(t *testing.T, s string) {
		if err := checkRedirect(s); err == nil {
			u, err := url.Parse(s)
			if err != nil || u.User != nil || u.Fragment != "" || u.Scheme == "javascript" || u.Scheme == "http" && u.Hostname() != "127.0.0.1" && u.Hostname() != "::1" && u.Hostname() != "localhost" {
				t.Fatalf("%q may be registered", s)
			}
			if !matchRedirect([]string{s}, s, false) {
				t.Fatalf("%q does not match itself", s)
			}
		}
		if !matchRedirect(registered, s, true) {
			return
		}
		// Whatever matches goes to a registered host, by the standard library's reading too.
		u, err := url.Parse(s)
		if err != nil || u.User != nil || u.Path != "/cb" || u.RawQuery != "" || u.Fragment != "" {
			t.Fatalf("%q matches", s)
		}
		if h := u.Hostname(); s != registered[0] && h != "127.0.0.1" && h != "::1" {
			t.Fatalf("%q matches and goes to %q", s, h)
		}
	})
}

func TestParseScopes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, in string
		want     tintype.Scope
		err      string
	}{
		{name: "none is basic", in: "", want: tintype.ScopeBasic},
		{name: "spaces", in: "likes  comments", want: tintype.ScopeBasic | tintype.ScopeLikes | tintype.ScopeComments},
		{name: "plus", in: "likes+comments+", want: tintype.ScopeBasic | tintype.ScopeLikes | tintype.ScopeComments},
		{name: "twice", in: "likes likes", want: tintype.ScopeBasic | tintype.ScopeLikes},
		{name: "all", in: "basic likes comments relationships media", want: appScopes},
		{name: "unknown", in: "basic admin", err: "invalid scope"},
		{name: "the site's own", in: "session", err: "invalid scope"},
		{name: "case", in: "Basic", err: "invalid scope"},
		{name: "comma", in: "comments,likes", want: tintype.ScopeBasic | tintype.ScopeLikes | tintype.ScopeComments},
		{name: "tab", in: "basic\tlikes", err: "invalid scope"},
		{name: "10 kB", in: strings.Repeat("basic ", 2000), err: "invalid scope"},
	}
	for _, test := range tests {
		if got, err := ParseScopes(test.in); got != test.want || blame(err) != test.err {
			t.Errorf("%s: %v, %v", test.name, ScopeNames(got), err)
		}
	}
}

func FuzzParseScopes(f *testing.F) {
	f.Add("basic likes")
	f.Add("likes+comments")
	f.Add("\x00")
	f.Fuzz(func(t *testing.T, s string) {
		got, err := ParseScopes(s)
		if err != nil {
			if got != 0 {
				t.Fatalf("%q: scopes %v with an error", s, got)
			}
			return
		}
		if got&^appScopes != 0 || got&tintype.ScopeBasic == 0 {
			t.Fatalf("%q gives %b", s, got)
		}
		if again, err := ParseScopes(strings.Join(ScopeNames(got), " ")); again != got || err != nil {
			t.Fatalf("%q gives %v and back %v, %v", s, got, again, err)
		}
	})
}
