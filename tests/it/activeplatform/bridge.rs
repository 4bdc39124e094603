//! A billing bridge, and what there is for it.

use jiff::Timestamp;
use reqwest::{Method, StatusCode, header::HeaderMap};
use serde_json::{Value, json};
use wsa::domain::money::Money;
use wsa::domain::task::ObjectId;
use wsa::domain::token::TokenHash;
use wsa::engine::store::Store;
use wsa::protocols::activeplatform::model::{Payment, PaymentStatus};
use wsa::protocols::activeplatform::sql::Tables;
use wsa::protocols::activeplatform::sql::managers::Role;
use wsa::protocols::activeplatform::sql::reference::{
    Manager, PaymentMethod, Reseller, StoredAccount,
};

use crate::support::app::TestApp;
use crate::support::place::Place;

/// The operator, two resellers below it, and one below the first of those.
pub const TOP: ObjectId = ObjectId(1);
pub const CHILD: ObjectId = ObjectId(2);
pub const SIBLING: ObjectId = ObjectId(3);
pub const GRANDCHILD: ObjectId = ObjectId(4);

pub const ACCOUNT: i64 = 505;
pub const CASH_METHOD: i64 = 2;
pub const MEDIA: &str = "application/vnd.api+json";
/// The body of the guide's example.
pub const EXAMPLE: &str = r#"{"data": {"attributes": {"payment_method_id": 2}}}"#;

/// The manager of the operator.
pub const ANNA: i64 = 234;

pub fn token(manager: i64) -> String {
    format!("the-token-of-manager-{manager}")
}

/// Resellers, managers, methods and accounts; managers 11, 12, 13, 14 are of resellers 1 to 4.
pub async fn seed(store: &Store) {
    for (id, parent) in
        [(TOP, None), (CHILD, Some(TOP)), (SIBLING, Some(TOP)), (GRANDCHILD, Some(CHILD))]
    {
        let reseller = Reseller { id, parent, name: format!("Reseller {id}") };
        assert!(Tables::of(store).add_reseller(&reseller).await.unwrap());
        let method = PaymentMethod { reseller: id, id: CASH_METHOD, name: "Cash".into() };
        assert!(Tables::of(store).add_method(&method).await.unwrap());
        let account = StoredAccount {
            reseller: id,
            id: ACCOUNT,
            name: "Customer".into(),
            currency: "USD".into(),
            balance: Money::ZERO,
        };
        assert!(Tables::of(store).add_account(&account).await.unwrap());
        manager(store, 10 + id.0, id, Role::Accountant).await;
    }
    manager(store, ANNA, TOP, Role::Administrator).await;
    manager(store, 300, TOP, Role::Viewer).await;
}

async fn manager(store: &Store, id: i64, reseller: ObjectId, role: Role) {
    let manager = Manager { id, reseller, name: format!("Manager {id}"), role };
    assert!(Tables::of(store).add_manager(&manager, TokenHash::of(&token(id))).await.unwrap());
}

/// The payment of the guide's example, waiting.
pub fn waiting(reseller: ObjectId, id: i64, document: &str) -> Payment {
    Payment {
        reseller,
        id,
        account: ACCOUNT,
        document: document.into(),
        status: PaymentStatus::Waiting,
        total: Money::parse("99.00").unwrap(),
        discount: Money::ZERO,
        currency: "USD".into(),
        comment: "cash".into(),
        purpose: String::new(),
        requester_ip: Some("10.0.0.203".into()),
        external_total: None,
        external_currency: None,
        method: None,
        manager: None,
        due_date: None,
        expiration_date: None,
        created_at: Timestamp::UNIX_EPOCH,
        updated_at: Timestamp::UNIX_EPOCH,
        closed_at: None,
        orders: vec![],
        invoices: vec![],
        corrections: vec![],
    }
}

