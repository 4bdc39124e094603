-- Room: protocols/whiteserver (catalogues).
--
-- What a restaurant offers: its halls, employees, menu, stop list and so on, as one document in sections. A section is
-- the smallest thing that is loaded and that is read: a list of tables costs no menu.

CREATE TABLE catalogues (
    object_id       bigint PRIMARY KEY REFERENCES objects ON DELETE CASCADE,
    -- Grows by one with each change of the document.
    version         bigint NOT NULL CHECK (version > 0),
    loaded_at       timestamptz NOT NULL,
    -- Whether new orders are held against the menu.
    checks          boolean NOT NULL,
    -- What an order that is paid already is paid with.
    online_currency uuid,
    FOREIGN KEY (object_id, online_currency) REFERENCES currencies
);

CREATE TABLE catalogue_sections (
    object_id bigint NOT NULL REFERENCES catalogues ON DELETE CASCADE,
    section   text NOT NULL,
    -- That of the document when this section was loaded.
    version   bigint NOT NULL CHECK (version > 0),
    loaded_at timestamptz NOT NULL,
    body      text NOT NULL,
    PRIMARY KEY (object_id, section)
);
