// Package render is the inside of the imaging cage: what a child process does
// with strangers' files. Main is the whole child; only `tintype render` runs it.
//
// It closes the cage around itself first (memory and CPU limits, no files by
// landlock, few system calls by seccomp; each where the kernel has it, as its
// hello tells), and then takes jobs from its standard input: decode with libvips,
// orient, convert to sRGB, apply the recipe, shrink, encode without any metadata.
//
// libvips is opened when Main starts, not linked, so that a server whose binary
// this is does not carry it: see vips.c.
//
// Failures go to the server as wire.Fault with a kind of tintype: TooLarge,
// UnsupportedMedia, Unprocessable or Invalid.
package render
