//! Whether the store takes writes: a row of each process, written again and again.

use uuid::Uuid;

use super::{Store, StoreError};
use crate::database::{Statement, Type, row};

/// The row of a process that has not written it for so long goes, in seconds.
const FORGOTTEN_S: i64 = 86_400;

// A row of its own for each process: one that is frozen while it writes holds up nobody else.
static WRITE: Statement = Statement::write(
    &[("process_id", Type::Uuid), ("padding", Type::Text)],
    "INSERT INTO probes (process_id, written_at, padding)
     SELECT process_id, wsa_now(), padding FROM batch WHERE true
     ON CONFLICT (process_id) DO UPDATE SET written_at = excluded.written_at, padding = excluded.padding",
);

static FORGET: Statement = Statement::write(
    &[("age_s", Type::Int)],
    "DELETE FROM probes WHERE written_at < (SELECT wsa_after(wsa_now(), -age_s) FROM batch)",
);

impl Store {
    /// Writes a process's row, with `padding` characters in it, and commits.
    pub async fn write_probe(&self, process: Uuid, padding: usize) -> Result<(), StoreError> {
        self.db.run(&WRITE, vec![row![process, "x".repeat(padding)]]).await.map(drop)
    }

    /// Removes the rows of processes that are long gone.
    pub async fn forget_probes(&self) -> Result<(), StoreError> {
        self.db.run(&FORGET, vec![row![FORGOTTEN_S]]).await.map(drop)
    }
}
