// Package mail sends letters: over SMTP, or into a directory where there is no
// mail server.
//
// SMTP speaks to one relay, with STARTTLS or TLS and a password; it opens a
// connection for each letter. Outbox keeps each letter as a file that mail programs
// open (.eml). A letter keeps its Message-ID when it is sent again, and its file its
// name, so that a second copy can be told for one. Addresses and subjects are checked
// and encoded by github.com/wneessen/go-mail: none can add a header or a recipient.
//
// What is said to whom is left to packages letter and account, and when to try
// again to package job. Errors: Unavailable for what may go better later, Invalid for a letter that
// will never be taken.
package mail
