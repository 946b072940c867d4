-- What others call a thing of ours: IDs of an archive that was imported, import
-- keys, addresses elsewhere. Namespaces keep the sources apart.
CREATE TABLE {s}foreign_keys (
    namespace TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    id BIGINT NOT NULL,
    PRIMARY KEY (namespace, key)
);
