-- taken_down: by a moderator. Only a post's owner sees it then, and a comment nobody.
ALTER TABLE {s}posts ADD COLUMN taken_down BIGINT NOT NULL DEFAULT 0;
ALTER TABLE {s}comments ADD COLUMN taken_down BIGINT NOT NULL DEFAULT 0;
