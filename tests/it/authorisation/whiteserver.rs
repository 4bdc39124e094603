//! White Server over HTTP.

use serde_json::json;
use wsa::domain::task::{ObjectId, OrderGuid, TaskGuid};
use wsa::protocols::whiteserver::wire::request::TASK_TYPES;

use super::callers::{Caller, Kind, seed};
use super::rule::{Answer, Door, Task, Verdict, hold};
use crate::support::app::TestApp;
use crate::support::ask::{Ask, code};
use crate::support::client::{Client, Reply, read};
use crate::support::place::Stores;
use crate::support::queues::Queues;
use crate::support::reference::{CASH, HASTY, UNKNOWN, UNLICENSED, V1, V2};

/// The restaurants; nobody has a licence for the last but one, and the last is none.
pub const OBJECTS: [ObjectId; 5] = [V1, V2, HASTY, UNLICENSED, UNKNOWN];

/// A task of this kind about an order that nobody knows.
pub fn ask(task: &str, object: ObjectId) -> Ask {
    let order = OrderGuid::new();
    match task {
        "PayOrder" => Ask::pay(object, order, &[("10.00", CASH)]),
        "AddPrepayOrder" => Ask::add_prepay(object, order, "1.00"),
        "RemovePrepayOrder" => Ask::remove_prepay(object, order),
        "CompleteOrder" => Ask::complete_order(object, order),
        "CancelOrder" => Ask::cancel_order(object, order),
        "PrintBill" => Ask::bill(object, "PrintBill", order),
        "UndoBill" => Ask::bill(object, "UndoBill", order),
        "UpdateOrder" => Ask::update_order(object, order, json!({})),
        "PatchOrder" => Ask::patch_order(object, order, &json!([])),
        "CancelTask" => Ask::cancel_task(object, TaskGuid::new()),
        "CreateOrder" => Ask::create_order(object, json!({"price": {"total": 10}})),
        "ValidateOrder" => Ask::validate_order(object, json!({"price": {"total": 10}})),
        "GetOrder" => Ask::get_order(object, order),
        "GetOrderState" => Ask::order_state(object, order),
        "GetOrderList" => Ask::order_list(object),
        other => match TASK_TYPES.into_iter().find(|known| *known == other) {
            Some(read) => Ask::read(object, read),
            None => panic!("{other} is not asked for here yet"),
        },
    }
}

/// What an error container says.
pub fn verdict(answer: &serde_json::Value) -> Verdict {
    match code(answer) {
        "AuthFailed" => Verdict::Unknown,
        "License" => Verdict::Hidden,
        "AccessDenied" => Verdict::Forbidden,
        _ => Verdict::Served,
    }
}

struct Http<'a>(&'a Client);

/// `Create` by this caller.
pub async fn create(client: &Client, caller: &Caller, body: &serde_json::Value) -> Reply {
    let post = client
        .request(reqwest::Method::POST, wsa::protocols::whiteserver::http::CREATE)
        .body(body.to_string());
    let post = post.header("Content-Type", "application/json");
    let post = match caller.kind {
        Kind::Nobody => post,
        _ => post.header("AggregatorAuthentication", &caller.token),
    };
    read(post).await.unwrap()
}

impl Door for Http<'_> {
    fn knows(&self, caller: &Caller) -> bool {
        caller.kind == Kind::Aggregator
    }

    fn objects(&self) -> Vec<ObjectId> {
        OBJECTS.to_vec()
    }

    fn tasks(&self) -> Vec<Task> {
        TASK_TYPES.map(|name| Task { name, writes: true }).to_vec()
    }

    async fn knock(&self, caller: &Caller, object: ObjectId, task: Task) -> Answer {
        let reply = create(self.0, caller, &ask(task.name, object).asynchronous()).await;
        Answer { verdict: verdict(&reply.json()), text: reply.shown() }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn over_http_a_licence_opens_its_object_and_nothing_else() {
    let app = TestApp::on(Stores::Postgres, Queues::InProcess).await.start().await;
    let callers = seed(app.store()).await;
    let counts = hold(&Http(&app), &callers).await;
    assert_eq!(counts.values().sum::<usize>(), callers.len() * TASK_TYPES.len() * OBJECTS.len());
    assert_eq!(app.finish().await.tasks.len(), counts["Served"], "who was not served left nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_told_to_who_asked_and_to_nobody_else() {
    let app = TestApp::embedded().await;
    let callers = seed(app.store()).await;
    let aggregators = callers.iter().filter(|caller| caller.kind == Kind::Aggregator);
    let licensed = aggregators.filter(|caller| caller.reaches.contains(&V1));
    let mut tasks = Vec::new();
    for owner in licensed {
        let reply = create(&app, owner, &ask("GetOrder", V1).asynchronous()).await;
        tasks.push((owner.name.as_str(), reply.accepted().unwrap()));
    }
    assert_eq!(tasks.len(), 2);
    for caller in &callers {
        let poll = async |guid: TaskGuid| {
            let body =
                json!({"taskType": "GetTaskResponse", "params": {"taskGuid": guid, "wait": 20}});
            create(&app, caller, &body).await
        };
        let never = poll(TaskGuid::new()).await;
        for (owner, guid) in &tasks {
            let reply = poll(*guid).await;
            let right = match caller.kind {
                Kind::Aggregator if caller.name == *owner => "WsaOrderNotFound",
                Kind::Aggregator => "AccessDenied",
                _ => "AuthFailed",
            };
            assert_eq!(code(&reply.json()), right, "{} asks for {owner}'s", caller.name);
            if caller.name != *owner {
                // The protocol has a code of its own for this; nothing else tells them apart.
                let alike = reply.shown().replace("AccessDenied", "TaskNotFound");
                assert_eq!(alike, never.shown());
            }
        }
    }
    app.finish().await;
}
