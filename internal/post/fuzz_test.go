package post

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// FuzzCaption: a caption that is taken is bounded text without control characters, taken again as it is; its mentions
// are lower case, bounded, and each there once.
func FuzzCaption(f *testing.F) {
	for _, s := range []string{"", "a caption #tag @ada", "@ada.\r\n@bob", "\x00", "a\u0301", "\u202e@x", "@@a@b", "＠ada", "#" + strings.Repeat("x", 300), strings.Repeat("@a ", 30), "\xff", "👩‍👩‍👧 @İ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		out, err := clean("caption", text, MaxCaption)
		if err != nil {
			return
		}
		if n := utf8.RuneCountInString(out); n > MaxCaption || !utf8.ValidString(out) {
			t.Fatalf("%q becomes %d characters", text, n)
		}
		for _, r := range out {
			if unicode.IsControl(r) && r != '\n' {
				t.Fatalf("%q keeps U+%04X", text, r)
			}
		}
		again, err := clean("caption", out, MaxCaption)
		if err != nil || again != out {
			t.Fatalf("%q becomes %q, and that %q, %v", text, out, again, err)
		}
		if list, err := tags(out); err == nil && len(list) > MaxTags {
			t.Fatalf("%d tags", len(list))
		}
		seen := map[string]bool{}
		for _, name := range names(out) {
			if name == "" || seen[name] || strings.ContainsAny(name, "@＠ \n") || strings.HasSuffix(name, ".") {
				t.Fatalf("%q mentions %q", out, name)
			}
			seen[name] = true
		}
	})
}
