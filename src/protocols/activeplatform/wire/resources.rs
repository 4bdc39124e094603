//! Records as resources of JSON:API.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::answer::{self, Link, Linked, amount, schema_of, time};
use crate::protocols::activeplatform::command::UtcOffset;
use crate::protocols::activeplatform::record::{Record, ResourceType};
use crate::protocols::activeplatform::sql::records::StoredCorrection;
use crate::protocols::activeplatform::sql::reference::{PaymentMethod, Reseller, StoredAccount};

/// A resource of JSON:API.
#[derive(Serialize, JsonSchema)]
pub(super) struct Resource<A, R> {
    id: String,
    r#type: &'static str,
    attributes: A,
    relationships: R,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct ResellerAttributes {
    parent_id: Option<String>,
    general: General,
}

#[derive(Serialize, JsonSchema)]
struct General {
    name: String,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct ParentOnly {
    parent: Linked<Option<Link>>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct AccountAttributes {
    reseller_id: i64,
    name: String,
    currency_code: String,
    balance: String,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct MethodAttributes {
    reseller_id: i64,
    name: String,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct ResellerOnly {
    reseller: Linked<Link>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct CorrectionAttributes {
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
pub(super) struct CorrectionLinks {
    reseller: Linked<Link>,
    account: Linked<Link>,
    payment: Linked<Link>,
}

pub(super) type ResellerResource = Resource<ResellerAttributes, ParentOnly>;
pub(super) type AccountResource = Resource<AccountAttributes, ResellerOnly>;
pub(super) type MethodResource = Resource<MethodAttributes, ResellerOnly>;
pub(super) type CorrectionResource = Resource<CorrectionAttributes, CorrectionLinks>;

/// A resource of any type.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum AnyResource<'a> {
    Reseller(ResellerResource),
    Account(AccountResource),
    Method(MethodResource),
    Payment(Box<answer::Resource<'a>>),
    Correction(CorrectionResource),
}

/// A resource as it is written: all of it, or those fields that were asked for.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Written<'a> {
    Whole(Box<AnyResource<'a>>),
    Part(Value),
}

/// A record as a resource; `only`: with these of its attributes and relationships.
pub(super) fn written<'a>(
    record: &'a Record,
    offset: UtcOffset,
    only: Option<&BTreeSet<String>>,
) -> Written<'a> {
    let whole = Box::new(resource(record, offset));
    let Some(only) = only else { return Written::Whole(whole) };
    // It is texts and numbers: it can be written.
    let mut part = serde_json::to_value(&whole).unwrap_or_default();
    let Some(members) = part.as_object_mut() else { return Written::Whole(whole) };
    for place in ["attributes", "relationships"] {
        let Some(fields) = members.get_mut(place).and_then(Value::as_object_mut) else { continue };
        fields.retain(|name, _| only.contains(name));
        if fields.is_empty() {
            members.remove(place);
        }
    }
    Written::Part(part)
}

fn resource(record: &Record, offset: UtcOffset) -> AnyResource<'_> {
    match record {
        Record::Reseller(reseller) => AnyResource::Reseller(reseller_resource(reseller)),
        Record::Account(account) => AnyResource::Account(account_resource(account)),
        Record::Method(method) => AnyResource::Method(method_resource(method)),
        Record::Payment(payment) => {
            AnyResource::Payment(Box::new(answer::resource(payment, offset)))
        }
        Record::Correction(it) => AnyResource::Correction(correction_resource(it, offset)),
    }
}

fn to_reseller(id: i64) -> ResellerOnly {
    ResellerOnly { reseller: Linked { data: Link::to(id, "resellers") } }
}

fn reseller_resource(reseller: &Reseller) -> ResellerResource {
    let Reseller { id, parent, name } = reseller;
    Resource {
        id: id.to_string(),
        r#type: "resellers",
        attributes: ResellerAttributes {
            parent_id: parent.map(|parent| parent.to_string()),
            general: General { name: name.clone() },
        },
        relationships: ParentOnly {
            parent: Linked { data: parent.map(|parent| Link::to(parent.0, "resellers")) },
        },
    }
}

fn account_resource(account: &StoredAccount) -> AccountResource {
    let StoredAccount { reseller, id, name, currency, balance } = account;
    Resource {
        id: id.to_string(),
        r#type: "accounts",
        attributes: AccountAttributes {
            reseller_id: reseller.0,
            name: name.clone(),
            currency_code: currency.clone(),
            balance: amount(*balance),
        },
        relationships: to_reseller(reseller.0),
    }
}

fn method_resource(method: &PaymentMethod) -> MethodResource {
    let PaymentMethod { reseller, id, name } = method;
    Resource {
        id: id.to_string(),
        r#type: "payment_methods",
        attributes: MethodAttributes { reseller_id: reseller.0, name: name.clone() },
        relationships: to_reseller(reseller.0),
    }
}

fn correction_resource(correction: &StoredCorrection, offset: UtcOffset) -> CorrectionResource {
    let linked = |id: i64, kind| Linked { data: Link::to(id, kind) };
    Resource {
        id: correction.id.to_string(),
        r#type: "corrections",
        relationships: CorrectionLinks {
            reseller: linked(correction.reseller.0, "resellers"),
            account: linked(correction.account, "accounts"),
            payment: linked(correction.payment, "payments"),
        },
        attributes: CorrectionAttributes {
            created_at: time(correction.created_at, offset),
            account_id: correction.account,
            manager_id: correction.manager,
            // It is in the account's balance: nobody is to approve it any more.
            status: "approved",
            total: amount(correction.amount),
            currency_code: correction.currency.clone(),
            comment: correction.comment.clone(),
            payment_id: correction.payment,
            document_id: correction.document.clone(),
        },
    }
}

/// The attributes and relationships that resources of a type have.
pub(super) fn fields(of: ResourceType) -> Vec<String> {
    let schema = match of {
        ResourceType::Resellers => schema_of::<ResellerResource>(),
        ResourceType::Accounts => schema_of::<AccountResource>(),
        ResourceType::Methods => schema_of::<MethodResource>(),
        ResourceType::Payments => schema_of::<answer::Resource<'_>>(),
        ResourceType::Corrections => schema_of::<CorrectionResource>(),
    };
    let names = |place: &str| {
        let properties = &schema["properties"][place]["properties"];
        properties.as_object().into_iter().flat_map(|names| names.keys().cloned()).collect()
    };
    let (attributes, relationships): (Vec<_>, Vec<_>) =
        (names("attributes"), names("relationships"));
    [attributes, relationships].concat()
}
