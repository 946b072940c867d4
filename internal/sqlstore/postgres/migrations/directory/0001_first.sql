-- Everything that must be unique or global.
-- Instants are microseconds since 1970, flags are 0 or 1.

CREATE TABLE {s}accounts (
    user_id BIGINT NOT NULL PRIMARY KEY,
    email TEXT COLLATE "C",
    email_key TEXT COLLATE "C" UNIQUE,
    password_hash TEXT COLLATE "C" NOT NULL,
    admin BIGINT NOT NULL,
    state BIGINT NOT NULL,
    locale TEXT COLLATE "C" NOT NULL,
    created BIGINT NOT NULL
);

CREATE TABLE {s}names (
    skeleton TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    username TEXT COLLATE "C" NOT NULL,
    user_id BIGINT NOT NULL,
    state BIGINT NOT NULL,
    claimed BIGINT NOT NULL
);
CREATE INDEX names_user ON {s}names (user_id);
CREATE INDEX names_username ON {s}names (username);

CREATE TABLE {s}credentials (
    token_hash BYTEA NOT NULL PRIMARY KEY,
    id TEXT COLLATE "C" NOT NULL UNIQUE,
    user_id BIGINT NOT NULL,
    app_id BIGINT NOT NULL,
    scopes BIGINT NOT NULL,
    created BIGINT NOT NULL,
    seen BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    user_agent TEXT COLLATE "C" NOT NULL,
    address TEXT COLLATE "C" NOT NULL
);
CREATE INDEX credentials_user ON {s}credentials (user_id, app_id);

CREATE TABLE {s}apps (
    id BIGINT NOT NULL PRIMARY KEY,
    owner_id BIGINT NOT NULL,
    client_id TEXT COLLATE "C" NOT NULL UNIQUE,
    secret_hash BYTEA NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    website TEXT COLLATE "C" NOT NULL,
    redirect_uris TEXT COLLATE "C" NOT NULL,
    scopes BIGINT NOT NULL,
    created BIGINT NOT NULL
);
CREATE INDEX apps_owner ON {s}apps (owner_id);

CREATE TABLE {s}grants (
    code_hash BYTEA NOT NULL PRIMARY KEY,
    app_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    scopes BIGINT NOT NULL,
    redirect_uri TEXT COLLATE "C" NOT NULL,
    challenge TEXT COLLATE "C" NOT NULL,
    created BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    used BIGINT NOT NULL,
    token_hash BYTEA
);
CREATE INDEX grants_expires ON {s}grants (expires);

CREATE TABLE {s}invites (
    code TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    created_by BIGINT NOT NULL,
    created BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    note TEXT COLLATE "C" NOT NULL,
    used_by BIGINT NOT NULL,
    used BIGINT NOT NULL
);

CREATE TABLE {s}settings (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    value TEXT COLLATE "C" NOT NULL,
    changed_by BIGINT NOT NULL,
    changed BIGINT NOT NULL
);

CREATE TABLE {s}rate_limits (
    key TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    window_start BIGINT NOT NULL,
    hits BIGINT NOT NULL
);
CREATE INDEX rate_limits_window ON {s}rate_limits (window_start);

CREATE TABLE {s}pulled (
    user_id BIGINT NOT NULL PRIMARY KEY,
    since BIGINT NOT NULL
);

CREATE TABLE {s}people (
    word TEXT COLLATE "C" NOT NULL,
    user_id BIGINT NOT NULL,
    weight BIGINT NOT NULL,
    PRIMARY KEY (word, user_id)
);
CREATE INDEX people_user ON {s}people (user_id);

CREATE TABLE {s}shard_map (
    shard BIGINT NOT NULL PRIMARY KEY,
    database_name TEXT COLLATE "C" NOT NULL,
    created BIGINT NOT NULL
);

CREATE TABLE {s}places (
    id BIGINT NOT NULL PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL,
    name_key TEXT COLLATE "C" NOT NULL,
    latitude DOUBLE PRECISION NOT NULL,
    longitude DOUBLE PRECISION NOT NULL,
    created BIGINT NOT NULL
);
CREATE INDEX places_key ON {s}places (name_key);
