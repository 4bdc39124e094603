-- Room: database.
--
-- An immutable function must not call what is only stable, as adding an interval to a time is: PostgreSQL then does not
-- put its body in the place of the call, but parses and plans it anew in each statement that calls it, 20 to 45 us a call.
ALTER FUNCTION wsa_after(timestamptz, bigint) STABLE;
