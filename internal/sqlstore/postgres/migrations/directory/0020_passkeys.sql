-- Public keys that users sign in with, by the ID that the device gave them; record is what is known of each, as JSON.
CREATE TABLE {s}passkeys (
    credential_id BYTEA NOT NULL PRIMARY KEY,
    user_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    record TEXT NOT NULL,
    created BIGINT NOT NULL,
    used BIGINT NOT NULL
);
CREATE INDEX passkeys_user ON {s}passkeys (user_id);

-- What somebody is still to answer, once, by the hash of the secret that names it. What for: 1 a passkey is registered, 2 somebody signs in by
-- one, 3 a user (who has shown the password) shows one too, 4 somebody was sent to an OpenID provider.
CREATE TABLE {s}challenges (
    id_hash BYTEA NOT NULL PRIMARY KEY,
    kind BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    session TEXT NOT NULL,
    data TEXT NOT NULL,
    expires BIGINT NOT NULL
);
CREATE INDEX challenges_expires ON {s}challenges (expires);

-- Who somebody is to an OpenID provider, by its name in the configuration and what it calls them.
CREATE TABLE {s}identities (
    provider TEXT NOT NULL,
    subject TEXT NOT NULL,
    user_id BIGINT NOT NULL,
    email TEXT NOT NULL,
    linked BIGINT NOT NULL,
    PRIMARY KEY (provider, subject)
);
CREATE UNIQUE INDEX identities_user ON {s}identities (user_id, provider);
