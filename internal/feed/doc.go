// Package feed is the home feed: posts of the users one follows, and one's own,
// newest first.
//
// A post is brought to its author's followers when it is published (fan-out on
// write), a page of followers at a time, each page a job. Authors with very
// many followers are not fanned out: they are "pulled", and their newest posts
// are merged in when somebody reads. A timeline is bounded and derived: it is
// absent for who has not been seen for a month, and built again from the newest
// posts of the followees when it is wanted.
//
// Who may see what is decided when the feed is read: what was deleted, hidden,
// or is by somebody the viewer no longer follows is left out then, whatever the
// timeline still holds. So the jobs that tidy timelines may come late.
//
// Handlers are idempotent. Jobs may be repeated, late and out of order.
//
// It leaves to package post whether a post may be seen, to package graph who
// follows whom, and to the edges how posts are written. Errors are the stores'.
package feed
