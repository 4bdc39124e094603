//! No statement reads more than it is asked for.

mod batches;
mod expressions;
mod figures;
mod filling;
mod macros;
mod sources;
mod statements;
mod states;

use std::time::Instant;

use super::support::database::Database;
use states::{Prepared, Session};

#[tokio::test]
async fn report() {
    let rows: u64 = std::env::var("WSA_PLANS_ROWS").map_or(20_000, |rows| rows.parse().unwrap());
    let begin = Instant::now();
    let at = |what: &str| eprintln!("{:6.1} {what}", begin.elapsed().as_secs_f64());
    let statements = statements::all();
    at("read");
    let one = Database::migrated().await;
    let client = one.connect().await;
    let tables = filling::tables(&client).await;
    filling::leave_statistics(&client, &tables).await;
    let never = Prepared::on(one.connect().await, &statements, Session::Ours).await;
    at("prepared");
    filling::fill(&client, &tables, rows).await;
    at("filled");
    let mut runs = never.run("never-analysed", 8, rows).await;
    at("run");
    let two = Database::migrated().await;
    let client = two.connect().await;
    filling::leave_statistics(&client, &tables).await;
    client.batch_execute("VACUUM ANALYZE").await.unwrap();
    let empty = Prepared::on(two.connect().await, &statements, Session::Ours).await;
    at("prepared");
    filling::fill(&client, &tables, rows).await;
    at("filled");
    runs.extend(empty.run("analysed-empty", 8, rows).await);
    at("run");
    let plain = Prepared::on(two.connect().await, &statements, Session::Plain).await;
    runs.extend(plain.run("analysed-empty-plain", 8, rows).await);
    at("run");
    std::fs::write("/tmp/plans-runs.json", serde_json::to_string(&runs).unwrap()).unwrap();
}
