//! `wsa backup`: a copy of an embedded store, while it is served.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::Args;
use jiff::Timestamp;

use crate::database::sqlite::backup;
use crate::protocols::ALL;
use crate::runtime::environment;
use crate::surface::store::{SQLITE_FILE, Servers};
use crate::terminal::output;

/// `wsa backup`
#[derive(Debug, Args)]
#[command(
    after_help = "The copy is a SQLite file of one moment: to restore it, put it into an empty data directory \
    as wsa.sqlite3. docs/backup.md says what that means for callers, and how PostgreSQL is backed up."
)]
pub(super) struct BackUp {
    #[command(flatten)]
    servers: Servers,
    /// Where the copy is to be; a file that is there is never overwritten.
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
}

impl BackUp {
    pub(super) async fn run(self) -> anyhow::Result<ExitCode> {
        let settings = self.servers.settings(&ALL, &[])?;
        if settings.database_url().is_some() {
            bail!(
                "the store is PostgreSQL, which has tools of its own: pg_basebackup and the archive of its write-ahead \
                 log; docs/backup.md has the recipe"
            );
        }
        let from = settings.store.data_dir.join(SQLITE_FILE);
        if !from.is_file() {
            bail!("there is no store at {}: name one with --data-dir", from.display());
        }
        let (to, began) = (self.to.clone(), Timestamp::now());
        let copied = environment::blocking(move || backup::copy(&from, &to)).await?;
        let bytes = copied.with_context(|| format!("no backup at {}", self.to.display()))?;
        output::line(format!(
            "{} holds the store as it was at {began:.0} or a moment later: {bytes} bytes, checked",
            self.to.display()
        ))?;
        Ok(ExitCode::SUCCESS)
    }
}
