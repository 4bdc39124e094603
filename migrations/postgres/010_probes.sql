-- Room: engine/store.
--
-- Whether the store takes writes: each process writes its own row, some times a second, and is ready while that works.

CREATE TABLE probes (
    process_id uuid        PRIMARY KEY,
    written_at timestamptz NOT NULL,
    -- As large as a task while the store refuses tasks: a full disk may have room for less.
    padding    text        NOT NULL
) WITH (fillfactor = 50);
