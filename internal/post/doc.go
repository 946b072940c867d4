// Package post is what users publish: uploads, posts of 1 to 20 pictures, and
// the comments and likes on them.
//
// An upload is streamed to the blob store and looked at in the imaging cage;
// publishing renders it there, stores the renditions and only then writes the
// post, its media and its jobs in one transaction on the owner's shard. What
// is refused or fails on the way leaves no file behind; what a crash leaves is
// named by a row that the sweep finds.
//
// Every read takes a viewer and goes through tintype.CanViewPost, for JSON and for
// bytes alike. Posts are hydrated in batches through a cache; treat them as
// immutable. A like is written on the liker's side and brought to the post by
// a job; the liker sees it at once.
//
// It leaves feeds to package feed and activity lists to package activity.
// Errors: NotFound for what is not there or whose owner must not be known of,
// NotAllowed for posts of private users, Forbidden for acting on another's
// things, Invalid with a field for bad input, TooLarge, UnsupportedMedia and
// Unprocessable for files, Conflict for a reused upload or idempotency key.
package post
