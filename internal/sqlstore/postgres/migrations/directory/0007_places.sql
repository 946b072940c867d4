-- The S2 cell of level 12 in which a place is, by which it is found near a point.
ALTER TABLE {s}places ADD COLUMN cell BIGINT NOT NULL DEFAULT 0;
CREATE INDEX places_cell ON {s}places (cell);
