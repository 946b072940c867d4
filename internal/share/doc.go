// Package share is what leaves the site by itself: apps are called back when
// something that they subscribed to has changed (the real-time subscriptions of
// API v1).
//
// A subscription is to the users who allowed the app, to a tag, to a place or to
// a circle on the map. Before one is made, its callback must echo a challenge.
// When a post is published, a job looks up, by key and never by a scan, who wants
// to hear of it, and notes that in the transaction that puts off the call; another
// job calls, with all that waits for the callback by then, signed with the app's
// secret. What is told is only that something changed: the app asks for the post
// itself, with its own rights. Tags, places and circles tell of posts that
// everybody may see; users also of their own private ones, to apps they allowed.
//
// Callbacks are told at least once, in the order of the posts while all is well. One
// that fails is tried again with a growing pause, and paused after a day without
// a success, which its app's owner is shown and may undo.
//
// It leaves the dialling, and which addresses may be called at all, to package
// outbound; proving that a caller is an app to package account; places and tags
// as such to others. Errors: Invalid for what cannot be subscribed to, ErrChallenge
// for a callback that does not echo, Forbidden for too many, NotFound for what is not the app's, and the stores'.
package share
