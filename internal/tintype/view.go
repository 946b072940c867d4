package tintype

// Relation is what lies between a viewer and an author. Follows and BlockedBy
// are the author's side's word: the author's shard is the authority on who may see the author's things.
type Relation struct {
	Follows   bool // the viewer is a follower of the author, approved if need be
	Requested bool // the viewer has asked to follow and was not yet answered
	BlockedBy bool // the author blocks the viewer
	Blocks    bool // the viewer blocks the author
	Followed  bool // the author follows the viewer, as the viewer's side has it
	Unknown   bool // it could not be read: nothing may be seen that a Relation could forbid
}

// CanView reports whether viewer may see what author publishes. It is the one
// answer for JSON, pages, feeds, searches, live events and media bytes alike.
// viewer is 0 for nobody; rel is then the zero Relation.
func CanView(viewer ID, author *User, rel Relation) bool {
	switch {
	case author.State != UserActive:
		return false
	case viewer == author.ID:
		return true
	case rel.BlockedBy || rel.Blocks || rel.Unknown:
		return false
	case author.Private:
		return viewer != 0 && rel.Follows
	}
	return true
}

// IsWithheld reports whether a moderator has taken p down for viewer.
func IsWithheld(viewer ID, p *Post) bool { return p.TakenDown && viewer != p.UserID }

// CanViewProfile reports whether viewer may know that user exists: the header
// of a private profile is public, but a blocked viewer finds nobody.
func CanViewProfile(viewer ID, user *User, rel Relation) bool {
	if user.State != UserActive {
		return false
	}
	return viewer == user.ID || !rel.BlockedBy && !rel.Unknown
}
