package archive

import "unicode/utf8"

// Repair gives the text that was meant by one whose UTF-8 was taken for Latin-1:
// Instagram writes each byte of its texts as \u00XX. A text is such if every
// character of it fits a byte, some are not ASCII, and the bytes are UTF-8; all
// others are right as they are. "é" alone is none: its byte is not UTF-8.
func Repair(s string) string {
	b := make([]byte, 0, len(s))
	ascii := true
	for _, r := range s {
		if r > 0xff {
			return s
		}
		ascii = ascii && r < utf8.RuneSelf
		b = append(b, byte(r))
	}
	if ascii || !utf8.Valid(b) {
		return s
	}
	return string(b)
}
