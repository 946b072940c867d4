package archive

import (
	"crypto/sha256"
	"encoding/base64"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The forms that are recognised.
const (
	Instagram = "instagram"
	Tintype   = "tintype"
	Mastodon  = "mastodon"
	Pixelfed  = "pixelfed"
)

// The sections of an archive, of which a person chooses.
const (
	SectionPosts    = "posts"
	SectionArchived = "archived" // posts that their owner took off their profile
	SectionStories  = "stories"
	SectionOther    = "other" // reels, what was deleted of late, and what else there is
)

// Item is one thing in an archive that may become a post.
type Item struct {
	Key      string    `json:"key"`             // of it, wherever it is found again
	Taken    time.Time `json:"taken,omitzero"`  // when it was first published; zero if that is not said
	Section  string    `json:"section"`         // one of the sections
	Caption  string    `json:"caption"`         // "" for none
	Place    *Place    `json:"place,omitempty"` // nil if it says none
	Pictures []Picture `json:"pictures"`        // in the order of the album
	Post     string    `json:"post,omitempty"`  // the ID that it has on a Tintype site
	Skip     string    `json:"skip,omitempty"`  // why it is no post; "" if it is one
	Note     string    `json:"note,omitempty"`  // what was left out of it; "" for nothing
}

// Picture is one picture of an item.
type Picture struct {
	File   string `json:"file"` // in the archive
	Alt    string `json:"alt,omitempty"`
	Edits  string `json:"edits,omitempty"`  // a recipe, as JSON; "" for none
	Filter string `json:"filter,omitempty"` // by name
}

// video reports whether a file is one by its name.
func video(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".mp4", ".mov", ".m4v", ".webm", ".avi", ".mkv", ".3gp", ".srt", ".mp3", ".ogg", ".m4a", ".wav":
		return true
	}
	return false
}

// Why items are left out.
const (
	onlyVideo  = "it is a video; only photos are taken here"
	noPictures = "it has no photo"
)

// leave takes videos out of an item.
func (it *Item) leave() {
	before := len(it.Pictures)
	it.Pictures = slices.DeleteFunc(it.Pictures, func(p Picture) bool { return video(p.File) })
	switch gone := before - len(it.Pictures); {
	case before == 0:
		it.Skip = noPictures
	case len(it.Pictures) == 0:
		it.Skip = onlyVideo
	case gone == 1:
		it.Note = "a video was left out"
	case gone > 1:
		it.Note = strconv.Itoa(gone) + " videos were left out"
	}
}

// digest makes a short key of any text.
func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return base64.RawURLEncoding.EncodeToString(sum[:12])
}

// inOrder sorts items by when they were published, the oldest first. Where the
// archive has the newest first, so have those of the same moment.
func inOrder(items []Item, newestFirst bool) {
	if newestFirst {
		slices.Reverse(items)
	}
	slices.SortStableFunc(items, func(a, b Item) int { return a.Taken.Compare(b.Taken) })
}
