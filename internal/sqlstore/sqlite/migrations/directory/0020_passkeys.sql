-- Public keys that users sign in with, by the ID that the device gave them; record is what is known of each, as JSON.
CREATE TABLE passkeys (
    credential_id BLOB NOT NULL PRIMARY KEY,
    user_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    record TEXT NOT NULL,
    created INTEGER NOT NULL,
    used INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX passkeys_user ON passkeys (user_id);

-- What somebody is still to answer, once, by the hash of the secret that names it. What for: 1 a passkey is registered, 2 somebody signs in by
-- one, 3 a user (who has shown the password) shows one too, 4 somebody was sent to an OpenID provider.
CREATE TABLE challenges (
    id_hash BLOB NOT NULL PRIMARY KEY,
    kind INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    session TEXT NOT NULL,
    data TEXT NOT NULL,
    expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX challenges_expires ON challenges (expires);

-- Who somebody is to an OpenID provider, by its name in the configuration and what it calls them.
CREATE TABLE identities (
    provider TEXT NOT NULL,
    subject TEXT NOT NULL,
    user_id INTEGER NOT NULL,
    email TEXT NOT NULL,
    linked INTEGER NOT NULL,
    PRIMARY KEY (provider, subject)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX identities_user ON identities (user_id, provider);
