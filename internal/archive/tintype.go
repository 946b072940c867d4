package archive

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/tintype/tintype/internal/tintype"
)

// The form of Tintype's own archives, as docs/archive.md describes it.
const (
	FormatName    = "tintype-archive"
	FormatVersion = 2
	AboutFile     = "tintype.json"
	PostsFile     = "posts.json"

	ProfileFile     = "profile.json"
	AlbumsFile      = "albums.json"
	CollectionsFile = "collections.json"
	FriendsFile     = "close_friends.json"
	MutedFile       = "muted.json"
	RestrictedFile  = "restricted.json"
	BlockedFile     = "blocked.json"
)

// About is AboutFile.
type About struct {
	Format  string    `json:"format"`
	Version int       `json:"version"`
	Site    string    `json:"site"`
	Made    time.Time `json:"made"`
	Posts   int64     `json:"posts"`
}

// Post is one element of PostsFile, newest first.
type Post struct {
	ID        string     `json:"id"`
	Shortcode string     `json:"shortcode"`
	Created   time.Time  `json:"created"`
	Edited    *time.Time `json:"edited,omitempty"`
	Caption   string     `json:"caption"`
	Tags      []string   `json:"tags,omitempty"`
	Location  *Place     `json:"location,omitempty"`
	Likes     int64      `json:"likes"`
	Comments  int64      `json:"comments"`
	Media     []Media    `json:"media"`

	Standing
}

// Standing is how a post stands among the others of its owner. The zero Standing is that of a post for all who may see the owner's.
type Standing struct {
	Audience   string `json:"audience,omitempty"` // AudienceFriends, or "" for all who may see the owner's posts
	Archived   bool   `json:"archived,omitempty"`
	Pinned     int    `json:"pinned,omitempty"`     // 1 for what stands first on the profile; 0 for not pinned
	HideLikes  *bool  `json:"hide_likes,omitempty"` // nil: as the owner has it for all
	Commenters string `json:"commenters,omitempty"` // everyone, following, followers or nobody; "": as the owner has it for all
	TakenDown  bool   `json:"taken_down,omitempty"` // by a moderator
}

// AudienceFriends is Standing.Audience of a post for its owner's close friends.
const AudienceFriends = "friends"

// Place is where a post was made.
type Place struct {
	Name      string   `json:"name,omitempty"`
	Latitude  *float64 `json:"latitude,omitempty"`
	Longitude *float64 `json:"longitude,omitempty"`
	OffMap    bool     `json:"off_map,omitempty"` // it is not on the owner's photo map
}

// Person is another user, or the one whose archive it is.
type Person struct {
	ID       string `json:"id"`
	Username string `json:"username"`
	FullName string `json:"full_name,omitempty"`
	Activity bool   `json:"activity,omitempty"` // of one who is muted: so is what they do to the user
}

// Named is a person in a picture.
type Named struct {
	Username string  `json:"username"`
	X        float64 `json:"x"`               // from the left, in parts of the width, 0 to 1
	Y        float64 `json:"y"`               // from the top, in parts of the height, 0 to 1
	Waits    bool    `json:"waits,omitempty"` // they have not said yet whether they want to be named
}

// Mention is a post that an archive speaks of. Of one that is gone, or is not to be seen (any more), there is only what names it.
type Mention struct {
	Post      string    `json:"post"`
	Shortcode string    `json:"shortcode"`
	By        string    `json:"by,omitempty"` // a username
	Created   time.Time `json:"created"`
	Gone      bool      `json:"gone,omitempty"`
}

// Album is one element of AlbumsFile, newest first.
type Album struct {
	ID          string    `json:"id"`
	Title       string    `json:"title"`
	Description string    `json:"description,omitempty"`
	Private     bool      `json:"private"`
	Created     time.Time `json:"created"`
	Cover       string    `json:"cover,omitempty"` // a post of it; "" for the first
	Posts       []string  `json:"posts"`           // IDs in PostsFile, in the owner's order
}

// Collection is one element of CollectionsFile, newest first.
type Collection struct {
	ID      string    `json:"id"`
	Name    string    `json:"name"`
	Created time.Time `json:"created"`
	Cover   string    `json:"cover,omitempty"` // a post of it; "" for the latest
	Posts   []Mention `json:"posts"`           // the last to come first
}

// Media is one picture of a post, in the order of the album.
type Media struct {
	File    string          `json:"file,omitempty"` // of the original, in the archive
	Missing bool            `json:"missing,omitempty"`
	Type    string          `json:"type"`
	Bytes   int64           `json:"bytes"`
	Width   int             `json:"width"` // of the largest rendition
	Height  int             `json:"height"`
	AltText string          `json:"alt_text,omitempty"`
	Filter  string          `json:"filter,omitempty"`
	Edits   json.RawMessage `json:"edits,omitempty"`
	Camera  *tintype.Camera `json:"camera,omitempty"`
	People  []Named         `json:"people,omitempty"`
}

// Extension is how the name of a file of a MIME type ends; "" if that is not known.
func Extension(mime string) string {
	switch mime {
	case "image/jpeg":
		return ".jpg"
	case "image/png":
		return ".png"
	case "image/gif":
		return ".gif"
	case "image/webp":
		return ".webp"
	case "image/heic":
		return ".heic"
	case "image/avif":
		return ".avif"
	case "image/tiff":
		return ".tif"
	}
	return ""
}

// Readme says in an archive what is in it.
func Readme(site string, made time.Time) []byte {
	return fmt.Appendf(nil, `This is what you own on %s, as it was on %s.

media/        your photos, byte for byte as you uploaded them, by year and month
posts.json    your posts, the newest first: caption, tags, place, alternative texts, edits,
              who may see and comment, who is named in the pictures, and which file in
              media/ each picture is
albums.json   your albums, and which posts are in them, in your order
saved.json    what you saved; collections.json says what of it is in which collection
*.json        your profile and settings, your comments and likes, whom you follow, mute,
              restrict and block, your close friends, your sessions, the apps that you let
              in, and what else is kept of you
tintype.json  what form of archive this is

All texts are UTF-8. Times are in UTC. The form is described on the page
"docs/archive.md" of Tintype. Any Tintype site can take this archive back in:
Settings, Your data, Import.
`, site, made.UTC().Format("2 January 2006, 15:04 UTC"))
}
