package tintype

import (
	"slices"
	"strings"
	"testing"
)

func TestTagsIn(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, text string
		want       []string
	}{
		{name: "none", text: "no tags # here"},
		{name: "case and repeats", text: "#Sun #sun #SUN_set", want: []string{"sun", "sun_set"}},
		{name: "punctuation ends", text: "(#a1), #b2! #c3.", want: []string{"a1", "b2", "c3"}},
		{name: "digits alone are none", text: "#1 #2024 #4k", want: []string{"4k"}},
		{name: "inside a word is none", text: "a#b x/#y &#z", want: nil},
		{name: "Chinese, without spaces", text: "今天#日落很美 #上海", want: []string{"日落很美", "上海"}},
		{name: "full-width mark", text: "＃夏", want: []string{"夏"}},
		{name: "accents and joiners", text: "#Café #नमस्ते", want: []string{"café", "नमस्ते"}},
		{name: "too long", text: "#" + strings.Repeat("x", MaxTag+1)},
		{name: "two together", text: "#a#b", want: []string{"a"}},
		{name: "two together, without spaces", text: "#日落#夏 #カメラ#写真好き", want: []string{"日落", "夏", "カメラ", "写真好き"}},
	} {
		if got := TagsIn(tt.text); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q has %q, want %q", tt.name, tt.text, got, tt.want)
		}
	}
}

// FuzzTagsIn: what is found as a tag is in the form in which tags are kept, and is found again.
func FuzzTagsIn(f *testing.F) {
	for _, s := range []string{"#a", "#日落 and #Sunset", "x#y ##z", "#\u200da", "#İ", "＃夏#a"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, tag := range TagsIn(text) {
			folded, ok := FoldTag(tag)
			if !ok || folded != tag {
				t.Errorf("%q of %q becomes %q, %v", tag, text, folded, ok)
			}
			if again := TagsIn("#" + tag); !slices.Equal(again, []string{tag}) {
				t.Errorf("%q of %q is found again as %q", tag, text, again)
			}
		}
	})
}
