package tintype

import "time"

// ThingKind says what sort of thing a report is about. The numbers are stored.
type ThingKind uint8

// What can be reported.
const (
	ThingPost    ThingKind = 1
	ThingComment ThingKind = 2
	ThingUser    ThingKind = 3
)

// Thing is what a report, or a decision of a moderator, is about.
type Thing struct {
	Kind   ThingKind
	ID     ID // of the post, the comment or the user
	PostID ID // that a comment is on; of a post its own ID; 0 for a user
	UserID ID // who answers for it: the author, or the user
}

// ReportState says how far a report has come. The numbers are stored.
type ReportState uint8

// The states of a report, and of a case.
const (
	ReportOpen      ReportState = 1
	ReportActed     ReportState = 2 // something was done about it
	ReportDismissed ReportState = 3 // nothing was
)

// Report is one user's word that something should not be on the site.
type Report struct {
	ID       ID // carries the reporter's shard
	CaseID   ID
	Reporter ID
	Thing    Thing
	Reason   string // one of a closed list; see package moderate
	Words    string // the reporter's own; may be ""
	State    ReportState
	Created  time.Time
	Closed   time.Time // zero while it is open
}

// Case is everything that was reported about one thing, until it is decided.
type Case struct {
	ID      ID // carries the shard of who answers for the thing
	Thing   Thing
	State   ReportState
	Reports int // how many there are
	Reasons []string
	Opened  time.Time
	Closed  time.Time // zero while it is open
	Text    string    // what the thing said when it was reported first
	Private bool      // only some could see the thing then, or can by now where package moderate gives it

	ClaimedBy ID // who is looking at it; 0 for nobody
	Claimed   time.Time
	ClosedBy  ID
}

// Action is what a moderator does about something. The numbers are stored.
type Action uint8

// The actions against somebody. A dismissed case has none.
const (
	ActionWarn    Action = 1
	ActionRemove  Action = 2 // the post or comment is taken down
	ActionSuspend Action = 3
)

// DecisionState says whether a decision holds. The numbers are stored.
type DecisionState uint8

// The states of a decision.
const (
	DecisionHolds    DecisionState = 1
	DecisionReversed DecisionState = 2 // taken back: by an appeal, or by a moderator
	DecisionOver     DecisionState = 3 // its time is up: of a suspension; or what was taken down is deleted
)

// AppealState says how an appeal stands. The numbers are stored.
type AppealState uint8

// The states of an appeal.
const (
	AppealNone     AppealState = 0
	AppealOpen     AppealState = 1
	AppealGranted  AppealState = 2
	AppealRejected AppealState = 3
)

// Decision is what was done against somebody, why, and what they said to that.
type Decision struct {
	ID     ID // carries the shard of Thing.UserID, who is told of it
	CaseID ID // 0 where nobody had reported anything
	Thing  Thing
	Action Action
	Reason string // one of a closed list; see package moderate
	Words  string // to the person concerned
	Text   string // what the thing said
	By     ID     // 0 for the command line
	At     time.Time
	Until  time.Time // of a suspension; zero until it is lifted
	State  DecisionState
	Ended  time.Time // zero while it holds

	Appeal      AppealState
	AppealWords string
	Appealed    time.Time
	AppealBy    ID // who decided the appeal
	AppealReply string
}

// AuditEntry is one thing that somebody did as an admin or a moderator.
type AuditEntry struct {
	At     time.Time // no two have the same: it names the entry
	By     ID        // 0 for the command line, or the site itself
	Via    string    // who gave the command there; "" otherwise
	Deed   string    // a word with a dot, as "knobs.turn"
	User   ID        // on whom; 0 for nobody
	Thing  string    // on what, as "post 123"; "" where nothing more is to be said
	Reason string
}

// AuditPage asks for part of the audit log, newest first.
type AuditPage struct {
	Before time.Time // only entries before it; zero for the newest
	By     ID        // only by this user; 0 for anybody
	User   ID        // only on this user; 0 for anybody
	Deed   string    // only deeds that begin so; "" for all
	Count  int
}

// CasePage asks for part of the cases: open ones oldest first, others newest first.
type CasePage struct {
	Kind  ThingKind // 0 for all
	Open  bool      // else those that are decided
	After ID        // the cursor: the ID of the last case of the page before; 0 for the first page
	Count int
}

// MemberPage asks for part of the accounts, by username.
type MemberPage struct {
	Prefix string // of the username; "" for all
	After  string // only usernames behind it
	State  AccountState
	Any    bool // whatever the state
	Count  int
}
