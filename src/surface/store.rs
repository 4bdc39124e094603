//! Commands that talk to the store directly, as an operator does.

use std::path::PathBuf;

use anyhow::{Context, anyhow, bail};
use clap::Args;

use super::{ProtocolList, conduct};
use crate::config::{Layers, Settings};
use crate::domain::task::ObjectId;
use crate::engine::store::Store;
use crate::engine::store::migrate::Schema;
use crate::engine::store::reference::Aggregator;

/// The name of the embedded store's file in the data directory.
pub const SQLITE_FILE: &str = "wsa.sqlite3";

/// Opens the store that the settings name: PostgreSQL, or for `embedded` a SQLite file.
pub fn open_store(
    list: &'static ProtocolList,
    settings: &Settings,
    embedded: bool,
) -> anyhow::Result<Store> {
    opened(list, settings, embedded).map(conduct::recorded)
}

fn opened(
    list: &'static ProtocolList,
    settings: &Settings,
    embedded: bool,
) -> anyhow::Result<Store> {
    if let Some(url) = settings.database_url() {
        return Ok(Store::postgres(url, &settings.store(), list.protocols())?);
    }
    if !embedded {
        bail!(
            "the setting store.database_url is empty: it must name the PostgreSQL database, like \
             --database-url postgres://wsa:password@db:5432/wsa or WSA__STORE__DATABASE_URL; `wsa up` alone needs none"
        );
    }
    let directory = &settings.store.data_dir;
    std::fs::create_dir_all(directory)
        .with_context(|| format!("the data directory {} cannot be made", directory.display()))?;
    let path = directory.join(SQLITE_FILE);
    Store::sqlite(&path, list.protocols())
        .with_context(|| format!("the store {} cannot be opened", path.display()))
}

/// Where the servers are. Settings and `WSA__...` variables say it too; these flags win.
#[derive(Debug, Clone, Default, Args)]
pub struct Servers {
    /// PostgreSQL, like postgres://user:password@host:5432/name; else WSA__STORE__DATABASE_URL.
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
    /// RabbitMQ, like amqp://user:password@host:5672/%2f; else WSA__AMQP__URL.
    #[arg(long, value_name = "URL")]
    amqp_url: Option<String>,
    /// Where the embedded default keeps its data; else WSA__STORE__DATA_DIR, and without that ./wsa-data.
    #[arg(long, value_name = "DIRECTORY")]
    data_dir: Option<String>,
    /// A file of settings, which wins over the defaults and the file of WSA_ENVIRONMENT; variables and flags win over it.
    /// WSA_CONFIG names one, too.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl Servers {
    /// Whether a data directory is named.
    pub fn has_data_dir(&self) -> bool {
        self.data_dir.is_some()
    }

    /// The settings, with these flags and `others` on top.
    pub fn settings(
        &self,
        list: &ProtocolList,
        others: &[(&'static str, Option<String>)],
    ) -> anyhow::Result<Settings> {
        let given = self.flags().into_iter().chain(others.iter().cloned());
        let flags: Vec<_> = given.filter_map(|(name, value)| Some((name, value?))).collect();
        Ok(Settings::load(&list.sections(), self.config.as_deref(), &flags)?)
    }

    /// All that is set, right or wrong, with these flags and `others` on top.
    pub fn layers(&self, others: &[(&'static str, Option<String>)]) -> anyhow::Result<Layers> {
        let given = self.flags().into_iter().chain(others.iter().cloned());
        let flags: Vec<_> = given.filter_map(|(name, value)| Some((name, value?))).collect();
        Ok(Layers::load(self.config.as_deref(), &flags)?)
    }

    /// The store as it is, for who only reads: one whose schema is old is refused, and none is made.
    pub async fn open_unchanged(&self, list: &'static ProtocolList) -> anyhow::Result<Store> {
        let settings = self.settings(list, &[])?;
        let file = settings.store.data_dir.join(SQLITE_FILE);
        if settings.database_url().is_none() && !file.is_file() {
            bail!(
                "there is no store at {}: name one with --data-dir or --database-url, or make one there with \
                 `wsa migrate` or `wsa up`",
                file.display()
            );
        }
        let (store, _) = there(list, self)?;
        match store.schema().await.context("the store cannot be used")? {
            Schema::Current | Schema::Ahead => Ok(store),
            Schema::Behind { at, needed } => Err(behind(at, needed)),
        }
    }

    fn flags(&self) -> [(&'static str, Option<String>); 3] {
        [
            ("store.database_url", self.database_url.clone()),
            ("amqp.url", self.amqp_url.clone()),
            ("store.data_dir", self.data_dir.clone()),
        ]
    }
}

/// Which store, and for whom to print.
#[derive(Debug, Args)]
pub struct StoreFlags {
    #[command(flatten)]
    servers: Servers,
    /// Print JSON, one object a line.
    #[arg(long)]
    pub json: bool,
}

impl StoreFlags {
    /// The settings, as the flags say.
    pub fn settings(&self, list: &ProtocolList) -> anyhow::Result<Settings> {
        if let Some(place) = conduct::place() {
            return Ok(place.settings);
        }
        self.servers.settings(list, &[])
    }

    /// The store, as [`open`] gives it.
    pub async fn open(&self, list: &'static ProtocolList) -> anyhow::Result<Store> {
        if let Some(place) = conduct::place() {
            return Ok(conduct::recorded(place.store));
        }
        open(list, &self.servers).await
    }

    /// The store as it is, for who only reads: one whose schema is old is refused, and none is made.
    pub async fn open_unchanged(&self, list: &'static ProtocolList) -> anyhow::Result<Store> {
        self.servers.open_unchanged(list).await
    }
}

/// The store that the flags and settings name, and whether it is the embedded one; it must be there.
fn there(list: &'static ProtocolList, servers: &Servers) -> anyhow::Result<(Store, bool)> {
    let settings = servers.settings(list, &[])?;
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
    Ok((open_store(list, &settings, true)?, embedded))
}

fn behind(at: i64, needed: i64) -> anyhow::Error {
    anyhow!("the schema is at {at}, {needed} is needed: run `wsa migrate` first")
}

/// The store that the flags and settings name, with a schema that this program can use.
pub async fn open(list: &'static ProtocolList, servers: &Servers) -> anyhow::Result<Store> {
    let (store, embedded) = there(list, servers)?;
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
pub async fn check_objects(store: &Store, wanted: &[ObjectId]) -> anyhow::Result<()> {
    let known = store.known_objects(wanted).await?;
    match wanted.iter().find(|object| !known.contains(object)) {
        Some(missing) => {
            bail!("there is no object {missing}: `wsa admin object list` shows those there are")
        }
        None => Ok(()),
    }
}

/// The aggregator with this name.
pub async fn aggregator(store: &Store, name: &str) -> anyhow::Result<Aggregator> {
    let found = store.aggregators().await?.into_iter().find(|aggregator| aggregator.name == name);
    found.with_context(|| {
        format!(
            "there is no aggregator {name:?}: `wsa admin aggregator list` shows those there are"
        )
    })
}
