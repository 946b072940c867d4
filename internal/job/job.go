// Package job says what work can be put off: the kinds of job, their arguments
// and their retry policy.
//
// A job is inserted by sqlstore in the transaction that causes it, so it exists
// exactly if its cause does; job/runner runs it, at least once, with River.
// Handlers are methods of the rules, bound in app, and must be idempotent. A
// job's arguments are a list of items: jobs of one kind that one transaction
// (or one group commit) inserts are merged into fewer rows when the kind allows
// it, so a handler takes as many items as come.
package job

import (
	"encoding/json"
	"time"

	"github.com/tintype/tintype/internal/tintype"
)

// Kind names a sort of job; it is what `tintype jobs list` shows.
type Kind struct {
	Name     string
	Queue    Queue
	Merge    int // how many items one row may carry; 1 does not merge
	Attempts int // tries before the job is put on the list of failed jobs
}

// Queue is a lane with its own workers, so that one sort of work cannot hold up another.
type Queue string

// The queues, most urgent first.
const (
	Edges   Queue = "edges"   // the other side of likes, follows, comments; activity
	Deliver Queue = "deliver" // posts into feeds
	Removal Queue = "removal" // taking things out of feeds, caches and storage
	Upkeep  Queue = "upkeep"  // everything that may wait: sweeps, indexes, rebuilds
	Calls   Queue = "calls"   // what others are called for, who may be slow
	Bulk    Queue = "bulk"    // archives of what users own, which take minutes
)

// The kinds of job.
var (
	// EdgeKind writes the second side of an edge that two users own. Items are Edge.
	EdgeKind = Kind{Name: "edge", Queue: Edges, Merge: 500, Attempts: 12}
	// DeliverKind appends a post to one page of followers' feeds. Items are Fanout.
	DeliverKind = Kind{Name: "deliver", Queue: Deliver, Merge: 1, Attempts: 12}
	// WithdrawKind takes a post that is deleted, or that fewer may see, out of one page of followers' feeds. Items are Fanout.
	WithdrawKind = Kind{Name: "withdraw", Queue: Removal, Merge: 1, Attempts: 12}
	// BackfillKind puts recent posts of a newly followed user, or of one who counts somebody among their close friends by now, into that feed, or takes them out again. Items are Backfill.
	BackfillKind = Kind{Name: "backfill", Queue: Edges, Merge: 20, Attempts: 12}
	// NoticeKind writes activity that no edge carries: mentions. Items are Notice.
	NoticeKind = Kind{Name: "notice", Queue: Edges, Merge: 200, Attempts: 12}
	// PurgeKind deletes blobs that no row names any longer. Items are Purge.
	PurgeKind = Kind{Name: "purge", Queue: Removal, Merge: 50, Attempts: 20}
	// UncacheKind has the caches between the site and its readers forget the pictures of users whom not everybody may see any longer. Items are Uncache.
	UncacheKind = Kind{Name: "uncache", Queue: Removal, Merge: 1, Attempts: 12}
	// EraseKind deletes, a batch at a time, what hung on a deleted post. Items are Erase.
	EraseKind = Kind{Name: "erase", Queue: Removal, Merge: 1, Attempts: 20}
	// ApproveAllKind approves the open requests of users who went public. Items are User.
	ApproveAllKind = Kind{Name: "approve_all", Queue: Edges, Merge: 20, Attempts: 12}
	// IndexUserKind brings the people search up to date with a profile. Items are User.
	IndexUserKind = Kind{Name: "index_user", Queue: Upkeep, Merge: 100, Attempts: 12}
	// TagKind brings posts to the timelines of their tags, or takes them out. Items are Tagging.
	TagKind = Kind{Name: "tag", Queue: Deliver, Merge: 20, Attempts: 12}
	// SpotKind brings posts to the timelines of their places and map cells, or takes them out. Items are Spotting.
	SpotKind = Kind{Name: "spot", Queue: Deliver, Merge: 20, Attempts: 12}
	// WordKind brings posts to the timelines of the words that they have, or takes them out. Items are Wording.
	WordKind = Kind{Name: "word", Queue: Upkeep, Merge: 50, Attempts: 12}
	// PhotoTagKind brings to users' sides that they are named in pictures, or no longer. Items are PhotoTag.
	PhotoTagKind = Kind{Name: "photo_tag", Queue: Edges, Merge: 100, Attempts: 12}
	// PullKind marks a user as very followed (pulled at read) or no longer so. Items are User.
	PullKind = Kind{Name: "pull", Queue: Upkeep, Merge: 1, Attempts: 12}
	// FormatsKind makes the pictures of posts in the formats besides JPEG. Items are Formats.
	FormatsKind = Kind{Name: "formats", Queue: Upkeep, Merge: 1, Attempts: 4}
	// SweepKind finishes what a crash left half done: claims, uploads, tombstones. Items are Sweep.
	SweepKind = Kind{Name: "sweep", Queue: Upkeep, Merge: 1, Attempts: 3}

	// PublishedKind looks which apps want to hear of a new post, or of what a post got later. Items are Published.
	PublishedKind = Kind{Name: "published", Queue: Deliver, Merge: 50, Attempts: 12}
	// ModerateKind makes a moderator's decision come true, or takes back one that no longer holds. Items are Moderation.
	ModerateKind = Kind{Name: "moderate", Queue: Removal, Merge: 20, Attempts: 20}
	// PushKind tells an app's callback what it is to hear. Items are Callback.
	PushKind = Kind{Name: "push", Queue: Calls, Merge: 1, Attempts: 12}

	// ExportKind makes the next part of an archive of all that a user owns. Items are Step.
	ExportKind = Kind{Name: "export", Queue: Bulk, Merge: 1, Attempts: 12}
	// LeaveKind deletes some more of a user who asked to be deleted. Items are Step; ID is 0.
	LeaveKind = Kind{Name: "leave", Queue: Bulk, Merge: 1, Attempts: 20}

	// MailKind writes and sends one letter; mail servers may be down for hours. Items are Mail.
	MailKind = Kind{Name: "mail", Queue: Calls, Merge: 1, Attempts: 60}
	// ImportKind reads an archive that a user brought, makes the next posts of it, or deletes them again. Items are Step.
	ImportKind = Kind{Name: "import", Queue: Bulk, Merge: 1, Attempts: 12}
)

