// Package activity is what happened to a user: likes, comments, follows,
// requests, approvals and mentions.
//
// Most of it is written together with the edge that caused it, by the store;
// this package writes what no edge carries (mentions), lists it, counts what is
// unread and tells open pages. Activity about posts that are gone or by users
// the reader hides from is left out when it is read.
//
// It leaves grouping and wording to the edges. Errors are the stores'.
package activity
