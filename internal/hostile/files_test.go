package hostile

import (
	"slices"
	"strings"
	"testing"
)

// What a JPEG says is told from what its pixels happen to be coded as.
func TestWords(t *testing.T) {
	t.Parallel()
	whole := photo("words")
	scan := strings.Index(string(whole), "\xff\xda") + 14
	for _, c := range []struct {
		name  string
		file  []byte
		said  bool
		whole bool
	}{
		{"nothing", whole, false, true},
		{"among its pixels", slices.Concat(whole[:scan], []byte("GPS"), whole[scan:]), false, true},
		{"in a comment", slices.Concat(whole[:2], []byte("\xff\xfe\x00\x05GPS"), whole[2:]), true, true},
		{"in an application segment", slices.Concat(whole[:2], []byte("\xff\xe1\x00\x05GPS"), whole[2:]), true, true},
		{"after its end", slices.Concat(whole, []byte("GPS")), true, true},
		{"cut off", whole[:len(whole)-2], false, false},
		{"cut off in a segment", whole[:10], false, false},
		{"not there", nil, false, false},
	} {
		said, ok := words(c.file)
		if got := strings.Contains(string(said), "GPS"); got != c.said || ok != c.whole {
			t.Errorf("%s: said %t, whole %t, want %t and %t", c.name, got, ok, c.said, c.whole)
		}
	}
}
