-- The last changes of each setting, with who made them: a user, or somebody at
-- the command line by the name of via. A value of NULL is a setting taken back.
CREATE TABLE setting_changes (
    name TEXT NOT NULL,
    changed INTEGER NOT NULL,
    value TEXT,
    changed_by INTEGER NOT NULL,
    via TEXT NOT NULL,
    PRIMARY KEY (name, changed)
) STRICT, WITHOUT ROWID;
