-- Who may comment: on a user's posts, and on one post. 0 is everybody for a user, and as the user has it for a post.
ALTER TABLE {s}users ADD COLUMN commenters BIGINT NOT NULL DEFAULT 0;
ALTER TABLE {s}posts ADD COLUMN commenters BIGINT NOT NULL DEFAULT 0;

-- Whom users do not want to hear; activity: not of what they do to the user either.
CREATE TABLE {s}mutes (
    user_id BIGINT NOT NULL,
    target_id BIGINT NOT NULL,
    op BIGINT NOT NULL,
    activity BIGINT NOT NULL,
    PRIMARY KEY (user_id, target_id)
);

-- Whose comments are held for users, and whose deeds make them no activity.
CREATE TABLE {s}restricts (
    user_id BIGINT NOT NULL,
    target_id BIGINT NOT NULL,
    op BIGINT NOT NULL,
    PRIMARY KEY (user_id, target_id)
);

-- The words of each user, a JSON array; covers: posts in the user's feed that have one are covered.
CREATE TABLE {s}hidden_words (
    user_id BIGINT PRIMARY KEY,
    words TEXT NOT NULL,
    covers BIGINT NOT NULL
);

-- Comments that wait for user_id, whose post it is. They are in no other table of comments but their authors' notes.
CREATE TABLE {s}held_comments (
    post_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    author_id BIGINT NOT NULL,
    text TEXT NOT NULL,
    mentions TEXT,
    why BIGINT NOT NULL,
    PRIMARY KEY (post_id, id)
);
CREATE INDEX held_comments_owner ON {s}held_comments (user_id, id);
CREATE INDEX held_comments_author ON {s}held_comments (post_id, author_id, id);
