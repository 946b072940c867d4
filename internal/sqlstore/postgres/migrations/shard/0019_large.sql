-- What there is of a picture's large JPEGs (tintype.Large): they may be deleted for room, and come again.
ALTER TABLE {s}stored ADD COLUMN large BIGINT NOT NULL DEFAULT 0;

CREATE INDEX stored_large ON {s}stored (made) WHERE large <> 1;
