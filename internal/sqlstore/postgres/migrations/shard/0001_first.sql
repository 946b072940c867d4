-- Everything that a user owns.
-- Instants are microseconds since 1970, flags are 0 or 1.

CREATE TABLE {s}users (
    id BIGINT NOT NULL PRIMARY KEY,
    username TEXT COLLATE "C" NOT NULL,
    full_name TEXT COLLATE "C" NOT NULL,
    bio TEXT COLLATE "C" NOT NULL,
    website TEXT COLLATE "C" NOT NULL,
    avatar_key TEXT COLLATE "C" NOT NULL,
    private BIGINT NOT NULL,
    state BIGINT NOT NULL,
    media BIGINT NOT NULL,
    follows BIGINT NOT NULL,
    followers BIGINT NOT NULL,
    created BIGINT NOT NULL,
    last_seen BIGINT NOT NULL,
    activity_seen BIGINT NOT NULL
);

CREATE TABLE {s}posts (
    id BIGINT NOT NULL PRIMARY KEY,
    user_id BIGINT NOT NULL,
    caption TEXT COLLATE "C" NOT NULL,
    tags TEXT COLLATE "C" NOT NULL,
    mentions TEXT COLLATE "C" NOT NULL,
    place_id BIGINT NOT NULL,
    place_name TEXT COLLATE "C" NOT NULL,
    latitude DOUBLE PRECISION,
    longitude DOUBLE PRECISION,
    edited BIGINT NOT NULL,
    likes BIGINT NOT NULL,
    comments BIGINT NOT NULL
);
CREATE INDEX posts_user ON {s}posts (user_id, id);

CREATE TABLE {s}media (
    post_id BIGINT NOT NULL,
    position BIGINT NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    original_key TEXT COLLATE "C" NOT NULL,
    original_type TEXT COLLATE "C" NOT NULL,
    original_bytes BIGINT NOT NULL,
    original_sha256 BYTEA NOT NULL,
    width BIGINT NOT NULL,
    height BIGINT NOT NULL,
    blurhash TEXT COLLATE "C" NOT NULL,
    alt_text TEXT COLLATE "C" NOT NULL,
    filter TEXT COLLATE "C" NOT NULL,
    recipe TEXT COLLATE "C",
    camera TEXT COLLATE "C",
    PRIMARY KEY (post_id, position)
);

CREATE TABLE {s}uploads (
    id BIGINT NOT NULL PRIMARY KEY,
    user_id BIGINT NOT NULL,
    blob_key TEXT COLLATE "C" NOT NULL,
    sha256 BYTEA NOT NULL,
    bytes BIGINT NOT NULL,
    type TEXT COLLATE "C" NOT NULL,
    width BIGINT NOT NULL,
    height BIGINT NOT NULL,
    info TEXT COLLATE "C" NOT NULL,
    created BIGINT NOT NULL,
    post_id BIGINT NOT NULL,
    media_key TEXT COLLATE "C" NOT NULL,
    claimed BIGINT NOT NULL
);
CREATE INDEX uploads_user ON {s}uploads (user_id, id);
CREATE INDEX uploads_created ON {s}uploads (created);

CREATE TABLE {s}likes (
    post_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    op BIGINT NOT NULL,
    state BIGINT NOT NULL,
    PRIMARY KEY (post_id, user_id)
);
CREATE INDEX likes_recent ON {s}likes (post_id, op) WHERE state = 2;
CREATE INDEX likes_gone ON {s}likes (op) WHERE state = 0;

CREATE TABLE {s}comments (
    post_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    text TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (post_id, id)
);

CREATE TABLE {s}my_likes (
    user_id BIGINT NOT NULL,
    post_id BIGINT NOT NULL,
    op BIGINT NOT NULL,
    state BIGINT NOT NULL,
    PRIMARY KEY (user_id, post_id)
);
CREATE INDEX my_likes_recent ON {s}my_likes (user_id, op) WHERE state = 2;
CREATE INDEX my_likes_gone ON {s}my_likes (op) WHERE state = 0;

CREATE TABLE {s}my_comments (
    user_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    post_id BIGINT NOT NULL,
    PRIMARY KEY (user_id, id)
);

