//! Requests of protocols over plain HTTP: handed in under the same `Idempotency-Key` until they have their answer.

use axum::body::Body;
use axum::http::{Method, Request};
use rand::RngExt;
use serde_json::Value;

use super::network::{Network, Reply};
use super::observations::{Denial, Meaning, Told, denies};
use super::weeks::Again;
use crate::engine::protocol::stored;
use crate::engine::protocol::stored::Stored;

/// A request.
pub(crate) struct Asked {
    pub method: Method,
    pub path: String,
    /// The header by which a client proves who it is.
    pub token: (&'static str, &'static str),
    pub media_type: &'static str,
    /// The right that the request takes; who has it not is told so with 403.
    pub right: Option<&'static str>,
    /// The client's name for the request.
    pub key: String,
    pub body: String,
    /// One more header.
    pub also: Option<(&'static str, String)>,
}

impl Asked {
    /// Hands it in until it is answered, and tells with what.
    pub(crate) async fn carry_out(
        self,
        network: &Network,
        told: &mut Told,
    ) -> Option<(u16, Value)> {
        let answer = self.follow(network, told).await;
        told.again = Some(Again::Http(Box::new(move || self.request("wait=20"))));
        answer
    }

    async fn follow(&self, network: &Network, told: &mut Told) -> Option<(u16, Value)> {
        // Some have no time to lose, some outlast every fault.
        let hurries = network.simulation.dice().random_bool(0.3);
        let wait_s = if hurries { network.simulation.dice().random_range(1..10) } else { 120 };
        let at_leisure = network.simulation.dice().random_bool(0.2);
        // Once more after the answer: it must be the same.
        let mut further = network.simulation.dice().random_range(0..2);
        // Whether each request so far was answered, and that nothing of it was accepted.
        let mut only_denied = true;
        loop {
            let prefer = match at_leisure && !told.accepted {
                true => format!("wait={wait_s}, respond-async"),
                false => format!("wait={wait_s}"),
            };
            let meaning = match network.exchange(self.request(&prefer)).await {
                Some(reply) => self.meaning(network, reply, told),
                None => Meaning::TryAgain,
            };
            told.note(&meaning);
            only_denied &= meaning == Meaning::Denied;
            match meaning {
                Meaning::Denied if only_denied && network.simulation.dice().random_bool(0.4) => {
                    network.simulation.count("denials that a client believes");
                    told.denied = Some(Denial::NotAccepted);
                    return None;
                }
                Meaning::Strange(_) => return None,
                Meaning::Answer(answer) if further == 0 => return parts(&answer),
                Meaning::Answer(_) => further -= 1,
                Meaning::Accepted | Meaning::TryAgain | Meaning::Denied => {}
            }
            network.pause(10, 700).await;
        }
    }

    fn request(&self, prefer: &str) -> Request<Body> {
        let (header, token) = self.token;
        let request = Request::builder();
        let request = match &self.also {
            Some((name, value)) => request.header(*name, value),
            None => request,
        };
        request
            .method(self.method.clone())
            .uri(&self.path)
            .header(header, token)
            .header("Idempotency-Key", &self.key)
            .header("Content-Type", self.media_type)
            .header("Prefer", prefer)
            .body(Body::from(self.body.clone()))
            .unwrap()
    }

    /// What is a task's answer names the task; everything else is said before there is one.
    fn meaning(&self, network: &Network, reply: Reply, told: &Told) -> Meaning {
        let Reply { status, guid, body } = reply;
        let mine = guid == Some(told.guid.0);
        let withdrawn = self.right.is_some_and(|right| network.simulation.was_withdrawn(right));
        match status {
            202 if mine => Meaning::Accepted,
            503 if denies(&body) => Meaning::Denied,
            503 => Meaning::TryAgain,
            // There is no room, or another change of the same order is still in work.
            429 | 409 if guid.is_none() => Meaning::Denied,
            // Who has lost the right is told so of what was accepted before, too: that denies nothing.
            403 if withdrawn && guid.is_none() && told.accepted => Meaning::TryAgain,
            403 if withdrawn && guid.is_none() => Meaning::Denied,
            // What has nothing to say is kept as an object without fields.
            200 if mine && body.is_empty() => Meaning::Answer(stored::write(status, "{}")),
            200..=299 | 400..=499 | 504 if mine => Meaning::Answer(stored::write(status, &body)),
            _ => Meaning::Strange(format!("{status} {body}")),
        }
    }
}

/// The status and the body of a stored answer.
pub(crate) fn parts(answer: &str) -> Option<(u16, Value)> {
    let Stored { status, body } = Stored::read(answer)?;
    Some((status, serde_json::from_str(body).ok()?))
}

/// The outcome that a stored answer tells of.
pub(crate) fn outcome(answer: &str) -> &'static str {
    match parts(answer).map(|(status, _)| status) {
        Some(409) if answer.contains("was cancelled before it was executed") => "cancelled",
        Some(200..=299) => "done",
        Some(504) => "timeout",
        Some(400..=499) => "refused",
        _ => "failed",
    }
}
