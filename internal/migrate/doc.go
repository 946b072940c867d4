// Package migrate carries a whole site from one home to another, from a SQLite
// file into the databases of a fleet or back, while the site is in use.
//
// Every row keeps its ID and thereby its logical shard; a shard that has rows
// is materialised at the target. First the changes are watched at the source:
// triggers note the key of every row that changes. Then everything is copied,
// one logical shard at a time and several at once, each in one transaction of
// the target that also records that it is done. Then what has changed is carried again and
// again, until there is little; source and target are compared, table by table and
// shard by shard, by counts and by sums of hashes of all rows. Only then may the source
// no longer be written to; what changed last is carried and compared, the jobs that wait
// are taken along, and the target is opened. IDs that it mints are above all that were.
//
// Killed at any moment it goes on where it was when it is started again. Until
// the end the target is closed to servers, and the source is what counts.
//
// It moves rows as they are and knows no table by name. What is derived stays
// behind: feeds, rate limits; see sqlstore.NotCarried. Files go from store to
// store beside the rows.
//
// Errors: Conflict for a target that is not empty or a source that is on its
// way elsewhere, Invalid for another version, Full, Unavailable, and Internal
// where the two sides differ.
package migrate
