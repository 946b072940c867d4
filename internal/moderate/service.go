package moderate

import (
	"context"
	"slices"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/tintype/tintype/internal/blob"
	"github.com/tintype/tintype/internal/tintype"
)

// Reports keeps reports and cases. sqlstore.Reports implements it, and says what each method does, as for the interfaces below.
type Reports interface {
	AddReport(ctx context.Context, r tintype.Report, c tintype.Case) (out tintype.Report, fresh bool, err error)
	ReportsOf(ctx context.Context, reporter tintype.ID, page tintype.Page) ([]tintype.Report, error)
	ReportsIn(ctx context.Context, id tintype.ID, page tintype.Page) ([]tintype.Report, error)
}

// Cases is the queue.
type Cases interface {
	Case(ctx context.Context, id tintype.ID) (*tintype.Case, error)
	Cases(ctx context.Context, page tintype.CasePage) ([]tintype.Case, error)
	Claim(ctx context.Context, id, by tintype.ID, on bool, now, stale time.Time) error
	CloseCase(ctx context.Context, id tintype.ID, d *tintype.Decision, log tintype.AuditEntry, stale time.Time) error
}

// Decisions keeps what was decided.
type Decisions interface {
	Decide(ctx context.Context, d tintype.Decision, log tintype.AuditEntry) error
	Decision(ctx context.Context, id tintype.ID) (*tintype.Decision, error)
	DecisionsOf(ctx context.Context, user tintype.ID, page tintype.Page) ([]tintype.Decision, error)
	DecisionsOn(ctx context.Context, t tintype.Thing, a tintype.Action) ([]tintype.Decision, error)
	End(ctx context.Context, d tintype.Decision, state tintype.DecisionState, op tintype.ID, log tintype.AuditEntry) (ended bool, err error)
}

// Due finds the decisions whose time has come.
type Due interface {
	TimeUp(ctx context.Context, now time.Time, n int) ([]tintype.Decision, error)
	OldRemovals(ctx context.Context, before time.Time, n int) ([]tintype.Decision, error)
}

// Appeals keeps what those concerned say to a decision.
type Appeals interface {
	Appeal(ctx context.Context, id, user tintype.ID, words string, now time.Time) error
	Appeals(ctx context.Context, page tintype.Page) ([]tintype.Decision, error)
	Reply(ctx context.Context, d tintype.Decision, grant bool, reply string, op tintype.ID, log tintype.AuditEntry) error
	Moderators(ctx context.Context, about tintype.ID) (int, error)
}

// Audit is the log. sqlstore.Audit implements it.
type Audit interface {
	Record(ctx context.Context, e tintype.AuditEntry) error
	Entries(ctx context.Context, p tintype.AuditPage) ([]tintype.AuditEntry, error)
}

// Posts is what posts and comments are. post.Service provides it.
type Posts interface {
	// Get gives a post that viewer may see.
	Get(ctx context.Context, viewer, post tintype.ID) (*tintype.Post, error)
	// Unseen gives a post as it is kept, nil if there is none.
	Unseen(ctx context.Context, post tintype.ID) (*tintype.Post, error)
	// AllUnseen gives those of posts that there are, as they are kept.
	AllUnseen(ctx context.Context, posts []tintype.ID) ([]*tintype.Post, error)
	// UnseenComment gives a comment as it is kept, nil if there is none.
	UnseenComment(ctx context.Context, post, comment tintype.ID) (*tintype.Comment, error)
	// OpenUnseen opens the n-th picture of a post.
	OpenUnseen(ctx context.Context, post tintype.ID, n int) (blob.File, error)
}

// People is who there is. graph.Service provides it.
type People interface {
	User(ctx context.Context, viewer, id tintype.ID) (*tintype.User, error)
	Users(ctx context.Context, ids []tintype.ID) ([]*tintype.User, error)
	Hidden(ctx context.Context, viewer tintype.ID) ([]tintype.ID, error)
}

// Accounts is who keeps order. sqlstore.Accounts provides it.
type Accounts interface {
	// Account gives a user's account, nil if there is none.
	Account(ctx context.Context, user tintype.ID) (*tintype.Account, error)
}

