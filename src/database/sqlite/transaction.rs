//! A transaction on the writer.

use std::sync::Arc;

use futures_util::FutureExt;
use tokio::sync::Mutex;

use super::rows::write_all;
use super::thread::WriterThread;
use super::writer::Writer;
use super::{each_parameters, each_row, execute};
use crate::database::{Answer, Row, Rows, Statement, StoreError, Transaction, Write};

/// Rolls back when dropped before it is committed.
pub(super) struct SqliteTx {
    writer: Arc<Mutex<Writer>>,
    thread: Arc<WriterThread>,
}

impl SqliteTx {
    /// Of a writer that has begun.
    pub(super) fn of(writer: Writer, thread: &Arc<WriterThread>) -> SqliteTx {
        SqliteTx { writer: Arc::new(Mutex::new(writer)), thread: Arc::clone(thread) }
    }

    async fn on_writer<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Writer) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let writer = Arc::clone(&self.writer).lock_owned().await;
        self.thread.run(move || work(&writer)).await
    }
}

impl Transaction for SqliteTx {
    fn query(&self, statement: &'static Statement, rows: Rows) -> Answer<'_, Vec<Row>> {
        let rows = each_parameters(statement, rows);
        self.on_writer(move |writer| each_row(writer.connection(), statement.sqlite(), rows))
            .boxed()
    }

    fn execute(&self, statement: &'static Statement, rows: Rows) -> Answer<'_, u64> {
        let rows = each_parameters(statement, rows);
        self.on_writer(move |writer| execute(writer.connection(), statement.sqlite(), rows)).boxed()
    }

    fn write(&self, writes: Vec<Write>) -> Answer<'_, Vec<Row>> {
        self.on_writer(move |writer| write_all(writer.connection(), writes)).boxed()
    }

    fn commit(self: Box<Self>) -> Answer<'static, ()> {
        async move { self.on_writer(Writer::commit).await }.boxed()
    }

    fn finish(self: Box<Self>, writes: Vec<Write>) -> Answer<'static, Vec<Row>> {
        async move {
            let finish = |writer: &Writer| {
                let given = write_all(writer.connection(), writes)?;
                writer.commit().map(|()| given)
            };
            self.on_writer(finish).await
        }
        .boxed()
    }
}
