//! White Server v1 and v2: orders and payments of restaurants, for aggregators.

mod admin;
pub mod amqp;
pub(crate) mod audit;
pub mod command;
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
use axum::http::Uri;
use axum::response::Response;
use futures_util::future::BoxFuture;
use jiff::Timestamp;

use self::command::{Command, Task};
use self::model::World;
use self::reply::Answer;
use self::wire::{answer, event, request};
use crate::app::App;
use crate::boot::Running;
use crate::cli::admin::AdminCommands;
use crate::cli::demo::Instructions;
use crate::contracts::Contract;
use crate::outbox::{Notification, SubscriptionId};
use crate::protocol::{Decided, Protocol};
use crate::store::audit::{Audit, Table};
use crate::store::sql::Tx;
use crate::store::{Store, StoreError};
use crate::surface::{BackgroundTask, Surface};
use crate::task::{ClaimedTask, Undone};

/// The protocol, as the engine sees it.
pub struct WhiteServer;

impl Protocol for WhiteServer {
    type Command = Command;
    type State = World;
    type Reply = Answer;

    const NAME: &'static str = "whiteserver";

    const TASK_TYPES: &'static [&'static str] = &request::TASK_TYPES;

    const AUDIT: Audit = Audit {
        passes: &[audit::orders::PASSES, audit::payments::PASSES, audit::asked::PASSES],
        tables: &[Table::of("orders"), Table::of("payments")],
    };

    const NOTIFICATION: Option<fn(&Notification) -> String> = Some(event::webhook);

    fn parse(task_type: &str, request: &str) -> Result<Command, Decided<Answer>> {
        request::read_command(task_type, request).map_err(|refusal| Err(refusal).into())
    }

    async fn load(tx: &Tx, tasks: &[(&ClaimedTask, &Command)]) -> Result<World, StoreError> {
        sql::load(tx, tasks).await
    }

    fn decide(
        world: &mut World,
        now: Timestamp,
        task: &ClaimedTask,
        command: &Command,
    ) -> Decided<Answer> {
        world.now = now;
        let asked = Task { key: task.key, aggregator: task.aggregator, command };
        let answer = decide::decide(world, &asked);
        WhiteServer::note_undone(world, task, &answer);
        answer.into()
    }

    fn note_undone(world: &mut World, task: &ClaimedTask, answer: &Answer) {
        if let Err(refusal) = answer {
            world.creation_failed(task.key, answer::reason(refusal));
        }
    }

    async fn write(
        tx: &Tx,
        world: World,
        now: Timestamp,
    ) -> Result<Vec<SubscriptionId>, StoreError> {
        sql::write(tx, world.into_changes(), now).await
    }

    fn undone(task: &ClaimedTask, why: Undone) -> Answer {
        Err(answer::undone(task, why))
    }

    fn render(task: &ClaimedTask, answer: &Answer) -> String {
        answer::write(task, answer)
    }
}

impl Surface for WhiteServer {
    fn routes(&self, app: &Arc<App>) -> Router {
        http::routes(app)
    }

    fn intakes(&self) -> &'static [BackgroundTask] {
        &[BackgroundTask {
            name: "intake of upstream services",
            run: |app| Box::pin(amqp::run(app)),
        }]
    }

    fn is_door(&self, _: &[&str]) -> bool {
        // Its form is that of every path that is nobody's.
        false
    }

    fn no_such_path(&self, _: &App, uri: &Uri) -> Response {
        http::no_such_path(uri)
    }

    fn contract(&self) -> Contract {
        contract::CONTRACT
    }

    fn admin(&self) -> AdminCommands {
        AdminCommands::of::<admin::Admin>()
    }

    fn seed<'a>(&self, store: &'a Store) -> BoxFuture<'a, anyhow::Result<()>> {
        Box::pin(demo::seed(store))
    }

    fn instructions<'a>(
        &self,
        running: &'a Running,
    ) -> BoxFuture<'a, anyhow::Result<Instructions>> {
        Box::pin(demo::instructions(running))
    }
}
