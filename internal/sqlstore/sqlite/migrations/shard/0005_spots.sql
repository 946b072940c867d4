-- Which posts are in a place or a map cell, on the logical shard that the number of that names; newest posts
-- have the greatest IDs. latitude and longitude are null where the post says no point. open: everybody may see it.
CREATE TABLE spot_posts (
    spot_id INTEGER NOT NULL,
    post_id INTEGER NOT NULL,
    latitude REAL,
    longitude REAL,
    open INTEGER NOT NULL,
    PRIMARY KEY (spot_id, post_id)
) STRICT, WITHOUT ROWID;

-- media counts the open ones.
CREATE TABLE spots (
    id INTEGER PRIMARY KEY,
    media INTEGER NOT NULL
) STRICT;
