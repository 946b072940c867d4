package imaging

import "strings"

// size is what a size's name means.
type size struct {
	name   string
	width  int
	square bool
}

// MaxSide is the longest side of a rendition, in pixels: what WebP and the viewers
// of most phones can still show. Only pictures over 15 times as tall as wide meet it.
const MaxSide = 16383

// sizes are all sizes, largest first, which is the order in which they are made.
var sizes = []size{
	{Size1080, 1080, false},
	{Size640, 640, false},
	{Size612s, 612, true},
	{Size320s, 320, true},
	{Size306s, 306, true},
	{Size150s, 150, true},
}

func sizeOf(name string) (size, bool) {
	for _, s := range sizes {
		if s.name == name {
			return s, true
		}
	}
	return size{}, false
}

// Square reports whether a size is cut to a square, and Width how wide it is at most.
func Square(name string) bool { return strings.HasSuffix(name, "s") }

// Width is how many pixels a size is wide, at most; 0 if there is no such size.
func Width(name string) int {
	s, _ := sizeOf(name)
	return s.width
}
