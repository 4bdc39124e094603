//! Accounts, payers and deposits as an operator puts them in.

use uuid::Uuid;

use crate::database::{Row, Statement, StoreError, Type, row};
use crate::domain::money::Money;
use crate::domain::string_enum::string_enum;
use crate::domain::task::ObjectId;
use crate::protocols::billmanager::sql::Tables;

/// An account.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct StoredAccount {
    pub object: ObjectId,
    pub login: String,
    pub provider: i64,
    pub currency: String,
    pub balance: Money,
}

/// What a payer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProfileKind {
    /// An individual.
    Person,
    /// An individual who trades.
    Entrepreneur,
    /// A legal entity.
    Company,
}

string_enum!(ProfileKind { Person = "person", Entrepreneur = "entrepreneur", Company = "company" });

/// A payer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Profile {
    pub id: i64,
    pub object: ObjectId,
    pub kind: ProfileKind,
    pub name: String,
}

static ADD_ACCOUNT: Statement = Statement::write(
    &[("login", Type::Text), ("provider_id", Type::Int), ("currency", Type::Text)],
    "INSERT INTO bm_accounts (provider_id, user_id, currency)
     SELECT p.provider_id, u.user_id, b.currency FROM batch b
     {one bm_users u: login} {one bm_providers p: provider_id}
     WHERE u.level = 16 AND NOT EXISTS (SELECT 1 FROM
        {rows bm_accounts a: user_id = u.user_id, provider_id = p.provider_id})
     RETURNING object_id",
);

static ACCOUNTS: Statement = Statement::read(
    &[],
    "SELECT a.object_id, u.login, a.provider_id, a.currency, a.balance
     FROM bm_accounts a {one bm_users u: user_id = a.user_id} ORDER BY a.object_id",
);

static LOCK: Statement = Statement::write(
    &[("object_id", Type::Int)],
    "SELECT a.balance FROM batch b {one bm_accounts a: object_id} {lock a}",
);

static SET_BALANCE: Statement = Statement::write(
    &[("object_id", Type::Int), ("balance", Type::Money)],
    "UPDATE bm_accounts SET balance = b.balance FROM batch b
     {these bm_accounts: object_id}",
);

static DEPOSIT: Statement = Statement::write(
    &[
        ("object_id", Type::Int),
        ("task_guid", Type::Uuid),
        ("amount", Type::Money),
        ("note", Type::Text),
    ],
    "INSERT INTO bm_entries (object_id, task_guid, line, kind, amount, note, entered_at)
     SELECT object_id, task_guid, 0, 'deposit', amount, note, wsa_now() FROM batch",
);

static ADD_PROFILE: Statement = Statement::insert(
    "bm_profiles",
    &[("object_id", Type::Int), ("kind", Type::Text), ("name", Type::Text)],
    "RETURNING profile_id",
);

static PROFILES: Statement = Statement::read(
    &[],
    "SELECT profile_id, object_id, kind, name FROM bm_profiles ORDER BY profile_id",
);

static REMOVE_PROMOCODE: Statement = Statement::write(
    &[("provider_id", Type::Int), ("code", Type::Text)],
    "DELETE FROM bm_promocodes
     WHERE provider_id = (SELECT provider_id FROM batch) AND code = (SELECT code FROM batch)
     RETURNING provider_id",
);

impl Tables<'_> {
    /// Opens an account of a client at a provider; `None` when there is no such client or provider, or
    /// when it has one there.
    pub async fn add_account(
        self,
        login: &str,
        provider: i64,
        currency: &str,
    ) -> Result<Option<ObjectId>, StoreError> {
        let rows = self.db.run(&ADD_ACCOUNT, vec![row![login, provider, currency]]).await?;
        rows.into_iter().next().map(|mut row| row.get("object_id")).transpose()
    }

    /// Every account.
    pub async fn accounts(self) -> Result<Vec<StoredAccount>, StoreError> {
        let read = |mut row: Row| {
            Ok(StoredAccount {
                object: row.get("object_id")?,
                login: row.get("login")?,
                provider: row.get("provider_id")?,
                currency: row.get("currency")?,
                balance: row.get("balance")?,
            })
        };
        self.db.run(&ACCOUNTS, Vec::new()).await?.into_iter().map(read).collect()
    }

    /// Puts money on an account, under the lock that its tasks take; tells what it holds then. `None`
    /// when there is no such account, or it would hold more than an amount can be.
    pub async fn deposit(
        self,
        object: ObjectId,
        amount: Money,
        note: &str,
    ) -> Result<Option<Money>, StoreError> {
        let tx = self.db.begin().await?;
        let found = tx.query(&LOCK, vec![row![object]]).await?.into_iter().next();
        let balance = found.map(|mut row| row.get::<Money>("balance")).transpose()?;
        let Some(balance) = balance.and_then(|balance| balance.checked_add(amount)) else {
            return Ok(None);
        };
        tx.execute(&SET_BALANCE, vec![row![object, balance]]).await?;
        tx.execute(&DEPOSIT, vec![row![object, Uuid::now_v7(), amount, note]]).await?;
        tx.commit().await?;
        Ok(Some(balance))
    }

    /// Adds a payer to an account, which must be there.
    pub async fn add_profile(
        self,
        object: ObjectId,
        kind: ProfileKind,
        name: &str,
    ) -> Result<i64, StoreError> {
        let rows = self.db.run(&ADD_PROFILE, vec![row![object, kind.as_str(), name]]).await?;
        let added = rows.into_iter().next().map(|mut row| row.get("profile_id")).transpose()?;
        added.ok_or_else(|| StoreError::Corrupt("a payer was not added".into()))
    }

    /// Every payer.
    pub async fn profiles(self) -> Result<Vec<Profile>, StoreError> {
        self.db.run(&PROFILES, Vec::new()).await?.into_iter().map(profile).collect()
    }

    /// Removes a promo code; `false` when there is none. Discounts that were given stay.
    pub async fn remove_promocode(self, provider: i64, code: &str) -> Result<bool, StoreError> {
        Ok(!self.db.run(&REMOVE_PROMOCODE, vec![row![provider, code]]).await?.is_empty())
    }
}

/// From such a row.
pub(super) fn profile(mut row: Row) -> Result<Profile, StoreError> {
    Ok(Profile {
        id: row.get("profile_id")?,
        object: row.get("object_id")?,
        kind: row.word("kind")?,
        name: row.get("name")?,
    })
}
