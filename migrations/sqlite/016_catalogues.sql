-- Room: protocols/whiteserver (catalogues).
--
-- What restaurants offer, as migrations/postgres/016_catalogues.sql describes it.

CREATE TABLE catalogues (
    object_id       INTEGER PRIMARY KEY REFERENCES objects ON DELETE CASCADE,
    version         INTEGER NOT NULL CHECK (version > 0),
    loaded_at       INTEGER NOT NULL,
    checks          INTEGER NOT NULL CHECK (checks IN (0, 1)),
    online_currency BLOB,
    FOREIGN KEY (object_id, online_currency) REFERENCES currencies
) STRICT;

CREATE TABLE catalogue_sections (
    object_id INTEGER NOT NULL REFERENCES catalogues ON DELETE CASCADE,
    section   TEXT NOT NULL,
    version   INTEGER NOT NULL CHECK (version > 0),
    loaded_at INTEGER NOT NULL,
    body      TEXT NOT NULL,
    PRIMARY KEY (object_id, section)
) STRICT, WITHOUT ROWID;
