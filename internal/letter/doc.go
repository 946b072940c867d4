// Package letter is what the site's letters say: for each kind the subject, the
// text and the same as simple HTML, in English and Chinese.
//
// Compose is all of it. The HTML has no pictures, no style sheets of others and
// nothing that tells whether it was read. Every value is escaped; what would end a
// line of a header is taken out of the subject. Who gets which letter, and what the
// links in them are good for, is left to package account; sending to package mail.
//
// Errors: none; a language that is not known is English.
package letter
