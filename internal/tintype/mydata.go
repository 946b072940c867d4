package tintype

import "time"

// TaskState says how far an export or an import is. The numbers are stored.
type TaskState uint8

// The states of exports and imports. An export is running, and then ready or failed. An import
// receives its file, is read, waits for what its user wants, runs, and ends or is undone.
const (
	TaskReceiving TaskState = iota // the file comes, part by part
	TaskReading                    // what is in it is being found out
	TaskWaiting                    // for its user to look at what was found and say what is wanted
	TaskRunning
	TaskPaused
	TaskDone
	TaskFailed // Reason says why
	TaskUndoing
	TaskUndone
	TaskRefused // paused, until its user may publish again; Reason says why not
)

// Export is an archive of all that a user owns.
type Export struct {
	UserID   ID
	ID       ID
	State    TaskState // TaskRunning, TaskDone or TaskFailed
	Step     int       // counts up; who works on it says from which step on
	Key      string    // names its parts in the blob store
	Parts    int
	Done     int64 // posts that are in it
	Total    int64 // posts that there were when it began
	Bytes    int64 // of the archive, once it is made
	Kept     int64 // bytes of its parts; the originals that it is joined with are the posts'
	Created  time.Time
	Changed  time.Time
	Expires  time.Time // when it is deleted
	Progress string    // what the next step goes on from
	Reason   string    // Reasons, as they are stored
}

// Import is an archive that a user brought.
type Import struct {
	UserID    ID
	ID        ID
	State     TaskState
	Step      int
	Key       string // names its parts in the blob store
	Name      string // of the file, as its user calls it
	Format    string // what it was recognised as
	Bytes     int64
	PartBytes int64
	Parts     int    // that have come; parts come in order
	Options   string // what its user wants, as JSON
	Total     int    // items
	Done      int    // of those: posts were made
	Skipped   int    // left out, for a reason
	Failed    int
	Created   time.Time
	Changed   time.Time
	Expires   time.Time // when the file is deleted, and the list of what became of it
	Reason    string    // Reasons, as they are stored
}

// ItemState says what became of one item of an import. The numbers are stored.
type ItemState uint8

// The states of an item.
const (
	ItemWaiting ItemState = iota
	ItemDone
	ItemSkipped // on purpose: it was there already, or cannot be shown here
	ItemFailed
)

// ImportItem is one thing in an archive that is to become a post.
type ImportItem struct {
	N      int // its place in the order of import
	Key    string
	State  ItemState
	Taken  time.Time // as the archive says; zero if it does not
	Title  string    // how it begins, for lists
	Data   string    // all of it, as the reader of the form found it
	PostID ID
	Reason string // Reasons, as they are stored
}

// Past says when and from where a post comes that was made elsewhere, long ago.
type Past struct {
	Taken  time.Time
	Import ID
	N      int    // of the item
	Key    string // by which it is known when it comes again
	Notes  Reasons

	Archived bool      // it comes among the archived ones
	Pinned   time.Time // by which its owner's pinned posts are in order, the latest first; zero for not pinned
}

// Ticket names a step of an export or an import.
type Ticket struct {
	User ID
	ID   ID
	Step int
}

// Leaving is a user who asked to be deleted.
type Leaving struct {
	UserID ID
	Asked  time.Time
	Due    time.Time // until then they may come back
	Step   int       // 0 before that; then how far the deletion is
}
