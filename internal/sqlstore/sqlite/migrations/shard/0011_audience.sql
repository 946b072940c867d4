-- audience: 0 for all who may see the user, 1 for close friends. archived, pinned: since when, 0 for not. hide_likes: 1 yes,
-- 2 no, 0 as the user's hides_likes says. friend_media counts the posts for close friends, media the others; neither the archived ones.
ALTER TABLE users ADD COLUMN hides_likes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN friend_media INTEGER NOT NULL DEFAULT 0;
ALTER TABLE posts ADD COLUMN audience INTEGER NOT NULL DEFAULT 0;
ALTER TABLE posts ADD COLUMN archived INTEGER NOT NULL DEFAULT 0;
ALTER TABLE posts ADD COLUMN pinned INTEGER NOT NULL DEFAULT 0;
ALTER TABLE posts ADD COLUMN hide_likes INTEGER NOT NULL DEFAULT 0;

-- Lists of posts, and a photo map, read from these alone.
DROP INDEX posts_user;
CREATE INDEX posts_user ON posts (user_id, id, archived, audience);
DROP INDEX posts_map;
CREATE INDEX posts_map ON posts (user_id, id, latitude, longitude, audience) WHERE latitude IS NOT NULL AND off_map = 0 AND archived = 0;
CREATE INDEX posts_archived ON posts (user_id, id) WHERE archived > 0;
CREATE INDEX posts_pinned ON posts (user_id, pinned) WHERE pinned > 0;

-- Whom a user counts among their close friends. op is the ID of the deed, by which lists are in order.
CREATE TABLE close_friends (
    user_id INTEGER NOT NULL,
    friend_id INTEGER NOT NULL,
    op INTEGER NOT NULL,
    PRIMARY KEY (user_id, friend_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX close_friends_recent ON close_friends (user_id, op);
