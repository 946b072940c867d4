-- How many bytes the files of each user have, by kind (tintype.StoredKind).
CREATE TABLE storage_use (
    user_id INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    PRIMARY KEY (user_id, kind)
) STRICT, WITHOUT ROWID;

-- How many bytes the renditions of each picture have, and when those that can be made again were made last.
CREATE TABLE stored (
    post_id INTEGER NOT NULL,
    key TEXT NOT NULL,
    user_id INTEGER NOT NULL,
    jpeg INTEGER NOT NULL,
    avif INTEGER NOT NULL,
    webp INTEGER NOT NULL,
    made INTEGER NOT NULL,
    PRIMARY KEY (post_id, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX stored_made ON stored (made) WHERE avif + webp > 0;

-- What is there by now is counted; renditions and profile pictures by `tintype rebuild storage`.
INSERT INTO storage_use (user_id, kind, bytes)
    SELECT p.user_id, 1, CAST(SUM(m.original_bytes) AS BIGINT) FROM posts p JOIN media m ON m.post_id = p.id GROUP BY p.user_id;
INSERT INTO storage_use (user_id, kind, bytes)
    SELECT user_id, 2, CAST(SUM(bytes) AS BIGINT) FROM uploads WHERE post_id = 0 AND type <> '' GROUP BY user_id;

-- What of an export is kept as files: its bytes are those of the zip, which is joined with the originals when it is
-- fetched. Of those that are there already it is not known; they go within a week.
ALTER TABLE exports ADD COLUMN part_bytes INTEGER NOT NULL DEFAULT 0;
