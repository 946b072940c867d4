package imaging

import (
	"bytes"
	"encoding/json"
	"io"
	"time"

	"github.com/tintype/tintype/internal/tintype"
)

// Limits on what is accepted, unless the Config says otherwise.
const (
	DefaultMaxBytes  = 50 << 20
	DefaultMaxPixels = 100_000_000
	DefaultTimeout   = 30 * time.Second
	DefaultIdle      = time.Minute
	DefaultMaxMemory = 2 << 30
)

// Config configures a Pool. Zero values mean the defaults.
type Config struct {
	Command     []string      // argv of a child; required, e.g. {"/usr/bin/tintype", "render"}
	Env         []string      // added to the child's otherwise nearly empty environment, as "K=V"
	Children    int           // at most so many at once; GOMAXPROCS if 0
	Timeout     time.Duration // for one job, on top of the context's deadline
	Idle        time.Duration // an unused child ends after so long
	MaxBytes    int64         // largest original
	MaxPixels   int64         // largest width × height of an original
	MaxMemory   int64         // bytes of writable memory that one child may have
	MaxOutput   int64         // bytes that one rendition may have; 16 MB if 0
	JobsPerLife int           // a child is replaced after so many jobs; 500 if 0
}

// Info is what a file turned out to be.
type Info struct {
	Type   string `json:"type"`  // MIME type by its bytes, one of Types
	Width  int    `json:"width"` // upright, before any edit
	Height int    `json:"height"`

	Animated bool            `json:"animated,omitempty"` // more than one frame; only the first is used
	Camera   *tintype.Camera `json:"camera,omitempty"`   // nil if the file says nothing of it
	Lat      *float64        `json:"lat,omitempty"`      // degrees north, for the owner to accept; nil without a position
	Lon      *float64        `json:"lon,omitempty"`      // degrees east
}

// Plan says what to make of an original.
type Plan struct {
	Recipe json.RawMessage // the edits (see package grade), or nil
	Sizes  []string        // names of sizes, see below; in any order
	Format Format          // what all of them become; "" is JPEG
	// Stored says that the original was taken in already, under the limits of its day: those for uploads, which may be lower by now, do not count.
	Stored bool
}

// The sizes. A plain number is a width in the picture's true aspect ratio, an
// "s" means a square cut from the middle. Nothing is ever enlarged, so a small
// original gives a smaller rendition under the same name.
const (
	Size1080 = "1080"
	Size640  = "640"
	Size320s = "320s"
	Size150s = "150s"
	Size612s = "612s"
	Size306s = "306s"
)

// PostSizes are made before a post is published.
func PostSizes() []string { return []string{Size1080, Size640, Size320s, Size150s} }

// AvatarSizes are made of a profile picture.
func AvatarSizes() []string { return []string{Size320s, Size150s} }

// LegacySizes are made when a client of API v1 first asks for them.
func LegacySizes() []string { return []string{Size612s, Size306s} }

// Rendition is one derived file, in the format of its plan.
type Rendition struct {
	Name   string `json:"name"` // the size's name
	Width  int    `json:"width"`
	Height int    `json:"height"`
	Bytes  int64  `json:"bytes"`
}

// Result is what Render made.
type Result struct {
	Info
	Blurhash   string      // of the edited picture; 4 × 3 waves, or 3 × 4 if it is upright
	Renditions []Rendition // largest first; all were written to the sink
}

// Sink opens the place where the rendition of that name is written. It is
// called once per size, largest first, and only after all of them were made.
// The writer is closed before the next is opened. If Render fails none of what
// was written may be used.
type Sink func(name string) (io.WriteCloser, error)

// Buffers takes renditions into memory, by size. They are small: stored once all
// are made, they free the child early. Its Open is a Sink.
type Buffers map[string]*bytes.Buffer

// Open implements Sink.
func (b Buffers) Open(name string) (io.WriteCloser, error) {
	b[name] = &bytes.Buffer{}
	return nopCloser{b[name]}, nil
}

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }

// Types are the MIME types accepted, as Sniff names them.
func Types() []string {
	return []string{"image/jpeg", "image/png", "image/webp", "image/heic", "image/avif", "image/gif"}
}

// Status is what a running child says of itself.
type Status struct {
	Versions map[string]string `json:"versions"` // of libvips and the codecs known
	Layers   map[string]string `json:"layers"`   // of the cage: "rlimits", "landlock", "seccomp" → "on" or why it is not
	Loaders  []string          `json:"loaders"`  // MIME types it can decode
	Children int               `json:"-"`        // alive now
}
