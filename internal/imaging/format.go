package imaging

// Format is a kind of file that renditions are made in. Its text is the ending
// of their names.
type Format string

// The formats. JPEG is what everybody can show, and what is there before a post
// is published; the others are smaller and come later. What that is worth, and
// what it costs, is measured in docs/adr/0037.
const (
	JPEG Format = "jpg"
	WebP Format = "webp"
	AVIF Format = "avif"
)

// Formats lists all formats: the one that is always there first, then the others
// in the order of their gain.
func Formats() []Format { return []Format{JPEG, AVIF, WebP} }

// Type is the format's MIME type; "" if there is no such format.
func (f Format) Type() string {
	switch f {
	case JPEG, "":
		return "image/jpeg"
	case WebP:
		return "image/webp"
	case AVIF:
		return "image/avif"
	}
	return ""
}

// Quality is the encoder's setting that renditions of the format are made with, of 100.
// Each format counts in its own way: at these they look alike.
func (f Format) Quality() int {
	if f == AVIF {
		return 60
	}
	return 80
}
