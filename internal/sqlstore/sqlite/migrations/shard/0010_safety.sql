-- Who may comment: on a user's posts, and on one post. 0 is everybody for a user, and as the user has it for a post.
ALTER TABLE users ADD COLUMN commenters INTEGER NOT NULL DEFAULT 0;
ALTER TABLE posts ADD COLUMN commenters INTEGER NOT NULL DEFAULT 0;

-- Whom users do not want to hear; activity: not of what they do to the user either.
CREATE TABLE mutes (
    user_id INTEGER NOT NULL,
    target_id INTEGER NOT NULL,
    op INTEGER NOT NULL,
    activity INTEGER NOT NULL,
    PRIMARY KEY (user_id, target_id)
) STRICT, WITHOUT ROWID;

-- Whose comments are held for users, and whose deeds make them no activity.
CREATE TABLE restricts (
    user_id INTEGER NOT NULL,
    target_id INTEGER NOT NULL,
    op INTEGER NOT NULL,
    PRIMARY KEY (user_id, target_id)
) STRICT, WITHOUT ROWID;

-- The words of each user, a JSON array; covers: posts in the user's feed that have one are covered.
CREATE TABLE hidden_words (
    user_id INTEGER PRIMARY KEY,
    words TEXT NOT NULL,
    covers INTEGER NOT NULL
) STRICT;

-- Comments that wait for user_id, whose post it is. They are in no other table of comments but their authors' notes.
CREATE TABLE held_comments (
    post_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    author_id INTEGER NOT NULL,
    text TEXT NOT NULL,
    mentions TEXT,
    why INTEGER NOT NULL,
    PRIMARY KEY (post_id, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX held_comments_owner ON held_comments (user_id, id);
CREATE INDEX held_comments_author ON held_comments (post_id, author_id, id);
