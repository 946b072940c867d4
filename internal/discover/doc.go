// Package discover is finding things: what has a tag, what is at a place or near a point, what posts say, what is popular, and tags and places themselves.
//
// It keeps timelines of posts under keys that no user owns, which jobs bring up
// to date from posts, the truth. What a viewer may see of them it leaves to the
// post rule, through which every list goes. Errors are those of the stores;
// Invalid for what is no tag; Unauthenticated where somebody must be signed in.
package discover
