//! Payments that nobody pays in time.

use jiff::{SignedDuration, Timestamp};
use wsa::protocols::activeplatform::sql::Tables;

use super::bridge::*;
use crate::support::app::TestApp;
use crate::support::eventually;
use crate::support::place::Stores;
use crate::support::queues::Queues;

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_expires_when_its_time_has_passed_on_sqlite() {
    a_payment_expires_when_its_time_has_passed(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_expires_when_its_time_has_passed_on_postgres() {
    a_payment_expires_when_its_time_has_passed(Stores::Postgres).await;
}

async fn a_payment_expires_when_its_time_has_passed(store: Stores) {
    let app = TestApp::on(store, Queues::InProcess).await.set("sweeper.batch", 2).start().await;
    seed(app.store()).await;
    let (past, future) = (
        Timestamp::now() - SignedDuration::from_secs(5),
        Timestamp::now() + SignedDuration::from_hours(1),
    );
    let dates = [
        (Some(past), None, "expired"),
        (None, Some(past), "expired"),
        (Some(future), Some(past), "expired"),
        (Some(past), Some(future), "expired"),
        (Some(past), Some(past), "expired"),
        (Some(future), None, "waiting_for_payment"),
        (None, None, "waiting_for_payment"),
    ];
    for ((due_date, expiration_date, _), id) in dates.iter().zip(1_i64..) {
        let mut payment = waiting(TOP, id, &id.to_string());
        (payment.due_date, payment.expiration_date) = (*due_date, *expiration_date);
        put(app.store(), &payment).await;
    }
    let expired = "SELECT count(*) FROM ap_payments WHERE status = 'expired'";
    eventually("they have expired", async || app.place.number(expired).await == 5).await;
    for ((.., status), id) in dates.iter().zip(1_i64..) {
        let payment = look(&app, TOP, &id.to_string()).await.json();
        assert_eq!(payment["data"]["attributes"]["status"], *status, "{id}");
    }
    assert_eq!(complete(&app, TOP, "1").await.status, 200, "it can still be paid");
    assert_eq!(Tables::of(app.store()).expire_payments(10).await.unwrap(), 0, "and stays so");
    assert_books_agree(&app.place).await;
    app.finish().await;
}
