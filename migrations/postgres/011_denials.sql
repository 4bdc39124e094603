-- Room: engine/store.
--
-- What an upstream service was told over AMQP that is not done, kept before it was told. RabbitMQ may deliver a
-- message again although it was settled, or to two processes when one loses its connection: without this, a message
-- that was refused could be accepted the second time.
CREATE TABLE denials (
    aggregator_id bigint NOT NULL,
    task_guid     uuid NOT NULL,
    -- The refusal, as it was told.
    code          text NOT NULL,
    description   text NOT NULL,
    denied_at     timestamptz NOT NULL,
    PRIMARY KEY (aggregator_id, task_guid)
);
CREATE INDEX denials_by_age ON denials (denied_at);

-- Has those who accept and those who deny a task of this guid wait for each other, until the end of a transaction.
-- A statement after this one sees what the other wrote.
CREATE FUNCTION wsa_take_turn(guid uuid) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(guid::text, 7763));
    RETURN true;
END $$;

-- A replay asks whether another message of the same name was denied.
CREATE INDEX dead_letters_denied ON dead_letters (message_id) WHERE denied IS NOT NULL;
