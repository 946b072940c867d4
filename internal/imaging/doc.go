// Package imaging makes pictures out of strangers' files, without ever
// decoding one in the server: a Pool keeps a few child processes (the cage,
// package render) that look at an original and answer with what it is (Probe)
// or with its renditions (Render).
//
// A child that crashes, hangs, eats memory or talks nonsense costs the one job
// it had; the next job gets a fresh one. Children start when there is work and
// end after a minute without any.
//
// What a picture looks like after edits is package grade's business; where the
// bytes are stored and who may see them is left to the caller.
//
// Errors are *tintype.Error: UnsupportedMedia for a file of another type,
// TooLarge for too many bytes or pixels, Unprocessable for a broken file (and
// for one that broke, hung or outgrew its child), Invalid for a bad recipe,
// Unavailable when no child can be started or the caller's context ended first.
package imaging
