package tintype

// SuggestReason is why somebody is suggested to be followed.
type SuggestReason string

// The reasons, the best first.
const (
	SuggestFollowedBy SuggestReason = "followed_by" // people followed by the user follow them
	SuggestTag        SuggestReason = "tag"         // they post with a tag that the user follows
	SuggestPopular    SuggestReason = "popular"     // their posts are popular here
	SuggestNew        SuggestReason = "new"         // they are new here
)

// Suggestion is somebody to follow.
type Suggestion struct {
	User   ID
	Reason SuggestReason
	By     []ID   // of SuggestFollowedBy: some of those who follow User
	Count  int    // how many these are
	Tag    string // of SuggestTag
}
