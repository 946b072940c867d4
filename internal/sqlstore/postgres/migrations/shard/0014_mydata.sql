-- Archives of all that users own, while they are made and for as long as they can be fetched. key and parts name
-- what of them is kept as files; progress is what the next step goes on from.
CREATE TABLE {s}exports (
    user_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    state BIGINT NOT NULL,
    step BIGINT NOT NULL,
    key TEXT NOT NULL,
    parts BIGINT NOT NULL,
    done BIGINT NOT NULL,
    total BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    created BIGINT NOT NULL,
    changed BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    progress TEXT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (user_id, id)
);
CREATE INDEX exports_expires ON {s}exports (expires);

-- Archives that users brought from elsewhere. key and parts name what has come of the file, in parts of part_bytes.
CREATE TABLE {s}imports (
    user_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    state BIGINT NOT NULL,
    step BIGINT NOT NULL,
    key TEXT NOT NULL,
    name TEXT NOT NULL,
    format TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    part_bytes BIGINT NOT NULL,
    parts BIGINT NOT NULL,
    options TEXT NOT NULL,
    total BIGINT NOT NULL,
    done BIGINT NOT NULL,
    skipped BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    created BIGINT NOT NULL,
    changed BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (user_id, id)
);
CREATE INDEX imports_expires ON {s}imports (expires);

-- What is in them, in the order in which it is imported, and what became of it.
CREATE TABLE {s}import_items (
    user_id BIGINT NOT NULL,
    import_id BIGINT NOT NULL,
    n BIGINT NOT NULL,
    key TEXT NOT NULL,
    state BIGINT NOT NULL,
    taken BIGINT NOT NULL,
    title TEXT NOT NULL,
    data TEXT NOT NULL,
    post_id BIGINT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (user_id, import_id, n)
);
CREATE INDEX import_items_state ON {s}import_items (user_id, import_id, state, n);

-- Which post came of what, so that the same thing does not come twice. taken is its date as the archive has it.
CREATE TABLE {s}imported (
    user_id BIGINT NOT NULL,
    key TEXT NOT NULL,
    post_id BIGINT NOT NULL,
    import_id BIGINT NOT NULL,
    taken BIGINT NOT NULL,
    PRIMARY KEY (user_id, key)
);
CREATE INDEX imported_by ON {s}imported (user_id, import_id);

-- How many IDs of a past millisecond were given out since; id is the first that it has. Never lowered: an ID is never used again.
CREATE TABLE {s}past_ids (
    id BIGINT PRIMARY KEY,
    given BIGINT NOT NULL
);
