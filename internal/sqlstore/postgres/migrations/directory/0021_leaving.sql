-- Users who asked to be deleted, until nothing of them is left. step is 0 while they may come back, and then how far the deletion is.
CREATE TABLE {s}leaving (
    user_id BIGINT PRIMARY KEY,
    asked BIGINT NOT NULL,
    due BIGINT NOT NULL,
    step BIGINT NOT NULL
);
CREATE INDEX leaving_due ON {s}leaving (due);
