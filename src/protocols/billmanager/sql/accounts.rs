//! Which account a request is for: the object of its task.

use crate::database::{Row, Statement, StoreError, Type, row};
use crate::domain::money::Money;
use crate::domain::task::ObjectId;
use crate::protocols::billmanager::sql::Tables;

/// An account and the client that it is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Whose {
    /// The account.
    pub object: ObjectId,
    /// The client.
    pub user: i64,
}

static OF_PRICELIST: Statement = Statement::read(
    &[("user_id", Type::Int), ("pricelist_id", Type::Int)],
    "SELECT a.object_id, a.user_id FROM batch b
     {one bm_pricelists l: pricelist_id}
     {one bm_accounts a: user_id, provider_id = l.provider_id}",
);

static OF_NUMBER: Statement = Statement::read(
    &[("number", Type::Int), ("kind", Type::Text)],
    "SELECT a.object_id, a.user_id FROM batch b
     {one bm_numbers n: number} {one bm_accounts a: object_id = n.object_id}
     WHERE n.kind = b.kind",
);

static AT_PROVIDER: Statement = Statement::read(
    &[("user_id", Type::Int), ("provider_id", Type::Int)],
    "SELECT a.object_id, a.user_id FROM batch b {all bm_accounts a: user_id}
     WHERE b.provider_id IS NULL OR a.provider_id = b.provider_id
     ORDER BY a.provider_id LIMIT 1",
);

static BALANCES: Statement = Statement::read(
    &[("user_id", Type::Int), ("provider_id", Type::Int)],
    "SELECT a.object_id, a.provider_id, a.currency, a.balance, v.name
     FROM batch b {all bm_accounts a: user_id} {one bm_providers v: provider_id = a.provider_id}
     WHERE b.provider_id IS NULL OR a.provider_id = b.provider_id
     ORDER BY a.provider_id",
);

/// What a client has at a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct SubAccount {
    pub object: ObjectId,
    pub provider: i64,
    pub provider_name: String,
    pub currency: String,
    pub balance: Money,
}

/// What numbers name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Numbered {
    /// A line item.
    Item,
    /// An order.
    Order,
    /// A payment.
    Payment,
}

impl Numbered {
    fn as_str(self) -> &'static str {
        match self {
            Numbered::Item => "item",
            Numbered::Order => "order",
            Numbered::Payment => "payment",
        }
    }
}

impl Tables<'_> {
    /// The account of a client at the provider of a price list.
    pub async fn account_for(self, user: i64, pricelist: i64) -> Result<Option<Whose>, StoreError> {
        self.account(&OF_PRICELIST, row![user, pricelist]).await
    }

    /// The account that something is of.
    pub async fn account_of(
        self,
        kind: Numbered,
        number: i64,
    ) -> Result<Option<Whose>, StoreError> {
        self.account(&OF_NUMBER, row![number, kind.as_str()]).await
    }

    /// The account of a client at a provider; without one, at the first.
    pub async fn account_at(
        self,
        user: i64,
        provider: Option<i64>,
    ) -> Result<Option<Whose>, StoreError> {
        self.account(&AT_PROVIDER, row![user, provider]).await
    }

    /// What a client has at one provider, or at each.
    pub async fn balances(
        self,
        user: i64,
        provider: Option<i64>,
    ) -> Result<Vec<SubAccount>, StoreError> {
        let read = |mut row: Row| {
            Ok(SubAccount {
                object: row.get("object_id")?,
                provider: row.get("provider_id")?,
                provider_name: row.get("name")?,
                currency: row.get("currency")?,
                balance: row.get("balance")?,
            })
        };
        let rows = self.db.run(&BALANCES, vec![row![user, provider]]).await?;
        rows.into_iter().map(read).collect()
    }

    async fn account(
        self,
        statement: &'static Statement,
        values: Vec<crate::database::Value>,
    ) -> Result<Option<Whose>, StoreError> {
        let read =
            |mut row: Row| Ok(Whose { object: row.get("object_id")?, user: row.get("user_id")? });
        self.db.run(statement, vec![values]).await?.into_iter().next().map(read).transpose()
    }
}
