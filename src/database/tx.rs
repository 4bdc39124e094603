//! A transaction as the store sees it, whichever the database.

use super::ahead::Ahead;
use super::{Look, Row, Rows, Statement, StoreError, Transaction, Write, whole};

/// An open transaction. Dropped without [`Tx::commit`], it is rolled back.
pub struct Tx {
    transaction: Box<dyn Transaction>,
    ahead: Ahead,
}

impl Tx {
    pub(super) fn of(transaction: Box<dyn Transaction>) -> Tx {
        Tx { transaction, ahead: Ahead::default() }
    }

    /// Looks into the store, and beyond that at what is likely to be asked next: whoever asks exactly that, and before
    /// anything is written, has the answer without another round trip. What is looked at beyond comes after `first`.
    pub async fn look(&self, first: Look, beyond: Vec<Look>) -> Result<Vec<Row>, StoreError> {
        let (statement, rows) = first;
        if beyond.is_empty() {
            return self.query(statement, rows).await;
        }
        let looks: Vec<Look> = [(statement, rows)].into_iter().chain(beyond.clone()).collect();
        looks.iter().try_for_each(|(statement, rows)| statement.fits(rows))?;
        let mut answers = self.transaction.look(looks).await?.into_iter();
        let first = answers.next().unwrap_or_default();
        self.ahead.keep(beyond.into_iter().zip(answers));
        Ok(first)
    }

    /// Runs one statement over a batch. Calls that do not depend on each other may be joined: PostgreSQL
    /// then gets them in one round trip. The order is unspecified: a statement that is not prepared
    /// yet comes later.
    pub async fn query(
        &self,
        statement: &'static Statement,
        rows: Rows,
    ) -> Result<Vec<Row>, StoreError> {
        statement.fits(&rows)?;
        match self.ahead.take(statement, &rows) {
            Some(answer) => Ok(answer),
            None => self.transaction.query(statement, rows).await,
        }
    }

    /// As [`Tx::query`]; a batch of nothing costs nothing.
    pub async fn query_some(
        &self,
        statement: &'static Statement,
        rows: Rows,
    ) -> Result<Vec<Row>, StoreError> {
        if rows.is_empty() { Ok(Vec::new()) } else { self.query(statement, rows).await }
    }

    /// As [`Tx::query`] for a statement whose rows do not matter: gives the number of rows written.
    pub async fn execute(
        &self,
        statement: &'static Statement,
        rows: Rows,
    ) -> Result<u64, StoreError> {
        statement.fits(&rows)?;
        self.ahead.forget();
        self.transaction.execute(statement, rows).await
    }

    /// Writes each row of the batch, or fails: a row that is not there any more, although it is locked, is a mistake that
    /// must not pass quietly. A batch of nothing costs nothing.
    pub async fn execute_all(
        &self,
        statement: &'static Statement,
        rows: Rows,
    ) -> Result<(), StoreError> {
        let expected = rows.len() as u64;
        if expected == 0 {
            return Ok(());
        }
        whole(statement, self.execute(statement, rows).await?, expected)
    }

    /// Writes all of this in its order, in one round trip. Gives the rows of those that were to give rows, in the same
    /// order. A batch of nothing costs nothing.
    pub async fn write(&self, writes: Vec<Write>) -> Result<Vec<Row>, StoreError> {
        let writes = some(writes)?;
        if writes.is_empty() {
            return Ok(Vec::new());
        }
        self.ahead.forget();
        self.transaction.write(writes).await
    }

    /// As [`Tx::write`], and makes it durable, in the same round trip.
    pub async fn finish(self, writes: Vec<Write>) -> Result<Vec<Row>, StoreError> {
        self.transaction.finish(some(writes)?).await
    }

    /// Makes it durable.
    pub async fn commit(self) -> Result<(), StoreError> {
        self.transaction.commit().await
    }
}

/// Those that write something.
fn some(mut writes: Vec<Write>) -> Result<Vec<Write>, StoreError> {
    writes.retain(|write| !write.rows.is_empty());
    writes.iter().try_for_each(|write| write.statement.fits(&write.rows))?;
    Ok(writes)
}
