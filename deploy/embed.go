// Package deploy holds the files that an operator installs: for nginx,
// PgBouncer, PostgreSQL, Redis, repmgr and systemd. `make fleet` runs the same files,
// which is why they are embedded in the program.
package deploy

import "embed"

// Files are nginx/, pgbouncer/, postgresql/, redis/ and repmgr/ of this directory.
//
//go:embed nginx pgbouncer postgresql redis repmgr
var Files embed.FS
