//! What is only read, in the OpenAPI document.

use serde_json::{Map, Value, json};

use super::{error, reseller_id, response};
use crate::protocols::activeplatform::http::queries::Read;
use crate::protocols::activeplatform::listing::{DEEPEST, LARGEST_PAGE, PAGE, Sort};
use crate::protocols::activeplatform::model::PaymentStatus;
use crate::protocols::activeplatform::wire::lists::Kind;
use crate::protocols::activeplatform::wire::request::LONGEST_ID;

/// The paths of everything but a payment itself.
pub(super) fn paths() -> Map<String, Value> {
    let reads = Read::ALL.iter().filter(|read| **read != Read::Payment);
    let item = |read: &Read| {
        (read.path().to_owned(), json!({"parameters": [reseller_id()], "get": operation(*read)}))
    };
    reads.map(item).collect()
}

/// How a read is told: its operation, its summary, and what it is answered.
fn message(read: Read) -> (&'static str, &'static str, Kind) {
    match read {
        Read::Reseller => ("getReseller", "A reseller", Kind::Reseller),
        Read::Children => {
            ("listChildResellers", "The resellers below a reseller, of all levels", Kind::Resellers)
        }
        Read::Payments | Read::Payment => {
            ("listPayments", "The payments of a reseller", Kind::Payments)
        }
        Read::PaymentCorrections => {
            ("listPaymentCorrections", "The corrections of a payment", Kind::Corrections)
        }
        Read::PaymentInvoices => (
            "listPaymentInvoices",
            "The invoices of a payment, of which only the ids are kept",
            Kind::Invoices,
        ),
        Read::Accounts => ("listAccounts", "The accounts of a reseller", Kind::Accounts),
        Read::Account => ("getAccount", "An account", Kind::Account),
        Read::Methods => ("listPaymentMethods", "The payment methods of a reseller", Kind::Methods),
        Read::Method => ("getPaymentMethod", "A payment method", Kind::Method),
        Read::Corrections => {
            ("listCorrections", "The corrections of a reseller", Kind::Corrections)
        }
        Read::Correction => ("getCorrection", "A correction", Kind::Correction),
    }
}

fn operation(read: Read) -> Value {
    let (operation, summary, kind) = message(read);
    let mut responses = json!({"200": response(summary, kind.schema())});
    let errors = [
        (400, "A parameter of the query is not understood, or wrong"),
        (401, "No token, or not a manager's"),
        (404, "No such reseller within reach, or no such entry"),
        (405, "Only GET is accepted"),
        (406, "JSON:API is not accepted"),
        (429, "Too fast; see Retry-After"),
        (503, "Not possible now; see Retry-After"),
    ];
    for (status, description) in errors {
        responses[status.to_string()] = response(description, error(status));
    }
    json!({
        "operationId": operation,
        "tags": ["activeplatform"],
        "summary": summary,
        "security": [{"managerToken": []}],
        "parameters": parameters(read),
        "responses": responses,
    })
}

fn parameters(read: Read) -> Vec<Value> {
    let path = |name: &str, example: i64| {
        json!({"name": name, "in": "path", "required": true, "example": example,
            "schema": {"type": "integer", "minimum": 1}})
    };
    match read {
        Read::Reseller => Vec::new(),
        Read::Payment | Read::PaymentInvoices => vec![path("payment_id", 6475)],
        Read::PaymentCorrections => [vec![path("payment_id", 6475)], page()].concat(),
        Read::Account => vec![path("account_id", 505)],
        Read::Method => vec![path("payment_method_id", 2)],
        Read::Correction => vec![path("correction_id", 1)],
        Read::Children | Read::Accounts | Read::Methods => page(),
        Read::Corrections => {
            let of_payment = "Those of this payment.";
            [page(), vec![query("filter[payment_id]", of_payment, positive())]].concat()
        }
        Read::Payments => [page(), of_payments()].concat(),
    }
}

fn query(name: &str, description: &str, schema: Value) -> Value {
    json!({"name": name, "in": "query", "description": description, "schema": schema})
}

fn positive() -> Value {
    json!({"type": "integer", "minimum": 1})
}

/// Of every list.
fn page() -> Vec<Value> {
    let size = json!({"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": PAGE});
    let number = json!({"type": "integer", "minimum": 1, "maximum": DEEPEST, "default": 1});
    let from_none = json!({"type": "integer", "minimum": 0});
    let which = format!(
        "Which page. The list ends at {DEEPEST} entries; what comes later is reached with a filter."
    );
    vec![
        query("page[size]", "How many entries a page has.", size),
        query("page[number]", &which, number),
        query("filter[id][gt]", "Entries with a greater id.", from_none),
        query("filter[id][lt]", "Entries with a smaller id.", positive()),
    ]
}

fn of_payments() -> Vec<Value> {
    let words = |words: Vec<&str>| json!({"type": "string", "enum": words});
    let sorts = Sort::ALL.iter().map(|sort| sort.as_str()).collect();
    let statuses = PaymentStatus::ALL.iter().map(|status| status.as_str()).collect();
    let document = json!({"type": "string", "minLength": 1, "maxLength": LONGEST_ID});
    let mut parameters = vec![
        query(
            "sort",
            "The order, `-` for descending. Without it by id, or by the time that is filtered by.",
            words(sorts),
        ),
        query("filter[status]", "Payments in this status.", words(statuses)),
        query("filter[account_id]", "Payments of this account.", positive()),
        query("filter[document_id]", "The payment with this document.", document),
    ];
    for time in ["created_at", "updated_at", "closed_at"] {
        for (operator, when) in [
            ("", "at this time: a date is a whole day, a time without a fraction a whole second"),
            ("[gt]", "after this time; a date is its first moment"),
            ("[lt]", "before this time; a date is its first moment"),
        ] {
            let message = format!("Payments whose {time} is {when}.");
            let schema =
                json!({"type": "string", "examples": ["2019-11-01", "2019-11-01T04:30:47Z"]});
            parameters.push(query(&format!("filter[{time}]{operator}"), &message, schema));
        }
    }
    parameters
}
