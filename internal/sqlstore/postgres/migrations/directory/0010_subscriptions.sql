-- Where apps are called back. paused is 0, or when it was paused; failing when
-- the run of failures began that is still on, 0 if none is; due when the next
-- push is to be made, 0 while there is nothing to push.
CREATE TABLE {s}callbacks (
    id BIGINT PRIMARY KEY,
    app_id BIGINT NOT NULL,
    url TEXT COLLATE "C" NOT NULL,
    paused BIGINT NOT NULL,
    failing BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    pushed BIGINT NOT NULL,
    last_error TEXT NOT NULL,
    due BIGINT NOT NULL
);
CREATE UNIQUE INDEX callbacks_app ON {s}callbacks (app_id, url);
CREATE INDEX callbacks_due ON {s}callbacks (due) WHERE due <> 0;

-- What they are called for. latitude, longitude and radius (metres) are of a
-- geography alone, 0 for others.
CREATE TABLE {s}subscriptions (
    id BIGINT PRIMARY KEY,
    app_id BIGINT NOT NULL,
    callback_id BIGINT NOT NULL,
    object TEXT NOT NULL,
    object_id TEXT NOT NULL,
    latitude DOUBLE PRECISION NOT NULL,
    longitude DOUBLE PRECISION NOT NULL,
    radius BIGINT NOT NULL,
    created BIGINT NOT NULL
);
CREATE INDEX subscriptions_app ON {s}subscriptions (app_id, object);
CREATE INDEX subscriptions_callback ON {s}subscriptions (callback_id);

-- By what a post is matched: a tag, a place, the cells of the map that a
-- geography touches. Users are matched by who allowed the app.
CREATE TABLE {s}subscription_keys (
    key TEXT COLLATE "C" NOT NULL,
    subscription_id BIGINT NOT NULL,
    PRIMARY KEY (key, subscription_id)
);
CREATE INDEX subscription_keys_subscription ON {s}subscription_keys (subscription_id);

-- What is still to be pushed: no picture and no text, the app asks for those
-- itself. item is the post, so that one that is matched twice waits once.
CREATE TABLE {s}pushes (
    callback_id BIGINT NOT NULL,
    item BIGINT NOT NULL,
    subscription_id BIGINT NOT NULL,
    object TEXT NOT NULL,
    object_id TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (callback_id, item, subscription_id)
);
CREATE INDEX pushes_subscription ON {s}pushes (subscription_id);
