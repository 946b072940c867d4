-- The last changes of each setting, with who made them: a user, or somebody at
-- the command line by the name of via. A value of NULL is a setting taken back.
CREATE TABLE {s}setting_changes (
    name TEXT COLLATE "C" NOT NULL,
    changed BIGINT NOT NULL,
    value TEXT COLLATE "C",
    changed_by BIGINT NOT NULL,
    via TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (name, changed)
);
