package tintype

// WordKey is the key of the timeline of posts that have a term, by which it has its logical shard.
func WordKey(term string) string { return "word:" + term }

// MyWordKey is the key of the timeline of those of owner's posts that have a term, which is on owner's logical shard.
func MyWordKey(owner ID, term string) string { return "word:" + owner.String() + ":" + term }

// WordID is the number under which the timeline of a key is kept, but for its shard. That two terms share one does
// no harm: whoever finds a post looks whether it has the words.
func WordID(key string) ID { return ID(hash64(key) >> 1) }

// WordPost says that a post is in the timeline of a term.
type WordPost struct{ Word, Post ID }

// Said is what a post says and who says it.
type Said struct {
	User  ID
	Texts []string // the caption, and the alternative texts of the media
}
