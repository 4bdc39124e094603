//! Commands that talk to the store directly, as an operator does.

use std::process::ExitCode;

use anyhow::bail;

use super::Servers;
use crate::boot::open_store;
use crate::store::Store;
use crate::store::migrate::Schema;

/// The store that the flags and settings name, with a schema that this program can use.
pub(super) async fn open(servers: &Servers) -> anyhow::Result<Store> {
    let settings = servers.settings(&[])?;
    let store = open_store(&settings, true)?;
    match store.schema().await? {
        Schema::Current | Schema::Ahead => Ok(store),
        // An embedded store is its one program's own; a server has an operator who migrates.
        Schema::Behind { .. } if settings.database_url().is_none() => {
            store.migrate().await?;
            Ok(store)
        }
        Schema::Behind { at, needed } => {
            bail!("the schema is at {at}, {needed} is needed: run `wsa migrate` first")
        }
    }
}

/// `wsa migrate`
pub(super) async fn migrate(servers: &Servers) -> anyhow::Result<ExitCode> {
    let settings = servers.settings(&[])?;
    let store = open_store(&settings, true)?;
    let steps = store.migrate().await?;
    match steps.is_empty() {
        true => println!("the schema of the {} store is up to date", store.kind()),
        false => println!("applied to the {} store: {}", store.kind(), steps.join(", ")),
    }
    Ok(ExitCode::SUCCESS)
}
