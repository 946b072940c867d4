-- Since when the e-mail address is known to be the user's, 0 while it is not; and the one that is to be confirmed before it takes its place.
ALTER TABLE accounts ADD COLUMN email_verified INTEGER NOT NULL DEFAULT 0;
ALTER TABLE accounts ADD COLUMN pending_email TEXT NOT NULL DEFAULT '';

-- Links that were sent by mail, by the hash of the token in them. What they are good for: 1 confirms the address of an
-- account, 2 the one that is to take its place, 3 brings a former one back (which was the user's since verified), 4 sets a new password.
CREATE TABLE mail_links (
    token_hash BLOB NOT NULL PRIMARY KEY,
    user_id INTEGER NOT NULL,
    purpose INTEGER NOT NULL,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL,
    verified INTEGER NOT NULL,
    expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX mail_links_user ON mail_links (user_id);
CREATE INDEX mail_links_expires ON mail_links (expires);

-- Browsers and apps that a user signed in with before, by the hash of what they show again.
CREATE TABLE devices (
    user_id INTEGER NOT NULL,
    mark BLOB NOT NULL,
    seen INTEGER NOT NULL,
    PRIMARY KEY (user_id, mark)
) STRICT, WITHOUT ROWID;
