-- Who sees the queue of reports without being an admin.
ALTER TABLE accounts ADD COLUMN moderator INTEGER NOT NULL DEFAULT 0;

-- What was reported: one open case for each thing.
CREATE TABLE cases (
    id INTEGER PRIMARY KEY,
    kind INTEGER NOT NULL,
    thing_id INTEGER NOT NULL,
    post_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    state INTEGER NOT NULL,
    opened INTEGER NOT NULL,
    closed INTEGER NOT NULL,
    closed_by INTEGER NOT NULL,
    claimed INTEGER NOT NULL,
    claimed_by INTEGER NOT NULL,
    text TEXT NOT NULL,
    private INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX cases_open ON cases (kind, thing_id) WHERE state = 1;
CREATE INDEX cases_queue ON cases (state, id);

-- By whom and why.
CREATE TABLE reports (
    id INTEGER PRIMARY KEY,
    case_id INTEGER NOT NULL,
    reporter_id INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    thing_id INTEGER NOT NULL,
    post_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    reason TEXT NOT NULL,
    words TEXT NOT NULL,
    state INTEGER NOT NULL,
    created INTEGER NOT NULL,
    closed INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX reports_once ON reports (reporter_id, kind, thing_id) WHERE state = 1;
CREATE INDEX reports_case ON reports (case_id, id);
CREATE INDEX reports_mine ON reports (reporter_id, id);

-- What was done against whom, and what they said to it. until is when a suspension
-- ends by itself, ended when it no longer held; 0 for neither.
CREATE TABLE decisions (
    id INTEGER PRIMARY KEY,
    case_id INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    thing_id INTEGER NOT NULL,
    post_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    action INTEGER NOT NULL,
    reason TEXT NOT NULL,
    words TEXT NOT NULL,
    text TEXT NOT NULL,
    by_id INTEGER NOT NULL,
    at INTEGER NOT NULL,
    until INTEGER NOT NULL,
    state INTEGER NOT NULL,
    ended INTEGER NOT NULL,
    appeal INTEGER NOT NULL,
    appeal_words TEXT NOT NULL,
    appealed INTEGER NOT NULL,
    appeal_by INTEGER NOT NULL,
    appeal_reply TEXT NOT NULL
) STRICT;
CREATE INDEX decisions_user ON decisions (user_id, id);
CREATE INDEX decisions_thing ON decisions (kind, thing_id) WHERE state = 1;
CREATE INDEX decisions_appeals ON decisions (id) WHERE appeal = 1;
CREATE INDEX decisions_until ON decisions (until) WHERE state = 1 AND until <> 0;
CREATE INDEX decisions_removed ON decisions (at) WHERE state = 1 AND action = 2;

-- What admins and moderators did. Nothing changes a row, and nothing deletes one.
CREATE TABLE audit (
    at INTEGER PRIMARY KEY,
    by_id INTEGER NOT NULL,
    via TEXT NOT NULL,
    deed TEXT NOT NULL,
    user_id INTEGER NOT NULL,
    thing TEXT NOT NULL,
    reason TEXT NOT NULL
) STRICT;
CREATE INDEX audit_by ON audit (by_id, at);
CREATE INDEX audit_user ON audit (user_id, at);
