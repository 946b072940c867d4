-- Whether who leaves is suspended: then they are as well once they have come back.
ALTER TABLE {s}leaving ADD COLUMN suspended BIGINT NOT NULL DEFAULT 0;
