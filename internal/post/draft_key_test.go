package post_test

import (
	"encoding/json"
	"testing"

	"github.com/tintype/tintype/internal/post"
	"github.com/tintype/tintype/internal/tintype"
)

// TestDraftOfBefore is that a draft which uses nothing new is under its key as it was before there was more to say.
func TestDraftOfBefore(t *testing.T) {
	t.Parallel()
	got, err := json.Marshal(post.Draft{Uploads: []tintype.ID{7}, Caption: "hm", People: []post.Named{}, Key: "k"})
	const want = `{"Uploads":["7"],"Caption":"hm","AltTexts":null,"Filter":"","Edits":null,"Location":null,"Approximate":false,"Key":"k"}`
	if err != nil || string(got) != want {
		t.Errorf("it is %s, %v; want %s", got, err, want)
	}
}
