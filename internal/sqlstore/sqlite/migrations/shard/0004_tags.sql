-- Which posts have a tag, on the logical shard that the tag's number names, and which tags a user follows.
-- op is the ID of the deed that tagged the post: its own, an edit's or a comment's. open: everybody may see it.
CREATE TABLE tag_posts (
    tag_id INTEGER NOT NULL,
    post_id INTEGER NOT NULL,
    op INTEGER NOT NULL,
    open INTEGER NOT NULL,
    PRIMARY KEY (tag_id, post_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX tag_posts_recent ON tag_posts (tag_id, op);

CREATE TABLE tags (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    media INTEGER NOT NULL
) STRICT;

CREATE TABLE my_tags (
    user_id INTEGER NOT NULL,
    tag_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (user_id, tag_id)
) STRICT, WITHOUT ROWID;
