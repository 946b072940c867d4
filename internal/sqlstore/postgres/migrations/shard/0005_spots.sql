-- Which posts are in a place or a map cell, on the logical shard that the number of that names; newest posts
-- have the greatest IDs. latitude and longitude are null where the post says no point. open: everybody may see it.
CREATE TABLE {s}spot_posts (
    spot_id BIGINT NOT NULL,
    post_id BIGINT NOT NULL,
    latitude DOUBLE PRECISION,
    longitude DOUBLE PRECISION,
    open BIGINT NOT NULL,
    PRIMARY KEY (spot_id, post_id)
);

-- media counts the open ones.
CREATE TABLE {s}spots (
    id BIGINT NOT NULL PRIMARY KEY,
    media BIGINT NOT NULL
);
