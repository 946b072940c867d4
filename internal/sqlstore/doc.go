// Package sqlstore is the one implementation of persistence, in portable SQL
// that is written once and runs on SQLite and PostgreSQL: one file per
// aggregate, over a small wrapper (DB, Home, Tx) and a Dialect for what the two
// engines disagree on.
//
// Every statement is a named *Stmt: the name gives metrics and the per-engine
// overrides, and lets storetest assert that each one ran on each engine.
// Statements name their schema ({s}), never rely on session state, bind $1…$n,
// and never ask the database for the time.
//
// It holds no rules: who may do what is decided by the packages that call it.
// Errors are *tintype.Error: Conflict for a unique key, NotFound where a method
// says so, Unavailable for a database that cannot be reached, Full for a full
// disk, Internal for the rest.
package sqlstore
