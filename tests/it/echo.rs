//! A fifth protocol, as small as one can be: the worked example of CONTRIBUTING. It says back what a caller says, with
//! how often the caller has said something.
//!
//! Everything of it is in this file and its folder: one task type, one table, one route, one admin command. It is added
//! to a program by its line in [`LIST`].

mod admin;
mod http;
pub mod sql;

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::http::Uri;
use axum::response::Response;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use wsa::config::SettingsError;
use wsa::database::{StoreError, Tx, Type, Write};
use wsa::domain::task::{AggregatorId, ClaimedTask, Outcome, Undone};
use wsa::engine::app::App;
use wsa::engine::protocol::audit::{Audit, Check, Pass, Rows, Table};
use wsa::engine::protocol::{Counted, Decided, Engaged, Protocol, Refusal, stored};
use wsa::engine::store::Store;
use wsa::protocols::activeplatform::ActivePlatform;
use wsa::protocols::billmanager::BillManager;
use wsa::protocols::ticketscloud::TicketsCloud;
use wsa::protocols::whiteserver::WhiteServer;
use wsa::surface::{AdminCommands, Contract, Demo, Instructions, ProtocolList, Surface};

/// The protocols of a program that speaks Echo as well.
pub static LIST: ProtocolList =
    ProtocolList::of(&[&WhiteServer, &ActivePlatform, &TicketsCloud, &BillManager, &Echo]);

/// The only type of task.
pub const SAY: &str = "echo.Say";

/// The protocol.
pub struct Echo;

/// What a task asks for.
#[derive(Debug, Serialize, Deserialize)]
pub struct Say {
    text: String,
}

/// What a caller is told.
pub enum Reply {
    /// What it said, and how often it has said something.
    Said { text: String, times: i64 },
    /// Nothing was said, and nothing will be by this task.
    Unsaid(Undone),
}

impl Counted for Reply {
    fn outcome(&self) -> Outcome {
        match self {
            Reply::Said { .. } => Outcome::Done,
            Reply::Unsaid(why) => why.outcome(),
        }
    }
}

/// How often each caller of a batch has said something.
#[derive(Debug, Default)]
pub struct State {
    times: HashMap<AggregatorId, i64>,
}

impl Protocol for Echo {
    type Command = Say;
    type State = State;
    type Reply = Reply;

    const NAME: &'static str = "echo";
    const CALLERS: Option<&'static str> = Some("echo_callers");
    const TASK_TYPES: &'static [&'static str] = &[SAY];
    const AUDIT: Audit = Audit {
        passes: &[&[Pass {
            checks: &[Check {
                name: "echo-counts-what-is-done",
                rule: "a caller has said as much as tasks of its were done",
            }],
            rows: Rows::Broken(&[("objectId", Type::Int), ("times", Type::Int)]),
            body: "SELECT 'echo-counts-what-is-done' AS broken, c.object_id, c.times FROM echo_callers c
                   WHERE {of c.object_id} AND c.times <> (
                     SELECT count(*) FROM tasks t WHERE t.aggregator_id = c.aggregator_id AND t.outcome = 'done')",
        }]],
        tables: &[Table::of("echo_callers")],
    };

    fn parse(_: &str, request: &str) -> Result<Say, Decided<Reply>> {
        serde_json::from_str(request).map_err(|_| Reply::Unsaid(Undone::Failed).into())
    }

    async fn load(tx: &Tx, tasks: &[(&ClaimedTask, &Say)]) -> Result<State, StoreError> {
        let times = sql::load(tx, tasks.iter().map(|(task, _)| task.aggregator)).await?;
        Ok(State { times })
    }

    fn decide(state: &mut State, _: Timestamp, task: &ClaimedTask, say: &Say) -> Decided<Reply> {
        let times = state.times.entry(task.aggregator).or_default();
        *times += 1;
        Reply::Said { text: say.text.clone(), times: *times }.into()
    }

    async fn write(_: &Tx, state: State, _: Timestamp) -> Result<Vec<Write>, StoreError> {
        Ok(sql::write(state.times))
    }

    fn undone(_: &ClaimedTask, why: Undone) -> Reply {
        Reply::Unsaid(why)
    }

    fn render(_: &ClaimedTask, reply: &Reply) -> String {
        match reply {
            Reply::Said { text, times } => {
                stored::write(200, &json!({"text": text, "times": times}).to_string())
            }
            Reply::Unsaid(Undone::TimedOut) => {
                stored::write(504, &json!({"error": "too late: nothing was said"}).to_string())
            }
            Reply::Unsaid(_) => {
                stored::write(500, &json!({"error": "nothing was said"}).to_string())
            }
        }
    }

    fn refusal(answer: &str) -> Option<Refusal> {
        let stored = stored::Stored::read(answer).filter(|stored| stored.status >= 400)?;
        let body: Value = serde_json::from_str(stored.body).ok()?;
        Some(Refusal { code: stored.status.to_string(), message: body["error"].as_str()?.into() })
    }
}

impl Surface for Echo {
    fn protocol(&self) -> Box<dyn Engaged> {
        Box::new(Echo)
    }

    fn routes(&self, app: &Arc<App>) -> Result<Router, SettingsError> {
        Ok(http::routes(app))
    }

    fn is_door(&self, path: &[&str]) -> bool {
        path.starts_with(&["echo"])
    }

    fn no_such_path(&self, _: &App, uri: &Uri) -> Response {
        http::no_such_path(uri)
    }

    fn contract(&self) -> Contract {
        http::CONTRACT
    }

    fn admin(&self) -> AdminCommands {
        AdminCommands::of::<admin::Admin>()
    }

    fn seed<'a>(&self, store: &'a Store) -> BoxFuture<'a, anyhow::Result<()>> {
        Box::pin(async { Ok(sql::add(store, "demo", "demo-echo", 1).await.map(drop)?) })
    }

    fn instructions<'a>(&self, demo: &'a Demo) -> BoxFuture<'a, anyhow::Result<Instructions>> {
        let text =
            format!("\n# Echo:\ncurl {}/echo/1 -H 'X-Echo-Token: demo-echo' -d hello\n", demo.url);
        Box::pin(async { Ok(text.into()) })
    }
}
