package tintype

import "time"

// Passkey is a public key that its user signs in with; the private one never leaves the user's device.
type Passkey struct {
	ID      []byte // that the device gave it
	UserID  ID
	Name    string
	Record  string // what package account knows of it, as JSON
	Created time.Time
	Used    time.Time // last; zero for never
}

// ChallengeKind says what a challenge is for. The numbers are stored.
type ChallengeKind uint8

// The kinds of challenges.
const (
	ChallengeRegister ChallengeKind = iota + 1 // a passkey is registered
	ChallengeSignIn                            // somebody signs in by a passkey alone
	ChallengeSecond                            // a user who has shown the password shows a passkey, too
	ChallengeProvider                          // somebody was sent to an OpenID provider
	ChallengeNamed                             // whom a provider has named is still to show a code, or to choose a username
)

// Challenge is what somebody must answer to, once and in time.
type Challenge struct {
	Hash    []byte // SHA-256 of the secret that names it
	Kind    ChallengeKind
	UserID  ID     // who is to answer; 0 for whoever does
	Session string // the session in which it is to be answered, or what binds it to a browser; "" for none
	Data    string // what the answer is held against, as JSON
	Expires time.Time
}
