-- taken_down: by a moderator. Only a post's owner sees it then, and a comment nobody.
ALTER TABLE posts ADD COLUMN taken_down INTEGER NOT NULL DEFAULT 0;
ALTER TABLE comments ADD COLUMN taken_down INTEGER NOT NULL DEFAULT 0;
