package tintype

import "time"

// CheckKey names a row that is checked: one ID, or two that together are the
// row's key. Pages of a check are cut by it.
type CheckKey [2]int64

// BeforeAll is the key to begin with.
var BeforeAll = CheckKey{-1 << 63, -1 << 63}

// Before is the key just before k: a page of one row after it is k's row.
func (k CheckKey) Before() CheckKey {
	if k[1] > -1<<63 {
		return CheckKey{k[0], k[1] - 1}
	}
	return CheckKey{k[0] - 1, 1<<63 - 1}
}

// Finding is one thing on a site that is not as it should be.
type Finding struct {
	Check    string   // which check found it
	Home     int      // which part of the site: an index of the checker's homes
	Database string   // the name of that part, for people
	Key      CheckKey // the row
	What     string   // a sentence for people, without a full stop
	Do       string   // what to do about it, likewise; "" where Mendable
	Mendable bool     // the right state follows from other rows
}

// CheckPage is what one page of a check found.
type CheckPage struct {
	Rows     int      // how many were looked at
	Last     CheckKey // of the last one: the next page is after it
	More     bool     // there may be further rows
	Findings []Finding
	// Away names what could not be reached: what these rows say of what lives
	// there was not compared.
	Away []string
}

// CheckStep is one check of a site.
type CheckStep struct {
	Name string
	// Weight is how much work it is on an ordinary site, compared with others.
	Weight int
	Homes  []CheckHome // the parts of the site on which it is made, one after the other or at once
}

// CheckHome is one part of a site.
type CheckHome struct {
	Name     string // for people
	Database string // parts of one database are checked one after the other
}

// Mended names what a repair changed, so that caches forget it.
type Mended struct{ Users, Posts []ID }

// FileRef is a row that names files in the blob store.
type FileRef struct {
	Kind     string // "media", "upload", "avatar", "export" or "import"
	Home     int    // as in Finding
	Owner    ID     // the post, the upload, or the user
	Position int    // of a media in its post; the ID of an export or import
	Key      string // of the renditions, of the avatar, or of the parts; "" for none
	Original string // blob name of the bytes as uploaded; "" for none
	Bytes    int64  // their number; -1 if they may be absent. Of an export or import: how many parts
	Large    Large  // of a media: what its large JPEGs may be
}

// Row is the key of the row.
func (r FileRef) Row() CheckKey { return CheckKey{int64(r.Owner), int64(r.Position)} }

// Seen is a user with when they were last here.
type Seen struct {
	ID ID
	At time.Time
}
