// Package moderate is keeping order on the site: what users report, the queue in which moderators look at that,
// what they decide, what those concerned say to it, and the log of everything that admins and moderators did.
//
// Reports, cases and decisions live in the directory. A decision is written with a job that makes it come
// true on its thing's shard; the job reads which decisions hold and does what they say, so that it may
// come twice, late, or after the decision was reversed. What hides a post, or shuts a user out, it
// leaves to the rules of those; that only moderators call what is for them, to package api.
//
// Errors are *tintype.Error, with Field set where one field is to blame: Invalid for what cannot be, NotFound,
// Conflict for what is decided, claimed or appealed already, RateLimited for too many reports, Unauthenticated
// for a ticket that is no longer good, and what the stores give.
package moderate
