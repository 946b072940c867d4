-- Where apps are called back. paused is 0, or when it was paused; failing when
-- the run of failures began that is still on, 0 if none is; due when the next
-- push is to be made, 0 while there is nothing to push.
CREATE TABLE callbacks (
    id INTEGER PRIMARY KEY,
    app_id INTEGER NOT NULL,
    url TEXT NOT NULL,
    paused INTEGER NOT NULL,
    failing INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    pushed INTEGER NOT NULL,
    last_error TEXT NOT NULL,
    due INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX callbacks_app ON callbacks (app_id, url);
CREATE INDEX callbacks_due ON callbacks (due) WHERE due <> 0;

-- What they are called for. latitude, longitude and radius (metres) are of a
-- geography alone, 0 for others.
CREATE TABLE subscriptions (
    id INTEGER PRIMARY KEY,
    app_id INTEGER NOT NULL,
    callback_id INTEGER NOT NULL,
    object TEXT NOT NULL,
    object_id TEXT NOT NULL,
    latitude REAL NOT NULL,
    longitude REAL NOT NULL,
    radius INTEGER NOT NULL,
    created INTEGER NOT NULL
) STRICT;
CREATE INDEX subscriptions_app ON subscriptions (app_id, object);
CREATE INDEX subscriptions_callback ON subscriptions (callback_id);

-- By what a post is matched: a tag, a place, the cells of the map that a
-- geography touches. Users are matched by who allowed the app.
CREATE TABLE subscription_keys (
    key TEXT NOT NULL,
    subscription_id INTEGER NOT NULL,
    PRIMARY KEY (key, subscription_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX subscription_keys_subscription ON subscription_keys (subscription_id);

-- What is still to be pushed: no picture and no text, the app asks for those
-- itself. item is the post, so that one that is matched twice waits once.
CREATE TABLE pushes (
    callback_id INTEGER NOT NULL,
    item INTEGER NOT NULL,
    subscription_id INTEGER NOT NULL,
    object TEXT NOT NULL,
    object_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (callback_id, item, subscription_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX pushes_subscription ON pushes (subscription_id);