// Kinds lists every kind, for the runner and for tests.
func Kinds() []Kind {
	return []Kind{
		PhotoTagKind,
		FormatsKind,
		EdgeKind, DeliverKind, WithdrawKind, BackfillKind, NoticeKind, PurgeKind, UncacheKind, EraseKind, ApproveAllKind, IndexUserKind, TagKind, SpotKind, WordKind, PullKind, SweepKind,
		PublishedKind, PushKind, ExportKind, MailKind,
		ImportKind,
		ModerateKind,
		LeaveKind,
	}
}

// EdgeType says which edge an Edge is.
type EdgeType string

// The edges that two users own.
const (
	EdgeLike    EdgeType = "like"    // User likes Post of Target
	EdgeFollow  EdgeType = "follow"  // User follows Target; written by User's side
	EdgeAnswer  EdgeType = "answer"  // Target (the followed) approved, denied or removed User; written by Target's side
	EdgeBlock   EdgeType = "block"   // User blocks Target
	EdgeComment EdgeType = "comment" // User commented on Post of Target; Op is the comment's ID
	EdgeGone    EdgeType = "gone"    // Post of Target, which User liked or is named in, is deleted; written by Target's side
	EdgeUnnamed EdgeType = "unnamed" // Target names User no longer: in Comment on Post, or in Post's caption where that is 0
)

// Edge is one change of an edge. Op orders changes of the same edge: a change
// is applied only where its Op is above the one that is there, so repeats and
// late comers do no harm.
type Edge struct {
	Type   EdgeType   `json:"t"`
	User   tintype.ID `json:"u"`
	Target tintype.ID `json:"o"`
	Post   tintype.ID `json:"p,omitempty"`
	Op     tintype.ID `json:"op"`
	State  int        `json:"s"` // 0 gone, 1 requested, 2 there

	Comment tintype.ID `json:"c,omitempty"`
}

// Fanout is one page of a post's way into (or out of) feeds.
type Fanout struct {
	Post   tintype.ID `json:"p"`
	Author tintype.ID `json:"a"`
	After  tintype.ID `json:"c,omitempty"` // followers with an ID above it are still to come
}

// Backfill adds or removes an author's recent posts in one feed.
type Backfill struct {
	User   tintype.ID `json:"u"` // whose feed
	Author tintype.ID `json:"a"`
	Remove bool       `json:"r,omitempty"`
	// Friends is that Author counts User among their close friends now, or no longer.
	Friends bool `json:"f,omitempty"`
}

// Notice is one activity to be written for User.
type Notice struct {
	User    tintype.ID           `json:"u"`
	Kind    tintype.ActivityKind `json:"k"`
	Actor   tintype.ID           `json:"a,omitempty"` // 0 for nobody
	Post    tintype.ID           `json:"p,omitempty"`
	Comment tintype.ID           `json:"c,omitempty"`
	Op      tintype.ID           `json:"op"`
}

// Purge names blobs to delete.
type Purge struct {
	Keys []string   `json:"k"`
	Post tintype.ID `json:"p,omitempty"` // under which renditions among them were to be seen; 0 if under none
}

// Uncache names a user whose pictures caches are to forget, a page of posts at a time.
type Uncache struct {
	User   tintype.ID `json:"u"`
	Before tintype.ID `json:"c,omitempty"` // posts with an ID below it are still to come; 0 for all
	Last   bool       `json:"l,omitempty"` // this is the second time
	Post   tintype.ID `json:"p,omitempty"` // only this post of the user's; 0 for all
}

// Erase names a deleted post.
type Erase struct {
	Post   tintype.ID `json:"p"`
	Author tintype.ID `json:"a"`
}

