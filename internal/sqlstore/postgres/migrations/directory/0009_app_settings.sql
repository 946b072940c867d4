-- What the developers and admins of apps decide, and how much apps are used. The
-- secret itself is kept beside its hash: signatures cannot be checked without it.
-- It is '' for apps from before, until they get another.
ALTER TABLE {s}apps ADD COLUMN description TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE {s}apps ADD COLUMN secret TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE {s}apps ADD COLUMN enforce_signed BIGINT NOT NULL DEFAULT 0;
ALTER TABLE {s}apps ADD COLUMN implicit_grant BIGINT NOT NULL DEFAULT 0;
ALTER TABLE {s}apps ADD COLUMN password_grant BIGINT NOT NULL DEFAULT 0;
ALTER TABLE {s}apps ADD COLUMN hourly_limit BIGINT NOT NULL DEFAULT 0;

-- Hours are Unix time by 3,600.
CREATE TABLE {s}app_usage (
    app_id BIGINT NOT NULL,
    hour BIGINT NOT NULL,
    calls BIGINT NOT NULL,
    refused BIGINT NOT NULL,
    PRIMARY KEY (app_id, hour)
);
CREATE INDEX app_usage_hour ON {s}app_usage (hour);
