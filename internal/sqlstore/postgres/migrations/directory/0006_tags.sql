-- The names of tags, to be found by how they begin. weight is the bit length of how many posts have it.
CREATE TABLE {s}tag_names (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    weight BIGINT NOT NULL
);
