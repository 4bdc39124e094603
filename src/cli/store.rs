//! Commands that talk to the store directly, as an operator does.

use std::process::ExitCode;

use anyhow::{Context, anyhow, bail};
use clap::Args;

use super::Servers;
use crate::boot::{SQLITE_FILE, checked, open_store};
use crate::checks::Finding;
use crate::store::Store;
use crate::store::migrate::Schema;
use crate::store::reference::Aggregator;
use crate::task::ObjectId;

/// Which store, and for whom to print.
#[derive(Debug, Args)]
pub(crate) struct StoreFlags {
    #[command(flatten)]
    servers: Servers,
    /// Print JSON, one object a line.
    #[arg(long)]
    pub(crate) json: bool,
}

impl StoreFlags {
    /// The settings, as the flags say.
    pub(crate) fn settings(&self) -> anyhow::Result<crate::config::Settings> {
        self.servers.settings(&[])
    }

    /// The store, as [`open`] gives it.
    pub(crate) async fn open(&self) -> anyhow::Result<Store> {
        open(&self.servers).await
    }

    /// The store as it is, for who only reads: one whose schema is old is refused, and none is made.
    pub(crate) async fn open_unchanged(&self) -> anyhow::Result<Store> {
        let settings = self.settings()?;
        let file = settings.store.data_dir.join(SQLITE_FILE);
        if settings.database_url().is_none() && !file.is_file() {
            bail!(
                "there is no store at {}: name one with --data-dir or --database-url",
                file.display()
            );
        }
        let (store, _) = there(&self.servers)?;
        match store.schema().await.context("the store cannot be used")? {
            Schema::Current | Schema::Ahead => Ok(store),
            Schema::Behind { at, needed } => Err(behind(at, needed)),
        }
    }
}

/// The store that the flags and settings name, and whether it is the embedded one; it must be there.
fn there(servers: &Servers) -> anyhow::Result<(Store, bool)> {
    let settings = servers.settings(&[])?;
    let embedded = settings.database_url().is_none();
    let directory = &settings.store.data_dir;
    // A forgotten flag must not make a second, empty store that nobody asks again.
    if embedded && !directory.is_dir() {
        bail!(
            "there is no store in {}: name it with --data-dir or --database-url, or make one there \
             with `wsa migrate` or `wsa up`",
            directory.display()
        );
    }
    Ok((open_store(&settings, true)?, embedded))
}

fn behind(at: i64, needed: i64) -> anyhow::Error {
    anyhow!("the schema is at {at}, {needed} is needed: run `wsa migrate` first")
}

/// The store that the flags and settings name, with a schema that this program can use.
pub(crate) async fn open(servers: &Servers) -> anyhow::Result<Store> {
    let (store, embedded) = there(servers)?;
    match store.schema().await.context("the store cannot be used")? {
        Schema::Current | Schema::Ahead => Ok(store),
        // An embedded store is its one program's own; a server has an operator who migrates.
        Schema::Behind { .. } if embedded => {
            store.migrate().await?;
            Ok(store)
        }
        Schema::Behind { at, needed } => Err(behind(at, needed)),
    }
}

/// That there are objects with these numbers, or which of them there is not.
pub(crate) async fn check_objects(store: &Store, wanted: &[ObjectId]) -> anyhow::Result<()> {
    let known = store.known_objects(wanted).await?;
    match wanted.iter().find(|object| !known.contains(object)) {
        Some(missing) => {
            bail!("there is no object {missing}: `wsa admin object list` shows those there are")
        }
        None => Ok(()),
    }
}

/// The aggregator with this name.
pub(crate) async fn aggregator(store: &Store, name: &str) -> anyhow::Result<Aggregator> {
    let found = store.aggregators().await?.into_iter().find(|aggregator| aggregator.name == name);
    found.with_context(|| {
        format!(
            "there is no aggregator {name:?}: `wsa admin aggregator list` shows those there are"
        )
    })
}

/// `wsa migrate`
pub(crate) async fn migrate(servers: &Servers) -> anyhow::Result<ExitCode> {
    let settings = servers.settings(&[])?;
    let store = open_store(&settings, true)?;
    if let Err(Finding::Refuse(told) | Finding::Wait(told) | Finding::Warn(told)) =
        checked(&store, &settings).await.context("the store cannot be used")?
    {
        bail!("nothing was migrated: {told}");
    }
    let steps = store.migrate().await?;
    match steps.is_empty() {
        true => println!("the schema of the {} store is up to date", store.kind()),
        false => println!("applied to the {} store: {}", store.kind(), steps.join(", ")),
    }
    Ok(ExitCode::SUCCESS)
}
