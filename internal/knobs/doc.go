// Package knobs is the switches and limits that an operator may turn while the
// site runs: how long feeds are, from how many followers on an author is
// pulled, who may sign up, whether photos, comments or anything at all is
// taken, how often somebody may call or try a password.
//
// A knob that nobody turned has its default, which is what the program does
// without it. What is turned is kept with the site's settings in the directory,
// with who did it and when, and the last changes of each. Every process reads
// them every two seconds; a directory that cannot be read changes nothing.
//
// It leaves to those who ask what a value does; they know this package by small
// functions of their own. Errors are Invalid for a value that a knob cannot
// have, NotFound for a knob that does not exist, Unavailable from Closed, and
// the store's.
package knobs