pub async fn put(store: &Store, payment: &Payment) {
    assert!(Tables::of(store).add_payment(payment).await.unwrap());
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The title of an error with this status, in the form of all errors.
    pub fn error(&self, status: u16) -> String {
        assert_eq!(self.status.as_u16(), status, "{self:?}");
        assert_eq!(self.header("content-type"), Some(MEDIA), "{self:?}");
        let json = self.json();
        let title = json["errors"]["title"].as_str().unwrap().to_owned();
        let mut right = json!({"title": title, "status": status.to_string()});
        // What is refused for a parameter names it once more.
        if let Some(name) = json["errors"]["source"]["parameter"].as_str() {
            assert!(status == 400 && title.starts_with(&format!("{name}: ")), "{self:?}");
            right["source"] = json!({"parameter": name});
        }
        assert_eq!(json, json!({"errors": right}));
        title
    }
}

pub fn path(reseller: ObjectId, payment: &str) -> String {
    format!("/api/v3/resellers/{reseller}/payments/{payment}")
}

/// A request as the guide has it, by Anna.
pub fn request(app: &TestApp, method: Method, path: &str) -> reqwest::RequestBuilder {
    app.request(method, path)
        .header("X-Api-Token", token(ANNA))
        .header("Content-Type", MEDIA)
        .header("Accept", MEDIA)
}

pub async fn send(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    Answer { status, headers, text: response.text().await.unwrap() }
}

/// Completes by id.
pub async fn complete(app: &TestApp, reseller: ObjectId, payment: &str) -> Answer {
    send(request(app, Method::PATCH, &path(reseller, payment)).body(EXAMPLE)).await
}

/// Completes by document, with these attributes beside the method.
pub async fn by_document(app: &TestApp, document: &str, attributes: Value) -> Answer {
    let mut attributes = attributes;
    attributes["payment_method_id"] = CASH_METHOD.into();
    let body = json!({"data": {"attributes": attributes}}).to_string();
    send(request(app, Method::POST, &path(TOP, document)).body(body)).await
}

pub async fn look(app: &TestApp, reseller: ObjectId, payment: &str) -> Answer {
    send(request(app, Method::GET, &path(reseller, payment))).await
}

/// The balance of the operator's account, in kopecks.
pub async fn balance(place: &Place) -> i64 {
    let column = place.in_kopecks("balance");
    place.number(&format!("SELECT {column} FROM ap_accounts WHERE reseller_id = 1")).await
}

/// Every account is the sum of its entries, every correction and every closing has one.
pub async fn assert_books_agree(place: &Place) {
    let wrong = "SELECT count(*) FROM ap_accounts a WHERE balance <> (
        SELECT coalesce(sum(amount), 0) FROM ap_entries e
        WHERE e.reseller_id = a.reseller_id AND e.account_id = a.account_id)";
    assert_eq!(place.number(wrong).await, 0, "an account is the sum of its entries");
    let corrections = "SELECT count(*) FROM ap_corrections c WHERE NOT EXISTS (
        SELECT 1 FROM ap_entries e WHERE e.reseller_id = c.reseller_id AND e.kind = 'correction'
          AND e.correction_id = c.correction_id AND e.task_guid = c.task_guid
          AND e.amount = c.amount AND e.manager_id = c.manager_id)";
    assert_eq!(place.number(corrections).await, 0, "a correction is an entry");
    let closed = "SELECT count(*) FROM ap_payments p WHERE closed_by IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM ap_entries e WHERE e.reseller_id = p.reseller_id AND e.kind = 'payment'
          AND e.payment_id = p.payment_id AND e.task_guid = p.closed_by AND e.amount = p.total)";
    assert_eq!(place.number(closed).await, 0, "a closing is an entry");
    let undone = "SELECT count(*) FROM ap_entries e WHERE NOT EXISTS (
        SELECT 1 FROM tasks t WHERE t.task_guid = e.task_guid AND t.outcome = 'done')";
    assert_eq!(place.number(undone).await, 0, "an entry is of a task that was done");
}
