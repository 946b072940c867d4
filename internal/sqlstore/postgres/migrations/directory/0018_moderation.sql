-- Who sees the queue of reports without being an admin.
ALTER TABLE {s}accounts ADD COLUMN moderator BIGINT NOT NULL DEFAULT 0;

-- What was reported: one open case for each thing.
CREATE TABLE {s}cases (
    id BIGINT PRIMARY KEY,
    kind BIGINT NOT NULL,
    thing_id BIGINT NOT NULL,
    post_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    state BIGINT NOT NULL,
    opened BIGINT NOT NULL,
    closed BIGINT NOT NULL,
    closed_by BIGINT NOT NULL,
    claimed BIGINT NOT NULL,
    claimed_by BIGINT NOT NULL,
    text TEXT COLLATE "C" NOT NULL,
    private BIGINT NOT NULL
);
CREATE UNIQUE INDEX cases_open ON {s}cases (kind, thing_id) WHERE state = 1;
CREATE INDEX cases_queue ON {s}cases (state, id);

-- By whom and why.
CREATE TABLE {s}reports (
    id BIGINT PRIMARY KEY,
    case_id BIGINT NOT NULL,
    reporter_id BIGINT NOT NULL,
    kind BIGINT NOT NULL,
    thing_id BIGINT NOT NULL,
    post_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    words TEXT COLLATE "C" NOT NULL,
    state BIGINT NOT NULL,
    created BIGINT NOT NULL,
    closed BIGINT NOT NULL
);
CREATE UNIQUE INDEX reports_once ON {s}reports (reporter_id, kind, thing_id) WHERE state = 1;
CREATE INDEX reports_case ON {s}reports (case_id, id);
CREATE INDEX reports_mine ON {s}reports (reporter_id, id);

-- What was done against whom, and what they said to it. until is when a suspension
-- ends by itself, ended when it no longer held; 0 for neither.
CREATE TABLE {s}decisions (
    id BIGINT PRIMARY KEY,
    case_id BIGINT NOT NULL,
    kind BIGINT NOT NULL,
    thing_id BIGINT NOT NULL,
    post_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    action BIGINT NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    words TEXT COLLATE "C" NOT NULL,
    text TEXT COLLATE "C" NOT NULL,
    by_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    until BIGINT NOT NULL,
    state BIGINT NOT NULL,
    ended BIGINT NOT NULL,
    appeal BIGINT NOT NULL,
    appeal_words TEXT COLLATE "C" NOT NULL,
    appealed BIGINT NOT NULL,
    appeal_by BIGINT NOT NULL,
    appeal_reply TEXT COLLATE "C" NOT NULL
);
CREATE INDEX decisions_user ON {s}decisions (user_id, id);
CREATE INDEX decisions_thing ON {s}decisions (kind, thing_id) WHERE state = 1;
CREATE INDEX decisions_appeals ON {s}decisions (id) WHERE appeal = 1;
CREATE INDEX decisions_until ON {s}decisions (until) WHERE state = 1 AND until <> 0;
CREATE INDEX decisions_removed ON {s}decisions (at) WHERE state = 1 AND action = 2;

-- What admins and moderators did. Nothing changes a row, and nothing deletes one.
CREATE TABLE {s}audit (
    at BIGINT PRIMARY KEY,
    by_id BIGINT NOT NULL,
    via TEXT COLLATE "C" NOT NULL,
    deed TEXT COLLATE "C" NOT NULL,
    user_id BIGINT NOT NULL,
    thing TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL
);
CREATE INDEX audit_by ON {s}audit (by_id, at);
CREATE INDEX audit_user ON {s}audit (user_id, at);
