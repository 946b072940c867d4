-- Whom users do not want to have suggested.
CREATE TABLE dismissals (
    user_id INTEGER NOT NULL,
    other_id INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (user_id, other_id)
) STRICT, WITHOUT ROWID;