// Tagging names a post whose tags, or who may see it, may have changed; or a user
// of whom that is to be looked at for all posts, a page at a time.
type Tagging struct {
	Post tintype.ID `json:"p,omitempty"`
	Op   tintype.ID `json:"op,omitempty"` // the ID of the deed
	Tags []string   `json:"t,omitempty"`  // those that it may have had, or may have now
	// Quiet is for what is no news: apps are not told.
	Quiet bool `json:"q,omitempty"`
	// Reach is that who may see it has changed.
	Reach bool `json:"r,omitempty"`

	User   tintype.ID `json:"u,omitempty"`
	Before tintype.ID `json:"c,omitempty"` // posts with an ID below it are still to come; 0 for all
}

// Spotting names a post that may be elsewhere now, or that others may see now; or a user
// of whom that is to be looked at for all posts, a page at a time.
type Spotting struct {
	Post tintype.ID `json:"p,omitempty"`
	Was  Spot       `json:"w,omitzero"` // where it may have been

	User   tintype.ID `json:"u,omitempty"`
	Before tintype.ID `json:"c,omitempty"` // posts with an ID below it are still to come; 0 for all
}

// Spot is where a post is: a place, a point, both or neither.
type Spot struct {
	Place tintype.ID `json:"i,omitempty"`
	Lat   *float64   `json:"y,omitempty"` // degrees; nil without a point
	Lng   *float64   `json:"x,omitempty"`
}

// Wording names a post of which what it says may have changed.
type Wording struct {
	Post tintype.ID `json:"p"`
	User tintype.ID `json:"u"`
	Was  []string   `json:"w,omitempty"` // what it said before
}

// PhotoTag names a user who may be named in a post's pictures, or no longer.
type PhotoTag struct {
	Post  tintype.ID `json:"p"`
	User  tintype.ID `json:"u"`
	Op    tintype.ID `json:"op"`          // the ID of the deed
	Quiet bool       `json:"q,omitempty"` // User did it
}

// Formats names a post whose pictures are to be had in more formats than JPEG.
type Formats struct {
	Post tintype.ID `json:"p"`
}

// User names a user.
type User struct {
	ID tintype.ID `json:"u"`
}

// Published names a post that is new, or one that got something later.
type Published struct {
	Post   tintype.ID `json:"p"`
	Author tintype.ID `json:"a,omitempty"` // of a new one
	Op     tintype.ID `json:"o,omitempty"` // the ID of the deed that gave it Tags or moved it; 0 for a new post
	Tags   []string   `json:"t,omitempty"` // that it got
	Was    *Spot      `json:"w,omitempty"` // where it was, if it is elsewhere now; nil otherwise
}

// Callback names where an app is called back.
type Callback struct {
	ID tintype.ID `json:"c"`
}

// Step names the next step of something long that a user asked for. A step that is not the next any more is over.
type Step struct {
	User tintype.ID `json:"u"`
	ID   tintype.ID `json:"i,omitempty"`
	Step int        `json:"s"`
}

// Moderation names a decision of a moderator.
type Moderation struct {
	Decision tintype.ID `json:"d"`
}

// Sweep names a periodic clean-up.
type Sweep struct {
	What string `json:"w"`
}

// Insert is one item of work, to be merged into a row.
type Insert struct {
	Kind      Kind
	Item      any       // one of the item types above, as the kind says
	NotBefore time.Time // zero for at once
}

// Args is what a job row carries: {"items":[…]}.
type Args struct {
	Items []json.RawMessage `json:"items"`
}

// Letter names what a letter is about; see the constants.
type Letter string

// The letters.
const (
	LetterVerify   Letter = "verify"   // asks whether an address is the user's
	LetterChange   Letter = "change"   // the same of the one that is to take its place
	LetterChanging Letter = "changing" // tells the former address, with a link to undo it
	LetterReset    Letter = "reset"    // has a link to set a new password; User is 0, and To what somebody typed
	LetterDevice   Letter = "device"   // tells of a sign-in with a new device
	LetterPassword Letter = "password" // tells of a new password
	LetterPasskey  Letter = "passkey"  // tells of a new passkey
	LetterIdentity Letter = "identity" // tells of an account elsewhere that signs in from now on
	LetterUnlinked Letter = "unlinked" // tells of one that does so no longer
	LetterOneStep  Letter = "one_step" // tells that signing in takes the password alone now
)

// Mail is a letter to be written. It holds no token: those are made when it is sent.
type Mail struct {
	ID       string     `json:"i"`
	Letter   Letter     `json:"l"`
	User     tintype.ID `json:"u,omitempty"`
	To       string     `json:"t,omitempty"` // "" for the address that the user has by then
	Verified int64      `json:"v,omitempty"` // since when To was known to be the user's, in microseconds; 0 if it was not
	At       int64      `json:"at"`          // when it happened, in microseconds
	Agent    string     `json:"a,omitempty"` // with what program
	Address  string     `json:"f,omitempty"` // from where
}
