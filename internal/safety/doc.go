// Package safety is what users set for themselves against others: whom they
// mute, whom they restrict, which words they do not want to read, and who may
// comment by default.
//
// All of it is one-sided. It is kept on the side of the user who sets it, and
// nobody else is told: who is muted or restricted gets the same answers as before.
// What follows from it is done by others, who ask: package feed leaves out and covers posts,
// package post holds comments, the store of activity leaves out what is done.
//
// It leaves blocks, which both sides know, to package graph. Errors: NotFound for
// users who do not exist or must not be known of, Invalid for what is too much or
// makes no sense, and what the store gives.
package safety
