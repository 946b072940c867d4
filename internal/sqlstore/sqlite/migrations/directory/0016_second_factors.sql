-- What proves, beside the password, who signs in. since is when it came into
-- force, 0 while it is being set up; step is the last time step whose code was used.
CREATE TABLE second_factors (
    user_id INTEGER PRIMARY KEY,
    secret TEXT NOT NULL,
    since INTEGER NOT NULL,
    step INTEGER NOT NULL
) STRICT;

-- Codes that stand in for it, once each: the hashes of those that are left.
CREATE TABLE recovery_codes (
    user_id INTEGER NOT NULL,
    code_hash BLOB NOT NULL,
    PRIMARY KEY (user_id, code_hash)
) STRICT, WITHOUT ROWID;