// Hands makes decisions come true; each is so already where it was called before.
type Hands interface {
	// TakeDown hides a post or comment, or shows it again.
	TakeDown(ctx context.Context, t tintype.Thing, down bool) error
	// Discard deletes a post or comment for good.
	Discard(ctx context.Context, t tintype.Thing) error
	// KeepSuspended sees to it that a user is suspended, or not.
	KeepSuspended(ctx context.Context, user tintype.ID, suspended bool) error
}

// IDs mints IDs. sqlstore.Profiles provides it.
type IDs interface {
	// MintFor mints an ID for something that is a user's.
	MintFor(ctx context.Context, user tintype.ID) (tintype.ID, error)
}

// Limiter counts tries.
type Limiter interface {
	Take(ctx context.Context, limits []tintype.Limit, now time.Time) (wait time.Duration, err error)
}

// Config is what a Service is made of; all is required.
type Config struct {
	Clock     tintype.Clock
	Reports   Reports
	Cases     Cases
	Decisions Decisions
	Due       Due
	Appeals   Appeals
	Audit     Audit
	Posts     Posts
	People    People
	Accounts  Accounts
	Hands     Hands
	IDs       IDs
	Limiter   Limiter
	// Secret gives the key of tickets.
	Secret func(ctx context.Context) ([]byte, error)
}

// Service is moderation. Make it with [New].
type Service struct{ c Config }

// New makes a Service.
func New(c Config) *Service { return &Service{c} }

// Bounds of what people write, and for how long things are so.
const (
	MaxWords = 2000 // code points of a report, a decision, an appeal, a reply

	// AppealTerm is how long what was taken down is kept, so that it can be brought back.
	AppealTerm = 30 * 24 * time.Hour
	// claimed is how long nobody else decides what somebody looks at.
	claimed = time.Hour
	// MaxDays is the longest suspension that ends by itself.
	MaxDays = 3650

	day = 24 * time.Hour
)

// Reasons are why something may be reported, or something done against somebody, in the order in which they are offered.
func Reasons() []string {
	return []string{"spam", "harassment", "hate", "violence", "nudity", "self_harm", "illegal", "privacy", "copyright", "impersonation", "other"}
}

func goodReason(reason string) error {
	if !slices.Contains(Reasons(), reason) {
		return tintype.FieldError("reason", "%q is not one of the reasons", reason)
	}
	return nil
}

// goodWords checks what somebody wrote.
func goodWords(field, s string, needed bool) error {
	switch {
	case !utf8.ValidString(s):
		return tintype.FieldError(field, "%s is not UTF-8", field)
	case utf8.RuneCountInString(s) > MaxWords:
		return tintype.FieldError(field, "%s must be at most %d characters long", field, MaxWords)
	case needed && s == "":
		return tintype.FieldError(field, "%s must not be empty", field)
	}
	for _, r := range s {
		if unicode.IsControl(r) && r != '\n' && r != '\t' && r != '\r' {
			return tintype.FieldError(field, "%s has a control character in it", field)
		}
	}
	return nil
}

var (
	errNoThing    = &tintype.Error{Kind: tintype.NotFound, Msg: "there is no such thing"}
	errNoCase     = &tintype.Error{Kind: tintype.NotFound, Msg: "there is no such case"}
	errNoDecision = &tintype.Error{Kind: tintype.NotFound, Msg: "there is no such decision"}
)

// thingNames are the words for the kinds of things.
var thingNames = map[tintype.ThingKind]string{tintype.ThingPost: "post", tintype.ThingComment: "comment", tintype.ThingUser: "user"}

// ThingName gives the word for a kind of thing: "post", "comment" or "user".
func ThingName(k tintype.ThingKind) string { return thingNames[k] }

// ParseThing reads what ThingName writes; Invalid otherwise.
func ParseThing(name string) (tintype.ThingKind, error) {
	for k, n := range thingNames {
		if n == name {
			return k, nil
		}
	}
	return 0, tintype.FieldError("kind", "%q is not post, comment or user", name)
}

// nameOf is how the audit log names a thing.
func nameOf(t tintype.Thing) string { return thingNames[t.Kind] + " " + t.ID.String() }
