//! Tables, and rows in them.

use tokio_postgres::Client;
use wsa::database::Type;

use super::expressions;

/// What is no business of statements: what the schema is at, and tables of one row.
const LEFT_ALONE: [&str; 4] =
    ["wsa_migrations", "forgotten_guids", "journal_head", "backlog_counts"];

/// A table and its columns.
#[derive(Debug)]
pub struct Table {
    pub name: String,
    columns: Vec<(String, Type)>,
}

fn kind(name: &str) -> Type {
    match name {
        "bigint" => Type::Int,
        "boolean" => Type::Bool,
        "text" => Type::Text,
        "bytea" => Type::Bytes,
        "uuid" => Type::Uuid,
        "timestamp with time zone" => Type::Time,
        _ if name.starts_with("numeric") => Type::Money,
        _ => panic!("a column of type {name}"),
    }
}

/// The tables of the schema.
pub async fn tables(client: &Client) -> Vec<Table> {
    let columns = "SELECT c.relname::text, a.attname::text, format_type(a.atttypid, NULL)
                   FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
                   WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
                     AND a.attnum > 0 AND NOT a.attisdropped
                   ORDER BY c.relname, a.attnum";
    let mut tables: Vec<Table> = Vec::new();
    for row in client.query(columns, &[]).await.unwrap() {
        let (table, column, of): (String, String, String) = (row.get(0), row.get(1), row.get(2));
        if LEFT_ALONE.contains(&&*table) {
            continue;
        }
        if tables.last().is_none_or(|last| last.name != table) {
            tables.push(Table { name: table, columns: Vec::new() });
        }
        tables.last_mut().unwrap().columns.push((column, kind(&of)));
    }
    tables
}

/// Has no statistics made behind the test's back.
pub async fn leave_statistics(client: &Client, tables: &[Table]) {
    for Table { name, .. } in tables {
        let off = format!("ALTER TABLE {name} SET (autovacuum_enabled = false)");
        client.batch_execute(&off).await.unwrap();
    }
}

/// Puts rows into each; plans that were made before are kept.
pub async fn fill(client: &Client, tables: &[Table], rows: u64) {
    // Neither triggers nor foreign keys: rows stand for themselves.
    let ready = "SET session_replication_role = replica; SET synchronous_commit = off;
                 SET maintenance_work_mem = '256MB'";
    client.batch_execute(ready).await.unwrap();
    for Table { name, columns } in tables {
        let names: Vec<&str> = columns.iter().map(|(column, _)| &**column).collect();
        let values: Vec<String> = columns
            .iter()
            .map(|(column, kind)| expressions::of_table(name, column, *kind, rows))
            .collect();
        let count = match &**name {
            // The callers of each protocol.
            "aggregators" => 4 * rows,
            // Of each event a few.
            "tc_sets" => 5 * expressions::GROUPS,
            _ => rows,
        };
        let insert = format!(
            "INSERT INTO {name} ({}) OVERRIDING SYSTEM VALUE
             SELECT {} FROM generate_series(1, {}::bigint) AS i",
            names.join(", "),
            values.join(", "),
            count
        );
        let put = client.batch_execute(&insert).await;
        put.unwrap_or_else(|error| panic!("{name}: {:?}\n{insert}", error.as_db_error()));
    }
    let sequences = "SELECT setval(s.oid::regclass, 1000000000)
                     FROM pg_class s JOIN pg_depend d ON d.objid = s.oid AND d.deptype = 'i'
                     WHERE s.relkind = 'S' AND s.relname NOT LIKE ALL (ARRAY['tc_%', 'bm_accounts%'])";
    client.batch_execute(sequences).await.unwrap();
    client.batch_execute("UPDATE journal_head SET last_entry = 1000000000").await.unwrap();
    let far = "SELECT setval(s.oid::regclass, 3000000000000000)
               FROM pg_class s WHERE s.relkind = 'S' AND s.relname LIKE ANY (ARRAY['tc_%', 'bm_accounts%'])";
    client.batch_execute(far).await.unwrap();
}

/// Takes all rows away. The statistics of columns stay.
pub async fn empty(client: &Client, tables: &[Table]) {
    let names: Vec<&str> = tables.iter().map(|table| &*table.name).collect();
    client.batch_execute(&format!("TRUNCATE {}", names.join(", "))).await.unwrap();
    client.batch_execute("VACUUM").await.unwrap();
}
