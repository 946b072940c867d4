-- shows_map: others may see the user's photo map. off_map: the post is not on it, though it says its point.
ALTER TABLE users ADD COLUMN shows_map INTEGER NOT NULL DEFAULT 0;
ALTER TABLE posts ADD COLUMN off_map INTEGER NOT NULL DEFAULT 0;

-- A photo map reads from it alone.
CREATE INDEX posts_map ON posts (user_id, id, latitude, longitude) WHERE latitude IS NOT NULL AND off_map = 0;
