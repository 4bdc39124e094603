//! A user of the API: logs in, and hands each request in under one key until it is answered.

use axum::body::Body;
use axum::http::Request;
use rand::RngExt;
use serde_json::Value;
use url::form_urlencoded::Serializer;

use super::scene::User;
use crate::protocols::billmanager::command::{Answered, FaultKind, Lang};
use crate::protocols::billmanager::http::BILLMGR;
use crate::protocols::billmanager::wire::answer::CANCELLED;
use crate::protocols::billmanager::wire::document::Out;
use crate::protocols::billmanager::wire::{answer, document};
use crate::simulation::network::{Network, Reply};
use crate::simulation::observations::{Denial, Meaning, Told, denies};
use crate::simulation::weeks::Again;

/// The names and values of a request.
pub(super) type Params = Vec<(&'static str, String)>;

/// Somebody with a password, who has a session now and then.
pub(super) struct Client {
    network: Network,
    user: User,
    session: Option<String>,
}

impl Client {
    pub(super) fn new(network: &Network, user: User) -> Client {
        Client { network: network.clone(), user, session: None }
    }

    /// Hands it in until it is answered; gives what it came to.
    pub(super) async fn carry_out(
        &mut self,
        key: &str,
        params: &Params,
        told: &mut Told,
    ) -> Answer {
        // Once more after the answer: it must be the same.
        let mut further = self.network.simulation.dice().random_range(0..2);
        // Whether each request so far was answered, and that nothing of it was accepted.
        let mut only_denied = true;
        loop {
            let proof = self.proof().await;
            let request = request(Some(key), proof, params);
            let meaning = match self.network.exchange(request).await {
                Some(reply) => self.meaning(reply, told),
                None => Meaning::TryAgain,
            };
            told.note(&meaning);
            only_denied &= meaning == Meaning::Denied;
            match meaning {
                Meaning::Denied
                    if only_denied && self.network.simulation.dice().random_bool(0.4) =>
                {
                    self.network.simulation.count("denials that a client believes");
                    told.denied = Some(Denial::NotAccepted);
                    return Answer::default();
                }
                Meaning::Strange(_) => return Answer::default(),
                Meaning::Answer(body) if further == 0 => return Answer::of(&body),
                Meaning::Answer(_) => further -= 1,
                Meaning::Accepted | Meaning::TryAgain | Meaning::Denied => {}
            }
            self.network.pause(10, 700).await;
        }
    }

    /// How it hands in the same again, by its password.
    pub(super) fn again(&self, key: String, params: Params) -> Again {
        let (login, password) = self.user;
        Again::Http(Box::new(move || {
            request(Some(&key), ("authinfo", format!("{login}:{password}")), &params)
        }))
    }

    /// A session, mostly, or the password itself.
    async fn proof(&mut self) -> (&'static str, String) {
        let (login, password) = self.user;
        if self.session.is_none() && self.network.simulation.dice().random_bool(0.7) {
            let who = [("username", login.to_owned()), ("password", password.to_owned())];
            let params = Vec::from_iter([("func", "auth".to_owned())].into_iter().chain(who));
            let request = request(None, ("out", "json".to_owned()), &params);
            // Whoever hears nothing proves itself with the password.
            if let Some(Reply { status: 200, body, .. }) = self.network.exchange(request).await {
                self.session = text_of(&body, "auth");
            }
        }
        match &self.session {
            Some(session) => ("auth", session.clone()),
            None => ("authinfo", format!("{login}:{password}")),
        }
    }

    fn meaning(&mut self, reply: Reply, told: &Told) -> Meaning {
        let Reply { status, guid, body } = reply;
        let error = error_of(&body);
        match (status, guid, error.as_deref()) {
            (503, ..) if denies(&body) => Meaning::Denied,
            (429, None, _) => Meaning::Denied,
            (503, ..) => Meaning::TryAgain,
            (200, None, Some("auth")) if self.session.is_some() => {
                self.session = None;
                Meaning::TryAgain
            }
            (200, Some(guid), _) if guid == told.guid.0 => Meaning::Answer(body),
            _ => Meaning::Strange(format!("{status} {body}")),
        }
    }
}

/// What an answer says, as far as a client goes on with it.
#[derive(Default)]
pub(super) struct Answer {
    pub item: Option<i64>,
    pub payment: Option<i64>,
    pub link: Option<String>,
}

impl Answer {
    fn of(body: &str) -> Answer {
        let number = |name| text_of(body, name)?.parse().ok();
        let (item, payment) = (number("lineitem.id"), number("payment_id"));
        Answer { item, payment, link: text_of(body, "ok").filter(|link| link.starts_with('/')) }
    }
}

fn request(key: Option<&str>, proof: (&str, String), params: &Params) -> Request<Body> {
    let mut body = Serializer::new(String::new());
    body.append_pair(proof.0, &proof.1);
    if proof.0 != "out" {
        body.append_pair("out", "json");
    }
    body.extend_pairs(params.iter().map(|(name, value)| (*name, value.as_str())));
    let request =
        Request::post(BILLMGR).header("Content-Type", "application/x-www-form-urlencoded");
    let request = match key {
        Some(key) => request.header("Idempotency-Key", key),
        None => request,
    };
    request.body(Body::from(body.finish())).unwrap()
}

/// The text of an element of the answer.
fn text_of(body: &str, element: &str) -> Option<String> {
    let body: Value = serde_json::from_str(body).ok()?;
    let text = &body["doc"][element]["$"];
    text.as_str().map(str::to_owned)
}

/// The kind of error that the answer is, if it is one.
fn error_of(body: &str) -> Option<String> {
    let body: Value = serde_json::from_str(body).ok()?;
    body["doc"]["error"]["$type"].as_str().map(str::to_owned)
}

/// A stored answer as a client of this function is told it.
pub(super) fn shown(func: &str, stored: &str) -> String {
    let Ok(answered) = serde_json::from_str::<Answered>(stored) else { return stored.to_owned() };
    let doc = document::doc(Lang::En, func, "", BILLMGR);
    document::write(&doc.children(answer::elements(&answered, Lang::En)), Out::Json)
}

/// The outcome that a stored answer tells of.
pub(super) fn outcome(stored: &str) -> &'static str {
    match serde_json::from_str(stored) {
        Ok(Answered::Refused(fault)) if fault.kind == FaultKind::Timeout => "timeout",
        Ok(Answered::Refused(fault)) if fault.object.as_deref() == Some(CANCELLED) => "cancelled",
        Ok(Answered::Refused(fault)) if fault.kind == FaultKind::Failed => "failed",
        Ok(Answered::Refused(_)) => "refused",
        Ok(_) => "done",
        Err(_) => "unreadable",
    }
}
