package tintype

// Relation is what lies between a viewer and an author. Follows and BlockedBy
// are the author's side's word: the author's shard is the authority on who may see the author's things.
type Relation struct {
	Follows   bool // the viewer is a follower of the author, approved if need be
	Requested bool // the viewer has asked to follow and was not yet answered
	BlockedBy bool // the author blocks the viewer
	Blocks    bool // the viewer blocks the author
	Followed  bool // the author follows the viewer, as the viewer's side has it
	// CloseFriend is that the author counts the viewer among their close friends; of oneself it is not said.
	CloseFriend bool
	Unknown     bool // it could not be read: nothing may be seen that a Relation could forbid
}

// Audience says who, of those who may see its author's posts, may see a post. The numbers are stored.
type Audience uint8

// The audiences.
const (
	AudienceEveryone Audience = 0
	AudienceFriends  Audience = 1 // the author's close friends
)

// Reach is how far a post goes.
type Reach uint8

// The reaches, the narrowest first.
const (
	ReachNobody   Reach = iota // it is gone, archived, or taken down
	ReachFriends               // the author's close friends
	ReachEveryone              // all who may see the author's posts
)

// CanViewPost reports whether viewer may see post, which is author's. It is the one
// answer for JSON, pages, feeds, searches, live events and media bytes alike.
// What only the owner may see there is to viewer as if it were not.
func CanViewPost(viewer ID, author *User, post *Post, rel Relation) bool {
	switch {
	case !CanView(viewer, author, rel):
		return false
	case viewer == author.ID:
		return true
	case post.Archived || post.TakenDown:
		return false
	case post.Audience == AudienceFriends:
		return viewer != 0 && rel.CloseFriend
	}
	return post.Audience == AudienceEveryone
}

// EverybodySees reports whether anybody may see post, signed in or not: so its pictures need no signature, and
// caches that many share may keep them.
func EverybodySees(author *User, post *Post) bool {
	return CanViewPost(0, author, post, Relation{})
}

// CanView reports whether viewer may see what author publishes for all who may see them. What is asked of a post is
// CanViewPost's to say.
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
