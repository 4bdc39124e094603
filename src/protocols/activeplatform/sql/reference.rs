//! Reference data of ActivePlatform, and payments as an operator puts them in.

use jiff::Timestamp;
use uuid::Uuid;

use super::managers::Role;
use super::records;
use super::rows::{self, method, payment_columns};
use crate::database::{Row, Statement, StoreError, Type, row};
use crate::domain::money::Money;
use crate::domain::task::ObjectId;
use crate::domain::token::TokenHash;
use crate::protocols::activeplatform::model::Payment;
use crate::protocols::activeplatform::sql::Tables;

/// A reseller.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Reseller {
    pub id: ObjectId,
    pub parent: Option<ObjectId>,
    pub name: String,
}

/// A manager.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Manager {
    pub id: i64,
    pub reseller: ObjectId,
    pub name: String,
    pub role: Role,
}

impl Manager {
    /// The name of its aggregator, by which its token is rotated and its rate set.
    pub fn aggregator(&self) -> String {
        format!("activeplatform-manager-{}", self.id)
    }
}

/// A payment method.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct PaymentMethod {
    pub reseller: ObjectId,
    pub id: i64,
    pub name: String,
}

/// An account.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct StoredAccount {
    pub reseller: ObjectId,
    pub id: i64,
    pub name: String,
    pub currency: String,
    pub balance: Money,
}

static ADD_RESELLER: Statement = Statement::insert(
    "ap_resellers",
    &[("reseller_id", Type::Int), ("parent_id", Type::Int), ("name", Type::Text)],
    "ON CONFLICT DO NOTHING RETURNING reseller_id",
);
static RESELLERS: Statement = Statement::read(
    &[],
    "SELECT reseller_id, parent_id, name FROM ap_resellers ORDER BY reseller_id",
);
static ADD_AGGREGATOR: Statement = Statement::insert(
    "aggregators",
    &[("name", Type::Text), ("token_hash", Type::Bytes), ("guid_salt", Type::Uuid)],
    "ON CONFLICT (name) DO NOTHING RETURNING aggregator_id",
);
static ADD_MANAGER: Statement = Statement::insert(
    "ap_managers",
    &[
        ("manager_id", Type::Int),
        ("reseller_id", Type::Int),
        ("aggregator_id", Type::Int),
        ("name", Type::Text),
        ("role", Type::Text),
    ],
    "ON CONFLICT DO NOTHING RETURNING manager_id",
);
static MANAGERS: Statement = Statement::read(
    &[],
    "SELECT manager_id, reseller_id, name, role FROM ap_managers ORDER BY manager_id",
);
static ADD_METHOD: Statement = Statement::insert(
    "ap_payment_methods",
    &[("reseller_id", Type::Int), ("payment_method_id", Type::Int), ("name", Type::Text)],
    "ON CONFLICT DO NOTHING RETURNING payment_method_id",
);
static METHODS: Statement = Statement::read(
    &[],
    "SELECT reseller_id, payment_method_id, name FROM ap_payment_methods
     ORDER BY reseller_id, payment_method_id",
);
static ADD_ACCOUNT: Statement = Statement::insert(
    "ap_accounts",
    &[
        ("reseller_id", Type::Int),
        ("account_id", Type::Int),
        ("name", Type::Text),
        ("currency", Type::Text),
    ],
    "ON CONFLICT DO NOTHING RETURNING account_id",
);
static ACCOUNTS: Statement = Statement::read(
    &[],
    "SELECT reseller_id, account_id, name, currency, balance FROM ap_accounts
     ORDER BY reseller_id, account_id",
);
// The currency is that of the account: the one is credited with the other.
static ADD_PAYMENT: Statement = Statement::write(
    &[
        ("reseller_id", Type::Int),
        ("payment_id", Type::Int),
        ("account_id", Type::Int),
        ("document_id", Type::Text),
        ("status", Type::Text),
        ("total", Type::Money),
        ("discount_amount", Type::Money),
        ("comment", Type::Text),
        ("purpose", Type::Text),
        ("requester_ip", Type::Text),
        ("external_total", Type::Money),
        ("external_currency", Type::Text),
        ("due_date", Type::Time),
        ("expiration_date", Type::Time),
        ("expires_at", Type::Time),
        ("orders", Type::Text),
        ("invoices", Type::Text),
    ],
    "INSERT INTO ap_payments (reseller_id, payment_id, account_id, document_id, status, total,
            discount_amount, currency, comment, purpose, requester_ip, external_total,
            external_currency, due_date, expiration_date, expires_at, orders, invoices, created_at,
            updated_at)
     SELECT reseller_id, payment_id, account_id, document_id, status, total, discount_amount,
            currency, comment, purpose, requester_ip, external_total, external_currency, due_date,
            expiration_date, expires_at, orders, invoices, moment, moment
     FROM (WITH clock AS MATERIALIZED (SELECT wsa_now() AS moment)
           SELECT b.*, a.currency, clock.moment FROM clock CROSS JOIN batch b
           {one ap_accounts a: reseller_id, account_id}
          ) AS admitted
     WHERE true ON CONFLICT DO NOTHING RETURNING payment_id",
);
static PAYMENTS: Statement = Statement::read(
    &[("most", Type::Int)],
    concat!(
        "SELECT ",
        payment_columns!(),
        " FROM ap_payments p ",
        method!(),
        " ORDER BY p.reseller_id, p.payment_id LIMIT (SELECT most FROM batch)"
    ),
);

