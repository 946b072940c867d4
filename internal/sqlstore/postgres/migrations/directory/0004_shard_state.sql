-- Whether a logical shard takes new users: 0 it does, 1 it does not.
ALTER TABLE {s}shard_map ADD COLUMN state BIGINT NOT NULL DEFAULT 0;
