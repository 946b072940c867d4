-- Archives of all that users own, while they are made and for as long as they can be fetched. key and parts name
-- what of them is kept as files; progress is what the next step goes on from.
CREATE TABLE exports (
    user_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    state INTEGER NOT NULL,
    step INTEGER NOT NULL,
    key TEXT NOT NULL,
    parts INTEGER NOT NULL,
    done INTEGER NOT NULL,
    total INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    created INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    progress TEXT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (user_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX exports_expires ON exports (expires);

-- Archives that users brought from elsewhere. key and parts name what has come of the file, in parts of part_bytes.
CREATE TABLE imports (
    user_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    state INTEGER NOT NULL,
    step INTEGER NOT NULL,
    key TEXT NOT NULL,
    name TEXT NOT NULL,
    format TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    part_bytes INTEGER NOT NULL,
    parts INTEGER NOT NULL,
    options TEXT NOT NULL,
    total INTEGER NOT NULL,
    done INTEGER NOT NULL,
    skipped INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    created INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (user_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX imports_expires ON imports (expires);

-- What is in them, in the order in which it is imported, and what became of it.
CREATE TABLE import_items (
    user_id INTEGER NOT NULL,
    import_id INTEGER NOT NULL,
    n INTEGER NOT NULL,
    key TEXT NOT NULL,
    state INTEGER NOT NULL,
    taken INTEGER NOT NULL,
    title TEXT NOT NULL,
    data TEXT NOT NULL,
    post_id INTEGER NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (user_id, import_id, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX import_items_state ON import_items (user_id, import_id, state, n);

-- Which post came of what, so that the same thing does not come twice. taken is its date as the archive has it.
CREATE TABLE imported (
    user_id INTEGER NOT NULL,
    key TEXT NOT NULL,
    post_id INTEGER NOT NULL,
    import_id INTEGER NOT NULL,
    taken INTEGER NOT NULL,
    PRIMARY KEY (user_id, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX imported_by ON imported (user_id, import_id);

-- How many IDs of a past millisecond were given out since; id is the first that it has. Never lowered: an ID is never used again.
CREATE TABLE past_ids (
    id INTEGER PRIMARY KEY,
    given INTEGER NOT NULL
) STRICT;