impl Tables<'_> {
    /// Adds a reseller; `false` when there is one with this number.
    pub async fn add_reseller(self, new: &Reseller) -> Result<bool, StoreError> {
        let row = row![new.id, new.parent, &*new.name];
        Ok(!self.db.run(&ADD_RESELLER, vec![row]).await?.is_empty())
    }

    /// Every reseller.
    pub async fn resellers(self) -> Result<Vec<Reseller>, StoreError> {
        self.db.run(&RESELLERS, Vec::new()).await?.into_iter().map(records::reseller).collect()
    }

    /// Adds a manager with its token; `false` when there is one with this number. It has no subscriptions:
    /// nothing is told to it but the answers that it waits for.
    pub async fn add_manager(self, new: &Manager, token: TokenHash) -> Result<bool, StoreError> {
        let tx = self.db.begin().await?;
        let row = row![new.aggregator(), token.0.to_vec(), Uuid::new_v4()];
        let Some(mut row) = tx.query(&ADD_AGGREGATOR, vec![row]).await?.into_iter().next() else {
            return Ok(false);
        };
        let aggregator: i64 = row.get("aggregator_id")?;
        let row = row![new.id, new.reseller, aggregator, &*new.name, new.role.as_str()];
        if tx.query(&ADD_MANAGER, vec![row]).await?.is_empty() {
            return Ok(false);
        }
        tx.commit().await?;
        Ok(true)
    }

    /// Every manager.
    pub async fn managers(self) -> Result<Vec<Manager>, StoreError> {
        let read = |mut row: Row| {
            let (id, reseller, name, role) = (
                row.get("manager_id")?,
                row.get("reseller_id")?,
                row.get("name")?,
                row.word("role")?,
            );
            Ok(Manager { id, reseller, name, role })
        };
        self.db.run(&MANAGERS, Vec::new()).await?.into_iter().map(read).collect()
    }

    /// Adds a payment method; `false` when the reseller has one with this number.
    pub async fn add_method(self, new: &PaymentMethod) -> Result<bool, StoreError> {
        let row = row![new.reseller, new.id, &*new.name];
        Ok(!self.db.run(&ADD_METHOD, vec![row]).await?.is_empty())
    }

    /// Every payment method.
    pub async fn methods(self) -> Result<Vec<PaymentMethod>, StoreError> {
        self.db.run(&METHODS, Vec::new()).await?.into_iter().map(records::method).collect()
    }

    /// Adds an account, which holds nothing yet; `false` when the reseller has one with this number.
    pub async fn add_account(self, new: &StoredAccount) -> Result<bool, StoreError> {
        let row = row![new.reseller, new.id, &*new.name, &*new.currency];
        Ok(!self.db.run(&ADD_ACCOUNT, vec![row]).await?.is_empty())
    }

    /// Every account.
    pub async fn accounts(self) -> Result<Vec<StoredAccount>, StoreError> {
        self.db.run(&ACCOUNTS, Vec::new()).await?.into_iter().map(records::account).collect()
    }

    /// Adds a payment in its account's currency, as if it came now; `false` when the reseller has no such
    /// account, or has a payment with this number or document.
    pub async fn add_payment(self, new: &Payment) -> Result<bool, StoreError> {
        let dates: Vec<Timestamp> =
            [new.due_date, new.expiration_date].into_iter().flatten().collect();
        let ids = |ids: &[i64]| format!("{ids:?}");
        let row = row![
            new.reseller,
            new.id,
            new.account,
            &*new.document,
            new.status.as_str(),
            new.total,
            new.discount,
            &*new.comment,
            &*new.purpose,
            new.requester_ip.as_deref(),
            new.external_total,
            new.external_currency.as_deref(),
            new.due_date,
            new.expiration_date,
            dates.into_iter().min(),
            ids(&new.orders),
            ids(&new.invoices),
        ];
        Ok(!self.db.run(&ADD_PAYMENT, vec![row]).await?.is_empty())
    }

    /// Payments by reseller and number, at most `most`; without their corrections.
    pub async fn payments(self, most: i64) -> Result<Vec<Payment>, StoreError> {
        self.db.run(&PAYMENTS, vec![row![most]]).await?.into_iter().map(rows::payment).collect()
    }
}
