package archive

import (
	"crypto/sha256"
	"encoding/base64"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/tintype/tintype/internal/tintype"
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

	SectionAlbums      = "albums"
	SectionCollections = "collections"
	SectionPeople      = "people" // close friends, and whom their owner muted, restricted and blocked
)

// Item is one thing in an archive that may become a post, or, where Group or People is there, put posts or people together.
type Item struct {
	Key      string    `json:"key"`             // of it, wherever it is found again
	Taken    time.Time `json:"taken,omitzero"`  // when it was first published; zero if that is not said
	Section  string    `json:"section"`         // one of the sections
	Caption  string    `json:"caption"`         // "" for none
	Place    *Place    `json:"place,omitempty"` // nil if it says none
	Pictures []Picture `json:"pictures"`        // in the order of the album
	Post     string    `json:"post,omitempty"`  // the ID that it has on a Tintype site
	Skip     string    `json:"skip,omitempty"`  // the code of why it is no post; "" if it is one

	Notes tintype.Reasons `json:"notes,omitempty"` // what was left out of it

	Standing Standing `json:"standing,omitzero"`

	Group  *Group  `json:"group,omitempty"`
	People *People `json:"people,omitempty"`
}

// Group is an album or a collection of posts that are in the same archive.
type Group struct {
	Title       string   `json:"title"`
	Description string   `json:"description,omitempty"`
	Private     bool     `json:"private,omitempty"`
	Cover       string   `json:"cover,omitempty"`  // the ID of a post there; "" for none
	Posts       []string `json:"posts"`            // IDs, in order; PostKey gives their keys
	Others      int      `json:"others,omitempty"` // posts in it that are not in the archive
}

// People is one list of people that the owner of the archive keeps.
type People struct {
	List    string   `json:"list"` // FriendsFile, MutedFile, RestrictedFile or BlockedFile
	Persons []Person `json:"persons"`
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

// The codes of why items are left out, and of notes: N is how many.
const (
	WhyVideo     = "video"      // it is a film
	WhyNoPhoto   = "no_photo"   // it has none
	WhyNotPublic = "not_public" // it was not for everybody, and who it was for is not known here
	WhyDeleted   = "deleted"    // its owner deleted it where it comes from

	NoteVideos  = "videos_left" // N films were left out
	NoteMissing = "missing"     // N photos are not in the archive, as it says itself
	NotePeople  = "people_left" // N people who are named in its photos are not named here
	NoteDown    = "taken_down"  // a moderator took it down where it comes from: it comes archived
)

func (it *Item) note(code string, n int) {
	if n > 0 {
		it.Notes = append(it.Notes, tintype.Reason{Code: code, N: n})
	}
}

// leave takes videos out of an item.
func (it *Item) leave() {
	before := len(it.Pictures)
	it.Pictures = slices.DeleteFunc(it.Pictures, func(p Picture) bool { return video(p.File) })
	switch gone := before - len(it.Pictures); {
	case before == 0:
		it.Skip = WhyNoPhoto
	case len(it.Pictures) == 0:
		it.Skip = WhyVideo
	default:
		it.note(NoteVideos, gone)
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
