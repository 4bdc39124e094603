//! The script in the documentation does what it says, with what the demo has.

use wsa::protocols::activeplatform::ActivePlatform;
use wsa::surface::Surface;

use crate::support::app::TestApp;
use crate::support::place::Stores;
use crate::support::queues::Queues;
use crate::support::script::said;

async fn the_script_of_a_bank_bridge_runs_from_its_first_call_to_its_last(store: Stores) {
    let app = TestApp::on(store, Queues::InProcess).await.start().await;
    ActivePlatform.seed(app.store()).await.unwrap();
    assert_eq!(said(&app, "bank_bridge.py").await, SAID);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_script_of_a_bank_bridge_runs_from_its_first_call_to_its_last_on_sqlite() {
    the_script_of_a_bank_bridge_runs_from_its_first_call_to_its_last(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_script_of_a_bank_bridge_runs_from_its_first_call_to_its_last_on_postgres() {
    the_script_of_a_bank_bridge_runs_from_its_first_call_to_its_last(Stores::Postgres).await;
}

/// What it says.
const SAID: &str = r#"reseller Demo operator with 1 below
account Demo customer and 1 of resellers below; paid by Cash
20 payments wait; with two of them ['accounts', 'resellers'] and a narrow one has ['document_id', 'total']
the first has 1 invoice of 99.0
409 data.type: "invoices" is another type: it must be "payments"
409 data.id: "6476" is another than the path has: that is "6475"
415 The Content-Type is "application/json": it must be application/vnd.api+json, without parameters other than charset=utf-8 and profile.
400 filter[colour]: it is not known here
400 include: "owner" cannot be included with payments: reseller, account, payment_method, corrections can
404 There is nothing at /api/v3/resellers/1//payments.
404 There is nothing at /api/v3/resellers/1/payments/.
200 by its id: completed with Cash
422 Only payments with "waiting for payment/expired" status can be completed.
200 by its document: completed corrected by 0
200 by its document: completed corrected by 0.5
200 by its document: waiting_for_payment corrected by 144.25
the last correction comes with ['accounts', 'payments'] and 3 payments wait no more
the account has what came
"#;
