//! A database that writes an entry beside whatever is written: in the same transaction, or neither is.

mod changes;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::FutureExt;
use tokio::runtime::Handle;

pub use self::changes::{Change, Fields, Rows as ChangedRows};
use super::write::Wants;
use super::{
    Access, Answer, Database, Db, Migration, Moment, Row, Rows, ServerFacts, Statement, StoreError,
    Transaction, Write,
};

/// Makes the entry of a transaction, of what it has changed.
type Entry = Arc<dyn Fn(&[Change]) -> Write + Send + Sync>;

struct Recorded {
    inner: Arc<dyn Database>,
    entry: Entry,
    /// Whether what is changed is looked at, before and after.
    looks: bool,
}

struct Recording {
    inner: Box<dyn Transaction>,
    entry: Entry,
    looks: bool,
    changes: Mutex<Vec<Change>>,
    /// Whether something was written, and whether an entry is among it already.
    wrote: AtomicBool,
    entered: AtomicBool,
}

impl Db {
    /// The same, that writes an entry beside whatever a transaction writes, unless the transaction writes one itself: by
    /// the same statement.
    pub fn recorded(&self, entry: impl Fn() -> Write + Send + Sync + 'static) -> Db {
        let (inner, entry) = (Arc::clone(&self.0), Arc::new(move |_: &[Change]| entry()));
        Db(Arc::new(Recorded { inner, entry, looks: false }))
    }

    /// The same; the entry is made of what was changed, which costs two reads for each statement that changes rows.
    pub fn recorded_with_changes(
        &self,
        entry: impl Fn(&[Change]) -> Write + Send + Sync + 'static,
    ) -> Db {
        let (inner, entry) = (Arc::clone(&self.0), Arc::new(entry));
        Db(Arc::new(Recorded { inner, entry, looks: true }))
    }
}

impl fmt::Debug for Recorded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Recorded").field(&self.inner).finish()
    }
}

/// Whether rows may have been written: a statement that gives what it wrote gave something.
fn has_written(statement: &Statement, given: usize) -> bool {
    let writes = statement.access == Access::Write && !statement.looks();
    writes && (given > 0 || !statement.body().contains("RETURNING"))
}

impl Recorded {
    fn recording(&self, inner: Box<dyn Transaction>) -> Box<dyn Transaction> {
        let (wrote, entered) = (AtomicBool::new(false), AtomicBool::new(false));
        let (entry, looks) = (Arc::clone(&self.entry), self.looks);
        Box::new(Recording { inner, entry, looks, changes: Mutex::default(), wrote, entered })
    }
}

impl Database for Recorded {
    fn kind(&self) -> &'static str {
        self.inner.kind()
    }

    fn runtime(&self) -> Option<&Handle> {
        self.inner.runtime()
    }

    fn run(&self, statement: &'static Statement, rows: Rows) -> Answer<'_, Vec<Row>> {
        if statement.access == Access::Read {
            return self.inner.run(statement, rows);
        }
        async move {
            let tx = self.recording(self.inner.begin().await?);
            let given = tx.query(statement, rows).await?;
            tx.commit().await?;
            Ok(given)
        }
        .boxed()
    }

    fn begin(&self) -> Answer<'_, Box<dyn Transaction>> {
        async move { Ok(self.recording(self.inner.begin().await?)) }.boxed()
    }

    fn begin_maintenance(&self) -> Answer<'_, Box<dyn Transaction>> {
        async move { Ok(self.recording(self.inner.begin_maintenance().await?)) }.boxed()
    }

    fn snapshot(&self) -> Answer<'_, Box<dyn Moment>> {
        self.inner.snapshot()
    }

    fn migrate(&self, steps: &'static [Migration]) -> Answer<'_, Vec<&'static str>> {
        self.inner.migrate(steps)
    }

    fn applied_migrations(&self) -> Answer<'_, BTreeSet<i64>> {
        self.inner.applied_migrations()
    }

    fn server_facts(&self) -> Answer<'_, Option<ServerFacts>> {
        self.inner.server_facts()
    }
}

impl Recording {
    fn note(&self, statement: &'static Statement, given: usize) {
        if std::ptr::eq(statement, (self.entry)(&[]).statement) {
            self.entered.store(true, Ordering::Relaxed);
        } else if has_written(statement, given) {
            self.wrote.store(true, Ordering::Relaxed);
        }
    }

    /// Those, each noted as if it wrote something.
    fn noted(&self, writes: &[Write]) {
        writes.iter().for_each(|write| self.note(write.statement, write.rows.len()));
    }

    /// What is left to write.
    fn due(&self) -> Option<Write> {
        let due = self.wrote.load(Ordering::Relaxed) && !self.entered.load(Ordering::Relaxed);
        let changes = self.changes.lock().unwrap_or_else(PoisonError::into_inner);
        due.then(|| Write { wants: Wants::Each, ..(self.entry)(&changes) })
    }

    /// Does something with a statement, and looks at what it changes.
    async fn looking<T>(
        &self,
        statement: &'static Statement,
        rows: &Rows,
        work: impl Future<Output = Result<T, StoreError>> + Send,
    ) -> Result<T, StoreError> {
        let Some(look) = changes::look(statement).filter(|_| self.looks) else { return work.await };
        let see = async || self.inner.query(look.statement, rows.clone()).await;
        let before = ChangedRows::of(see().await?);
        let done = work.await?;
        let after = ChangedRows::of(see().await?);
        if before != after || matches!(before, ChangedRows::Several(_)) {
            let change = Change { table: look.table, columns: statement.columns(), before, after };
            self.changes.lock().unwrap_or_else(PoisonError::into_inner).push(change);
        }
        Ok(done)
    }
}

impl Transaction for Recording {
    fn query(&self, statement: &'static Statement, rows: Rows) -> Answer<'_, Vec<Row>> {
        // A batch of nothing writes nothing.
        let some = statement.columns().is_empty() || !rows.is_empty();
        async move {
            let asked = rows.clone();
            let given = self.looking(statement, &asked, self.inner.query(statement, rows)).await?;
            if some {
                self.note(statement, given.len());
            }
            Ok(given)
        }
        .boxed()
    }

    fn execute(&self, statement: &'static Statement, rows: Rows) -> Answer<'_, u64> {
        async move {
            let asked = rows.clone();
            let work = self.inner.execute(statement, rows);
            let written = self.looking(statement, &asked, work).await?;
            if written > 0 {
                self.note(statement, 1);
            }
            Ok(written)
        }
        .boxed()
    }

    fn commit(self: Box<Self>) -> Answer<'static, ()> {
        match self.due() {
            Some(entry) => async move { self.inner.finish(vec![entry]).await.map(drop) }.boxed(),
            None => self.inner.commit(),
        }
    }

    fn write(&self, writes: Vec<Write>) -> Answer<'_, Vec<Row>> {
        if !self.looks {
            self.noted(&writes);
            return self.inner.write(writes);
        }
        async move {
            let mut given = Vec::new();
            // One by one: each is looked at before and after.
            for write in writes {
                self.noted(std::slice::from_ref(&write));
                let (statement, rows) = (write.statement, write.rows.clone());
                given.extend(self.looking(statement, &rows, self.inner.write(vec![write])).await?);
            }
            Ok(given)
        }
        .boxed()
    }

    fn finish(self: Box<Self>, mut writes: Vec<Write>) -> Answer<'static, Vec<Row>> {
        if self.looks {
            return async move {
                let given = self.write(writes).await?;
                self.commit().await.map(|()| given)
            }
            .boxed();
        }
        self.noted(&writes);
        writes.extend(self.due());
        self.inner.finish(writes)
    }
}
