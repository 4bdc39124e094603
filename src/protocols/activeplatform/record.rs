//! What is read, of every type that is answered, and what it is related to.

use super::model::Payment;
use super::sql::records::StoredCorrection;
use super::sql::reference::{PaymentMethod, Reseller, StoredAccount};
use crate::domain::string_enum::string_enum;
use crate::domain::task::ObjectId;

/// The types of resources of which more is kept than ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum ResourceType {
    Resellers,
    Accounts,
    Methods,
    Payments,
    Corrections,
}

string_enum!(ResourceType {
    Resellers = "resellers",
    Accounts = "accounts",
    Methods = "payment_methods",
    Payments = "payments",
    Corrections = "corrections",
});

/// A relationship and the type of what is at its other end.
pub type Relation = (&'static str, ResourceType);

const RESELLER: Relation = ("reseller", ResourceType::Resellers);
const ACCOUNT: Relation = ("account", ResourceType::Accounts);

impl ResourceType {
    /// The relationships whose other ends can be included.
    pub fn relations(self) -> &'static [Relation] {
        match self {
            ResourceType::Resellers => &[("parent", ResourceType::Resellers)],
            ResourceType::Accounts | ResourceType::Methods => &[RESELLER],
            ResourceType::Corrections => &[RESELLER, ACCOUNT, ("payment", ResourceType::Payments)],
            ResourceType::Payments => &[
                RESELLER,
                ACCOUNT,
                ("payment_method", ResourceType::Methods),
                ("corrections", ResourceType::Corrections),
            ],
        }
    }
}

/// What a record is found by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub struct Key {
    pub kind: ResourceType,
    /// Whose it is; a reseller is its own.
    pub reseller: ObjectId,
    pub id: i64,
}

/// An entry as it is kept.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub enum Record {
    Reseller(Reseller),
    Account(StoredAccount),
    Method(PaymentMethod),
    Payment(Box<Payment>),
    Correction(StoredCorrection),
}

impl Record {
    /// What it is found by.
    pub fn key(&self) -> Key {
        let (kind, reseller, id) = match self {
            Record::Reseller(it) => (ResourceType::Resellers, it.id, it.id.0),
            Record::Account(it) => (ResourceType::Accounts, it.reseller, it.id),
            Record::Method(it) => (ResourceType::Methods, it.reseller, it.id),
            Record::Payment(it) => (ResourceType::Payments, it.reseller, it.id),
            Record::Correction(it) => (ResourceType::Corrections, it.reseller, it.id),
        };
        Key { kind, reseller, id }
    }

    /// What is at the other end of a relationship.
    pub fn related(&self, relation: Relation) -> Vec<Key> {
        let own = self.key().reseller;
        let (name, kind) = relation;
        let of = |id: i64| vec![Key { kind, reseller: own, id }];
        let reseller = |id: ObjectId| vec![Key { kind, reseller: id, id: id.0 }];
        match (name, self) {
            ("parent", Record::Reseller(it)) => it.parent.map(reseller).unwrap_or_default(),
            ("reseller", _) => reseller(own),
            ("account", Record::Payment(it)) => of(it.account),
            ("account", Record::Correction(it)) => of(it.account),
            ("payment", Record::Correction(it)) => of(it.payment),
            ("payment_method", Record::Payment(it)) => {
                it.method.iter().flat_map(|method| of(method.id)).collect()
            }
            ("corrections", Record::Payment(it)) => {
                it.corrections.iter().flat_map(|id| of(*id)).collect()
            }
            _ => Vec::new(),
        }
    }
}
