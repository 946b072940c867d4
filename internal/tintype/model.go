package tintype

import (
	"encoding/json"
	"time"
)

// Clock tells the time. Everything that needs the time takes one, so that
// tests decide what time it is.
type Clock func() time.Time

// UserState says whether a user takes part in the site.
type UserState uint8

// The states of a user.
const (
	UserActive UserState = iota
	UserSuspended
	UserDeleted
)

// User is a member's profile. Credentials live in the directory, not here.
type User struct {
	ID        ID
	Username  string
	FullName  string
	Bio       string
	Website   string
	AvatarKey string // "" for none; else the random part of the avatar's URL
	Private   bool   // posts are for approved followers only
	ShowsMap  bool   // who may see the posts may see them on a map
	// HidesLikes is that others do not see how many like the posts, nor who, but where a post says otherwise.
	HidesLikes bool
	State      UserState
	Counts     UserCounts

	Commenters Commenters // who may comment on posts that do not say so themselves; CommentersUnset is everybody
}

// UserCounts are the true totals on a profile. Media are the posts that all who may see the user's posts may see;
// FriendMedia are those for close friends, which nobody else is told of.
type UserCounts struct{ Media, Follows, FollowedBy, FriendMedia int64 }

// Post is what a user publishes: 1 to 20 media in an explicit order.
type Post struct {
	ID       ID
	UserID   ID
	Caption  string
	Tags     []string // lower case, without '#', in order of first appearance
	Mentions []ID     // users named in the caption, resolved when it was written
	Location *Location
	Media    []Media // in the owner's order; never empty
	Edited   time.Time
	Likes    int64
	Comments int64

	TakenDown bool // by a moderator: only the owner sees it
	Audience  Audience
	Archived  bool   // it is its owner's alone to see, among the archived ones
	Pinned    bool   // it is among the first on its owner's profile
	HideLikes Choice // whether others are not told of its likes, where the owner's default does not decide
	// LikesHidden is what came of it: others are not told of the likes, which the post has for its owner alone.
	LikesHidden bool

	// TopComments are the newest few comments, oldest first, and TopLikers the
	// latest few who liked it, for embedding. Names come from the user cache.
	TopComments []Comment
	TopLikers   []ID

	Commenters Commenters // who may comment, 0 for whom the owner lets by default
	HeldBy     []ID       // sorted: who has comments here that are held; see MayHold

	// As a viewer sees it; never kept.
	NoComment bool // the viewer may not comment
	Covered   bool // it has words that the viewer hides
}

// Choice is a choice that may be left to a default. The numbers are stored.
type Choice uint8

// The choices.
const (
	ChoiceDefault Choice = 0
	ChoiceYes     Choice = 1
	ChoiceNo      Choice = 2
)

// Of gives what comes of a choice where it is left to byDefault.
func (c Choice) Of(byDefault bool) bool {
	return c == ChoiceYes || c == ChoiceDefault && byDefault
}

// MaxPinned is how many posts one user may pin to the profile.
const MaxPinned = 3

// Arrangement is what an owner changes of how a post stands among the others; nil for what stays.
type Arrangement struct {
	Audience  *Audience
	Archived  *bool
	Pinned    *bool
	HideLikes *Choice
}

// MediaID is the post's ID in API v1: post and owner joined by '_'.
func (p *Post) MediaID() string { return p.ID.String() + "_" + p.UserID.String() }

// Media is one picture of a post.
type Media struct {
	Key           string // 22 characters of base64url: the unguessable part of every rendition's name
	OriginalKey   string // blob name of the bytes as uploaded; only ever served to the owner
	OriginalType  string // MIME type found in the bytes
	OriginalBytes int64
	Made          int64 `json:"-"` // bytes of the renditions that were made to publish it; only known then
	Width, Height int   // of the largest rendition
	Blurhash      string
	AltText       string
	Filter        string          // name; "" is Normal
	Recipe        json.RawMessage // the edits, or nil; see imaging/grade
	Camera        *Camera
	People        []PhotoTag // who is named in it, those who wait and those who took themselves out too
}

// Camera holds the fields of a photo's metadata that are kept as data. Empty
// strings and zeros are unknown.
type Camera struct {
	Make        string    `json:"make,omitempty"`
	Model       string    `json:"model,omitempty"`
	Lens        string    `json:"lens,omitempty"`
	Exposure    string    `json:"exposure,omitempty"` // seconds, as "1/250"
	Aperture    float64   `json:"aperture,omitempty"` // f-number
	ISO         int       `json:"iso,omitempty"`
	FocalLength float64   `json:"focal_length,omitempty"` // millimetres
	Taken       time.Time `json:"taken_time,omitzero"`    // as the camera's clock said, taken as UTC if it gives no offset
}

// Location is where a post was taken: a point, a named place, or both.
type Location struct {
	ID        ID // of the named place; 0 for a bare point
	Name      string
	Latitude  float64
	Longitude float64
	HasPoint  bool
	OffMap    bool // not on the owner's photo map, though it has a point
}

// SetPoint says where l is, if both degrees are known.
func (l *Location) SetPoint(latitude, longitude *float64) {
	if latitude != nil && longitude != nil {
		l.Latitude, l.Longitude, l.HasPoint = *latitude, *longitude, true
	}
}

// Comment is one remark on a post. Its ID carries the shard of the post's owner.
type Comment struct {
	ID     ID
	PostID ID
	UserID ID
	Text   string
	Held   HeldWhy // for its post's owner to decide; its author and the owner alone know of it
}

// Page asks for part of a list ordered by descending ID.
type Page struct {
	Max   ID  // only IDs below it; 0 for the newest
	Min   ID  // only IDs above it; 0 for no bound
	Count int // at most so many

	// Old allows the page to be a moment old, as a replica has it, but for what
	// Reader changed; a Reader of 0 is nobody.
	Old    bool
	Reader ID
}

// ByOld is the page for a reader to whom it may be a moment old.
func (p Page) ByOld(reader ID) Page {
	p.Old, p.Reader = true, reader
	return p
}

// ActivityKind says what happened.
type ActivityKind uint8

// The kinds of activity. The numbers are stored.
const (
	ActivityLike     ActivityKind = 1 // actor liked my post
	ActivityComment  ActivityKind = 2 // actor commented on my post
	ActivityFollow   ActivityKind = 3 // actor follows me
	ActivityRequest  ActivityKind = 4 // actor asks to follow me
	ActivityApproved ActivityKind = 5 // actor let me follow them
	ActivityMention  ActivityKind = 6 // actor named me in a caption or comment
	ActivityTag      ActivityKind = 7 // actor named me in a picture
	ActivityTagAsked ActivityKind = 8 // actor named me in a picture, which waits for me to approve it

	ActivityNotice ActivityKind = 40 // a moderator decided something about me, or answered me; nobody is the actor
)

// Activity is one thing that happened to a user.
type Activity struct {
	ID        ID
	Kind      ActivityKind
	ActorID   ID
	PostID    ID // 0 where there is none
	CommentID ID // 0 where there is none
}

// Scope is what a credential allows.
type Scope uint8

// The scopes, as a bit set.
const (
	ScopeBasic Scope = 1 << iota
	ScopeLikes
	ScopeComments
	ScopeRelationships
	ScopeMedia
	ScopeSession // only a session of the site itself: settings, passwords, apps
	ScopeAll     = ScopeBasic | ScopeLikes | ScopeComments | ScopeRelationships | ScopeMedia | ScopeSession
)
