//! SQLite: one writer on a thread of its own, and some readers, each call of which is made on a thread that may block.

pub mod backup;
mod codes;
mod file;
pub(crate) mod migrate;
mod rows;
mod snapshot;
mod thread;
mod transaction;
mod writer;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use jiff::Timestamp;
use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, ErrorCode};
use tokio::runtime::Handle;
use tokio::sync::Mutex;
use tokio::task::JoinError;

pub(crate) use self::codes::classify;
use self::file::Files;
use self::rows::each;
pub(crate) use self::rows::{each_parameters, each_row, execute};
use self::thread::WriterThread;
use self::transaction::SqliteTx;
use self::writer::{Writer, make_clean};
use super::{Access, Answer, Database, Migration, Moment, Row, Rows, Statement, Transaction};
use crate::database::StoreError;

/// Enough for the pollers of one process; readers never wait for the writer (WAL).
const READERS: usize = 4;
/// How long a statement waits for another process (`wsa admin` beside `wsa up`) to finish a write.
const BUSY: Duration = Duration::from_secs(10);
/// The pause before it is tried again where SQLite does not wait itself.
const BUSY_AGAIN: Duration = Duration::from_millis(5);

/// A SQLite database file.
#[derive(Debug)]
pub struct SqliteDb {
    path: PathBuf,
    writer: Arc<Mutex<Connection>>,
    thread: Arc<WriterThread>,
    files: Arc<Files>,
    readers: async_channel::Receiver<Connection>,
    give_back: async_channel::Sender<Connection>,
}

impl SqliteDb {
    /// Opens or creates the file.
    pub fn open(path: &Path) -> Result<SqliteDb, StoreError> {
        let writer = Arc::new(Mutex::new(open(path)?));
        let (give_back, readers) = async_channel::bounded(READERS);
        for _ in 0..READERS {
            let room = give_back.try_send(open(path)?);
            debug_assert!(room.is_ok(), "there is room for as many as there are");
        }
        let files = Arc::new(Files::opened(path)?);
        let thread = WriterThread::start().map_err(|e| StoreError::Unavailable(Box::new(e)))?;
        let (path, thread) = (path.to_owned(), Arc::new(thread));
        Ok(SqliteDb { path, writer, thread, files, readers, give_back })
    }

    /// Runs `work` on the writer, for what is no batch: migrations.
    pub async fn with_writer<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let mut connection = Arc::clone(&self.writer).lock_owned().await;
        let path = self.path.clone();
        let work = move || {
            make_clean(&mut connection, &path)?;
            work(&mut connection).map_err(classify)
        };
        self.thread.run(work).await
    }

    /// Begins a transaction and does this in it, on the writer's thread.
    async fn begin_and<T: Send + 'static>(
        &self,
        work: impl FnOnce(Writer) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let free = Arc::clone(&self.writer).lock_owned().await;
        let (files, path) = (Arc::clone(&self.files), self.path.clone());
        let work = move || {
            files.check()?;
            work(Writer::begin(free, &path)?)
        };
        self.thread.run(work).await
    }

    async fn read(
        &self,
        statement: &'static Statement,
        rows: Rows,
    ) -> Result<Vec<Row>, StoreError> {
        let reader = Lent {
            connection: Some(
                self.readers.recv().await.map_err(|e| StoreError::Unavailable(Box::new(e)))?,
            ),
            give_back: self.give_back.clone(),
        };
        blocking(move || {
            let rows = each_parameters(statement, rows);
            each_row(reader.connection()?, statement.sqlite(), rows)
        })
        .await
    }
}

impl Database for SqliteDb {
    fn kind(&self) -> &'static str {
        "SQLite"
    }

    fn runtime(&self) -> Option<&Handle> {
        Some(self.thread.runtime())
    }

    fn run(&self, statement: &'static Statement, rows: Rows) -> Answer<'_, Vec<Row>> {
        if statement.access == Access::Read {
            return self.read(statement, rows).boxed();
        }
        self.begin_and(move |writer| {
            let rows = each_parameters(statement, rows);
            let found = each_row(writer.connection(), statement.sqlite(), rows)?;
            writer.commit().map(|()| found)
        })
        .boxed()
    }

    fn begin(&self) -> Answer<'_, Box<dyn Transaction>> {
        async {
            let writer = self.begin_and(Ok).await?;
            Ok(Box::new(SqliteTx::of(writer, &self.thread)) as Box<dyn Transaction>)
        }
        .boxed()
    }

    fn snapshot(&self) -> Answer<'_, Box<dyn Moment>> {
        snapshot::open(&self.path).boxed()
    }

    fn migrate(&self, steps: &'static [Migration]) -> Answer<'_, Vec<&'static str>> {
        self.with_writer(move |connection| migrate::migrate(connection, steps)).boxed()
    }

    fn applied_migrations(&self) -> Answer<'_, BTreeSet<i64>> {
        self.with_writer(|connection| migrate::applied(connection)).boxed()
    }
}

/// A reader in somebody's hands; given back whatever becomes of him: a panic, or nobody who waits.
struct Lent {
    /// `None` once given back.
    connection: Option<Connection>,
    give_back: async_channel::Sender<Connection>,
}

