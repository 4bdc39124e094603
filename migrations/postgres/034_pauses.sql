-- Room: engine/store.
--
-- Objects whose tasks wait until an operator lets them go on, and what audits found.

-- Few at any time: each batch looks its objects up here.
CREATE TABLE paused_objects (
    object_id bigint PRIMARY KEY,
    paused_at timestamptz NOT NULL,
    paused_by text NOT NULL,
    reason    text NOT NULL
);

CREATE TABLE audit_runs (
    run_id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    asked_by    text NOT NULL,
    -- Narrowed to this object; NULL: the whole store.
    object_id   bigint,
    started_at  timestamptz NOT NULL,
    -- NULL: it runs, or its process has ended before it.
    finished_at timestamptz,
    sound       boolean,
    -- JSON, as `wsa audit --json` prints it.
    report      text,
    error       text,
    CONSTRAINT finished_means_told CHECK (
        (finished_at IS NULL) = (sound IS NULL AND error IS NULL) AND (report IS NULL) = (sound IS NULL)
    )
);
