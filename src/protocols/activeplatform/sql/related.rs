//! Records by their keys: what others are related to.

use std::collections::BTreeSet;

use super::records::{self, RESELLER};
use super::rows;
use crate::database::{Row, Statement, StoreError, Type, Value, row};
use crate::domain::task::{AggregatorId, ObjectId};
use crate::protocols::activeplatform::listing::{Page, PlainAsked};
use crate::protocols::activeplatform::record::{Key, Record, ResourceType};
use crate::protocols::activeplatform::sql::Tables;

static ACCOUNTS: Statement = Statement::read(
    &[("reseller_id", Type::Int), ("account_id", Type::Int)],
    "SELECT a.reseller_id, a.account_id, a.name, a.currency, a.balance
     FROM batch b {one ap_accounts a: reseller_id, account_id}",
);

static METHODS: Statement = Statement::read(
    &[("reseller_id", Type::Int), ("payment_method_id", Type::Int)],
    "SELECT m.reseller_id, m.payment_method_id, m.name
     FROM batch b {one ap_payment_methods m: reseller_id, payment_method_id}",
);

static CORRECTIONS: Statement = Statement::read(
    &[("reseller_id", Type::Int), ("correction_id", Type::Int)],
    "SELECT c.reseller_id, c.correction_id, c.account_id, c.payment_id, c.document_id, c.manager_id, c.amount,
            c.currency, c.comment, c.created_at
     FROM batch b {one ap_corrections c: reseller_id, correction_id}",
);

/// Makes a record of a row.
type Read = fn(Row) -> Result<Record, StoreError>;

impl Tables<'_> {
    /// What has these keys; a reseller as this caller sees it.
    pub async fn records(
        self,
        caller: AggregatorId,
        keys: &BTreeSet<Key>,
    ) -> Result<Vec<Record>, StoreError> {
        let mut found = Vec::new();
        for kind in ResourceType::ALL {
            let of_kind = keys.iter().filter(|key| key.kind == *kind);
            let batch: Vec<Vec<Value>> = match kind {
                ResourceType::Resellers => of_kind.map(|key| row![caller, key.reseller]).collect(),
                _ => of_kind.map(|key| row![key.reseller, key.id]).collect(),
            };
            if !batch.is_empty() {
                found.extend(self.of_kind(*kind, batch).await?);
            }
        }
        Ok(found)
    }

    async fn of_kind(
        self,
        kind: ResourceType,
        batch: Vec<Vec<Value>>,
    ) -> Result<Vec<Record>, StoreError> {
        let (statement, record): (&Statement, Read) = match kind {
            ResourceType::Resellers => {
                (&RESELLER, |row| records::reseller(row).map(Record::Reseller))
            }
            ResourceType::Accounts => (&ACCOUNTS, |row| records::account(row).map(Record::Account)),
            ResourceType::Methods => (&METHODS, |row| records::method(row).map(Record::Method)),
            ResourceType::Corrections => {
                (&CORRECTIONS, |row| records::correction(row).map(Record::Correction))
            }
            ResourceType::Payments => {
                let rows = self.db.run(&rows::READ, batch).await?;
                let read = rows.into_iter().map(rows::payment).collect::<Result<Vec<_>, _>>();
                let mut payments = read?;
                self.add_corrections(&mut payments).await?;
                return Ok(payments.into_iter().map(|it| Record::Payment(Box::new(it))).collect());
            }
        };
        self.db.run(statement, batch).await?.into_iter().map(record).collect()
    }

    /// The accounts with this id of the resellers below one, for as long as there are few of them.
    pub async fn child_account(
        self,
        of: ObjectId,
        only: Option<ObjectId>,
        id: i64,
    ) -> Result<Vec<Record>, StoreError> {
        let one = PlainAsked { page: Page { size: 10, number: 1 }, ..PlainAsked::one(id) };
        let found = self.list_child_accounts(of, only, one).await?;
        Ok(found.into_iter().map(Record::Account).collect())
    }
}
