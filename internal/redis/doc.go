// Package redis is what the fleet keeps in Redis: home timelines, maps of
// foreign keys, and what else is to be seen by all processes at once.
//
// Several independent servers share the keys: a [Pool] finds the server of a
// key by rendezvous hashing over their names. There is no cluster and nothing
// moves by itself: a server that is added takes its share of the keys and finds
// them absent. Nothing here is the truth. Every key can be made again from SQL or
// may be forgotten, so any server may be emptied, restarted or lost at any time.
//
// A call to a server that does not answer ends after a bounded time, and after
// a few of them further ones fail at once, until the server answers again.
//
// What is kept, what is read instead when a server is down, and what its loss
// costs is decided by the types on top of Pool, each of which says so. Errors
// are *tintype.Error: Unavailable where a server is down, busy, full, still
// loading or not writable (by the code of Redis's answer, see
// https://redis.io/docs/latest/develop/reference/protocol-spec/#simple-errors),
// else Internal.
package redis
