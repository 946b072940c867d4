// Package activity is what happened to a user: likes, comments, follows,
// requests, approvals, mentions and tags in pictures; what those whom a user
// follows did of late; and what a user chose to hear of.
//
// Most of it is written together with the edge that caused it, by the store;
// this package writes what no edge carries (mentions), lists it, counts what is
// unread and tells open pages. Activity about posts that are gone or by users
// the reader hides from is left out when it is read.
//
// It leaves wording to the edges. Errors are the stores'.
package activity