impl Lent {
    fn connection(&self) -> Result<&Connection, StoreError> {
        self.connection
            .as_ref()
            .ok_or_else(|| StoreError::Corrupt("a reader was given back".into()))
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            // Never full: it holds as many connections as there are.
            let _ = self.give_back.try_send(connection);
        }
    }
}

fn open(path: &Path) -> Result<Connection, StoreError> {
    let setup = || -> rusqlite::Result<Connection> {
        let connection = Connection::open(path)?;
        connection.busy_timeout(BUSY)?;
        keep_a_write_ahead_log(&connection)?;
        // FULL: a commit is on the disk when it returns.
        connection.execute_batch(
            "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
             PRAGMA temp_store = MEMORY; PRAGMA cache_size = -32768;",
        )?;
        connection.set_prepared_statement_cache_capacity(128);
        add_functions(&connection, Timestamp::now)?;
        Ok(connection)
    };
    let connection = setup().map_err(classify)?;
    let mode =
        connection.query_row("PRAGMA journal_mode", [], |row| row.get::<_, String>("journal_mode"));
    match mode.map_err(classify)?.as_str() {
        "wal" => Ok(connection),
        mode => Err(StoreError::Refused(
            format!(
                "SQLite keeps its journal as {mode:?} there instead of \"wal\": the file system of the data directory \
                 must be a local one"
            )
            .into(),
        )),
    }
}

/// With a write-ahead log, readers and the writer do not wait for each other. Of several processes that open a new file,
/// each wants to be the one that begins its log; SQLite does not wait for another in that, whatever its busy timeout.
fn keep_a_write_ahead_log(connection: &Connection) -> rusqlite::Result<()> {
    let since = Instant::now();
    loop {
        match connection.execute_batch("PRAGMA journal_mode = WAL") {
            Err(error)
                if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
                    && since.elapsed() < BUSY =>
            {
                std::thread::sleep(BUSY_AGAIN);
            }
            kept => return kept,
        }
    }
}

/// What the statements know in both databases: the time, and arithmetic with it.
pub(crate) fn add_functions(
    connection: &Connection,
    now: impl Fn() -> Timestamp + Send + 'static,
) -> rusqlite::Result<()> {
    let volatile = FunctionFlags::SQLITE_UTF8;
    connection
        .create_scalar_function("wsa_now", 0, volatile, move |_| Ok(now().as_microsecond()))?;
    // There is one writer.
    connection.create_scalar_function("wsa_take_turn", 1, volatile, |_| Ok(true))?;
    let pure = volatile | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("wsa_after", 2, pure, |args| {
        let microseconds = args.get::<i64>(1)?.saturating_mul(1_000_000);
        Ok(args.get::<i64>(0)?.saturating_add(microseconds))
    })
}

/// Runs blocking work where it may block; it finishes even when nobody waits for it any more.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    tokio::task::spawn_blocking(work).await.map_err(given_up)?
}

/// What work that was not finished says of the store.
fn given_up(error: JoinError) -> StoreError {
    match error.is_panic() {
        // A mistake of this program: waiting does not mend it.
        true => StoreError::Refused(Box::new(error)),
        false => StoreError::Unavailable(Box::new(error)),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use super::*;
    use crate::database::{Db, Type, row};

    static PUT: Statement =
        Statement::write(&[("id", Type::Int)], "INSERT INTO things (id) SELECT id FROM batch");
    static ALL: Statement = Statement::read(&[], "SELECT id FROM things");

    #[tokio::test]
    async fn work_that_panics_on_the_thread_of_the_writer_gives_up_its_transaction_alone() {
        let directory = tempfile::tempdir().unwrap();
        let db = SqliteDb::open(&directory.path().join("wsa.db")).unwrap();
        db.with_writer(|c| c.execute_batch("CREATE TABLE things (id INTEGER)")).await.unwrap();
        let db = Db::new(db);
        let put = |id: i64, panics: bool| {
            let used = db.clone();
            db.spawn(async move {
                let tx = used.begin().await.unwrap();
                tx.execute(&PUT, vec![row![id]]).await.unwrap();
                assert!(!panics, "on purpose");
                tx.commit().await.unwrap();
                std::thread::current().name().map(str::to_owned)
            })
        };
        let (lost, kept) = tokio::join!(put(1, true), put(2, false));
        assert!(lost.unwrap_err().is_panic());
        assert_eq!(kept.unwrap().as_deref(), Some("store writer"));
        let mut found = db.run(&ALL, Vec::new()).await.unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].get::<i64>("id").unwrap(), 2);
    }

    #[test]
    fn many_open_a_new_file_at_once() {
        for _ in 0..30 {
            let directory = tempfile::tempdir().unwrap();
            let (path, all) = (directory.path().join("wsa.db"), Barrier::new(8));
            std::thread::scope(|scope| {
                let open = || {
                    all.wait();
                    SqliteDb::open(&path)
                };
                let opened: Vec<_> = (0..8).map(|_| scope.spawn(open)).collect();
                for opened in opened {
                    opened.join().unwrap().unwrap();
                }
            });
        }
    }
}
