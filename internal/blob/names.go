package blob

import "strings"

// The names of a post's files. Their random parts are minted apart, so none of
// them can be guessed from another, but a preview's is its original's.
//
//	o/<random>              an original, only ever served to its owner
//	u/<random>/preview.jpg  the preview of an upload, for its owner
//	r/<random>/<size>.jpg   a rendition

// Original is the name of an original.
func Original(random string) string { return "o/" + random }

// Preview is the name of the preview of the original of that name.
func Preview(original string) string {
	return "u/" + strings.TrimPrefix(original, "o/") + "/preview.jpg"
}

// Rendition is the name of one size of a media.
func Rendition(random, size string) string { return "r/" + random + "/" + size + ".jpg" }

// Renditions are the names of all sizes that a media may have, made or not.
func Renditions(random string) []string {
	sizes := [...]string{"1080", "640", "320s", "150s", "612s", "306s"}
	names := make([]string, len(sizes))
	for i, s := range sizes {
		names[i] = Rendition(random, s)
	}
	return names
}
