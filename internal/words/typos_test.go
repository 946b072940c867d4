package words_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/tintype/tintype/internal/words"
)

// finds looks for a word as the people search does, in an index of found alone.
func finds(asked, found string) bool {
	var beginnings []string
	keys := words.AskedKeys(asked)
	for _, p := range words.TypoKeys(found) {
		if slices.Contains(keys, p[0]) {
			beginnings = append(beginnings, p[1])
		}
	}
	meant, tail := words.Meant(asked, beginnings)
	if tail != "" && strings.HasPrefix(found, tail) && words.Slip(asked, found) != "" {
		return true
	}
	return slices.ContainsFunc(meant, func(m string) bool { return strings.HasPrefix(found, m) })
}

// TestSlips: whatever the script, a word is found by each text that is one slip from a beginning of it, and by no
// text that is further away.
func TestSlips(t *testing.T) {
	t.Parallel()
	letters := rapid.SampledFrom([]string{"ab", "abcdefghijklmnopqrstuvwxyz0123456789", "абвгдежзиклмно", "αβγδεζ", "אבגדהו", "ابتثجح", "अआकखग"})
	rapid.Check(t, func(t *rapid.T) {
		alphabet := []rune(letters.Draw(t, "letters"))
		letter := rapid.SampledFrom(alphabet)
		word := rapid.SliceOfN(letter, 4, words.MaxRunes).Draw(t, "word")
		typed := slices.Clone(word[:rapid.IntRange(4, len(word)).Draw(t, "typed")])
		at := rapid.IntRange(0, len(typed)-1).Draw(t, "at")
		switch rapid.IntRange(0, 3).Draw(t, "slip") {
		case 0:
			typed = slices.Delete(typed, at, at+1)
		case 1:
			typed = slices.Insert(typed, at, letter.Draw(t, "more"))
		case 2:
			typed[at] = letter.Draw(t, "other")
		default:
			if at > 0 {
				typed[at-1], typed[at] = typed[at], typed[at-1]
			}
		}
		asked, found := string(typed), string(word)
		if len(typed) < 4 || strings.HasPrefix(found, asked) {
			return
		}
		if !finds(asked, found) {
			t.Fatalf("%q does not find %q", asked, found)
		}
		if words.Slip(asked, found) == "" {
			t.Fatalf("%q is not seen to be one slip from %q", asked, found)
		}
		other := string(rapid.SliceOfN(letter, 4, 12).Draw(t, "stranger"))
		if near := words.Slip(asked, other) != ""; finds(asked, other) && !near {
			t.Fatalf("%q finds %q", asked, other)
		}
	})
}

func TestSlip(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ word, found, want string }{
		{"jonatan", "jonathan", "jonathan"},
		{"jonatan", "jonathansmith", "jonathan"},
		{"jonathan", "jonathansmith", "jonathan"},
		{"smiht", "smith", "smith"},
		{"smitth", "smith", "smith"},
		{"smyth", "smithson", "smith"},
		{"smyht", "smith", ""},
		{"ivanof", "иванов", ""},
		{"ивонов", "иванова", "иванов"},
	} {
		if got := words.Slip(c.word, c.found); got != c.want {
			t.Errorf("%q and %q share %q, want %q", c.word, c.found, got, c.want)
		}
	}
}

func TestTypoKeys(t *testing.T) {
	t.Parallel()
	for _, none := range []string{"", "ann", "王小明明", "山田太郎", "김철수다", "สมชาย"} {
		if keys := words.TypoKeys(none); keys != nil {
			t.Errorf("%q has keys %q", none, keys)
		}
		if keys := words.AskedKeys(none); keys != nil {
			t.Errorf("%q is looked for under %q", none, keys)
		}
	}
	want := [][2]string{{"anna", "anna"}, {"nna", "anna"}, {"ana", "anna"}, {"ann", "anna"}}
	if got := words.TypoKeys("anna"); !slices.Equal(got, want) {
		t.Errorf("anna has keys %q, want %q", got, want)
	}
	long := words.TypoKeys(strings.Repeat("abcd", 8))
	if len(long) != 5+6+7+8 {
		t.Errorf("a long word has %d keys", len(long))
	}
	for _, p := range long {
		if utf8.RuneCountInString(p[1]) > 7 {
			t.Errorf("the beginning %q is long", p[1])
		}
	}
}
