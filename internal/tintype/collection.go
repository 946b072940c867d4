package tintype

import "time"

// Collection is some of the posts that a user saved, under a name. Only the user knows of it.
type Collection struct {
	ID     ID
	UserID ID
	Name   string
	Cover  ID   // a post in it; 0 for the one that came last
	Posts  int  // how many are in it, those too that the user may not see (any longer)
	First  []ID // a few of them, the latest first
}

// Album is some of a user's own posts, in an order of the user's.
type Album struct {
	ID          ID
	UserID      ID
	Title       string
	Description string
	Private     bool // only its owner sees it; else whoever may see the owner's posts
	Cover       ID   // a post in it; 0 for the first
	Posts       int  // how many are in it, those too that not everybody may see
	First       []ID // a few of them, in order
}

// SecretLink shows a post, or an album, to whoever has it. Its token is made from
// its ID and kept nowhere; see package collect.
type SecretLink struct {
	ID       ID
	UserID   ID        // who made it: the owner of what it shows
	Post     ID        // 0 for an album
	Album    ID        // 0 for a post
	Expires  time.Time // zero: never
	Openings int64
	Opened   time.Time // the last time; zero: never
}

// Expired reports whether the link shows nothing any more at now.
func (l *SecretLink) Expired(now time.Time) bool {
	return !l.Expires.IsZero() && !now.Before(l.Expires)
}
