//! A database that writes an entry beside whatever is written: in the same transaction, or neither is.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::FutureExt;

use super::write::Wants;
use super::{
    Access, Answer, Database, Db, Migration, Moment, Row, Rows, ServerFacts, Statement,
    Transaction, Write,
};

/// Makes the entry of a transaction.
type Entry = Arc<dyn Fn() -> Write + Send + Sync>;

struct Recorded {
    inner: Arc<dyn Database>,
    entry: Entry,
}

struct Recording {
    inner: Box<dyn Transaction>,
    entry: Entry,
    /// Whether something was written, and whether an entry is among it already.
    wrote: AtomicBool,
    entered: AtomicBool,
}

impl Db {
    /// The same, that writes an entry beside whatever a transaction writes, unless the transaction writes one itself: by
    /// the same statement.
    pub fn recorded(&self, entry: impl Fn() -> Write + Send + Sync + 'static) -> Db {
        Db(Arc::new(Recorded { inner: Arc::clone(&self.0), entry: Arc::new(entry) }))
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
        Box::new(Recording { inner, entry: Arc::clone(&self.entry), wrote, entered })
    }
}

impl Database for Recorded {
    fn kind(&self) -> &'static str {
        self.inner.kind()
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
        if std::ptr::eq(statement, (self.entry)().statement) {
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
        due.then(|| Write { wants: Wants::Each, ..(self.entry)() })
    }
}

impl Transaction for Recording {
    fn query(&self, statement: &'static Statement, rows: Rows) -> Answer<'_, Vec<Row>> {
        // A batch of nothing writes nothing.
        let some = statement.columns().is_empty() || !rows.is_empty();
        async move {
            let given = self.inner.query(statement, rows).await?;
            if some {
                self.note(statement, given.len());
            }
            Ok(given)
        }
        .boxed()
    }

    fn execute(&self, statement: &'static Statement, rows: Rows) -> Answer<'_, u64> {
        async move {
            let written = self.inner.execute(statement, rows).await?;
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
        self.noted(&writes);
        self.inner.write(writes)
    }

    fn finish(self: Box<Self>, mut writes: Vec<Write>) -> Answer<'static, Vec<Row>> {
        self.noted(&writes);
        writes.extend(self.due());
        self.inner.finish(writes)
    }
}
