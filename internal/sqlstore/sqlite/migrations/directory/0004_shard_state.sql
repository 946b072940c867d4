-- Whether a logical shard takes new users: 0 it does, 1 it does not.
ALTER TABLE shard_map ADD COLUMN state INTEGER NOT NULL DEFAULT 0;
