package blob

import (
	"strconv"
	"strings"
)

// The names of a post's files. Their random parts are minted apart, so none of
// them can be guessed from another, but a preview's is its original's.
//
//	o/<random>              an original, only ever served to its owner
//	u/<random>/preview.jpg  the preview of an upload, for its owner
//	r/<random>/<size>.jpg   a rendition
//	x/<random>/<n>          a part of an archive, for its owner

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

// Part is the name of the n-th part of an archive, one that is made or one that came.
func Part(random string, n int) string { return "x/" + random + "/" + strconv.Itoa(n) }

// Parts are the names of the first n parts of an archive.
func Parts(random string, n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = Part(random, i)
	}
	return names
}
