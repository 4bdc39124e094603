-- Room: engine/store.
--
-- One index less, as migrations/postgres/041_fewer_indexes.sql describes it. SQLite does not touch it when an order is paid; the search
-- is the same text.
DROP INDEX orders_by_original_id;
