-- Whether who leaves is suspended: then they are as well once they have come back.
ALTER TABLE leaving ADD COLUMN suspended INTEGER NOT NULL DEFAULT 0;
