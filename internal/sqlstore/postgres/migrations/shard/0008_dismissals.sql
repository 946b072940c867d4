-- Whom users do not want to have suggested.
CREATE TABLE {s}dismissals (
    user_id BIGINT NOT NULL,
    other_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (user_id, other_id)
);
