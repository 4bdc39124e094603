//! What managers may do: theirs is their own reseller and everything below it.

use std::collections::HashMap;

use crate::database::{Row, Statement, StoreError, Type, row};
use crate::domain::string_enum::string_enum;
use crate::domain::task::{AggregatorId, ObjectId};
use crate::protocols::activeplatform::sql::Tables;

/// What a manager is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// May do everything.
    Administrator,
    /// May complete payments.
    Accountant,
    /// May look.
    Viewer,
}

string_enum!(Role { Administrator = "administrator", Accountant = "accountant", Viewer = "viewer" });

impl Role {
    /// Whether it may complete payments.
    pub fn completes(self) -> bool {
        matches!(self, Role::Administrator | Role::Accountant)
    }
}

/// A manager before a reseller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Access {
    /// The manager's number.
    pub manager: i64,
    /// What it is.
    pub role: Role,
    /// Whether the reseller is its own, or below its own.
    pub reaches: bool,
}

// From the reseller upwards: a tree is deep at most where it is narrow. `UNION`, so that even a circle ends.
static ACCESS: Statement = Statement::read(
    &[("aggregator_id", Type::Int), ("reseller_id", Type::Int)],
    "SELECT b.aggregator_id, b.reseller_id, m.manager_id, m.role,
            EXISTS (SELECT 1 FROM (
                WITH RECURSIVE above (wanted, reseller_id) AS (
                    SELECT w.reseller_id, w.reseller_id FROM batch w
                    {one ap_resellers r: reseller_id = w.reseller_id}
                    UNION
                    SELECT a.wanted, r.parent_id FROM above a
                    {one ap_resellers r: reseller_id = a.reseller_id}
                    WHERE r.parent_id IS NOT NULL)
                SELECT wanted, reseller_id FROM above) AS tree
                WHERE tree.wanted = b.reseller_id AND tree.reseller_id = m.reseller_id) AS reaches
     FROM batch b {one ap_managers m: aggregator_id}",
);

impl Tables<'_> {
    /// How these callers stand to these resellers; nothing of those who are no managers.
    pub async fn access(
        self,
        wanted: &[(AggregatorId, ObjectId)],
    ) -> Result<HashMap<(AggregatorId, ObjectId), Access>, StoreError> {
        let rows = wanted.iter().map(|(caller, reseller)| row![*caller, *reseller]).collect();
        let read = |mut row: Row| {
            let access = Access {
                manager: row.get("manager_id")?,
                role: row.word("role")?,
                reaches: row.get("reaches")?,
            };
            Ok(((row.get("aggregator_id")?, row.get("reseller_id")?), access))
        };
        self.db.run(&ACCESS, rows).await?.into_iter().map(read).collect()
    }
}
