-- The witness of another database, in the database "repmgr" of this one, before anything else is set up. Here: this
-- is "b", and pg-a1 is the first primary of "a". The row belongs to deploy/repmgr/node and `tintype database promote`.
CREATE TABLE IF NOT EXISTS tintype_witness (
    cluster text PRIMARY KEY,
    node text NOT NULL,                                    -- its primary
    state text NOT NULL CHECK (state IN ('sync', 'alone')), -- whether its standby has all that is acknowledged
    epoch bigint NOT NULL,                                 -- grows with each promotion
    changed bigint NOT NULL                                -- seconds since 1970
);
INSERT INTO tintype_witness VALUES ('a', 'pg-a1', 'alone', 1, 0) ON CONFLICT DO NOTHING;
-- The site's own user, by which `tintype database` asks:
GRANT SELECT, UPDATE ON tintype_witness TO tintype;
