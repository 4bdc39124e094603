//! PostgreSQL puts the bodies of the schema's SQL functions in the place of their calls.
//!
//! One that it does not is parsed and planned anew in each statement that calls it, which costs more than most of what
//! the statements do.

use tokio_postgres::Client;

use crate::support::database::Database;

/// The SQL functions of the schema, with the types of their arguments.
async fn functions(client: &Client) -> Vec<(String, Vec<String>)> {
    let rows = client
        .query(
            "SELECT p.proname::text,
                    (SELECT coalesce(array_agg(format_type(t.kind, NULL) ORDER BY t.nr), '{}')
                     FROM unnest(p.proargtypes) WITH ORDINALITY AS t (kind, nr))
             FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
             WHERE l.lanname = 'sql' AND p.pronamespace = 'public'::regnamespace
             ORDER BY p.proname",
            &[],
        )
        .await
        .unwrap();
    rows.into_iter().map(|row| (row.get(0), row.get(1))).collect()
}

/// The plan of a call whose arguments are not known before it runs.
async fn plan_of_a_call(client: &Client, name: &str, arguments: &[String]) -> String {
    let named = |n: usize| format!("a{n}");
    let columns = arguments.iter().enumerate().map(|(n, kind)| format!("NULL::{kind} AS a{n}"));
    let columns = columns.chain(["1 AS one".to_owned()]).collect::<Vec<_>>().join(", ");
    let call = (0..arguments.len()).map(named).collect::<Vec<_>>().join(", ");
    let text = format!(
        "EXPLAIN (VERBOSE) SELECT {name}({call}) FROM (SELECT {columns} OFFSET 0) AS asked"
    );
    let lines = client.query(&text, &[]).await.unwrap();
    lines.iter().map(|line| format!("{}\n", line.get::<_, String>(0))).collect()
}

#[tokio::test]
async fn no_function_is_planned_anew_by_each_statement() {
    let database = Database::migrated().await;
    let client = database.connect().await;
    let functions = functions(&client).await;
    let names: Vec<&str> = functions.iter().map(|(name, _)| &**name).collect();
    assert_eq!(names, ["wsa_after", "wsa_now"]);
    for (name, arguments) in &functions {
        let plan = plan_of_a_call(&client, name, arguments).await;
        assert!(!plan.contains(&format!("{name}(")), "{plan}");
    }
}
