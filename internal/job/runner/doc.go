// Package runner runs the jobs that sqlstore inserted, at least once, with
// River: one client per physical database, started and stopped together.
//
// A job begins a few milliseconds after the commit that inserted it: PostgreSQL
// notifies, and for SQLite the DB itself tells this process. What fails is tried
// again with a growing pause; what keeps failing, panics or cannot be read ends
// in the list of failed jobs, and nothing else waits for it.
//
// It leaves what a job does to the handlers, which must be idempotent, and what
// jobs there are to package job. Errors: NotFound for a job that is not on the
// list, and Unavailable for a database that does not answer.
package runner
