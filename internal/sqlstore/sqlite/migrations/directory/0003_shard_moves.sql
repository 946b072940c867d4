-- Moves of logical shards between databases, one row each, so that a mover that
-- dies is followed by one that knows how far it came. The newest of a shard counts.
CREATE TABLE shard_moves (
    id INTEGER PRIMARY KEY,
    shard INTEGER NOT NULL,
    source TEXT NOT NULL,
    target TEXT NOT NULL,
    state TEXT NOT NULL,
    note TEXT NOT NULL,
    started INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    flipped INTEGER NOT NULL,
    finished INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX shard_moves_open ON shard_moves (shard) WHERE finished = 0;
