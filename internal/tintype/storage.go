package tintype

import "time"

// StoredKind is what a file is to its user, for counting the room that files take.
// The numbers are stored.
type StoredKind int

// The kinds of files.
const (
	StoredOriginals StoredKind = 1 // of posts, as they were uploaded
	StoredUploads   StoredKind = 2 // not published yet
	StoredJPEG      StoredKind = 3 // renditions
	StoredAVIF      StoredKind = 4
	StoredWebP      StoredKind = 5
	StoredAvatars   StoredKind = 6
	StoredExports   StoredKind = 7 // what is kept of archives of users' data; counted by their own rows
	StoredImports   StoredKind = 8 // what has come of archives that users brought; likewise
)

// StoredKinds lists the kinds, in the order in which people see them.
func StoredKinds() []StoredKind {
	return []StoredKind{StoredOriginals, StoredUploads, StoredJPEG, StoredAVIF, StoredWebP, StoredAvatars, StoredExports, StoredImports}
}

// String names the kind for people and machines.
func (k StoredKind) String() string {
	switch k {
	case StoredOriginals:
		return "originals"
	case StoredUploads:
		return "uploads"
	case StoredJPEG:
		return "jpeg"
	case StoredAVIF:
		return "avif"
	case StoredWebP:
		return "webp"
	case StoredAvatars:
		return "avatars"
	case StoredExports:
		return "exports"
	case StoredImports:
		return "imports"
	}
	return "other"
}

// Stored is how many bytes the renditions of one picture have, by format.
type Stored struct {
	Post             ID
	User             ID
	Key              string // of the media
	JPEG, AVIF, WebP int64
	Large            Large
	Made             time.Time // when the last of them was made; in lists of the oldest only
	Original         string    // blob name of the original, and how many bytes that has; likewise
	OriginalBytes    int64
}

// Large is what there is of a picture's JPEGs that are larger than the squares of grids. The numbers are stored.
type Large int

// The answers.
const (
	LargeKept Large = 0 // all that were made when the post was published
	LargeGone Large = 1 // none: they were deleted for room
	LargeSome Large = 2 // those that somebody looked at since
)
