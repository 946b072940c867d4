package tintype

import "slices"

// Commenters says who may comment on posts. The numbers are stored.
type Commenters uint8

// Who may comment.
const (
	CommentersUnset     Commenters = iota // of a post: whom its owner lets by default; of a user: everybody
	CommentersEveryone                    // everybody who sees the post
	CommentersFollowing                   // whom the owner follows
	CommentersFollowers                   // who follows the owner
	CommentersNobody                      // the owner alone
)

var commenterNames = [...]string{"default", "everyone", "following", "followers", "nobody"}

// String is the name of c in the API: default, everyone, following, followers or nobody.
func (c Commenters) String() string { return commenterNames[min(int(c), len(commenterNames)-1)] }

// ParseCommenters reads what String gives; Invalid for anything else, about the field "commenters".
func ParseCommenters(s string) (Commenters, error) {
	i := slices.Index(commenterNames[:], s)
	if i < 0 {
		return 0, FieldError("commenters", "commenters must be default, everyone, following, followers or nobody")
	}
	return Commenters(i), nil
}

// CanComment reports whether viewer, who can view p of author, may comment on it. For nobody it is
// whether anybody who signs in may. rel is as for [CanView].
func CanComment(viewer ID, author *User, rel Relation, p *Post) bool {
	who := p.Commenters
	if who == CommentersUnset {
		who = author.Commenters
	}
	switch {
	case viewer == author.ID && viewer != 0, who == CommentersUnset, who == CommentersEveryone:
		return true
	case who == CommentersFollowing:
		return rel.Followed
	case who == CommentersFollowers:
		return rel.Follows
	}
	return false
}

// HeldWhy says why a comment waits for its post's owner. The numbers are stored.
type HeldWhy uint8

// The reasons.
const (
	NotHeld        HeldWhy = 0
	HeldRestricted HeldWhy = 1 // the owner restricts its author
	HeldWords      HeldWhy = 2 // it has words that the owner hides
)

// MaxHeldBy is how many authors Post.HeldBy names: where it names as many, there may be more.
const MaxHeldBy = 256

// MayHold reports whether viewer may have comments at p that are held: if not, viewer has none.
func (p *Post) MayHold(viewer ID) bool {
	if len(p.HeldBy) == 0 || viewer == 0 {
		return false
	}
	_, found := slices.BinarySearch(p.HeldBy, viewer)
	return found || len(p.HeldBy) >= MaxHeldBy
}

// HiddenWords is what a user does not want to read.
type HiddenWords struct {
	Words  []string // words and phrases, as they were written
	Covers bool     // posts in the user's feed that have one are covered
}

// Stance is what a user set between themselves and another, who does not learn of it.
type Stance struct {
	Muted         bool // the other's posts are not in the user's feed
	MutedActivity bool // and what the other does to the user is not told
	Restricted    bool // the other's comments are held, and what the other does makes no activity
}
