package tintype

import (
	"errors"
	"fmt"
)

// Kind says what went wrong, in a closed set that the edges map to HTTP.
type Kind uint8

// The kinds. The zero value is Internal, so that an error nobody classified is
// logged and its detail is not shown.
const (
	Internal         Kind = iota // a fault of ours; the only kind that is logged
	Invalid                      // a parameter is malformed or out of range
	NotFound                     // no such thing, or nothing that this viewer may know of
	NotAllowed                   // it exists, but this viewer may not see it (private)
	Unauthenticated              // no credential, or one that is not (any longer) good
	Forbidden                    // a good credential that does not allow this
	Conflict                     // it clashes with what is there (name taken, key reused)
	TooLarge                     // more bytes, pixels or items than allowed
	UnsupportedMedia             // a file of a type that is not accepted
	Unprocessable                // a file of an accepted type that is broken
	RateLimited                  // too many tries; Error.RetryAfter says when to come back
	Unavailable                  // a part is down or busy; worth trying again
	Full                         // no storage left
)

var kindNames = [...]string{"internal", "invalid", "not found", "not allowed", "unauthenticated", "forbidden", "conflict",
	"too large", "unsupported media", "unprocessable", "rate limited", "unavailable", "full"}

// String is the kind's name for logs.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("kind %d", uint8(k))
}

// Error is the error of every package of this project.
type Error struct {
	Kind       Kind
	Msg        string // one sentence for people, without a full stop; never holds secrets or internals
	Field      string // the request field at fault, if one is
	RetryAfter int    // seconds to wait, with RateLimited and Unavailable; 0 if unknown
	Partial    bool   // with Unavailable: what was given along with the error is true, only not all there is
	Err        error  // the cause, for logs only
}

// Error gives the message and the cause, for logs.
func (e *Error) Error() string {
	switch {
	case e.Err == nil:
		return e.Msg
	case e.Msg == "":
		return e.Err.Error()
	}
	return e.Msg + ": " + e.Err.Error()
}

// Unwrap is the cause.
func (e *Error) Unwrap() error { return e.Err }

// Errorf makes an error of kind k whose message is shown to people. A %w
// operand becomes the cause, and is part of the message.
func Errorf(k Kind, format string, args ...any) error {
	err := fmt.Errorf(format, args...)
	return &Error{Kind: k, Msg: err.Error(), Err: errors.Unwrap(err)}
}

// FieldError is an Invalid error about one field of the request.
func FieldError(field, format string, args ...any) error {
	return &Error{Kind: Invalid, Field: field, Msg: fmt.Sprintf(format, args...)}
}

// KindOf is the kind of the outermost *Error in err's chain, and Internal if there is none.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}

// IsPartial reports whether err says that only a part could be read, because one
// of several databases is down, and that the part was given along with it.
func IsPartial(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Partial
}

// IsKind reports whether err is an error of kind k; a nil error is of no kind.
func IsKind(err error, k Kind) bool { return err != nil && KindOf(err) == k }
