// Package account is about who somebody is: sign-up, sign-in, passwords,
// sessions, e-mail addresses and the letters to them, third-party access by
// OAuth 2, invites, the site's settings, a user's own profile, and finding people
// by name.
//
// Service is all of it. Usernames, e-mail addresses and credentials live in the
// directory, profiles on their users' shards; the two never share a
// transaction, so a name is claimed, the profile written, and the claim
// confirmed, and Sweep settles what a crash left between. Tokens are kept as
// hashes only; apps' secrets as they are, for they are the keys of signatures. How much
// apps call is kept by the hour, for a graph. Whether a viewer may see a user, and a profile's readers, are
// left to package graph; cookies, forms, redirects, signatures of requests and limits of
// calls to package api.
//
// Errors are *tintype.Error, with Field set where one field is to blame:
// Invalid for what cannot be, Conflict for what is taken, Unauthenticated for
// wrong or dead credentials, Forbidden for what they do not allow, RateLimited
// with RetryAfter for too many tries, NotFound, and what the stores give
// (Unavailable, Full, Internal). The OAuth calls give *OAuthError, which wraps
// one of these and carries the protocol's own code.
package account
