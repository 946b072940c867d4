-- What users save, in collections of their own; the albums of their own posts;
-- and the links by which they show a post or an album to whoever has one.
CREATE TABLE saved (
    user_id INTEGER NOT NULL,
    post_id INTEGER NOT NULL,
    op INTEGER NOT NULL, -- an ID of the user's shard, minted when it was saved
    PRIMARY KEY (user_id, post_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX saved_recent ON saved (user_id, op);

CREATE TABLE collections (
    user_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    name TEXT NOT NULL,
    cover_id INTEGER NOT NULL, -- 0: the newest
    PRIMARY KEY (user_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE collection_posts (
    user_id INTEGER NOT NULL,
    collection_id INTEGER NOT NULL,
    post_id INTEGER NOT NULL,
    op INTEGER NOT NULL,
    PRIMARY KEY (user_id, collection_id, post_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX collection_posts_recent ON collection_posts (user_id, collection_id, op);
CREATE INDEX collection_posts_post ON collection_posts (user_id, post_id);

CREATE TABLE albums (
    id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL,
    title TEXT NOT NULL,
    description TEXT NOT NULL,
    private INTEGER NOT NULL, -- 1: only its owner sees it
    cover_id INTEGER NOT NULL -- 0: the first
) STRICT;
CREATE INDEX albums_user ON albums (user_id, id);

CREATE TABLE album_posts (
    album_id INTEGER NOT NULL,
    post_id INTEGER NOT NULL,
    place INTEGER NOT NULL, -- from 1 in the owner's order
    PRIMARY KEY (album_id, post_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX album_posts_order ON album_posts (album_id, place);

CREATE TABLE secret_links (
    id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL,
    post_id INTEGER NOT NULL,  -- 0 for an album
    album_id INTEGER NOT NULL, -- 0 for a post
    expires INTEGER NOT NULL,  -- 0: never
    openings INTEGER NOT NULL,
    opened INTEGER NOT NULL -- the last time; 0: never
) STRICT;
CREATE INDEX secret_links_user ON secret_links (user_id, id);
