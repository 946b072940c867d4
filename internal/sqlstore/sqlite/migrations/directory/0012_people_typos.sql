-- By what a word of a name is found although one of its letters is mistyped:
-- beginnings of the words in people, under themselves and under what is left without any one character.
CREATE TABLE people_typos (
    key TEXT NOT NULL,
    beginning TEXT NOT NULL,
    PRIMARY KEY (key, beginning)
) STRICT, WITHOUT ROWID;
