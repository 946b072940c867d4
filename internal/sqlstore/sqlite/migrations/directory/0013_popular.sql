-- Posts that everybody may see and that got the most from others; derived, trimmed to a few thousand.
CREATE TABLE popular (
    post_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    score INTEGER NOT NULL,
    PRIMARY KEY (post_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX popular_score ON popular (score);
