//! White Server v1 and v2: orders and payments of restaurants, for aggregators.

mod admin;
pub mod amqp;
pub(crate) mod audit;
pub mod catalogue;
pub mod command;
pub mod commands;
pub mod contract;
pub mod decide;
mod demo;
pub mod http;
pub mod model;
pub mod reply;
pub mod sql;
#[cfg(test)]
pub(crate) mod testkit;
pub mod wire;

use std::sync::Arc;

use axum::Router;
use axum::http::{Method, Uri};
use axum::response::Response;
use futures_util::future::BoxFuture;
use jiff::Timestamp;

use self::command::{Command, Task};
use self::model::OrderState;
use self::model::till::{Acting, By};
use self::reply::Answer;
use self::wire::{answer, event, request, till};
use crate::config::SettingsError;
use crate::database::{Db, Look, StoreError, Tx, Write};
use crate::domain::outbox::Notification;
use crate::domain::task::{ClaimedTask, TaskGuid, TaskKey, Undone};
use crate::engine::app::App;
use crate::engine::protocol::audit::{Audit, Table};
use crate::engine::protocol::callers::CallersOf;
use crate::engine::protocol::{self, Decided, Engaged, GuidsOf, Protocol};
use crate::engine::store::Store;
use crate::surface::{AdminCommands, BackgroundTask, Contract, Demo, Instructions, Shown, Surface};

/// The protocol, as the engine sees it.
pub struct WhiteServer;

const TASK_TYPES_OF_ALL: usize = request::TASK_TYPES.len() + till::TASK_TYPES.len();

/// Those of aggregators, and those of tills.
const ALL_TASK_TYPES: [&str; TASK_TYPES_OF_ALL] = {
    let mut all = [""; TASK_TYPES_OF_ALL];
    let (aggregators, mut at) = (request::TASK_TYPES.len(), 0);
    while at < TASK_TYPES_OF_ALL {
        all[at] = match at < aggregators {
            true => request::TASK_TYPES[at],
            false => till::TASK_TYPES[at - aggregators],
        };
        at += 1;
    }
    all
};

impl Protocol for WhiteServer {
    type Command = Command;
    type State = OrderState;
    type Reply = Answer;

    const NAME: &'static str = "whiteserver";

    const GUIDS: Option<GuidsOf> =
        Some(GuidsOf { table: "orders", object: "object_id", guid: "order_guid" });

    const OTHER_CALLERS: &'static [CallersOf] =
        &[CallersOf { protocol: http::till::DOOR, table: Some("tills") }];

    const TASK_TYPES: &'static [&'static str] = &ALL_TASK_TYPES;

    const AUDIT: Audit = Audit {
        passes: &[
            audit::orders::PASSES,
            audit::payments::PASSES,
            audit::asked::PASSES,
            audit::tills::PASSES,
            audit::events::PASSES,
            audit::cancelled::PASSES,
        ],
        tables: &[
            Table::of("orders"),
            Table::of("payments"),
            Table::of("events"),
            Table::of("tills"),
            Table::of("till_events"),
        ],
    };

    const NOTIFICATION: Option<fn(&Notification) -> String> = Some(event::webhook);

    fn parse(task_type: &str, request: &str) -> Result<Command, Decided<Answer>> {
        request::read_command(task_type, request).map_err(|refusal| Err(refusal).into())
    }

    fn cancels(task_type: &str, request: &str) -> Option<TaskGuid> {
        if task_type != request::CANCEL_TASK {
            return None;
        }
        match request::read_command(task_type, request) {
            Ok(Command::CancelTask(target)) => Some(target),
            _ => None,
        }
    }

    async fn load(tx: &Tx, tasks: &[(&ClaimedTask, &Command)]) -> Result<OrderState, StoreError> {
        sql::load(tx, tasks).await
    }

    fn foresee(tasks: &[(TaskKey, Command)]) -> Vec<Look> {
        sql::foresee(tasks)
    }

    fn decide(
        state: &mut OrderState,
        now: Timestamp,
        task: &ClaimedTask,
        command: &Command,
    ) -> Decided<Answer> {
        state.now = now;
        let by = if matches!(command, Command::Till(_)) { By::Till } else { By::Aggregator };
        state.acting = Acting { by, task: Some(task.key.guid) };
        let ClaimedTask { key, aggregator, cancellation, .. } = *task;
        let asked = Task { key, aggregator, command, cancellation };
        let answer = decide::decide(state, &asked);
        WhiteServer::note_undone(state, task, &answer);
        answer.into()
    }

    fn note_undone(state: &mut OrderState, task: &ClaimedTask, answer: &Answer) {
        if let Err(refusal) = answer {
            state.record_failed_creation(task.key, answer::reason(refusal));
        }
    }

    async fn write(tx: &Tx, state: OrderState, now: Timestamp) -> Result<Vec<Write>, StoreError> {
        sql::write(tx, state.into_changes(), now).await
    }

    fn undone(task: &ClaimedTask, why: Undone) -> Answer {
        Err(answer::undone(task, why))
    }

    fn render(task: &ClaimedTask, answer: &Answer) -> String {
        answer::write(task, answer)
    }

    fn refusal(answer: &str) -> Option<protocol::Refusal> {
        let told = answer::read_refusal(answer)?;
        Some(protocol::Refusal { code: told.code, message: told.message })
    }

    async fn expire(db: &Db, most: usize) -> Result<usize, StoreError> {
        sql::acceptance::expire(db, most).await
    }

    async fn expire_around(db: &Db, most: usize) -> Result<(), StoreError> {
        sql::acceptance::expire_around(db, most).await
    }

    async fn forget(db: &Db, most: u64) -> Result<u64, StoreError> {
        sql::till_events::forget(db, most).await
    }
}

impl Surface for WhiteServer {
    fn protocol(&self) -> Box<dyn Engaged> {
        Box::new(WhiteServer)
    }

    fn routes(&self, app: &Arc<App>) -> Result<Router, SettingsError> {
        Ok(http::routes(app).merge(http::till::routes(app)))
    }

    fn intakes(&self) -> &'static [BackgroundTask] {
        &[BackgroundTask {
            name: "intake of upstream services",
            run: |app| Box::pin(amqp::run(app)),
        }]
    }

    fn is_door(&self, path: &[&str]) -> bool {
        // The form of aggregators is that of every path that is nobody's.
        http::till::is_door(path)
    }

    fn no_such_path(&self, _: &App, uri: &Uri) -> Response {
        let parts: Vec<&str> = uri.path().split('/').filter(|part| !part.is_empty()).collect();
        if http::till::is_door(&parts) {
            return http::till::no_such_path(uri);
        }
        http::no_such_path(uri)
    }

    fn no_such_method(&self, method: &Method, uri: &Uri) -> Response {
        http::no_such_method(method, uri)
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
        Box::pin(demo::instructions(demo))
    }
}
