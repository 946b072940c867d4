-- What others call a thing of ours: IDs of an archive that was imported, import
-- keys, addresses elsewhere. Namespaces keep the sources apart.
CREATE TABLE foreign_keys (
    namespace TEXT NOT NULL,
    key TEXT NOT NULL,
    id INTEGER NOT NULL,
    PRIMARY KEY (namespace, key)
) STRICT, WITHOUT ROWID;
