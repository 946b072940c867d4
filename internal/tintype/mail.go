package tintype

import "time"

// Mail is a letter to one person, as text and as HTML that says the same.
type Mail struct {
	ID       string // the same for each try to send it
	To       string // an address, without a name
	Language string // a tag such as "en"
	Subject  string
	Text     string
	HTML     string
}

// LinkPurpose says what a link that was sent by mail is good for. The numbers are stored.
type LinkPurpose uint8

// The purposes of links.
const (
	LinkVerify LinkPurpose = iota + 1 // confirms the address of an account
	LinkChange                        // confirms the address that is to take its place
	LinkUndo                          // brings a former address back
	LinkReset                         // sets a new password
)

// MailLink is a link that was sent by mail. It is good once.
type MailLink struct {
	Hash     []byte // SHA-256 of the token in it
	UserID   ID
	Purpose  LinkPurpose
	Email    string // that it was sent to
	EmailKey string
	Verified time.Time // of LinkUndo: since when the address was known to be the user's
	Expires  time.Time
}
