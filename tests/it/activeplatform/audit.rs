//! The audit of ActivePlatform's books.

use serde_json::json;
use uuid::Uuid;

use super::bridge::*;
use crate::support::app::TestApp;
use crate::support::audit::Spoiler;
use crate::support::place::Stores;
use crate::support::queues::Queues;

#[tokio::test(flavor = "multi_thread")]
async fn each_rule_of_the_books_can_be_seen_broken_on_sqlite() {
    each_rule_of_the_books_can_be_seen_broken(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_rule_of_the_books_can_be_seen_broken_on_postgres() {
    each_rule_of_the_books_can_be_seen_broken(Stores::Postgres).await;
}

async fn each_rule_of_the_books_can_be_seen_broken(store: Stores) {
    let app = TestApp::on(store, Queues::InProcess).await.start().await;
    seed(app.store()).await;
    let place = app.place.clone();
    let mut tasks = Vec::new();
    // One more than its total each, by a task that makes an entry of either kind.
    for id in 1..=7 {
        let document = format!("d-{id}");
        put(app.store(), &waiting(TOP, id, &document)).await;
        let amount = json!({"amount": 100, "external_transaction_id": format!("t-{id}")});
        let answer = by_document(&app, &document, amount).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        tasks.push(place.guid(answer.header("x-task-guid").unwrap().parse().unwrap()));
    }
    // An account of nobody's.
    let new_account = "INSERT INTO ap_accounts (reseller_id, account_id, name, currency, balance)
                       VALUES (2, 77, 'Nobody', 'USD', 0)";
    place.execute(new_account).await.unwrap();
    let open = app.place.open();
    app.finish().await;

    let mut spoiler = Spoiler::of(&open, &place).await;
    let kopecks = |n| place.kopecks(n);
    let credit = |n| {
        format!("UPDATE ap_accounts SET balance = balance + {} WHERE reseller_id = 1", kopecks(n))
    };
    let of = |reseller: i64, n: i64| {
        format!(
            "UPDATE ap_accounts SET balance = {} WHERE account_id = 77 AND reseller_id = {reseller}",
            kopecks(n)
        )
    };
    spoiler.breaks(&["ap-balance-is-not-negative"], &[of(2, -1)]).await;
    let another = new_account.replace("(2, 77", "(3, 77");
    spoiler.breaks(&["ap-balance-is-the-sum"], &[another, of(3, 1)]).await;
    let sql = "UPDATE ap_payments SET total = 1 WHERE payment_id = 1".to_owned();
    spoiler.breaks(&["ap-entry-is-its-payment"], &[sql]).await;
    let sql = "UPDATE ap_corrections SET amount = 2 WHERE payment_id = 1".to_owned();
    spoiler.breaks(&["ap-entry-is-its-correction"], &[sql]).await;
    let sql = format!(
        "UPDATE ap_external_transactions SET task_guid = {} WHERE payment_id = 2",
        place.guid(Uuid::now_v7())
    );
    spoiler.breaks(&["ap-transaction-task-is-done"], &[sql]).await;
    // Both entries of a task, and its transaction.
    let twice = ["ap-entry-task-is-done", "ap-entry-task-is-done", "ap-transaction-task-is-done"];
    let sql = format!("UPDATE tasks SET outcome = 'failed' WHERE task_guid = {}", tasks[2]);
    spoiler.breaks(&twice, &[sql]).await;
    let twice = ["ap-entry-has-its-task", "ap-entry-has-its-task", "ap-transaction-task-is-done"];
    let sql = format!("DELETE FROM tasks WHERE task_guid = {}", tasks[3]);
    spoiler.breaks(&twice, &[sql]).await;
    let sql = "UPDATE ap_payments SET closed_at = NULL WHERE payment_id = 5".to_owned();
    spoiler.breaks(&["ap-payment-is-closed-when-completed"], &[sql]).await;
    let sql = "DELETE FROM ap_entries WHERE payment_id = 5 AND kind = 'payment'".to_owned();
    let reopened = "UPDATE ap_payments SET closed_at = created_at WHERE payment_id = 5".to_owned();
    spoiler.mends("ap-payment-is-closed-when-completed");
    spoiler.breaks(&["ap-completed-payment-is-entered"], &[reopened, sql, credit(-9_900)]).await;
    let sql = "DELETE FROM ap_entries WHERE payment_id = 6 AND kind = 'correction'".to_owned();
    spoiler.breaks(&["ap-correction-is-entered"], &[sql, credit(-100)]).await;
    let sql = "UPDATE ap_resellers SET last_correction = 6 WHERE reseller_id = 1".to_owned();
    spoiler.breaks(&["ap-correction-has-its-number"], &[sql]).await;
    // What was entered into the operator's account is of no account now.
    let entries = place.number("SELECT count(*) FROM ap_entries WHERE reseller_id = 1").await;
    let known = [
        "ap-entry-is-its-payment",
        "ap-entry-is-its-correction",
        "ap-entry-has-its-task",
        "ap-entry-has-its-task",
        "ap-entry-task-is-done",
        "ap-entry-task-is-done",
    ];
    known.iter().for_each(|check| spoiler.mends(check));
    let all = vec!["ap-entry-has-its-account"; usize::try_from(entries).unwrap()];
    let sql = "DELETE FROM ap_accounts WHERE reseller_id = 1".to_owned();
    spoiler.breaks(&all, &[sql]).await;
    spoiler.finish(|name| name.starts_with("ap-")).await;
}