CREATE TABLE {s}follows (
    user_id BIGINT NOT NULL,
    target_id BIGINT NOT NULL,
    op BIGINT NOT NULL,
    state BIGINT NOT NULL,
    PRIMARY KEY (user_id, target_id)
);
CREATE INDEX follows_recent ON {s}follows (user_id, op) WHERE state = 2;
CREATE INDEX follows_asked ON {s}follows (user_id, op) WHERE state = 1;
CREATE INDEX follows_gone ON {s}follows (op) WHERE state = 0;

CREATE TABLE {s}followers (
    user_id BIGINT NOT NULL,
    follower_id BIGINT NOT NULL,
    op BIGINT NOT NULL,
    state BIGINT NOT NULL,
    PRIMARY KEY (user_id, follower_id)
);
CREATE INDEX followers_recent ON {s}followers (user_id, op) WHERE state = 2;
CREATE INDEX followers_asked ON {s}followers (user_id, op) WHERE state = 1;
CREATE INDEX followers_gone ON {s}followers (op) WHERE state = 0;

CREATE TABLE {s}blocks (
    user_id BIGINT NOT NULL,
    target_id BIGINT NOT NULL,
    op BIGINT NOT NULL,
    state BIGINT NOT NULL,
    PRIMARY KEY (user_id, target_id)
);
CREATE INDEX blocks_gone ON {s}blocks (op) WHERE state = 0;

CREATE TABLE {s}blocked_by (
    user_id BIGINT NOT NULL,
    other_id BIGINT NOT NULL,
    op BIGINT NOT NULL,
    state BIGINT NOT NULL,
    PRIMARY KEY (user_id, other_id)
);
CREATE INDEX blocked_by_gone ON {s}blocked_by (op) WHERE state = 0;

CREATE TABLE {s}activity (
    user_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    kind BIGINT NOT NULL,
    actor_id BIGINT NOT NULL,
    post_id BIGINT NOT NULL,
    comment_id BIGINT NOT NULL,
    PRIMARY KEY (user_id, id)
);
CREATE UNIQUE INDEX activity_once ON {s}activity (user_id, kind, actor_id, post_id, comment_id);

CREATE TABLE {s}timeline (
    kind BIGINT NOT NULL,
    owner_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    PRIMARY KEY (kind, owner_id, id)
);

CREATE TABLE {s}timeline_state (
    kind BIGINT NOT NULL,
    owner_id BIGINT NOT NULL,
    built BIGINT NOT NULL,
    PRIMARY KEY (kind, owner_id)
);

CREATE TABLE {s}idempotency (
    user_id BIGINT NOT NULL,
    key_hash BYTEA NOT NULL,
    request_hash BYTEA NOT NULL,
    status BIGINT NOT NULL,
    result TEXT COLLATE "C" NOT NULL,
    created BIGINT NOT NULL,
    PRIMARY KEY (user_id, key_hash)
);
CREATE INDEX idempotency_created ON {s}idempotency (created);
-- IDs are minted here, as in the original: one sequence per schema. The newest
-- millisecond is kept in the high bits of the sequence itself, so a clock that
-- steps back yields neither a duplicate nor an ID below the newest.
CREATE SEQUENCE {s}id_seq AS BIGINT MINVALUE 0 START 0;

-- next_id takes a ticket from the sequence. Tickets count (millisecond, number)
-- pairs: millisecond in ticket >> 10, number in ticket & 1023. When the clock
-- has moved past the ticket's millisecond, one caller pulls the sequence forward
-- to the clock; whoever cannot get the lock meanwhile, or has a clock that is
-- behind, uses the ticket as it is: unique and above all earlier ones either way.
CREATE FUNCTION {s}next_id() RETURNS BIGINT LANGUAGE plpgsql AS $next_id$
DECLARE
    by_clock BIGINT := (floor(extract(epoch FROM clock_timestamp()) * 1000)::BIGINT - 1262304000000) << 10;
    ticket BIGINT := nextval('{s}id_seq');
BEGIN
    IF ticket < by_clock AND pg_try_advisory_lock(20100101, {shard}) THEN
        ticket := nextval('{s}id_seq');
        IF ticket < by_clock THEN
            PERFORM setval('{s}id_seq', by_clock, true);
            ticket := by_clock;
        END IF;
        PERFORM pg_advisory_unlock(20100101, {shard});
    END IF;
    RETURN ((ticket >> 10) << 22) | ({shard}::BIGINT << 10) | (ticket & 1023);
END
$next_id$;
