//! The loaded part of ActivePlatform's ledger, and what became of it.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;

use crate::domain::money::Money;
use crate::domain::string_enum::string_enum;
use crate::domain::task::{ObjectId, TaskGuid};

/// Where a payment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaymentStatus {
    /// Nobody has paid it yet.
    Waiting,
    /// Nobody has paid it in time; it can still be paid.
    Expired,
    /// It was paid.
    Completed,
    /// It was paid out of the account.
    PaidFromBalance,
    /// Nobody is to pay it any more.
    Cancelled,
}

string_enum!(PaymentStatus {
    Waiting = "waiting_for_payment",
    Expired = "expired",
    Completed = "completed",
    PaidFromBalance = "paid_from_balance",
    Cancelled = "cancelled",
});

impl PaymentStatus {
    /// Whether it can be completed.
    pub fn is_open(self) -> bool {
        matches!(self, PaymentStatus::Waiting | PaymentStatus::Expired)
    }
}

/// A reseller and the number of something of its.
pub type Of = (ObjectId, i64);

/// A payment of a reseller.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct Payment {
    pub reseller: ObjectId,
    pub id: i64,
    pub account: i64,
    pub document: String,
    pub status: PaymentStatus,
    pub total: Money,
    pub discount: Money,
    pub currency: String,
    pub comment: String,
    pub purpose: String,
    pub requester_ip: Option<String>,
    pub external_total: Option<Money>,
    pub external_currency: Option<String>,
    pub method: Option<Method>,
    pub manager: Option<i64>,
    pub due_date: Option<Timestamp>,
    pub expiration_date: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub closed_at: Option<Timestamp>,
    pub orders: Vec<i64>,
    pub invoices: Vec<i64>,
    pub corrections: Vec<i64>,
}

/// What a payment was paid with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Method {
    /// Its number at the reseller.
    pub id: i64,
    /// Its name.
    pub name: String,
}

/// An account of a reseller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// What it is kept in.
    pub currency: String,
    /// What it holds now.
    pub balance: Money,
    /// What it held when it was loaded.
    pub loaded: Money,
}

/// A credit beside the payment itself.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct Correction {
    pub reseller: ObjectId,
    pub id: i64,
    pub account: i64,
    pub payment: i64,
    pub document: String,
    pub manager: i64,
    pub amount: Money,
    pub currency: String,
    pub comment: String,
    pub task: TaskGuid,
}

/// A line of an account: what a task credited.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct Entry {
    pub reseller: ObjectId,
    pub task: TaskGuid,
    pub account: i64,
    pub payment: i64,
    /// Of which correction; `None`: of the payment.
    pub correction: Option<i64>,
    pub amount: Money,
    pub manager: i64,
}

/// An external transaction that came before.
#[derive(Debug, Clone, PartialEq)]
pub struct Known {
    /// For which document.
    pub document: String,
    /// With which amount.
    pub amount: Option<Money>,
    /// What was answered.
    pub answer: String,
}

/// An external transaction of this batch.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct Received {
    pub reseller: ObjectId,
    pub transaction: String,
    pub payment: i64,
    pub task: TaskGuid,
    pub known: Known,
}

/// The loaded ledger and the changes decided so far.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LedgerState {
    /// The number of each reseller's last correction.
    pub last_correction: BTreeMap<ObjectId, i64>,
    /// The accounts of the payments.
    pub accounts: BTreeMap<Of, Account>,
    /// The names of the payment methods that were asked for and exist.
    pub methods: HashMap<Of, String>,
    /// The external transactions that were asked for and came before.
    pub known: HashMap<(ObjectId, String), Known>,
    payments: BTreeMap<Of, Payment>,
    documents: HashMap<(ObjectId, String), i64>,
    /// What was completed, by which task.
    pub completed: BTreeMap<Of, TaskGuid>,
    /// The corrections made.
    pub corrections: Vec<Correction>,
    /// The lines of accounts.
    pub entries: Vec<Entry>,
    /// The external transactions that came.
    pub received: Vec<Received>,
}

impl LedgerState {
    /// Puts in a payment as the store holds it.
    pub fn load_payment(&mut self, payment: Payment) {
        self.documents.insert((payment.reseller, payment.document.clone()), payment.id);
        self.payments.insert((payment.reseller, payment.id), payment);
    }

    /// A payment by its id.
    pub fn payment(&self, of: Of) -> Option<&Payment> {
        self.payments.get(&of)
    }

    /// A payment by the number of its document.
    pub fn by_document(&self, reseller: ObjectId, document: &str) -> Option<&Payment> {
        let id = *self.documents.get(&(reseller, document.to_owned()))?;
        self.payment((reseller, id))
    }

    /// Replaces a payment.
    pub fn put(&mut self, payment: Payment) {
        self.payments.insert((payment.reseller, payment.id), payment);
    }

    /// Remembers an external transaction: whoever comes with it again gets the same answer.
    pub fn receive(&mut self, received: Received) {
        let key = (received.reseller, received.transaction.clone());
        self.known.insert(key, received.known.clone());
        self.received.push(received);
    }
}
