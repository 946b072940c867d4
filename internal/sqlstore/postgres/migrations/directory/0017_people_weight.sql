-- The most followed people whose names begin in some way are found without reading all whose do.
CREATE INDEX people_weight ON {s}people (weight, word, user_id);
