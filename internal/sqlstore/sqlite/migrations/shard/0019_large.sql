-- What there is of a picture's large JPEGs (tintype.Large): they may be deleted for room, and come again.
ALTER TABLE stored ADD COLUMN large INTEGER NOT NULL DEFAULT 0;

CREATE INDEX stored_large ON stored (made) WHERE large <> 1;
