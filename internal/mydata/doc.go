// Package mydata lets people take what is theirs along, bring what they have
// elsewhere, and leave: exports, imports, and the deletion of an account.
//
// What takes long goes in steps, each a job of well under a minute that says in
// the transaction of what it did which is next; a step whose process is killed
// is taken again, and two that do the same do no harm.
//
// It leaves the forms of archives to package archive, pictures and posts to
// package post, and who may sign in to package account. Errors: Conflict where
// something of the sort is under way, RateLimited for too many, NotFound for
// what there is not (any more), Invalid for archives that cannot be taken.
package mydata
