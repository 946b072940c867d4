package words_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/tintype/tintype/internal/words"
)

func TestHide(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		phrase string
		in     []string
		out    []string
	}{
		{"ugly", []string{"UGLY!", "so ugly, really", "#ugly", "úgly", "ug\u200bly", "ｕｇｌｙ"}, []string{"uglyduck", "ug ly", ""}},
		{"go home", []string{"Go  home", "please go, home", "GO-HOME now"}, []string{"home go", "go to home", "go homeward", "gohome"}},
		{"Straße", []string{"strasse", "STRASSE 5"}, []string{"strassen"}},
		{"идиот", []string{"Идиот!", "ты ИДИОТ"}, []string{"идиотка"}},
		{"笨蛋", []string{"你这个笨蛋啊", "笨蛋", "a笨蛋b"}, []string{"笨 蛋", "蛋笨"}},
		{"bad笨蛋", []string{"bad笨蛋啊", "so bad 笨蛋"}, []string{"bad 大笨蛋", "笨蛋"}},
		{"笨 bad", []string{"大笨 bad", "笨bad"}, []string{"笨大 bad"}},
		{"カバ", []string{"アカバネ", "ｶﾊﾞ"}, []string{"カ・バ"}},
		{"🍆", []string{"nice 🍆🍆", "🍆\uFE0F"}, []string{"aubergine"}},
		{"غبي", []string{"أنت غبي"}, []string{"غبية"}},
		{"c'est nul", []string{"C’est NUL !"}, []string{"cest nul"}},
		{"   ", nil, []string{"anything", ""}},
	} {
		f := words.Hide([]string{"unrelated", c.phrase})
		for _, text := range c.in {
			if !f.In("first", text) {
				t.Errorf("%q is not found in %q", c.phrase, text)
			}
		}
		for _, text := range c.out {
			if f.In(text) {
				t.Errorf("%q is found in %q", c.phrase, text)
			}
		}
	}
	if (words.Filter{}).In("a") || !words.Hide([]string{" "}).Empty() {
		t.Error("a filter of nothing finds something")
	}
}

// TestHideItself: a text that is a phrase, with others around it, is found.
func TestHideItself(t *testing.T) {
	t.Parallel()
	text := rapid.StringMatching(`([a-zéŞ]{1,4}|[看日落猫ラーか한]{1,3}|[ ,#]){1,8}`)
	rapid.Check(t, func(t *rapid.T) {
		phrase, before, after := text.Draw(t, "phrase"), text.Draw(t, "before"), text.Draw(t, "after")
		f := words.Hide([]string{phrase})
		if !f.Empty() && !f.In(before+" "+phrase+" "+after) {
			t.Fatalf("%q is not found between %q and %q", phrase, before, after)
		}
	})
}
