-- Which posts have a tag, on the logical shard that the tag's number names, and which tags a user follows.
-- op is the ID of the deed that tagged the post: its own, an edit's or a comment's. open: everybody may see it.
CREATE TABLE {s}tag_posts (
    tag_id BIGINT NOT NULL,
    post_id BIGINT NOT NULL,
    op BIGINT NOT NULL,
    open BIGINT NOT NULL,
    PRIMARY KEY (tag_id, post_id)
);
CREATE INDEX tag_posts_recent ON {s}tag_posts (tag_id, op);

CREATE TABLE {s}tags (
    id BIGINT NOT NULL PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL,
    media BIGINT NOT NULL
);

CREATE TABLE {s}my_tags (
    user_id BIGINT NOT NULL,
    tag_id BIGINT NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (user_id, tag_id)
);
