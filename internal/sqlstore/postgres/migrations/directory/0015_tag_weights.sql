-- The most used tags that begin in some way are found without reading all that do.
CREATE INDEX tag_names_weight ON {s}tag_names (weight, name);
