package app_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"testing"

	"github.com/fxamacker/cbor/v2"
)

// authenticator is a device that keeps passkeys, in software: keys on P-256, no attestation.
type authenticator struct {
	t      testing.TB
	origin string // of the page that asks
	rp     string // that the browser says it is for; "" for what is asked
	verify bool   // it shows that its user touched it, not just somebody
	count  uint32
	keys   map[string]*ecdsa.PrivateKey // by ID
	handle map[string][]byte
	last   string // ID of the newest
}

func newAuthenticator(t testing.TB) *authenticator {
	return &authenticator{t: t, origin: "http://localhost:8080", verify: true, keys: map[string]*ecdsa.PrivateKey{}, handle: map[string][]byte{}}
}

// asked is what a ceremony of the API holds.
type asked struct {
	Challenge string
	Options   struct {
		Challenge string
		RP        struct{ ID string }
		RPID      string `json:"rpId"`
		User      struct{ ID string }
		Allow     []struct{ ID string } `json:"allowCredentials"`
		Verify    string                `json:"userVerification"`
	}
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func (a *authenticator) unb64(s string) []byte {
	a.t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		a.t.Fatal(err)
	}
	return b
}

// data is what a device signs of itself: for whom, what it saw, how often, and the key it made.
func (a *authenticator) data(rp string, made []byte) []byte {
	if a.rp != "" {
		rp = a.rp
	}
	h := sha256.Sum256([]byte(rp))
	flags := byte(1)
	if a.verify {
		flags |= 4
	}
	if made != nil {
		flags |= 0x40
	}
	a.count++
	out := binary.BigEndian.AppendUint32(append(h[:], flags), a.count)
	return append(out, made...)
}

func (a *authenticator) client(typ, challenge string) []byte {
	text, err := json.Marshal(map[string]any{"type": typ, "challenge": challenge, "origin": a.origin, "crossOrigin": false})
	if err != nil {
		a.t.Fatal(err)
	}
	return text
}

func (a *authenticator) cbor(v any) []byte {
	a.t.Helper()
	mode, err := cbor.CTAP2EncOptions().EncMode()
	if err != nil {
		a.t.Fatal(err)
	}
	b, err := mode.Marshal(v)
	if err != nil {
		a.t.Fatal(err)
	}
	return b
}

// create makes a passkey, as navigator.credentials.create does.
func (a *authenticator) create(q asked) map[string]any {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	id := make([]byte, 20)
	rand.Read(id)
	point, err := key.PublicKey.Bytes() // 4, X, Y
	if err != nil {
		a.t.Fatal(err)
	}
	public := a.cbor(map[int]any{1: 2, 3: -7, -1: 1, -2: point[1:33], -3: point[33:]})
	made := append(make([]byte, 16), byte(len(id)>>8), byte(len(id)))
	made = append(append(made, id...), public...)
	a.last = b64(id)
	a.keys[a.last], a.handle[a.last] = key, a.unb64(q.Options.User.ID)
	return map[string]any{"id": a.last, "rawId": a.last, "type": "public-key", "clientExtensionResults": map[string]any{}, "response": map[string]any{
		"clientDataJSON":    b64(a.client("webauthn.create", q.Options.Challenge)),
		"attestationObject": b64(a.cbor(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": a.data(q.Options.RP.ID, made)})),
	}}
}

// get answers with the newest passkey, as navigator.credentials.get does.
func (a *authenticator) get(q asked) map[string]any {
	a.t.Helper()
	data, client := a.data(q.Options.RPID, nil), a.client("webauthn.get", q.Options.Challenge)
	h := sha256.Sum256(client)
	sum := sha256.Sum256(append(append([]byte{}, data...), h[:]...))
	sig, err := ecdsa.SignASN1(rand.Reader, a.keys[a.last], sum[:])
	if err != nil {
		a.t.Fatal(err)
	}
	return map[string]any{"id": a.last, "rawId": a.last, "type": "public-key", "clientExtensionResults": map[string]any{}, "response": map[string]any{
		"clientDataJSON": b64(client), "authenticatorData": b64(data), "signature": b64(sig), "userHandle": b64(a.handle[a.last]),
	}}
}
