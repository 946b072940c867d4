package account

import (
	"strings"
	"testing"
)

func TestFullName(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, in, want, err string }{
		{name: "none", in: "", want: ""},
		{name: "spaces", in: "  Ann \u00a0 O'Hara ", want: "Ann O'Hara"},
		{name: "Chinese", in: "王小明", want: "王小明"},
		{name: "composed", in: "Ange\u0301lique", want: "Angélique"},
		{name: "family", in: "👨‍👩‍👧‍👦", want: "👨‍👩‍👧‍👦"},
		{name: "Persian with a non-joiner", in: "علی\u200cرضا", want: "علی\u200cرضا"},
		{name: "as people count", in: strings.Repeat("ก็", 64), want: strings.Repeat("ก็", 64)},
		{name: "too long", in: strings.Repeat("é", 65), err: "invalid full_name"},
		{name: "tower of marks", in: "a" + strings.Repeat("\u0301\u0300", 200), err: "invalid full_name"},
		{name: "only marks", in: strings.Repeat("\u0333", 193), err: "invalid full_name"},
		{name: "override", in: "Ann\u202egpj", err: "invalid full_name"},
		{name: "isolate", in: "Ann\u2067x", err: "invalid full_name"},
		{name: "zero-width space", in: "Ann\u200b", err: "invalid full_name"},
		{name: "NUL", in: "Ann\x00", err: "invalid full_name"},
		{name: "line break", in: "Ann\nBob", err: "invalid full_name"},
		{name: "escape", in: "Ann\x1b[31m", err: "invalid full_name"},
		{name: "noncharacter", in: "Ann\ufffe", err: "invalid full_name"},
		{name: "private use", in: "Ann\ue000", err: "invalid full_name"},
		{name: "line separator", in: "Ann\u2028", err: "invalid full_name"},
		{name: "not UTF-8", in: "Ann\xc3", err: "invalid full_name"},
		{name: "huge", in: strings.Repeat("a", 1<<20), err: "invalid full_name"},
		{name: "HTML is text", in: "<b>Ann</b>", want: "<b>Ann</b>"},
	}
	for _, test := range tests {
		if got, err := FullName(test.in); blame(err) != test.err || err == nil && got != test.want {
			t.Errorf("%s: FullName(%q) = %q, %v", test.name, test.in, got, err)
		}
	}
	if got, err := Bio(" one\r\ntwo\rthree "); got != "one\ntwo\nthree" || err != nil {
		t.Errorf("Bio: %q, %v", got, err)
	}
	if _, err := Bio(strings.Repeat("x", 301)); blame(err) != "invalid bio" {
		t.Error(err)
	}
}

func TestWebsite(t *testing.T) {
	t.Parallel()
	good := map[string]string{
		"": "", " https://example.com/a?b=c#d ": "https://example.com/a?b=c#d", "example.com/me": "https://example.com/me",
		"http://xn--bcher-kva.example:8080/": "http://xn--bcher-kva.example:8080/", "HTTPS://Example.com": "https://Example.com",
	}
	for in, want := range good {
		if got, err := Website(in); got != want || err != nil {
			t.Errorf("Website(%q) = %q, %v; want %q", in, got, err, want)
		}
	}
	for _, in := range []string{
		"javascript:alert(1)", "JavaScript://example.com/%0aalert(1)", "data:text/html,x", "//example.com", "ftp://example.com", "https://", "https://user@example.com",
		"https://user:pw@example.com", "https://bücher.example", "https://" + strings.Repeat("a", 300) + ".com", "http://[::1%25eth0]/", "http://127.0.0.1/",
		"https://example.com:0/", "https://example.com:99999999/", "https://example.com:/", "https://exa mple.com", "https://example.com/\"onclick=", "https://a..b", "https://localhost",
		"https://example.com\n/x", "mailto:a@example.com", "https:example.com", "https:///example.com", "\\\\example.com", "https://exam\tple.com", "https://-a.com",
	} {
		if got, err := Website(in); blame(err) != "invalid website" {
			t.Errorf("Website(%q) = %q, %v", in, got, err)
		}
	}
}

func TestEmail(t *testing.T) {
	t.Parallel()
	good := map[string][2]string{
		"": {"", ""}, " Ann.B+x@Example.COM ": {"Ann.B+x@Example.COM", "ann.b+x@example.com"}, "wáng@example.com": {"wáng@example.com", "wáng@example.com"},
		"ＡＮＮ@example.com": {"ＡＮＮ@example.com", "ann@example.com"},
	}
	for in, want := range good {
		if a, k, err := Email(in); a != want[0] || k != want[1] || err != nil {
			t.Errorf("Email(%q) = %q, %q, %v; want %q", in, a, k, err, want)
		}
	}
	for _, in := range []string{
		"ann", "@example.com", "ann@", "ann@example", "ann@@example.com", "a b@example.com", "ann@exa mple.com", "ann@example.com\r\nBcc: x@y.z", "\"a\"@example.com",
		".ann@example.com", "ann.@example.com", "a..b@example.com", "ann@[127.0.0.1]", "ann@127.0.0.1", "Ann <ann@example.com>", "ann@example..com", "ann@-x.com",
		strings.Repeat("a", 65) + "@example.com", "a@" + strings.Repeat("a.", 130) + "com", "ann\x00@example.com", "ann\u202e@example.com", "ann\xff@example.com", "a,b@example.com",
	} {
		if a, _, err := Email(in); blame(err) != "invalid email" {
			t.Errorf("Email(%q) = %q, %v", in, a, err)
		}
	}
}

func TestLocale(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"": "en", "en": "en", "zh-CN": "zh-CN", "zh-Hans-CN": "zh-Hans-CN"} {
		if got, err := Locale(in); got != want || err != nil {
			t.Errorf("Locale(%q) = %q, %v", in, got, err)
		}
	}
	for _, in := range []string{"e", "english", "en_US", "en-", "-en", "en\n", "../en", strings.Repeat("en-", 20) + "x", "ée"} {
		if got, err := Locale(in); blame(err) != "invalid locale" {
			t.Errorf("Locale(%q) = %q, %v", in, got, err)
		}
	}
}
