// Package bench measures a built tintype against the limits of the machine it
// runs on. Each row is a ratio: what the site does, and beside it, measured in
// the same run on the same data, what a bare program does that has none of the
// site's duties (a handler that writes the same bytes, a transaction that
// inserts the same rows, libvips making the same pictures).
//
// It talks to loopback addresses only, is bounded in time, ends the processes
// it started by itself, and needs wrk for the HTTP rows. Numbers without a
// limit (start-up, memory, bytes) are printed against a fixed bound.
package bench
