package account

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	_ "embed"
	"encoding/base64"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"github.com/tintype/tintype/internal/tintype"
)

// The length of a password: characters at least, bytes at most.
const (
	MinPassword = 8
	MaxPassword = 1024
)

// Argon2 are the costs of hashing a password with argon2id.
type Argon2 struct {
	Memory  uint32 // KiB
	Passes  uint32
	Threads uint8
}

// DefaultArgon2 is above the floor that OWASP recommends (19 MiB, 2 passes) and
// takes a small machine some 40 ms. What a hash was made with is written in it:
// these may be raised at any time, and hashes follow as people sign in.
var DefaultArgon2 = Argon2{Memory: 32 << 10, Passes: 2, Threads: 1}

const (
	saltBytes = 16
	hashBytes = 32
)

// noPassword is the hash of an account that no password opens.
const noPassword = "!"

// hasher makes and checks password hashes, a few at a time: each takes
// Argon2.Memory for as long as it runs, so their number bounds what strangers
// can make the process allocate.
type hasher struct {
	cost  Argon2
	slots chan struct{} // one is held while hashing
	queue chan struct{} // one is held while waiting or hashing
	dummy string        // hash that an unknown user's password is compared with
}

func newHasher(cost Argon2, parallel int) *hasher {
	h := &hasher{cost: cost, slots: make(chan struct{}, parallel), queue: make(chan struct{}, 64*parallel)}
	h.dummy = phc(cost, make([]byte, saltBytes), make([]byte, hashBytes))
	return h
}

// run calls f when there is room; too long a queue is refused rather than joined.
func (h *hasher) run(ctx context.Context, f func()) error {
	busy := &tintype.Error{Kind: tintype.Unavailable, Msg: "too many people are signing in at this moment; please try again in a few seconds", RetryAfter: 5}
	select {
	case h.queue <- struct{}{}:
		defer func() { <-h.queue }()
	default:
		return busy
	}
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
	case <-ctx.Done():
		busy.Err = ctx.Err()
		return busy
	}
	f()
	return nil
}

// hash gives the PHC string of a password.
func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltBytes)
	rand.Read(salt)
	var sum []byte
	err := h.run(ctx, func() { sum = h.cost.sum(password, salt, hashBytes) })
	return phc(h.cost, salt, sum), err
}

// check reports whether password fits hash, and whether the hash should be made
// anew with today's costs. A hash that nothing fits costs as much as any.
func (h *hasher) check(ctx context.Context, password, hash string) (ok, stale bool, err error) {
	cost, salt, want, valid := parsePHC(hash)
	if !valid {
		cost, salt, want, _ = parsePHC(h.dummy)
	}
	var got []byte
	err = h.run(ctx, func() { got = cost.sum(password, salt, len(want)) })
	if err != nil {
		return false, false, err
	}
	ok = subtle.ConstantTimeCompare(got, want) == 1 && valid
	return ok, ok && (cost != h.cost || len(salt) != saltBytes || len(want) != hashBytes), nil
}

func (a Argon2) sum(password string, salt []byte, n int) []byte {
	return argon2.IDKey(norm.NFKC.Bytes([]byte(password)), salt, a.Passes, a.Memory, a.Threads, uint32(n))
}

// phc writes a hash in the PHC string format: $argon2id$v=19$m=…,t=…,p=…$salt$hash.
func phc(a Argon2, salt, sum []byte) string {
	e := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, a.Memory, a.Passes, a.Threads, e.EncodeToString(salt), e.EncodeToString(sum))
}

func parsePHC(s string) (a Argon2, salt, sum []byte, ok bool) {
	part := strings.Split(s, "$")
	if len(part) != 6 || part[0] != "" || part[1] != "argon2id" || part[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return a, nil, nil, false
	}
	if n, err := fmt.Sscanf(part[3], "m=%d,t=%d,p=%d", &a.Memory, &a.Passes, &a.Threads); err != nil || n != 3 {
		return a, nil, nil, false
	}
	// What the library would panic at, or a machine choke on.
	if a.Passes < 1 || a.Passes > 100 || a.Threads < 1 || a.Memory > 4<<20 {
		return a, nil, nil, false
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(part[4])
	sum, err2 := base64.RawStdEncoding.DecodeString(part[5])
	return a, salt, sum, err1 == nil && err2 == nil && len(salt) >= 8 && len(sum) >= 16 && len(sum) <= 128
}

//go:embed common_passwords.txt
var commonPasswords string

// goodPassword refuses passwords that are too short, too long, or that anybody would try first.
func goodPassword(field, password string, personal ...string) error {
	if err := possiblePassword(field, password); err != nil {
		return err
	}
	p := norm.NFKC.String(password)
	if utf8.RuneCountInString(p) < MinPassword {
		return tintype.FieldError(field, "a password has at least %d characters", MinPassword)
	}
	folded := cases.Fold().String(p)
	first, _ := utf8.DecodeRuneInString(folded)
	if strings.Trim(folded, string(first)) == "" || isCommon(folded) {
		return tintype.FieldError(field, "that password is among the first ones that anybody would try; please choose another")
	}
	for _, s := range personal {
		if s != "" && folded == foldKey(s) {
			return tintype.FieldError(field, "a password must not be your username or e-mail address")
		}
	}
	return nil
}

// possiblePassword refuses what no password of ours can be, so that it is not even hashed.
func possiblePassword(field, password string) error {
	if len(password) > MaxPassword {
		return tintype.FieldError(field, "a password has at most %d bytes", MaxPassword)
	}
	if !utf8.ValidString(password) {
		return tintype.FieldError(field, "a password must be valid UTF-8 text")
	}
	return nil
}

func isCommon(folded string) bool {
	for line := range strings.Lines(commonPasswords) {
		if strings.TrimSpace(line) == folded {
			return true
		}
	}
	return false
}
