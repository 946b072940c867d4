-- What users save, in collections of their own; the albums of their own posts;
-- and the links by which they show a post or an album to whoever has one.
CREATE TABLE {s}saved (
    user_id BIGINT NOT NULL,
    post_id BIGINT NOT NULL,
    op BIGINT NOT NULL, -- an ID of the user's shard, minted when it was saved
    PRIMARY KEY (user_id, post_id)
);
CREATE INDEX saved_recent ON {s}saved (user_id, op);

CREATE TABLE {s}collections (
    user_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    cover_id BIGINT NOT NULL, -- 0: the newest
    PRIMARY KEY (user_id, id)
);

CREATE TABLE {s}collection_posts (
    user_id BIGINT NOT NULL,
    collection_id BIGINT NOT NULL,
    post_id BIGINT NOT NULL,
    op BIGINT NOT NULL,
    PRIMARY KEY (user_id, collection_id, post_id)
);
CREATE INDEX collection_posts_recent ON {s}collection_posts (user_id, collection_id, op);
CREATE INDEX collection_posts_post ON {s}collection_posts (user_id, post_id);

CREATE TABLE {s}albums (
    id BIGINT NOT NULL PRIMARY KEY,
    user_id BIGINT NOT NULL,
    title TEXT COLLATE "C" NOT NULL,
    description TEXT COLLATE "C" NOT NULL,
    private BIGINT NOT NULL, -- 1: only its owner sees it
    cover_id BIGINT NOT NULL -- 0: the first
);
CREATE INDEX albums_user ON {s}albums (user_id, id);

CREATE TABLE {s}album_posts (
    album_id BIGINT NOT NULL,
    post_id BIGINT NOT NULL,
    place BIGINT NOT NULL, -- from 1 in the owner's order
    PRIMARY KEY (album_id, post_id)
);
CREATE INDEX album_posts_order ON {s}album_posts (album_id, place);

CREATE TABLE {s}secret_links (
    id BIGINT NOT NULL PRIMARY KEY,
    user_id BIGINT NOT NULL,
    post_id BIGINT NOT NULL,  -- 0 for an album
    album_id BIGINT NOT NULL, -- 0 for a post
    expires BIGINT NOT NULL,  -- 0: never
    openings BIGINT NOT NULL,
    opened BIGINT NOT NULL -- the last time; 0: never
);
CREATE INDEX secret_links_user ON {s}secret_links (user_id, id);
