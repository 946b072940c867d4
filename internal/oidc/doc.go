// Package oidc speaks to OpenID providers: it finds out what they have (OpenID Connect Discovery 1.0), gives the address that a browser
// is sent to (the authorization code flow with PKCE, OpenID Connect Core 1.0 section 3.1 and RFC 7636), and redeems the code that the
// browser comes back with, for what the provider says of whom it has signed in.
//
// An answer counts only if it is signed with a key that the provider publishes, by an algorithm that is neither none nor a shared
// secret, is of the issuer that was configured, for this client and nobody else, not too old, and holds the nonce that was sent; and if what
// came beside the code, where the provider sends it, names the same issuer (RFC 9207). Discovery is done when it is first
// needed, again every hour, and again after a failure: a provider that is down stops nobody but those who come by it.
//
// It leaves to others who an identity is, what binds the way to a browser, and that it is gone once. Errors: Unavailable for a
// provider that does not answer as it should, Unauthenticated for an answer that is not to be believed; both say so in
// words for people, and hold the cause for the log.
package oidc
