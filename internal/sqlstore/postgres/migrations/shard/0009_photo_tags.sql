-- Who is named in a picture, at which point and with which state, as JSON; null for nobody.
ALTER TABLE {s}media ADD COLUMN people TEXT;

-- The posts in whose pictures a user is named, on the user's shard. state 1: waits for the user; 2: shown.
CREATE TABLE {s}tagged_posts (
    user_id BIGINT NOT NULL,
    post_id BIGINT NOT NULL,
    owner_id BIGINT NOT NULL,
    state BIGINT NOT NULL,
    PRIMARY KEY (user_id, post_id)
);
CREATE INDEX tagged_posts_asked ON {s}tagged_posts (user_id, post_id) WHERE state = 1;

-- What a user lets others do and wants to hear of. …_from: 0 everyone, 1 those whom the user follows, 2 nobody.
-- No row: all 0.
CREATE TABLE {s}choices (
    user_id BIGINT PRIMARY KEY,
    tag_from BIGINT NOT NULL,
    tag_by_hand BIGINT NOT NULL,
    mention_from BIGINT NOT NULL,
    hides_deeds BIGINT NOT NULL,
    likes_from BIGINT NOT NULL,
    comments_from BIGINT NOT NULL,
    follows_from BIGINT NOT NULL,
    mentions_from BIGINT NOT NULL,
    tags_from BIGINT NOT NULL
);
