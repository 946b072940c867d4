-- Who is named in a picture, at which point and with which state, as JSON; null for nobody.
ALTER TABLE media ADD COLUMN people TEXT;

-- The posts in whose pictures a user is named, on the user's shard. state 1: waits for the user; 2: shown.
CREATE TABLE tagged_posts (
    user_id INTEGER NOT NULL,
    post_id INTEGER NOT NULL,
    owner_id INTEGER NOT NULL,
    state INTEGER NOT NULL,
    PRIMARY KEY (user_id, post_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX tagged_posts_asked ON tagged_posts (user_id, post_id) WHERE state = 1;

-- What a user lets others do and wants to hear of. …_from: 0 everyone, 1 those whom the user follows, 2 nobody.
-- No row: all 0.
CREATE TABLE choices (
    user_id INTEGER PRIMARY KEY,
    tag_from INTEGER NOT NULL,
    tag_by_hand INTEGER NOT NULL,
    mention_from INTEGER NOT NULL,
    hides_deeds INTEGER NOT NULL,
    likes_from INTEGER NOT NULL,
    comments_from INTEGER NOT NULL,
    follows_from INTEGER NOT NULL,
    mentions_from INTEGER NOT NULL,
    tags_from INTEGER NOT NULL
) STRICT;
