-- Moves of logical shards between databases, one row each, so that a mover that
-- dies is followed by one that knows how far it came. The newest of a shard counts.
CREATE TABLE {s}shard_moves (
    id BIGINT NOT NULL PRIMARY KEY,
    shard BIGINT NOT NULL,
    source TEXT COLLATE "C" NOT NULL,
    target TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    note TEXT COLLATE "C" NOT NULL,
    started BIGINT NOT NULL,
    changed BIGINT NOT NULL,
    flipped BIGINT NOT NULL,
    finished BIGINT NOT NULL
);
CREATE UNIQUE INDEX shard_moves_open ON {s}shard_moves (shard) WHERE finished = 0;
