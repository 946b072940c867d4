// Package archive reads and writes archives of what people own: it walks zip
// files of strangers without trusting them, recognises the forms in which other
// services give people their data, and lays out zip files whose content is read
// only when they are sent.
//
// It leaves to others where the bytes come from and what becomes of what is
// found (package mydata), and never looks into pictures (package imaging).
//
// Errors: Invalid, with a sentence for the person whose file it is, for an
// archive that cannot be taken; whatever a source gave for one that cannot be read.
package archive
