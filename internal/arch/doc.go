// Package arch holds the house rules that a machine can check, as one table
// (table.go) and one checker (check.go), run over the whole tree by go test:
// which package may import which, where each third-party library may be used,
// that every package says what it is for, and how long a file may be.
//
// A package that is not in the table fails the test: adding a package means
// deciding on which floor of the house it stands. The checker reads import
// clauses only and builds nothing; what a type checker or a linter can find is
// left to those. It returns problems as data; an error means that a file could
// not be read or parsed.
package arch
