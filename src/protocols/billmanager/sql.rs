//! BILLmanager's tables: loaded and written with the batch that settles its tasks, read for those who only
//! look, and kept by the operator.

pub mod accounts;
pub mod catalogue;
pub mod choosing;
pub mod due;
pub mod history;
mod load;
mod offers;
pub mod payments;
pub mod reference;
mod rows;
pub mod services;
pub mod sessions;
pub(crate) mod shown;
pub mod users;
pub mod views;
mod write;

pub(crate) use self::load::load;
pub(crate) use self::write::write;
use crate::database::{Db, Row, Rows, Statement, StoreError, Tx};
use crate::engine::store::Store;

/// Where a statement runs that both a batch and those who only look need.
#[derive(Clone, Copy)]
enum On<'a> {
    /// In a transaction of its own.
    Db(&'a Db),
    /// In the batch's.
    Tx(&'a Tx),
}

impl On<'_> {
    /// A batch of nothing costs nothing.
    async fn query(
        self,
        statement: &'static Statement,
        rows: Rows,
    ) -> Result<Vec<Row>, StoreError> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        match self {
            On::Db(db) => db.run(statement, rows).await,
            On::Tx(tx) => tx.query(statement, rows).await,
        }
    }
}

/// The tables, for those who only look and for the operator: each call is a transaction of its own.
#[derive(Debug, Clone, Copy)]
pub struct Tables<'a> {
    pub(super) db: &'a Db,
}

impl<'a> Tables<'a> {
    /// Those of this store.
    pub fn of(store: &'a Store) -> Tables<'a> {
        Tables { db: store.db() }
    }
}
