package tintype

import "testing"

// FuzzID: what is read as an ID is positive and written in that one way only; so is a short code.
func FuzzID(f *testing.F) {
	for _, s := range []string{"1", "9223372036854775807", "9223372036854775808", "0", "01", "-1", "１", "1e3", "BUG", "D", "A", "AAAA", "____________", "H__________"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if id, err := ParseID(s); err == nil && (id <= 0 || id.String() != s) {
			t.Errorf("the ID %q is read as %d", s, id)
		}
		id, err := ParseShortcode(s)
		if err != nil {
			return
		}
		if id < 0 || id.Shortcode() != s {
			t.Errorf("the short code %q is read as %d, which is written %q", s, id, id.Shortcode())
		}
		if id.Shard() > 4095 {
			t.Errorf("the short code %q is on shard %d", s, id.Shard())
		}
	})
}
