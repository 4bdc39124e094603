//! Documents: one resource or a page of them, with what was asked to be included.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::answer::{self, Link, schema_of, write_json};
use super::page::{Asked, List};
use super::resources::{
    AccountResource, CorrectionResource, MethodResource, ResellerResource, Written, written,
};
use super::shown::Shown;
use crate::protocols::activeplatform::command::UtcOffset;
use crate::protocols::activeplatform::model::Payment;
use crate::protocols::activeplatform::record::Record;

#[derive(Serialize, JsonSchema)]
struct One<T, I> {
    data: T,
    #[serde(skip_serializing_if = "Option::is_none")]
    included: Option<Vec<I>>,
}

/// What is included, as the contract describes it: each is what its type is answered with by itself.
#[derive(JsonSchema)]
#[schemars(title = "ActivePlatformIncluded")]
#[allow(dead_code)]
struct Included {
    id: String,
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    attributes: Option<Map<String, Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    relationships: Option<Map<String, Value>>,
}

/// How records are shown.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// What of them was asked for.
    pub shown: &'a Shown,
    /// The offset of times.
    pub offset: UtcOffset,
}

impl View<'_> {
    fn written(self, record: &Record) -> Written<'_> {
        written(record, self.offset, self.shown.fields(record.key().kind))
    }

    /// What is included; `None`: nobody asked that something be.
    fn included(self, others: &[Record]) -> Option<Vec<Written<'_>>> {
        let all = || others.iter().map(|record| self.written(record)).collect();
        self.shown.includes().then(all)
    }

    /// A page of records, with others that they are related to.
    pub fn page(self, asked: Asked<'_>, found: &[Record], others: &[Record], more: bool) -> String {
        let data = found.iter().map(|record| self.written(record)).collect();
        write_json(&List::page(data, self.included(others), asked.links(more)))
    }

    /// A record, with others that it is related to.
    pub fn one(self, found: &Record, others: &[Record]) -> String {
        write_json(&One { data: self.written(found), included: self.included(others) })
    }
}

/// The invoices of a payment: only their ids are kept.
pub fn invoices(path: &str, payment: &Payment) -> String {
    let data: Vec<Link> = payment.invoices.iter().map(|id| Link::to(*id, "invoices")).collect();
    write_json(&List::<Link, Link>::whole(data, path))
}

/// The JSON Schema of each list and of each entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Kind {
    Payment,
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

type OneOf<T> = One<T, Included>;
type ListOf<T> = List<T, Included>;

impl Kind {
    /// The schema.
    pub fn schema(self) -> Value {
        let mut schema = self.inline();
        let (one, data) = self.names();
        schema["title"] = format!("ActivePlatform{self:?}Document").into();
        if let Some(data) = schema.pointer_mut(data) {
            data["title"] = format!("ActivePlatform{one}").into();
        }
        schema
    }

    /// What one entry is called, and where it stands in the schema.
    fn names(self) -> (&'static str, &'static str) {
        let (one, many) = ("/properties/data", "/properties/data/items");
        match self {
            Kind::Payment => ("Payment", one),
            Kind::Payments => ("Payment", many),
            Kind::Reseller => ("Reseller", one),
            Kind::Resellers => ("Reseller", many),
            Kind::Account => ("Account", one),
            Kind::Accounts => ("Account", many),
            Kind::Method => ("Method", one),
            Kind::Methods => ("Method", many),
            Kind::Correction => ("Correction", one),
            Kind::Corrections => ("Correction", many),
            Kind::Invoices => ("Link", many),
        }
    }

    fn inline(self) -> Value {
        match self {
            Kind::Payment => schema_of::<OneOf<answer::Resource<'_>>>(),
            Kind::Payments => schema_of::<ListOf<answer::Resource<'_>>>(),
            Kind::Reseller => schema_of::<OneOf<ResellerResource>>(),
            Kind::Resellers => schema_of::<ListOf<ResellerResource>>(),
            Kind::Account => schema_of::<OneOf<AccountResource>>(),
            Kind::Accounts => schema_of::<ListOf<AccountResource>>(),
            Kind::Method => schema_of::<OneOf<MethodResource>>(),
            Kind::Methods => schema_of::<ListOf<MethodResource>>(),
            Kind::Correction => schema_of::<OneOf<CorrectionResource>>(),
            Kind::Corrections => schema_of::<ListOf<CorrectionResource>>(),
            Kind::Invoices => schema_of::<ListOf<Link>>(),
        }
    }
}
