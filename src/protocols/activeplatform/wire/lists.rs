//! Writing lists, and what there is to read beside payments.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::answer::{self, Link, Linked, amount, schema_of, time, write_json};
use super::page::{Asked, List};
use crate::protocols::activeplatform::command::{PaymentView, UtcOffset};
use crate::protocols::activeplatform::model::Payment;
use crate::protocols::activeplatform::sql::records::StoredCorrection;
use crate::protocols::activeplatform::sql::reference::{PaymentMethod, Reseller, StoredAccount};

#[derive(Serialize, JsonSchema)]
struct One<T> {
    data: T,
}

/// A resource of JSON:API.
#[derive(Serialize, JsonSchema)]
struct Resource<A, R> {
    id: String,
    r#type: &'static str,
    attributes: A,
    relationships: R,
}

#[derive(Serialize, JsonSchema)]
struct ResellerAttributes {
    parent_id: Option<String>,
    general: General,
}

#[derive(Serialize, JsonSchema)]
struct General {
    name: String,
}

#[derive(Serialize, JsonSchema)]
struct ParentOnly {
    parent: Linked<Option<Link>>,
}

#[derive(Serialize, JsonSchema)]
struct AccountAttributes {
    reseller_id: i64,
    name: String,
    currency_code: String,
    balance: String,
}

#[derive(Serialize, JsonSchema)]
struct MethodAttributes {
    reseller_id: i64,
    name: String,
}

#[derive(Serialize, JsonSchema)]
struct ResellerOnly {
    reseller: Linked<Link>,
}

#[derive(Serialize, JsonSchema)]
struct CorrectionAttributes {
    created_at: String,
    account_id: i64,
    manager_id: i64,
    status: &'static str,
    total: String,
    currency_code: String,
    comment: String,
    payment_id: i64,
    document_id: String,
}

#[derive(Serialize, JsonSchema)]
struct CorrectionLinks {
    reseller: Linked<Link>,
    account: Linked<Link>,
    payment: Linked<Link>,
}

type ResellerResource = Resource<ResellerAttributes, ParentOnly>;
type AccountResource = Resource<AccountAttributes, ResellerOnly>;
type MethodResource = Resource<MethodAttributes, ResellerOnly>;
type CorrectionResource = Resource<CorrectionAttributes, CorrectionLinks>;

/// A page of payments.
pub fn payments(asked: Asked<'_>, found: Vec<Payment>, offset: UtcOffset) -> String {
    let views: Vec<_> = found.into_iter().map(|payment| PaymentView { payment, offset }).collect();
    asked.write(views.iter().collect(), answer::resource)
}

/// A page of accounts.
pub fn accounts(asked: Asked<'_>, found: Vec<StoredAccount>) -> String {
    asked.write(found, account_resource)
}

/// An account.
pub fn account(found: StoredAccount) -> String {
    write_json(&One { data: account_resource(found) })
}

/// A page of payment methods.
pub fn methods(asked: Asked<'_>, found: Vec<PaymentMethod>) -> String {
    asked.write(found, method_resource)
}

/// A payment method.
pub fn method(found: PaymentMethod) -> String {
    write_json(&One { data: method_resource(found) })
}

/// A page of corrections.
pub fn corrections(asked: Asked<'_>, found: Vec<StoredCorrection>, offset: UtcOffset) -> String {
    asked.write(found, |found| correction_resource(found, offset))
}

/// A correction.
pub fn correction(found: StoredCorrection, offset: UtcOffset) -> String {
    write_json(&One { data: correction_resource(found, offset) })
}

/// A page of resellers.
pub fn resellers(asked: Asked<'_>, found: Vec<Reseller>) -> String {
    asked.write(found, reseller_resource)
}

/// A reseller.
pub fn reseller(found: Reseller) -> String {
    write_json(&One { data: reseller_resource(found) })
}

/// The invoices of a payment: only their ids are kept.
pub fn invoices(path: &str, payment: &Payment) -> String {
    let data: Vec<Link> = payment.invoices.iter().map(|id| Link::to(*id, "invoices")).collect();
    write_json(&List::whole(data, path))
}

fn reseller_resource(reseller: Reseller) -> ResellerResource {
    let Reseller { id, parent, name } = reseller;
    Resource {
        id: id.to_string(),
        r#type: "resellers",
        attributes: ResellerAttributes {
            parent_id: parent.map(|parent| parent.to_string()),
            general: General { name },
        },
        relationships: ParentOnly {
            parent: Linked { data: parent.map(|parent| Link::to(parent.0, "resellers")) },
        },
    }
}

fn account_resource(account: StoredAccount) -> AccountResource {
    let StoredAccount { reseller, id, name, currency, balance } = account;
    Resource {
        id: id.to_string(),
        r#type: "accounts",
        attributes: AccountAttributes {
            reseller_id: reseller.0,
            name,
            currency_code: currency,
            balance: amount(balance),
        },
        relationships: ResellerOnly {
            reseller: Linked { data: Link::to(reseller.0, "resellers") },
        },
    }
}

fn method_resource(method: PaymentMethod) -> MethodResource {
    let PaymentMethod { reseller, id, name } = method;
    Resource {
        id: id.to_string(),
        r#type: "payment_methods",
        attributes: MethodAttributes { reseller_id: reseller.0, name },
        relationships: ResellerOnly {
            reseller: Linked { data: Link::to(reseller.0, "resellers") },
        },
    }
}

fn correction_resource(correction: StoredCorrection, offset: UtcOffset) -> CorrectionResource {
    let linked = |id: i64, kind| Linked { data: Link::to(id, kind) };
    let at: Timestamp = correction.created_at;
    Resource {
        id: correction.id.to_string(),
        r#type: "corrections",
        relationships: CorrectionLinks {
            reseller: linked(correction.reseller.0, "resellers"),
            account: linked(correction.account, "accounts"),
            payment: linked(correction.payment, "payments"),
        },
        attributes: CorrectionAttributes {
            created_at: time(at, offset),
            account_id: correction.account,
            manager_id: correction.manager,
            // It is in the account's balance: nobody is to approve it any more.
            status: "approved",
            total: amount(correction.amount),
            currency_code: correction.currency,
            comment: correction.comment,
            payment_id: correction.payment,
            document_id: correction.document,
        },
    }
}

/// The JSON Schema of each list and of each entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Kind {
    Payments,
    Reseller,
    Resellers,
    Account,
    Accounts,
    Method,
    Methods,
    Correction,
    Corrections,
    Invoices,
}

impl Kind {
    /// The schema.
    pub fn schema(self) -> Value {
        match self {
            Kind::Payments => schema_of::<List<answer::Resource<'_>>>(),
            Kind::Reseller => schema_of::<One<ResellerResource>>(),
            Kind::Resellers => schema_of::<List<ResellerResource>>(),
            Kind::Account => schema_of::<One<AccountResource>>(),
            Kind::Accounts => schema_of::<List<AccountResource>>(),
            Kind::Method => schema_of::<One<MethodResource>>(),
            Kind::Methods => schema_of::<List<MethodResource>>(),
            Kind::Correction => schema_of::<One<CorrectionResource>>(),
            Kind::Corrections => schema_of::<List<CorrectionResource>>(),
            Kind::Invoices => schema_of::<List<Link>>(),
        }
    }
}
