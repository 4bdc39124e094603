//! The script in the documentation does what it says, with what the demo has.

use wsa::protocols::ticketscloud::TicketsCloud;
use wsa::surface::Surface;

use crate::support::app::TestApp;
use crate::support::place::Stores;
use crate::support::queues::Queues;
use crate::support::script::said;

async fn the_script_of_a_seller_runs_from_its_first_call_to_its_last(store: Stores) {
    let app = TestApp::on(store, Queues::InProcess).await.start().await;
    TicketsCloud.seed(app.store()).await.unwrap();
    assert_eq!(said(&app, "ticket_seller.py").await, SAID);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_script_of_a_seller_runs_from_its_first_call_to_its_last_on_sqlite() {
    the_script_of_a_seller_runs_from_its_first_call_to_its_last(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_script_of_a_seller_runs_from_its_first_call_to_its_last_on_postgres() {
    the_script_of_a_seller_runs_from_its_first_call_to_its_last(Stores::Postgres).await;
}

/// What it says.
const SAID: &str = r#"2 events, 1 with a date, 1 for 1000 to 2000
Demo play at Demo hall: 2 sets; seats 1, 2, 3 of row 1 are vacant
400 colour: it is not known here
400 status: "paid" is none of: executed, in_progress, done, refunded, canceled, expired
404 There is nothing at /v1/resources/orders//.
400 discount: it is not known here
order executed of 3 tickets for 3150.00
order in_progress
order in_progress of 2 tickets for 2100.00
order done with 2 barcodes
400 The order is done: its tickets, customer, promo codes and payment can be changed only while it is executed, and tickets be taken out of it while it is in_progress.
refund rejected
refund new of 1000.00
refund approved of 1000.00
the three tickets: vacant, sold, vacant
deleted: 200 None
orders: canceled, done
v2: done cancelled True
"#;
