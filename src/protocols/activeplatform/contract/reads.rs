//! What is only read, in the OpenAPI document.

use serde_json::{Map, Value, json};

use super::{error, reseller_id, response};
use crate::protocols::activeplatform::listing::{DEEPEST, LARGEST_PAGE, PAGE, Sort};
use crate::protocols::activeplatform::model::PaymentStatus;
use crate::protocols::activeplatform::parameters::place;
use crate::protocols::activeplatform::reads::Read;
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
        Read::ChildAccounts => (
            "listChildResellerAccounts",
            "The accounts of the resellers below a reseller, of all levels",
            Kind::Accounts,
        ),
        Read::ChildAccount => {
            ("getChildResellerAccount", "An account of a reseller below a reseller", Kind::Account)
        }
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
    json!({
        "operationId": operation,
        "tags": ["activeplatform"],
        "summary": summary,
        "security": [{"managerToken": []}],
        "parameters": parameters(read),
        "responses": responses(summary, kind),
    })
}

/// What a read is answered with.
pub(super) fn responses(summary: &str, kind: Kind) -> Value {
    let mut responses = json!({"200": response(summary, kind.schema())});
    let errors = [
        (400, "A parameter of the query is not understood, or wrong"),
        (401, "No token, or not a manager's"),
        (404, "No such reseller within reach, or no such entry"),
        (405, "No such method"),
        (406, "JSON:API is not accepted"),
        (429, "Too fast; see Retry-After"),
        (503, "Not possible now; see Retry-After"),
    ];
    for (status, description) in errors {
        responses[status.to_string()] = response(description, error());
    }
    responses
}

/// Those of the path, and every one of the query that is honoured.
pub(super) fn parameters(read: Read) -> Vec<Value> {
    let of_path = match read {
        Read::Payment | Read::PaymentInvoices | Read::PaymentCorrections => {
            Some(("payment_id", 6475))
        }
        Read::Account | Read::ChildAccount => Some(("account_id", 505)),
        Read::Method => Some(("payment_method_id", 2)),
        Read::Correction => Some(("correction_id", 1)),
        _ => None,
    };
    let of_path = of_path.map(|(name, example)| {
        json!({"name": name, "in": "path", "required": true, "example": example,
            "schema": {"type": "integer", "minimum": 1}})
    });
    of_path.into_iter().chain(place(read).honoured().into_iter().map(of_query)).collect()
}

/// A parameter of a query by its name, which means the same everywhere.
fn of_query(name: &str) -> Value {
    let words = |words: Vec<&str>| json!({"type": "string", "enum": words});
    let names = json!({"type": "string"});
    match name {
        "page[size]" => {
            let size =
                json!({"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": PAGE});
            query(name, "How many entries a page has.", size)
        }
        "page[number]" => {
            let number = json!({"type": "integer", "minimum": 1, "maximum": DEEPEST, "default": 1});
            let which = format!(
                "Which page. The list ends at {DEEPEST} entries; what comes later is reached with a filter."
            );
            query(name, &which, number)
        }
        "filter[id][gt]" => {
            query(name, "Entries with a greater id.", json!({"type": "integer", "minimum": 0}))
        }
        "filter[id][lt]" => query(name, "Entries with a smaller id.", positive()),
        "filter[payment_id]" => query(name, "Those of this payment.", positive()),
        "filter[reseller_id]" => {
            query(name, "Those of this reseller, one of those below.", positive())
        }
        "filter[account_id]" => query(name, "Payments of this account.", positive()),
        "filter[document_id]" => {
            let document = json!({"type": "string", "minLength": 1, "maxLength": LONGEST_ID});
            query(name, "The payment with this document.", document)
        }
        "filter[status]" => {
            let statuses = PaymentStatus::ALL.iter().map(|status| status.as_str()).collect();
            query(name, "Payments in this status.", words(statuses))
        }
        "sort" => {
            let sorts = Sort::ALL.iter().map(|sort| sort.as_str()).collect();
            let order = "The order, `-` for descending. Without it by id, or by the time that is filtered by.";
            query(name, order, words(sorts))
        }
        "include" => {
            let which = "Relationships with commas between them, or paths of up to three, like `account.reseller`: \
                         what is at their ends is answered in `included`.";
            query(name, which, names)
        }
        name if name.starts_with("fields[") => {
            let which = "The attributes and relationships that are answered of this type, with commas between \
                         them; others are left out.";
            query(name, which, names)
        }
        name => of_time(name),
    }
}

fn query(name: &str, description: &str, schema: Value) -> Value {
    json!({"name": name, "in": "query", "description": description, "schema": schema})
}

fn positive() -> Value {
    json!({"type": "integer", "minimum": 1})
}

/// A filter by a time: it is `filter[created_at]`, `filter[created_at][gt]` or the like.
fn of_time(name: &str) -> Value {
    let when = match name {
        _ if name.ends_with("[gt]") => "after this time; a date is its first moment",
        _ if name.ends_with("[lt]") => "before this time; a date is its first moment",
        _ => "at this time: a date is a whole day, a time without a fraction a whole second",
    };
    let time = name.split(['[', ']']).nth(1).unwrap_or_default();
    let schema = json!({"type": "string", "examples": ["2019-11-01", "2019-11-01T04:30:47Z"]});
    query(name, &format!("Payments whose {time} is {when}."), schema)
}
