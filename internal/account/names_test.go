package account

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestUsername(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, in, want, err string }{
		{name: "plain", in: "ann.o_7", want: "ann.o_7"},
		{name: "capitals", in: "ANN", want: "ann"},
		{name: "full width", in: "Ａｎｎ７", want: "ann7"},
		{name: "ligature", in: "ﬁsh", want: "fish"},
		{name: "Kelvin sign", in: "\u212Aate", want: "kate"},
		{name: "long s", in: "ſam", want: "sam"},
		{name: "longest", in: strings.Repeat("a", 30), want: strings.Repeat("a", 30)},
		{name: "too long", in: strings.Repeat("a", 31), err: "invalid username"},
		{name: "grows too long", in: strings.Repeat("ﬃ", 11), err: "invalid username"},
		{name: "much too long", in: strings.Repeat("a", 1<<20), err: "invalid username"},
		{name: "empty", in: "", err: "invalid username"},
		{name: "space", in: "an n", err: "invalid username"},
		{name: "trailing space", in: "ann ", err: "invalid username"},
		{name: "leading dot", in: ".ann", err: "invalid username"},
		{name: "trailing dot", in: "ann.", err: "invalid username"},
		{name: "two dots", in: "an..n", err: "invalid username"},
		{name: "two dots by normalising", in: "an‥n", err: "invalid username"},
		{name: "digits only", in: "12345", err: "invalid username"},
		{name: "digits and dots", in: "1.2", err: "invalid username"},
		{name: "hyphen", in: "an-n", err: "invalid username"},
		{name: "slash", in: "a/b", err: "invalid username"},
		{name: "Turkish İ", in: "İstanbul", err: "invalid username"},
		{name: "dotless i", in: "ısparta", err: "invalid username"},
		{name: "Cyrillic а", in: "аnn", err: "invalid username"},
		{name: "Chinese", in: "小王", err: "invalid username"},
		{name: "joiner", in: "an\u200dn", err: "invalid username"},
		{name: "soft hyphen", in: "an\u00adn", err: "invalid username"},
		{name: "right-to-left override", in: "an\u202en", err: "invalid username"},
		{name: "combining mark", in: "ann\u0301", err: "invalid username"},
		{name: "NUL", in: "ann\x00", err: "invalid username"},
		{name: "not UTF-8", in: "ann\xff", err: "invalid username"},
		{name: "at", in: "@ann", err: "invalid username"},
	}
	for _, test := range tests {
		got, err := Username(test.in)
		if got != test.want || blame(err) != test.err {
			t.Errorf("%s: Username(%q) = %q, %v", test.name, test.in, got, err)
		}
	}
}

func TestSkeleton(t *testing.T) {
	t.Parallel()
	same := [][]string{
		{"bo0k", "book", "b0ok", "b00k"}, {"paypal", "paypa1", "paypai"}, {"mom", "rnorn", "rnom"}, {"wow", "vvow", "vvovv"}, {"vvv", "wv", "vw"},
	}
	for _, group := range same {
		for _, name := range group {
			if Skeleton(name) != Skeleton(group[0]) {
				t.Errorf("%q and %q look alike", name, group[0])
			}
		}
	}
	for _, pair := range [][2]string{{"ann", "an"}, {"a.b", "a_b"}, {"a.b", "ab"}, {"cat", "car"}, {"nn", "m"}} {
		if Skeleton(pair[0]) == Skeleton(pair[1]) {
			t.Errorf("%q and %q do not look alike", pair[0], pair[1])
		}
	}
}

func TestReservedNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"admin", "ADMIN", "adm1n", "api", "v1", "oauth", "0auth", "m", "rn", "p", "media", "robots.txt", "favicon.ico",
		"login", "settings", "about", "metrics", "healthz", "avatars", "assets", "tintype"} {
		if _, _, err := newUsername(name); blame(err) != "conflict username" {
			t.Errorf("%q: %v", name, err)
		}
	}
	for _, name := range []string{"ann", "apiary", "mm", "administratrix"} {
		if _, _, err := newUsername(name); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func FuzzUsername(f *testing.F) {
	for _, s := range []string{"ann", "Ａnn", "ﬁ", "İ", "a..b", "rn", "\xff", "1.2", "ＡＤＭＩＮ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		name, err := Username(s)
		if err != nil {
			if name != "" {
				t.Fatalf("%q: a name %q with an error", s, name)
			}
			return
		}
		if again, err := Username(name); err != nil || again != name {
			t.Fatalf("%q gives %q, which gives %q, %v", s, name, again, err)
		}
		if !utf8.ValidString(name) || len(name) < 1 || len(name) > MaxUsername {
			t.Fatalf("%q gives %q", s, name)
		}
		for i := range len(name) {
			if c := name[i]; !('a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '.' || c == '_') {
				t.Fatalf("%q gives %q", s, name)
			}
		}
		skel := Skeleton(name)
		if strings.ContainsAny(skel, "01imw") || Skeleton(skel) != skel {
			t.Fatalf("skeleton of %q is %q, and of that %q", name, skel, Skeleton(skel))
		}
	})
}
