-- Which posts have a term (a word, or what stands for one where words are not apart): everybody's, on the logical shard
-- that the number of the term names, and each owner's alone, under other numbers, on the owner's.
CREATE TABLE word_posts (
    word_id INTEGER NOT NULL,
    post_id INTEGER NOT NULL,
    PRIMARY KEY (word_id, post_id)
) STRICT, WITHOUT ROWID;
