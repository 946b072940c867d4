package tintype

// PhotoTag names a user at a point of a picture. Its State is an Edge… one:
// EdgeRequested while the user has not answered, EdgeThere when it is shown,
// EdgeGone once the user took themselves out; then the owner cannot name them there again.
// A user has one state in all pictures of a post.
type PhotoTag struct {
	UserID ID      `json:"u"`
	X      float64 `json:"x"` // from the left, in parts of the width, 0 to 1
	Y      float64 `json:"y"` // from the top, in parts of the height, 0 to 1
	State  int     `json:"s"`
}

// PeopleIn gives the users named in media with a state, each once, in order of first appearance.
func PeopleIn(media []Media, state int) []ID {
	var out []ID
	seen := map[ID]bool{}
	for i := range media {
		for _, t := range media[i].People {
			if t.State == state && !seen[t.UserID] {
				seen[t.UserID] = true
				out = append(out, t.UserID)
			}
		}
	}
	return out
}

// TaggedPost is a post as the side of a user named in its pictures has it.
type TaggedPost struct {
	Post  ID
	Owner ID // of the post; 0 if it is gone
	State int
	Op    ID   // the ID of the deed, under which it is told
	Quiet bool // the user did it themselves: it is not told
}

// Who is a circle of people that a user chooses.
type Who uint8

// The circles. The numbers are stored.
const (
	Everyone Who = iota
	Followed     // those whom the user follows
	Nobody
)

// Choices is what a user lets others do and what they want to hear of. The zero Choices are those of who never chose.
type Choices struct {
	TagFrom     Who  // who may name the user in pictures
	TagByHand   bool // such a tag waits until the user approves it
	MentionFrom Who  // whose @mentions count
	HidesDeeds  bool // what the user likes, follows and comments is not told to followers

	// Whose deeds become activity, by kind.
	Likes, Comments, Follows, Mentions, Tags Who
}

// ChoiceChanges are the choices to change; nil leaves one alone.
type ChoiceChanges struct {
	TagFrom, MentionFrom                     *Who
	TagByHand, HidesDeeds                    *bool
	Likes, Comments, Follows, Mentions, Tags *Who
}

// Apply gives c with the changes made.
func (d ChoiceChanges) Apply(c Choices) Choices {
	for _, w := range []struct {
		to   *Who
		from *Who
	}{{&c.TagFrom, d.TagFrom}, {&c.MentionFrom, d.MentionFrom}, {&c.Likes, d.Likes}, {&c.Comments, d.Comments},
		{&c.Follows, d.Follows}, {&c.Mentions, d.Mentions}, {&c.Tags, d.Tags}} {
		if w.from != nil {
			*w.to = *w.from
		}
	}
	if d.TagByHand != nil {
		c.TagByHand = *d.TagByHand
	}
	if d.HidesDeeds != nil {
		c.HidesDeeds = *d.HidesDeeds
	}
	return c
}

// Deed is something that a user did and others may be told of: ActivityLike, ActivityComment or ActivityFollow.
type Deed struct {
	UserID    ID
	Kind      ActivityKind
	Op        ID // when, and by which lists are cut
	PostID    ID // 0 of a follow
	TargetID  ID // who is followed; 0 otherwise
	CommentID ID // 0 of anything but a comment
}

// ActivityGroup is things of one kind that belong together: on one day to one post, say. Lists of them are newest first.
type ActivityGroup struct {
	ID        ID // of the newest
	Oldest    ID
	Kind      ActivityKind
	Actors    []ID // who did it, the latest first, each once
	PostIDs   []ID // the posts it was done to, the latest first, each once
	TargetIDs []ID // who is followed, of deeds of others
	CommentID ID   // of the newest
	Count     int  // how many things it is
	New       int  // how many of them are new
}
