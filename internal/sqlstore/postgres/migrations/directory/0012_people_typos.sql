-- By what a word of a name is found although one of its letters is mistyped:
-- beginnings of the words in people, under themselves and under what is left without any one character.
CREATE TABLE {s}people_typos (
    key TEXT COLLATE "C" NOT NULL,
    beginning TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (key, beginning)
);
