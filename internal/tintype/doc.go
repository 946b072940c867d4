// Package tintype is the vocabulary of the site: IDs and shards, users, posts,
// media, comments, cursors, scopes, the closed set of error kinds, and CanViewPost,
// the one function that decides who may see a post.
//
// It holds no behaviour that needs a store, a network or a clock of its own,
// and imports the standard library only. Every other package may import it.
package tintype
