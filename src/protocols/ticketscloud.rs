//! ticketscloud API v1, as the vendor's public documentation describes it: orders of tickets, confirmed by their
//! sellers.

pub mod access;
mod admin;
pub mod audit;
pub mod command;
pub mod contract;
pub mod decide;
mod demo;
pub mod document;
pub mod hex_id;
pub mod http;
pub mod model;
pub mod parameters;
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

use self::command::{Answered, Command};
use self::model::InventoryState;
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
pub struct TicketsCloud;

impl Protocol for TicketsCloud {
    type Command = Command;
    type State = InventoryState;
    type Reply = Answered;

    const NAME: &'static str = "ticketscloud";

    const CALLERS: Option<&'static str> = Some("tc_keys");

    const TASK_TYPES: &'static [&'static str] = wire::TASK_TYPES;

    const AUDIT: Audit = Audit {
        passes: &[audit::PASSES],
        tables: &[
            Table::of("tc_orders"),
            Table::of("tc_lines"),
            Table::of("tc_entries"),
            Table::of("tc_refunds"),
        ],
    };

    fn parse(task_type: &str, request: &str) -> Result<Command, Decided<Answered>> {
        request::read_task(task_type, request)
            .map_err(|error| Decided::from(Answered::Refused { status: 400, errors: vec![error] }))
    }

    async fn load(
        tx: &Tx,
        tasks: &[(&ClaimedTask, &Command)],
    ) -> Result<InventoryState, StoreError> {
        let tasks: Vec<_> = tasks.iter().map(|(task, command)| (task.key, *command)).collect();
        sql::load(tx, &tasks).await
    }

    fn decide(
        inventory: &mut InventoryState,
        now: Timestamp,
        task: &ClaimedTask,
        command: &Command,
    ) -> Decided<Answered> {
        Decided::from(decide::decide(inventory, now, task.key, command))
    }

    async fn write(
        _: &Tx,
        inventory: InventoryState,
        now: Timestamp,
    ) -> Result<Vec<Write>, StoreError> {
        sql::write(inventory, now)
    }

    fn undone(task: &ClaimedTask, why: Undone) -> Answered {
        answer::undone(task, why)
    }

    fn render(task: &ClaimedTask, answered: &Answered) -> String {
        answer::write(task, answered)
    }

    fn refusal(answer: &str) -> Option<Refusal> {
        answer::read_refusal(answer)
    }

    async fn expire(db: &Db, most: usize) -> Result<usize, StoreError> {
        Tables { db }.expire_orders(most).await
    }

    async fn expire_around(db: &Db, most: usize) -> Result<(), StoreError> {
        Tables { db }.expire_orders_around(most).await
    }
}

impl Surface for TicketsCloud {
    fn protocol(&self) -> Box<dyn Engaged> {
        Box::new(TicketsCloud)
    }

    fn section(&self) -> Option<SectionReader> {
        Some(SectionReader::of::<settings::TicketsCloudSettings>())
    }

    fn routes(&self, app: &Arc<App>) -> Result<Router, SettingsError> {
        http::routes(app)
    }

    fn is_door(&self, path: &[&str]) -> bool {
        path.starts_with(&["v1"]) || path.starts_with(&["v2"])
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
        Box::pin(async { Ok(demo::instructions(demo).into()) })
    }
}
