-- Everything that a user owns.
-- Instants are microseconds since 1970, flags are 0 or 1.

CREATE TABLE users (
    id INTEGER PRIMARY KEY,
    username TEXT NOT NULL,
    full_name TEXT NOT NULL,
    bio TEXT NOT NULL,
    website TEXT NOT NULL,
    avatar_key TEXT NOT NULL,
    private INTEGER NOT NULL,
    state INTEGER NOT NULL,
    media INTEGER NOT NULL,
    follows INTEGER NOT NULL,
    followers INTEGER NOT NULL,
    created INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,
    activity_seen INTEGER NOT NULL
) STRICT;

CREATE TABLE posts (
    id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL,
    caption TEXT NOT NULL,
    tags TEXT NOT NULL,
    mentions TEXT NOT NULL,
    place_id INTEGER NOT NULL,
    place_name TEXT NOT NULL,
    latitude REAL,
    longitude REAL,
    edited INTEGER NOT NULL,
    likes INTEGER NOT NULL,
    comments INTEGER NOT NULL
) STRICT;
CREATE INDEX posts_user ON posts (user_id, id);

CREATE TABLE media (
    post_id INTEGER NOT NULL,
    position INTEGER NOT NULL,
    key TEXT NOT NULL,
    original_key TEXT NOT NULL,
    original_type TEXT NOT NULL,
    original_bytes INTEGER NOT NULL,
    original_sha256 BLOB NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    blurhash TEXT NOT NULL,
    alt_text TEXT NOT NULL,
    filter TEXT NOT NULL,
    recipe TEXT,
    camera TEXT,
    PRIMARY KEY (post_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE uploads (
    id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL,
    blob_key TEXT NOT NULL,
    sha256 BLOB NOT NULL,
    bytes INTEGER NOT NULL,
    type TEXT NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    info TEXT NOT NULL,
    created INTEGER NOT NULL,
    post_id INTEGER NOT NULL,
    media_key TEXT NOT NULL,
    claimed INTEGER NOT NULL
) STRICT;
CREATE INDEX uploads_user ON uploads (user_id, id);
CREATE INDEX uploads_created ON uploads (created);

CREATE TABLE likes (
    post_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    op INTEGER NOT NULL,
    state INTEGER NOT NULL,
    PRIMARY KEY (post_id, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX likes_recent ON likes (post_id, op) WHERE state = 2;
CREATE INDEX likes_gone ON likes (op) WHERE state = 0;

CREATE TABLE comments (
    post_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (post_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE my_likes (
    user_id INTEGER NOT NULL,
    post_id INTEGER NOT NULL,
    op INTEGER NOT NULL,
    state INTEGER NOT NULL,
    PRIMARY KEY (user_id, post_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX my_likes_recent ON my_likes (user_id, op) WHERE state = 2;
CREATE INDEX my_likes_gone ON my_likes (op) WHERE state = 0;

CREATE TABLE my_comments (
    user_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    post_id INTEGER NOT NULL,
    PRIMARY KEY (user_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE follows (
    user_id INTEGER NOT NULL,
    target_id INTEGER NOT NULL,
    op INTEGER NOT NULL,
    state INTEGER NOT NULL,
    PRIMARY KEY (user_id, target_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX follows_recent ON follows (user_id, op) WHERE state = 2;
CREATE INDEX follows_asked ON follows (user_id, op) WHERE state = 1;
CREATE INDEX follows_gone ON follows (op) WHERE state = 0;

CREATE TABLE followers (
    user_id INTEGER NOT NULL,
    follower_id INTEGER NOT NULL,
    op INTEGER NOT NULL,
    state INTEGER NOT NULL,
    PRIMARY KEY (user_id, follower_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX followers_recent ON followers (user_id, op) WHERE state = 2;
CREATE INDEX followers_asked ON followers (user_id, op) WHERE state = 1;
CREATE INDEX followers_gone ON followers (op) WHERE state = 0;

CREATE TABLE blocks (
    user_id INTEGER NOT NULL,
    target_id INTEGER NOT NULL,
    op INTEGER NOT NULL,
    state INTEGER NOT NULL,
    PRIMARY KEY (user_id, target_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX blocks_gone ON blocks (op) WHERE state = 0;

CREATE TABLE blocked_by (
    user_id INTEGER NOT NULL,
    other_id INTEGER NOT NULL,
    op INTEGER NOT NULL,
    state INTEGER NOT NULL,
    PRIMARY KEY (user_id, other_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX blocked_by_gone ON blocked_by (op) WHERE state = 0;

CREATE TABLE activity (
    user_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    actor_id INTEGER NOT NULL,
    post_id INTEGER NOT NULL,
    comment_id INTEGER NOT NULL,
    PRIMARY KEY (user_id, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX activity_once ON activity (user_id, kind, actor_id, post_id, comment_id);

CREATE TABLE timeline (
    kind INTEGER NOT NULL,
    owner_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    PRIMARY KEY (kind, owner_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE timeline_state (
    kind INTEGER NOT NULL,
    owner_id INTEGER NOT NULL,
    built INTEGER NOT NULL,
    PRIMARY KEY (kind, owner_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE idempotency (
    user_id INTEGER NOT NULL,
    key_hash BLOB NOT NULL,
    request_hash BLOB NOT NULL,
    status INTEGER NOT NULL,
    result TEXT NOT NULL,
    created INTEGER NOT NULL,
    PRIMARY KEY (user_id, key_hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_created ON idempotency (created);
-- The newest millisecond for which this file has minted an ID: after a restart
-- minting goes on above it, whatever the clock says. PostgreSQL has next_id().
CREATE TABLE id_mark (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    millis INTEGER NOT NULL
) STRICT;
INSERT INTO id_mark (one, millis) VALUES (1, 0);
