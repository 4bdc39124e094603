-- Room: database.
--
-- What a statement calls that wrote fewer rows than it was given: the transaction fails, and with it the commit that
-- was sent behind the statement.
CREATE OR REPLACE FUNCTION wsa_refuse_part(written bigint, asked integer) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % rows were written', written, asked USING ERRCODE = 'data_corrupted';
END $$;
