-- What proves, beside the password, who signs in. since is when it came into
-- force, 0 while it is being set up; step is the last time step whose code was used.
CREATE TABLE {s}second_factors (
    user_id BIGINT PRIMARY KEY,
    secret TEXT NOT NULL,
    since BIGINT NOT NULL,
    step BIGINT NOT NULL
);

-- Codes that stand in for it, once each: the hashes of those that are left.
CREATE TABLE {s}recovery_codes (
    user_id BIGINT NOT NULL,
    code_hash BYTEA NOT NULL,
    PRIMARY KEY (user_id, code_hash)
);
