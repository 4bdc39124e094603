//! ActivePlatform: payments that bridges of banks complete.

pub mod access;
mod admin;
pub mod audit;
pub mod command;
pub mod contract;
pub mod decide;
mod demo;
pub mod http;
pub mod listing;
pub mod model;
pub mod parameters;
pub mod reads;
pub mod record;
pub mod settings;
pub mod sql;
#[cfg(test)]
pub(crate) mod testkit;
pub mod wire;

use std::sync::Arc;

use axum::Router;
use axum::http::Uri;
use axum::response::Response;
use futures_util::future::BoxFuture;
use jiff::Timestamp;

use self::command::{Answered, Complete};
use self::model::LedgerState;
use self::sql::Tables;
use self::wire::{answer, request};
use crate::config::SettingsError;
use crate::config::protocol::SectionReader;
use crate::database::{Db, StoreError, Tx, Write};
use crate::domain::task::{ClaimedTask, Undone};
use crate::engine::app::App;
use crate::engine::protocol::audit::{Audit, Table};
use crate::engine::protocol::{Decided, Engaged, Protocol, Refusal};
use crate::engine::store::Store;
use crate::surface::{AdminCommands, Contract, Demo, Instructions, Shown, Surface};

/// The protocol, as the engine sees it.
pub struct ActivePlatform;

impl Protocol for ActivePlatform {
    type Command = Complete;
    type State = LedgerState;
    type Reply = Answered;

    const NAME: &'static str = "activeplatform";

    const CALLERS: Option<&'static str> = Some("ap_managers");

    const TASK_TYPES: &'static [&'static str] = wire::TASK_TYPES;

    const AUDIT: Audit = Audit {
        passes: &[audit::PASSES],
        tables: &[
            Table { name: "ap_payments", object: "reseller_id" },
            Table { name: "ap_entries", object: "reseller_id" },
        ],
    };

    fn parse(_: &str, request: &str) -> Result<Complete, Decided<Answered>> {
        request::read_command(request)
            .map_err(|error| Decided::from(Answered::Refused { status: 400, title: error }))
    }

    async fn load(tx: &Tx, tasks: &[(&ClaimedTask, &Complete)]) -> Result<LedgerState, StoreError> {
        let tasks: Vec<_> = tasks.iter().map(|(task, command)| (task.key, *command)).collect();
        sql::load(tx, &tasks).await
    }

    fn decide(
        ledger: &mut LedgerState,
        now: Timestamp,
        task: &ClaimedTask,
        command: &Complete,
    ) -> Decided<Answered> {
        Decided::from(decide::decide(ledger, now, task.key, command))
    }

    async fn write(_: &Tx, ledger: LedgerState, now: Timestamp) -> Result<Vec<Write>, StoreError> {
        Ok(sql::write(ledger, now))
    }

    fn undone(task: &ClaimedTask, why: Undone) -> Answered {
        answer::undone(task, why)
    }

    fn render(_: &ClaimedTask, answered: &Answered) -> String {
        answer::write(answered)
    }

    fn refusal(answer: &str) -> Option<Refusal> {
        answer::read_refusal(answer)
    }

    async fn expire(db: &Db, most: usize) -> Result<usize, StoreError> {
        Tables { db }.expire_payments(most).await
    }

    async fn expire_around(db: &Db, most: usize) -> Result<(), StoreError> {
        Tables { db }.expire_payments_around(most).await
    }
}

impl Surface for ActivePlatform {
    fn protocol(&self) -> Box<dyn Engaged> {
        Box::new(ActivePlatform)
    }

    fn section(&self) -> Option<SectionReader> {
        Some(SectionReader::of::<settings::ActivePlatformSettings>())
    }

    fn routes(&self, app: &Arc<App>) -> Result<Router, SettingsError> {
        http::routes(app)
    }

    fn is_door(&self, path: &[&str]) -> bool {
        path.starts_with(&["api", "v3"])
    }

    fn no_such_path(&self, _: &App, uri: &Uri) -> Response {
        http::no_such_path(uri)
    }

    fn contract(&self) -> Contract {
        contract::CONTRACT
    }

    fn shown(&self) -> Shown {
        sql::shown::SHOWN
    }

    fn admin(&self) -> AdminCommands {
        AdminCommands::of::<admin::Admin>()
    }

    fn seed<'a>(&self, store: &'a Store) -> BoxFuture<'a, anyhow::Result<()>> {
        Box::pin(demo::seed(store))
    }

    fn instructions<'a>(&self, demo: &'a Demo) -> BoxFuture<'a, anyhow::Result<Instructions>> {
        Box::pin(async { Ok(demo::instructions(demo).await?.into()) })
    }
}
