//! The schema: numbered SQL files, applied in order, each once.
//!
//! `wsa migrate` and `wsa up` apply; `wsa api` and `wsa worker` only verify, and wait.

use super::{Store, StoreError};
use crate::database::Migration;

macro_rules! migrations {
    ($($number:literal $name:literal),* $(,)?) => {
        &[$(Migration {
            number: $number,
            name: $name,
            postgres: include_str!(concat!("../../../migrations/postgres/", $name, ".sql")),
            sqlite: include_str!(concat!("../../../migrations/sqlite/", $name, ".sql")),
        }),*]
    };
}

/// All of them, in order.
pub(crate) const MIGRATIONS: &[Migration] = migrations![
    1 "001_payments",
    2 "002_deliveries",
    3 "003_activeplatform",
    4 "004_ticketscloud",
    5 "005_billmanager",
    6 "006_dead_letters",
    7 "007_names",
    9 "009_dead_denied",
    10 "010_probes",
    11 "011_denials",
    12 "012_billmanager_parameters",
    13 "013_activeplatform_lists",
    14 "014_object_time_zone",
    15 "015_callbacks",
    16 "016_catalogues",
    17 "017_tills",
    18 "018_ticketscloud_expiry",
    20 "020_event_types",
    21 "021_scheduled_tasks",
    22 "022_ticketscloud_catalogue",
    23 "023_ticketscloud_refunds",
    24 "024_billmanager_services",
    25 "025_billmanager_renewals",
    26 "026_billmanager_refunds",
    28 "028_queues_begin",
    29 "029_written_whole",
    30 "030_story_of_a_task",
    31 "031_inline_times",
    32 "032_operators",
    33 "033_searches",
    34 "034_pauses",
    37 "037_samples",
    38 "038_operator_sessions",
    39 "039_log_of_a_callback",
    40 "040_resumed",
    41 "041_fewer_indexes",
    42 "042_held",
    44 "044_backlog_counts",
    46 "046_on_hold",
];

/// The newest step that this program knows.
pub const NEWEST: i64 = MIGRATIONS[MIGRATIONS.len() - 1].number;

/// How a store's schema compares with what this program needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schema {
    /// It is what this program was built for.
    Current,
    /// Steps are missing: run `wsa migrate`.
    Behind {
        /// The newest step that was applied; 0 for none.
        at: i64,
        /// The highest step that is missing. It may be lower than one that was applied.
        needed: i64,
    },
    /// A newer program migrated it. Steps only ever add, so this program can go on.
    Ahead,
}

impl Store {
    /// Applies the steps that are missing and gives their names.
    pub async fn migrate(&self) -> Result<Vec<&'static str>, StoreError> {
        self.db.migrate(MIGRATIONS).await
    }

    /// Compares the schema with what this program needs.
    pub async fn schema(&self) -> Result<Schema, StoreError> {
        let applied = self.db.applied_migrations().await?;
        let at = applied.last().copied().unwrap_or(0);
        let mut missing = MIGRATIONS.iter().map(|step| step.number).rev();
        Ok(match missing.find(|number| !applied.contains(number)) {
            Some(needed) => Schema::Behind { at, needed },
            None if at > NEWEST => Schema::Ahead,
            None => Schema::Current,
        })
    }
}
