package tintype

import "time"

// Identity is who a user is to an OpenID provider: its issuer and what it calls them (OpenID Connect Core 1.0, section 2), never an e-mail address.
type Identity struct {
	Issuer  string
	Subject string
	UserID  ID
	Email   string // as the provider said when it was linked, for people to know it by; "" for none
	Linked  time.Time
}

// Provider is an OpenID provider that the operator lets members sign in by.
type Provider struct {
	ID          string // in the configuration and in the API
	Name        string // for people
	Issuer      string // the URL that it signs with
	Joins       bool   // strangers may join by it, where the site takes any
	TrustsEmail bool   // an address that it calls verified is confirmed here, too
}

// ProviderTrip is what a browser is sent to a provider with, and must come back to.
type ProviderTrip struct {
	State    string // comes back beside the answer
	Nonce    string // comes back inside it, signed
	Verifier string // of PKCE (RFC 7636); shown when the code is redeemed
	ReturnTo string // the address that the provider sends the browser to
}

// ProviderUser is what a provider says of whom it has signed in. Issuer and Subject alone say who that is; the rest is a proposal.
type ProviderUser struct {
	Issuer        string
	Subject       string
	Email         string // "" for none
	EmailVerified bool   // so the provider says
	Username      string // in any shape
	FullName      string
}
