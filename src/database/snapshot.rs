//! Reading one moment of the whole store while others write: nobody waits for it, and it waits for nobody.

use std::sync::{Arc, Mutex, PoisonError};

use super::{Answer, Row};
use crate::database::StoreError;

/// What is done with each row that is found.
pub type Step = Box<dyn FnMut(Row) -> Result<(), StoreError> + Send>;

/// A moment of a database, seen by the store as [`Snapshot`].
pub trait Moment: Send + Sync {
    /// See [`Snapshot::is_postgres`].
    fn is_postgres(&self) -> bool;

    /// Runs a statement and hands over its rows one by one, until a step fails. The step is dropped by then.
    fn each(&self, text: String, step: Step) -> Answer<'_, ()>;
}

/// A moment of the store. The text of a statement is the caller's to write for the database.
pub struct Snapshot(Box<dyn Moment>);

impl Snapshot {
    pub(super) fn of(moment: Box<dyn Moment>) -> Snapshot {
        Snapshot(moment)
    }

    /// Whether its statements are those of PostgreSQL, whose amounts are no whole kopecks; else those of SQLite.
    pub fn is_postgres(&self) -> bool {
        self.0.is_postgres()
    }

    /// Runs a statement and folds its rows one by one, however many there are.
    pub async fn fold<T: Send + 'static>(
        &self,
        text: String,
        state: T,
        mut step: impl FnMut(&mut T, Row) -> Result<(), StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let state = Arc::new(Mutex::new(state));
        let folded = Arc::clone(&state);
        // Nobody else locks it while rows come.
        let each = move |row| step(&mut folded.lock().unwrap_or_else(PoisonError::into_inner), row);
        self.0.each(text, Box::new(each)).await?;
        let state = Arc::into_inner(state).ok_or_else(|| {
            StoreError::Corrupt("a snapshot still reads what it has read".to_owned())
        })?;
        Ok(state.into_inner().unwrap_or_else(PoisonError::into_inner))
    }
}
