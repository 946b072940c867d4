-- audience: 0 for all who may see the user, 1 for close friends. archived, pinned: since when, 0 for not. hide_likes: 1 yes,
-- 2 no, 0 as the user's hides_likes says. friend_media counts the posts for close friends, media the others; neither the archived ones.
ALTER TABLE {s}users ADD COLUMN hides_likes BIGINT NOT NULL DEFAULT 0;
ALTER TABLE {s}users ADD COLUMN friend_media BIGINT NOT NULL DEFAULT 0;
ALTER TABLE {s}posts ADD COLUMN audience BIGINT NOT NULL DEFAULT 0;
ALTER TABLE {s}posts ADD COLUMN archived BIGINT NOT NULL DEFAULT 0;
ALTER TABLE {s}posts ADD COLUMN pinned BIGINT NOT NULL DEFAULT 0;
ALTER TABLE {s}posts ADD COLUMN hide_likes BIGINT NOT NULL DEFAULT 0;

-- Lists of posts, and a photo map, read from these alone.
DROP INDEX {s}posts_user;
CREATE INDEX posts_user ON {s}posts (user_id, id, archived, audience);
DROP INDEX {s}posts_map;
CREATE INDEX posts_map ON {s}posts (user_id, id, latitude, longitude, audience) WHERE latitude IS NOT NULL AND off_map = 0 AND archived = 0;
CREATE INDEX posts_archived ON {s}posts (user_id, id) WHERE archived > 0;
CREATE INDEX posts_pinned ON {s}posts (user_id, pinned) WHERE pinned > 0;

-- Whom a user counts among their close friends. op is the ID of the deed, by which lists are in order.
CREATE TABLE {s}close_friends (
    user_id BIGINT NOT NULL,
    friend_id BIGINT NOT NULL,
    op BIGINT NOT NULL,
    PRIMARY KEY (user_id, friend_id)
);
CREATE INDEX close_friends_recent ON {s}close_friends (user_id, op);
