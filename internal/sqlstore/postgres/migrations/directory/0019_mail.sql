-- Since when the e-mail address is known to be the user's, 0 while it is not; and the one that is to be confirmed before it takes its place.
ALTER TABLE {s}accounts ADD COLUMN email_verified BIGINT NOT NULL DEFAULT 0;
ALTER TABLE {s}accounts ADD COLUMN pending_email TEXT NOT NULL DEFAULT '';

-- Links that were sent by mail, by the hash of the token in them. What they are good for: 1 confirms the address of an
-- account, 2 the one that is to take its place, 3 brings a former one back (which was the user's since verified), 4 sets a new password.
CREATE TABLE {s}mail_links (
    token_hash BYTEA NOT NULL PRIMARY KEY,
    user_id BIGINT NOT NULL,
    purpose BIGINT NOT NULL,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL,
    verified BIGINT NOT NULL,
    expires BIGINT NOT NULL
);
CREATE INDEX mail_links_user ON {s}mail_links (user_id);
CREATE INDEX mail_links_expires ON {s}mail_links (expires);

-- Browsers and apps that a user signed in with before, by the hash of what they show again.
CREATE TABLE {s}devices (
    user_id BIGINT NOT NULL,
    mark BYTEA NOT NULL,
    seen BIGINT NOT NULL,
    PRIMARY KEY (user_id, mark)
);
