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
//	r/<random>/<size>.jpg   a rendition; .webp and .avif are the same in other formats.
//	                        An empty one says that the format is not worth it here.
//	x/<random>/<n>          a part of an archive, for its owner

// Original is the name of an original.
func Original(random string) string { return "o/" + random }

// Preview is the name of the preview of the original of that name.
func Preview(original string) string {
	return "u/" + strings.TrimPrefix(original, "o/") + "/preview.jpg"
}

// Rendition is the name of one size of a media.
func Rendition(random, size string) string { return RenditionIn(random, size, "jpg") }

// RenditionIn is the name of one size of a media in another format.
func RenditionIn(random, size, format string) string {
	return "r/" + random + "/" + size + "." + format
}

// Renditions are the names of all files that a media may have, made or not: first
// the JPEGs that each has, then those made on demand, then the other formats.
func Renditions(random string) []string {
	var names []string
	for _, s := range [...]string{"1080", "640", "320s", "150s", "612s", "306s"} {
		names = append(names, Rendition(random, s))
	}
	return append(names, Extras(random)...)
}

// Large are the JPEGs of Renditions besides the squares that grids and lists show.
func Large(random string) []string {
	var names []string
	for _, s := range [...]string{"1080", "640", "612s", "306s"} {
		names = append(names, Rendition(random, s))
	}
	return names
}

// Extras are those of Renditions that are not JPEG.
func Extras(random string) []string {
	var names []string
	for _, f := range [...]string{"avif", "webp"} {
		for _, s := range [...]string{"1080", "640", "320s", "150s"} {
			names = append(names, RenditionIn(random, s, f))
		}
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
