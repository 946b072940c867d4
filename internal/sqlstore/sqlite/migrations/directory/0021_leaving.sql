-- Users who asked to be deleted, until nothing of them is left. step is 0 while they may come back, and then how far the deletion is.
CREATE TABLE leaving (
    user_id INTEGER PRIMARY KEY,
    asked INTEGER NOT NULL,
    due INTEGER NOT NULL,
    step INTEGER NOT NULL
) STRICT;
CREATE INDEX leaving_due ON leaving (due);
