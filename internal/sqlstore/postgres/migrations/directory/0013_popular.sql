-- Posts that everybody may see and that got the most from others; derived, trimmed to a few thousand.
CREATE TABLE {s}popular (
    post_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    score BIGINT NOT NULL,
    PRIMARY KEY (post_id)
);
CREATE INDEX popular_score ON {s}popular (score);
