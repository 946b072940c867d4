package words_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/tintype/tintype/internal/words"
)

func TestSplit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text string
		want []string
	}{
		{"", nil},
		{" . -", nil},
		{"Éva Ströẞ, №5", []string{"eva", "stross", "no5"}},
		{"ada_l.42", []string{"ada", "l", "42"}},
		{"小猫cat", []string{"小猫", "cat"}},
		{"ラーメン ｶﾞ", []string{"ラーメン", "カ"}},
		{strings.Repeat("é", 40), []string{strings.Repeat("e", 32), strings.Repeat("e", 8)}},
		{strings.Repeat("山", 33), []string{strings.Repeat("山", 32), "山"}},
	} {
		if got := words.Split(c.text); !slices.Equal(got, c.want) {
			t.Errorf("%q has %q, want %q", c.text, got, c.want)
		}
	}
}
