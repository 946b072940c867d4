-- The names of tags, to be found by how they begin. weight is the bit length of how many posts have it.
CREATE TABLE tag_names (
    name TEXT NOT NULL PRIMARY KEY,
    weight INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
