package knobs

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tintype/tintype/internal/tintype"
)

// Knob names one knob inside the program. The numbers are not stored.
type Knob int

// The knobs; see List for what they do.
const (
	None Knob = iota // no knob
	FeedLength
	CelebrityThreshold
	FanoutPage
	FeedBackfill
	SignUp
	Writes
	Uploads
	MaxUploadMB
	Posting
	Comments
	Likes
	Follows
	Search
	LiveEvents
	HourlyLimit
	SignUpsPerHour
	PasswordTriesPair
	PasswordTriesAccount
	PasswordTriesAddress
	PictureFormats
	VerifiedEmail
	StorageGB
	numKnobs
)

// Kind says what a knob's values are.
type Kind string

// The kinds of values.
const (
	Number Kind = "number" // a whole number within bounds
	Switch Kind = "switch" // on or off
	Choice Kind = "choice" // one of a few words
)

// Spec is what is known of a knob.
type Spec struct {
	Knob    Knob
	Name    string // as people write it
	Kind    Kind
	Help    string // one sentence without a full stop
	Unit    string // of a number, for people
	Default int    // a number; 1 for on; the index of a word
	Min     int
	Max     int
	Zero    bool     // a number may also be 0, for no limit
	Words   []string // of a choice

	setting string // under which it is kept, if that is not "knob." and its name
	closed  string // what somebody is told whom the switch keeps out
}

// specs is every knob, in the order in which people see them.
func specs() []Spec {
	onOff := func(k Knob, name, help, closed string) Spec {
		return Spec{Knob: k, Name: name, Kind: Switch, Default: 1, Max: 1, Help: help, closed: closed}
	}
	return []Spec{
		onOff(Writes, "writes", "Whether anything may be changed; off, the site can be read, and people sign in and out",
			"the site can only be read at the moment; please try again later"),
		{Knob: SignUp, Name: "signup", Kind: Choice, Words: []string{"open", "invite", "closed"}, setting: "signup", Help: "Who may sign up: anybody, whoever has an invitation, or nobody"},
		{Knob: VerifiedEmail, Name: "verified_email", Kind: Switch, Max: 1, Help: "Whether only members whose e-mail address is confirmed may post, comment, like, follow, change their profile and show others anything else"},
		onOff(Uploads, "uploads", "Whether photos and profile pictures are taken", "no photos are taken at the moment; please try again later"),
		{Knob: MaxUploadMB, Name: "max_upload_mb", Kind: Number, Unit: "MB", Default: 50, Min: 1, Max: 50, Help: "The largest file that is taken; at most what the server was started with"},
		{Knob: StorageGB, Name: "storage_gb", Kind: Number, Unit: "GB", Min: 1, Max: 1_000_000, Zero: true,
			Help: "How much room files and databases may take together; photos are refused beyond it; 0 for no limit"},
		{Knob: PictureFormats, Name: "picture_formats", Kind: Choice, Words: []string{"avif", "webp", "jpeg"},
			Help: "In which formats pictures are shown to clients that take them: AVIF, WebP and JPEG, WebP and JPEG, or JPEG alone"},
		onOff(Posting, "posting", "Whether posts may be published", "nothing can be published at the moment; please try again later"),
		onOff(Comments, "comments", "Whether posts may be commented on", "comments are closed at the moment; please try again later"),
		onOff(Likes, "likes", "Whether posts may be liked, and likes taken back", "likes are closed at the moment; please try again later"),
		onOff(Follows, "follows", "Whether people may begin to follow others", "nobody new can be followed at the moment; please try again later"),
		onOff(Search, "search", "Whether people may be searched for, and are suggested", "the search is switched off at the moment; please try again later"),
		onOff(LiveEvents, "live_events", "Whether open pages are told of news at once, which keeps a connection for each", "live news are switched off at the moment"),
		{Knob: FeedLength, Name: "feed_length", Kind: Number, Unit: "posts", Default: 1000, Min: 20, Max: 1000, Help: "How far back a home feed goes"},
		{Knob: CelebrityThreshold, Name: "celebrity_threshold", Kind: Number, Unit: "followers", Default: 10_000, Min: 10, Max: 10_000_000,
			Help: "Above how many followers an author's posts are merged in when a feed is read, and no longer brought to every follower's feed"},
		{Knob: FanoutPage, Name: "fanout_page", Kind: Number, Unit: "followers", Default: 10_000, Min: 100, Max: 100_000, Help: "To how many followers one job brings a post"},
		{Knob: FeedBackfill, Name: "feed_backfill", Kind: Number, Unit: "posts", Default: 100, Min: 1, Max: 200, Help: "How many older posts of an author come into a new follower's feed"},
		{Knob: HourlyLimit, Name: "hourly_limit", Kind: Number, Unit: "calls", Default: 5000, Min: 100, Max: 10_000_000, Zero: true, Help: "API calls per hour of one session, app or address; 0 for no limit"},
		{Knob: SignUpsPerHour, Name: "signups_per_hour", Kind: Number, Unit: "accounts", Default: 20, Min: 1, Max: 100_000, Help: "New accounts per hour from one address"},
		{Knob: PasswordTriesPair, Name: "password_tries", Kind: Number, Unit: "tries", Default: 10, Min: 3, Max: 1000, Help: "Wrong passwords in 15 minutes for one account from one address"},
		{Knob: PasswordTriesAccount, Name: "password_tries_account", Kind: Number, Unit: "tries", Default: 50, Min: 3, Max: 100_000, Help: "Wrong passwords in 15 minutes for one account from everywhere"},
		{Knob: PasswordTriesAddress, Name: "password_tries_address", Kind: Number, Unit: "tries", Default: 50, Min: 3, Max: 100_000, Help: "Wrong passwords in 15 minutes from one address for all accounts"},
	}
}

// key is under which the knob is kept among the settings.
func (s *Spec) key() string {
	if s.setting != "" {
		return s.setting
	}
	return "knob." + s.Name
}

// Format writes a value as Parse reads it.
func (s *Spec) Format(v int) string {
	switch s.Kind {
	case Switch:
		if v == 0 {
			return "off"
		}
		return "on"
	case Choice:
		if v >= 0 && v < len(s.Words) {
			return s.Words[v]
		}
	}
	return strconv.Itoa(v)
}

// Parse reads a value that somebody wants the knob to have.
func (s *Spec) Parse(text string) (int, error) {
	text = strings.ToLower(strings.TrimSpace(text))
	switch s.Kind {
	case Switch:
		switch text {
		case "on", "true", "yes", "1":
			return 1, nil
		case "off", "false", "no", "0":
			return 0, nil
		}
	case Choice:
		if i := slices.Index(s.Words, text); i >= 0 {
			return i, nil
		}
	case Number:
		v, err := strconv.Atoi(text)
		if err == nil && (v >= s.Min && v <= s.Max || s.Zero && v == 0) {
			return v, nil
		}
	}
	return 0, tintype.FieldError(s.Name, "%s is %s, not %q", s.Name, s.may(), text)
}

// may is what a knob can be, for people.
func (s *Spec) may() string {
	switch s.Kind {
	case Switch:
		return "on or off"
	case Choice:
		return strings.Join(s.Words[:len(s.Words)-1], ", ") + " or " + s.Words[len(s.Words)-1]
	}
	or := ""
	if s.Zero {
		or = ", or 0 for no limit"
	}
	return fmt.Sprintf("a whole number from %d to %d%s", s.Min, s.Max, or)
}
