-- What the developers and admins of apps decide, and how much apps are used. The
-- secret itself is kept beside its hash: signatures cannot be checked without it.
-- It is '' for apps from before, until they get another.
ALTER TABLE apps ADD COLUMN description TEXT NOT NULL DEFAULT '';
ALTER TABLE apps ADD COLUMN secret TEXT NOT NULL DEFAULT '';
ALTER TABLE apps ADD COLUMN enforce_signed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE apps ADD COLUMN implicit_grant INTEGER NOT NULL DEFAULT 0;
ALTER TABLE apps ADD COLUMN password_grant INTEGER NOT NULL DEFAULT 0;
ALTER TABLE apps ADD COLUMN hourly_limit INTEGER NOT NULL DEFAULT 0;

-- Hours are Unix time by 3,600.
CREATE TABLE app_usage (
    app_id INTEGER NOT NULL,
    hour INTEGER NOT NULL,
    calls INTEGER NOT NULL,
    refused INTEGER NOT NULL,
    PRIMARY KEY (app_id, hour)
) STRICT, WITHOUT ROWID;
CREATE INDEX app_usage_hour ON app_usage (hour);
