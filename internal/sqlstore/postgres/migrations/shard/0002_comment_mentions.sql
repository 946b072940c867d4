-- Whom a comment names, as JSON, so that they hear no more of it once it is gone.
ALTER TABLE {s}comments ADD COLUMN mentions TEXT COLLATE "C";
