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
	FormatVersion = 1
	AboutFile     = "tintype.json"
	PostsFile     = "posts.json"
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
}

// Place is where a post was made.
type Place struct {
	Name      string   `json:"name,omitempty"`
	Latitude  *float64 `json:"latitude,omitempty"`
	Longitude *float64 `json:"longitude,omitempty"`
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
              and which file in media/ each picture is
*.json        your profile and settings, your comments, likes, follows and followers,
              your sessions and the apps that you let in
tintype.json  what form of archive this is

All texts are UTF-8. Times are in UTC. The form is described on the page
"docs/archive.md" of Tintype. Any Tintype site can take this archive back in:
Settings, Your data, Import.
`, site, made.UTC().Format("2 January 2006, 15:04 UTC"))
}
