package tintype

import (
	"encoding/json"
	"os"
	"slices"
	"testing"
)

// TestTagsIn is held to the vectors that the web app's links are held to, too.
func TestTagsIn(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("testdata/tags.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors []struct {
		Name, Text string
		Tags       []string
		Links      []string // as they are written, each time
	}
	if err := json.Unmarshal(b, &vectors); err != nil || len(vectors) == 0 {
		t.Fatalf("%d vectors: %v", len(vectors), err)
	}
	for _, v := range vectors {
		if got := TagsIn(v.Text); !slices.Equal(got, v.Tags) {
			t.Errorf("%s: %q has %+q, want %+q", v.Name, v.Text, got, v.Tags)
		}
		var led []string // where the links lead, each once
		for _, link := range v.Links {
			if tag, ok := FoldTag(link); !ok {
				t.Errorf("%s: the link %q is no tag", v.Name, link)
			} else if !slices.Contains(led, tag) {
				led = append(led, tag)
			}
		}
		if !slices.Equal(led, v.Tags) {
			t.Errorf("%s: the links lead to %q, want %q", v.Name, led, v.Tags)
		}
	}
}

// FuzzTagsIn: what is found as a tag is in the form in which tags are kept, and is found again.
func FuzzTagsIn(f *testing.F) {
	for _, s := range []string{"#a", "#日落 and #Sunset", "x#y ##z", "#\u200da", "#İ", "＃夏#a", "#ΑΣ_Σ\u200dΣ", "#i\u0307\u0307"} {
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
