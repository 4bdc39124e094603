//! BILLmanager: carts, orders and payments of hosting clients.

mod admin;
pub mod audit;
pub mod command;
pub mod contract;
pub mod decide;
mod demo;
mod due;
pub mod http;
pub mod model;
pub mod passwords;
pub mod settings;
pub mod sql;
#[cfg(test)]
pub(crate) mod testkit;
pub mod users;
pub mod wire;

use std::sync::Arc;

use axum::Router;
use axum::http::Uri;
use axum::response::Response;
use futures_util::future::BoxFuture;
use jiff::Timestamp;

use self::command::{Answered, Ask, Fault, FaultKind};
use self::decide::Job;
use self::model::LedgerState;
use self::settings::BillManagerSettings;
use self::sql::Tables;
use self::wire::{answer, request};
use crate::config::protocol::SectionReader;
use crate::config::{Settings, SettingsError};
use crate::database::{Db, StoreError, Tx, Write};
use crate::domain::task::{ClaimedTask, NewTask, Outcome, Undone};
use crate::engine::app::App;
use crate::engine::protocol::audit::{Audit, Table};
use crate::engine::protocol::{Decided, Engaged, Protocol, Refusal};
use crate::engine::store::Store;
use crate::surface::{AdminCommands, Contract, Demo, Instructions, Shown, Surface};

/// The protocol, as the engine sees it.
pub struct BillManager;

impl Protocol for BillManager {
    type Command = Ask;
    type State = LedgerState;
    type Reply = Answered;

    const NAME: &'static str = "billmanager";

    const CALLERS: Option<&'static str> = Some("bm_users");

    const TASK_TYPES: &'static [&'static str] = wire::TASK_TYPES;

    const AUDIT: Audit = Audit {
        passes: &[audit::PASSES],
        tables: &[
            Table::of("bm_orders"),
            Table::of("bm_payments"),
            Table::of("bm_entries"),
            Table::of("bm_services"),
            Table::of("bm_periods"),
        ],
    };

    fn parse(_: &str, request: &str) -> Result<Ask, Decided<Answered>> {
        request::read_command(request).map_err(|_| {
            let fault = Fault { kind: FaultKind::Failed, object: None, msg: wire::words::failed() };
            Decided { outcome: Outcome::Refused, reply: Answered::Refused(fault) }
        })
    }

    async fn load(tx: &Tx, tasks: &[(&ClaimedTask, &Ask)]) -> Result<LedgerState, StoreError> {
        let tasks: Vec<_> = tasks.iter().map(|(task, command)| (task.key, *command)).collect();
        sql::load(tx, &tasks).await
    }

    fn decide(
        ledger: &mut LedgerState,
        now: Timestamp,
        task: &ClaimedTask,
        command: &Ask,
    ) -> Decided<Answered> {
        Decided::from(decide::decide(
            ledger,
            Job { key: task.key, by: task.aggregator, now },
            command,
        ))
    }

    async fn write(_: &Tx, ledger: LedgerState, now: Timestamp) -> Result<Vec<Write>, StoreError> {
        sql::write(&ledger, now)
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

    async fn due(db: &Db, settings: &Settings, most: usize) -> Result<Vec<NewTask>, StoreError> {
        // Without its section the protocol has no door either.
        let days = settings.section::<BillManagerSettings>().map_or(0, |own| own.unpaid_days);
        due::tasks(db, days, most).await
    }

    async fn forget(db: &Db, most: u64) -> Result<u64, StoreError> {
        Tables { db }.forget_sessions(most).await
    }
}

impl Surface for BillManager {
    fn protocol(&self) -> Box<dyn Engaged> {
        Box::new(BillManager)
    }

    fn section(&self) -> Option<SectionReader> {
        Some(SectionReader::of::<BillManagerSettings>())
    }

    fn routes(&self, app: &Arc<App>) -> Result<Router, SettingsError> {
        http::routes(app)
    }

    fn is_door(&self, path: &[&str]) -> bool {
        matches!(path, ["billmgr" | "mancgi", ..] | ["manager", "billmgr", ..])
    }

    fn no_such_path(&self, app: &App, uri: &Uri) -> Response {
        http::no_such_path(app, uri)
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
        Box::pin(async { Ok(demo::instructions(demo).into()) })
    }
}
