-- How many bytes the files of each user have, by kind (tintype.StoredKind).
CREATE TABLE {s}storage_use (
    user_id BIGINT NOT NULL,
    kind BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    PRIMARY KEY (user_id, kind)
);

-- How many bytes the renditions of each picture have, and when those that can be made again were made last.
CREATE TABLE {s}stored (
    post_id BIGINT NOT NULL,
    key TEXT NOT NULL,
    user_id BIGINT NOT NULL,
    jpeg BIGINT NOT NULL,
    avif BIGINT NOT NULL,
    webp BIGINT NOT NULL,
    made BIGINT NOT NULL,
    PRIMARY KEY (post_id, key)
);

CREATE INDEX stored_made ON {s}stored (made) WHERE avif + webp > 0;

-- What is there by now is counted; renditions and profile pictures by `tintype rebuild storage`.
INSERT INTO {s}storage_use (user_id, kind, bytes)
    SELECT p.user_id, 1, CAST(SUM(m.original_bytes) AS BIGINT) FROM {s}posts p JOIN {s}media m ON m.post_id = p.id GROUP BY p.user_id;
INSERT INTO {s}storage_use (user_id, kind, bytes)
    SELECT user_id, 2, CAST(SUM(bytes) AS BIGINT) FROM {s}uploads WHERE post_id = 0 AND type <> '' GROUP BY user_id;

-- What of an export is kept as files: its bytes are those of the zip, which is joined with the originals when it is
-- fetched. Of those that are there already it is not known; they go within a week.
ALTER TABLE {s}exports ADD COLUMN part_bytes BIGINT NOT NULL DEFAULT 0;
