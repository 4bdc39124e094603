//! What a billing bridge does from its first call to its last, over HTTP alone.

use reqwest::Method;
use serde_json::{Value, json};
use wsa::domain::money::Money;
use wsa::protocols::activeplatform::wire::lists::Kind;

use super::bridge::*;
use crate::support::app::TestApp;
use crate::support::place::Stores;
use crate::support::queues::Queues;

/// A program that has its token and the address, and nothing else.
struct Client<'a> {
    app: &'a TestApp,
    token: String,
}

impl Client<'_> {
    /// Headers as an HTTP library sends them: with a charset, on every request.
    async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let request = self.app.request(method, path).header("X-Api-Token", &self.token);
        let request = request
            .header("Content-Type", format!("{MEDIA}; charset=utf-8"))
            .header("Accept", format!("{MEDIA}, */*;q=0.1"));
        send(request.body(body.map(|body| body.to_string()).unwrap_or_default())).await
    }

    async fn get(&self, path: &str, schema: &Value) -> Value {
        let answer = self.send(Method::GET, path, None).await;
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        jsonschema::validate(schema, &answer.json()).unwrap_or_else(|bad| panic!("{path}: {bad}"));
        answer.json()
    }

    /// All of a list.
    async fn all(&self, path: &str, kind: Kind) -> Vec<Value> {
        let (mut found, mut next) = (Vec::new(), Some(path.to_owned()));
        while let Some(path) = next {
            let page = self.get(&path, &kind.schema()).await;
            found.extend(page["data"].as_array().unwrap().iter().cloned());
            next = page["links"]["next"].as_str().map(str::to_owned);
        }
        found
    }

    async fn pay(&self, at: &str, amount: &str, transaction: &str) -> Answer {
        let attributes = json!({"payment_method_id": CASH_METHOD, "amount": amount,
            "currency_code": "USD", "external_transaction_id": transaction});
        let body = json!({"data": {"type": "payments", "attributes": attributes}});
        self.send(Method::POST, at, Some(body)).await
    }
}

fn amount(value: &Value) -> i64 {
    Money::parse(value.as_str().unwrap()).unwrap().kopecks()
}

async fn a_bridge_finds_pays_and_reconciles(store: Stores) {
    let app = TestApp::on(store, Queues::InProcess).await.start().await;
    seed(app.store()).await;
    for number in 1..=5 {
        put(app.store(), &waiting(CHILD, number, &format!("INV-{number}"))).await;
        put(app.store(), &waiting(SIBLING, number, &format!("INV-{number}"))).await;
    }
    let client = Client { app: &app, token: token(12) };

    // Who am I, and who is below me?
    let own = client.get("/api/v3/resellers/2", &Kind::Reseller.schema()).await;
    assert_eq!(own["data"]["attributes"]["general"]["name"], "Reseller 2");
    let below =
        client.all("/api/v3/resellers/2/child_resellers?page[size]=1", Kind::Resellers).await;
    assert_eq!(below.len(), 1);
    assert_eq!(below[0]["id"], "4");

    // What can be paid with, and for whom?
    let of = |what: &str| format!("/api/v3/resellers/2/{what}");
    let methods = client.all(&of("payment_methods"), Kind::Methods).await;
    assert_eq!(methods[0]["attributes"]["name"], "Cash");
    let account = client.all(&of("accounts"), Kind::Accounts).await.remove(0);
    let account = of(&format!("accounts/{}", account["id"].as_str().unwrap()));
    let before = client.get(&account, &Kind::Account.schema()).await;
    assert_eq!(before["data"]["attributes"]["balance"], "0.0");

    // What waits? Two a page, by the links.
    let open = of("payments?filter[status]=waiting_for_payment&page[size]=2");
    let payments = client.all(&open, Kind::Payments).await;
    assert_eq!(payments.len(), 5);
    let since = payments[4]["attributes"]["updated_at"].as_str().unwrap().replace('+', "%2B");

    // Each is paid: exactly, with more, with less, and one twice by two transactions.
    let documents: Vec<&str> =
        payments.iter().map(|p| p["attributes"]["document_id"].as_str().unwrap()).collect();
    let at = |document: &str| of(&format!("payments/{document}"));
    for (document, paid, then) in [
        (documents[0], "99.00", "completed"),
        (documents[1], "100.50", "completed"),
        (documents[2], "9.00", "waiting_for_payment"),
    ] {
        let answer = client.pay(&at(document), paid, document).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.json()["data"]["attributes"]["status"], then);
        let again = client.pay(&at(document), paid, document).await;
        assert_eq!(again.text, answer.text, "the same transaction is credited once");
    }
    assert_eq!(client.pay(&at(documents[0]), "99.00", "another").await.status, 200);

    // One by its id, and what may not be: another's document, a body of another payment.
    let by_id =
        json!({"data": {"type": "payments", "id": "4", "attributes": {"payment_method_id": 2}}});
    client.send(Method::PATCH, &at("5"), Some(by_id.clone())).await.error(409);
    let done = client.send(Method::PATCH, &at("4"), Some(by_id)).await;
    assert_eq!(done.json()["data"]["attributes"]["status"], "completed");
    client.pay("/api/v3/resellers/3/payments/INV-1", "99.00", "stray").await.error(404);

    // What changed since? A payment that got too little did not; its correction is there.
    let changed = of(&format!("payments?filter[updated_at][gt]={since}&sort=-updated_at"));
    let changed = client.all(&changed, Kind::Payments).await;
    let changed: Vec<&str> = changed.iter().map(|p| p["id"].as_str().unwrap()).collect();
    assert_eq!(changed, ["4", "2", "1"]);
    let left = client.all(&open, Kind::Payments).await;
    assert_eq!(left.iter().map(|p| p["id"].as_str().unwrap()).collect::<Vec<_>>(), ["3", "5"]);

    // The books: what was credited is what came.
    let corrections = client.all(&of("corrections?page[size]=1"), Kind::Corrections).await;
    let totals: Vec<i64> = corrections.iter().map(|c| amount(&c["attributes"]["total"])).collect();
    assert_eq!(totals, [150, 900, 9_900]);
    let first = client.all(&at("1/corrections"), Kind::Corrections).await;
    assert_eq!(first, [corrections[2].clone()]);
    let alone = of(&format!("corrections/{}", first[0]["id"].as_str().unwrap()));
    assert_eq!(client.get(&alone, &Kind::Correction.schema()).await["data"], first[0]);
    assert!(client.all(&at("1/invoices"), Kind::Invoices).await.is_empty());
    let payment = client.get(&at("1"), &Kind::Payment.schema()).await;
    let linked = &payment["data"]["relationships"]["corrections"]["data"];
    assert_eq!(linked[0]["id"], first[0]["id"]);
    let after = client.get(&account, &Kind::Account.schema()).await;
    let balance = amount(&after["data"]["attributes"]["balance"]);
    assert_eq!(balance, 3 * 9_900 + totals.iter().sum::<i64>());

    assert_books_agree(&app.place).await;
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bridge_finds_pays_and_reconciles_on_sqlite() {
    a_bridge_finds_pays_and_reconciles(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bridge_finds_pays_and_reconciles_on_postgres() {
    a_bridge_finds_pays_and_reconciles(Stores::Postgres).await;
}
