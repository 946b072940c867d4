-- Whom a comment names, as JSON, so that they hear no more of it once it is gone.
ALTER TABLE comments ADD COLUMN mentions TEXT;
