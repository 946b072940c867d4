package words_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/tintype/tintype/internal/words"
)

func TestTerms(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		texts []string
		want  []string
	}{
		{nil, nil},
		{[]string{"Sunset, sunset at the Café!", "a café"}, []string{"sunset", "at", "the", "cafe", "a"}},
		{[]string{"看日落 now"}, []string{"看", "看日", "日", "日落", "落", "now"}},
		{[]string{"猫", "#blue_sky"}, []string{"猫", "blue", "sky"}},
	} {
		if got := words.Terms(c.texts...); !slices.Equal(got, c.want) {
			t.Errorf("%q is found by %q, want %q", c.texts, got, c.want)
		}
	}
	var long strings.Builder
	for i := range 500 {
		fmt.Fprintf(&long, "w%d ", i)
	}
	if got := words.Terms(long.String()); len(got) != 64 || got[63] != "w63" {
		t.Errorf("a long text is found by %d terms, the last %s", len(got), got[len(got)-1])
	}
}

func TestQuestion(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		question string
		keys     []string
		in       []string
		out      []string
	}{
		{"", nil, []string{"", "anything"}, nil},
		{"SUNSET cafe", []string{"sunset", "cafe"}, []string{"Café at sunset", "sunset café"}, []string{"sunset", "sunsets cafe"}},
		{"日落", []string{"日落"}, []string{"看日落了"}, []string{"日和落", "落日", "日 落"}},
		{"看日落", []string{"日落", "看日"}, []string{"我看日落"}, []string{"看日，日落"}},
		{"猫", []string{"猫"}, []string{"黑猫在睡", "猫"}, []string{"狗"}},
		{"a bb ccc dddd eeeee ffffff", []string{"ffffff", "eeeee", "dddd", "ccc", "bb"}, []string{"ffffff eeeee dddd ccc bb a"}, []string{"ffffff eeeee dddd ccc bb"}},
		{"go go", []string{"go"}, []string{"go"}, []string{"gogo"}},
	} {
		q := words.Ask(c.question)
		if got := q.Keys(); !slices.Equal(got, c.keys) {
			t.Errorf("%q is looked up by %q, want %q", c.question, got, c.keys)
		}
		if q.Empty() != (c.keys == nil) {
			t.Errorf("%q is empty: %v", c.question, q.Empty())
		}
		for _, text := range c.in {
			if !q.In(text) {
				t.Errorf("%q is not found in %q", c.question, text)
			}
		}
		for _, text := range c.out {
			if q.In(text) {
				t.Errorf("%q is found in %q", c.question, text)
			}
		}
	}
	if !words.Ask("one two").In("one", "two") {
		t.Error("words of two texts are not found")
	}
}

// TestKeysAreTerms: what a text is looked up by it is found by.
func TestKeysAreTerms(t *testing.T) {
	t.Parallel()
	text := rapid.StringMatching(`([a-zéŞ]{1,4}|[看日落猫ラーかが한글ก]{1,6}|[ ,#_]){0,12}`)
	rapid.Check(t, func(t *rapid.T) {
		full := text.Draw(t, "text")
		chars := []rune(full)
		from := rapid.IntRange(0, len(chars)).Draw(t, "from")
		to := rapid.IntRange(from, len(chars)).Draw(t, "to")
		q := words.Ask(string(chars[from:to]))
		terms := words.Terms(full)
		if !q.In(full) || len(terms) == 64 {
			return // a part of a word is no word
		}
		for _, k := range q.Keys() {
			if !slices.Contains(terms, k) {
				t.Fatalf("%q is in %q, which has %q but not %q", string(chars[from:to]), full, terms, k)
			}
		}
	})
}
