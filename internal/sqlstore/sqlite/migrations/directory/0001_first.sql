-- Everything that must be unique or global.
-- Instants are microseconds since 1970, flags are 0 or 1.

CREATE TABLE accounts (
    user_id INTEGER PRIMARY KEY,
    email TEXT,
    email_key TEXT UNIQUE,
    password_hash TEXT NOT NULL,
    admin INTEGER NOT NULL,
    state INTEGER NOT NULL,
    locale TEXT NOT NULL,
    created INTEGER NOT NULL
) STRICT;

CREATE TABLE names (
    skeleton TEXT NOT NULL PRIMARY KEY,
    username TEXT NOT NULL,
    user_id INTEGER NOT NULL,
    state INTEGER NOT NULL,
    claimed INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX names_user ON names (user_id);
CREATE INDEX names_username ON names (username);

CREATE TABLE credentials (
    token_hash BLOB NOT NULL PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    user_id INTEGER NOT NULL,
    app_id INTEGER NOT NULL,
    scopes INTEGER NOT NULL,
    created INTEGER NOT NULL,
    seen INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    user_agent TEXT NOT NULL,
    address TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX credentials_user ON credentials (user_id, app_id);

CREATE TABLE apps (
    id INTEGER PRIMARY KEY,
    owner_id INTEGER NOT NULL,
    client_id TEXT NOT NULL UNIQUE,
    secret_hash BLOB NOT NULL,
    name TEXT NOT NULL,
    website TEXT NOT NULL,
    redirect_uris TEXT NOT NULL,
    scopes INTEGER NOT NULL,
    created INTEGER NOT NULL
) STRICT;
CREATE INDEX apps_owner ON apps (owner_id);

CREATE TABLE grants (
    code_hash BLOB NOT NULL PRIMARY KEY,
    app_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    scopes INTEGER NOT NULL,
    redirect_uri TEXT NOT NULL,
    challenge TEXT NOT NULL,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    used INTEGER NOT NULL,
    token_hash BLOB
) STRICT, WITHOUT ROWID;
CREATE INDEX grants_expires ON grants (expires);

CREATE TABLE invites (
    code TEXT NOT NULL PRIMARY KEY,
    created_by INTEGER NOT NULL,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    note TEXT NOT NULL,
    used_by INTEGER NOT NULL,
    used INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE settings (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL,
    changed_by INTEGER NOT NULL,
    changed INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE rate_limits (
    key TEXT NOT NULL PRIMARY KEY,
    window_start INTEGER NOT NULL,
    hits INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX rate_limits_window ON rate_limits (window_start);

CREATE TABLE pulled (
    user_id INTEGER PRIMARY KEY,
    since INTEGER NOT NULL
) STRICT;

CREATE TABLE people (
    word TEXT NOT NULL,
    user_id INTEGER NOT NULL,
    weight INTEGER NOT NULL,
    PRIMARY KEY (word, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX people_user ON people (user_id);

CREATE TABLE shard_map (
    shard INTEGER PRIMARY KEY,
    database_name TEXT NOT NULL,
    created INTEGER NOT NULL
) STRICT;

CREATE TABLE places (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    latitude REAL NOT NULL,
    longitude REAL NOT NULL,
    created INTEGER NOT NULL
) STRICT;
CREATE INDEX places_key ON places (name_key);
