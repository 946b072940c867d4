package tintype

// Echo is what a post got from others than its owner.
type Echo struct {
	Post, User ID
	Likes      int64
	Comments   int64 // less the owner's own, as far as they are among the last 200
	Open       bool  // everybody may see it
}

// Ranked is a post's place among the popular ones.
type Ranked struct {
	Post, User ID
	Score      int64 // see discover.Popular; higher comes first
}
