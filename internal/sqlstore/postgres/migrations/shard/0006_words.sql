-- Which posts have a term (a word, or what stands for one where words are not apart): everybody's, on the logical shard
-- that the number of the term names, and each owner's alone, under other numbers, on the owner's.
CREATE TABLE {s}word_posts (
    word_id BIGINT NOT NULL,
    post_id BIGINT NOT NULL,
    PRIMARY KEY (word_id, post_id)
);
