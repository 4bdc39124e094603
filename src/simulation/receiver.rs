//! What an aggregator hears: callbacks at its own URL, answers in its results queue, notifications that it
//! listened for.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use uuid::Uuid;

use super::context::{Part, Simulation, lock};
use super::process::ProcessInstance;
use crate::callback::outcome::Ended;
use crate::callback::sender::{Delivery, HttpTransport};
use crate::queue::{Address, ReplyMessage};

/// All that was heard, by the guid of the task or the event, each body once.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    called: Mutex<BTreeMap<Uuid, Vec<String>>>,
    results: Mutex<BTreeMap<Uuid, Vec<String>>>,
    listened: Mutex<BTreeMap<Uuid, Vec<String>>>,
    replies: Mutex<BTreeMap<Uuid, Vec<String>>>,
    /// By the caller's name for its message: refusals, which are no answers of tasks.
    refusals: Mutex<BTreeMap<String, Vec<String>>>,
}

impl Heard {
    /// An answer arrived in the results queue, or where its caller wants it.
    pub(crate) fn result(&self, reply: &ReplyMessage) {
        if is_refusal(reply) {
            let name = reply.correlation_id.clone().unwrap_or_default();
            lock(&self.refusals).entry(name).or_default().push(reply.body.to_string());
            return;
        }
        let Some(task) = reply.task else { return };
        match &reply.to {
            Address::Results(_) => keep(&self.results, task.0, &reply.body),
            Address::ReplyTo(_) => keep(&self.replies, task.0, &reply.body),
        }
    }

    /// A notification came to somebody who listened.
    pub(crate) fn listened(&self, subject: Uuid, body: &str) {
        keep(&self.listened, subject, body);
    }

    /// What came to the reply queue about this task.
    pub(crate) fn replies(&self, task: Uuid) -> Vec<String> {
        lock(&self.replies).get(&task).cloned().unwrap_or_default()
    }

    /// What a message of this name was refused for, as often as that was said.
    pub(crate) fn refusals(&self, message_id: &str) -> Vec<String> {
        lock(&self.refusals).get(message_id).cloned().unwrap_or_default()
    }

    pub(crate) fn notifications(&self) -> BTreeMap<Uuid, Vec<String>> {
        lock(&self.listened).clone()
    }

    pub(crate) fn called(&self) -> BTreeMap<Uuid, Vec<String>> {
        lock(&self.called).clone()
    }

    pub(crate) fn results(&self) -> BTreeMap<Uuid, Vec<String>> {
        lock(&self.results).clone()
    }
}

/// Whether a reply says that nothing was accepted.
fn is_refusal(reply: &ReplyMessage) -> bool {
    let codes = ["License", "LimitExceeded"].map(|code| format!("\"code\":\"{code}\""));
    reply.task.is_none() || codes.iter().any(|code| reply.body.contains(code))
}

fn keep(heard: &Mutex<BTreeMap<Uuid, Vec<String>>>, subject: Uuid, body: &str) {
    let mut heard = lock(heard);
    let bodies = heard.entry(subject).or_default();
    if bodies.iter().all(|known| known != body) {
        bodies.push(body.to_owned());
    }
}

/// The network between a process and the receiver of callbacks.
#[derive(Debug)]
pub(crate) struct ToReceiver(pub Arc<ProcessInstance>);

impl HttpTransport for ToReceiver {
    fn send<'a>(&'a self, delivery: Delivery<'a>) -> BoxFuture<'a, Ended> {
        self.0.simulation.post(&self.0, delivery.id, delivery.body).boxed()
    }
}

impl Simulation {
    /// A callback is posted to its URL.
    async fn post(&self, instance: &ProcessInstance, subject: Uuid, body: &str) -> Ended {
        let lost = |_| "no answer: the connection was lost".to_owned();
        self.there(instance, Part::Receiver).await.map_err(lost)?;
        if self.strikes(self.fault_rates().receiver_fails, "callbacks answered with an error") {
            return Ok(503);
        }
        keep(&self.heard.called, subject, body);
        self.note(instance.name, "called", "");
        self.back(instance, Part::Receiver).await.map_err(lost)?;
        Ok(200)
    }
}
