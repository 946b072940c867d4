package tintype

// The states of an edge that two users own (a like, a follow, a block). The
// numbers are stored.
const (
	EdgeGone      = 0 // taken back; the row stays a while, so that late news of older changes is recognised
	EdgeRequested = 1 // a follow of a private user who has not answered yet
	EdgeThere     = 2
)

// Ties is what lies between me and another user as my own side has it: what I
// did shows at once, what the other did as soon as it was brought here.
type Ties struct {
	Out    int  // my follow of the other: an Edge… state
	In     int  // the other's follow of me
	Blocks bool // I block the other
}
