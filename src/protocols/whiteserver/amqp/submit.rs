//! From a message to an accepted task, or to a refusal that its caller hears of.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use super::Desk;
use super::identity;
use super::letterbox::Letterbox;
use super::reading::{Refused, read};
use crate::batcher::LookUpError;
use crate::claim::Claim;
use crate::intake::IntakeError;
use crate::money::shown;
use crate::protocol::used;
use crate::protocols::whiteserver::reply::{Code, Refusal};
use crate::protocols::whiteserver::wire::answer;
use crate::protocols::whiteserver::wire::answer::Common;
use crate::queue::amqp::upstream::{UpstreamMessage, Verdict};
use crate::store::denials::{Denial, DenialKey};
use crate::store::upstream::Publisher;
use crate::store::{Registration, StoreError};
use crate::task::NewTask;

/// How soon something is tried again that may pass.
const AGAIN: Duration = Duration::from_millis(500);

/// Handles one message to the end. Waits while the store or the broker is away.
pub(super) async fn handle(desk: &Desk, message: &UpstreamMessage) -> Verdict {
    let (user, header) = (message.user_id.as_deref(), message.aggregator.as_deref());
    let claimed = identity::claim(user, header, &desk.service_user);
    // Whoever claims to be another is told so as who it is.
    let claim = match (&claimed, user) {
        (Ok(claim), _) => claim.clone(),
        (Err(_), Some(user)) => Claim::User(user.to_owned()),
        (Err(refusal), None) => return buried(desk, refusal),
    };
    let publisher = match find(desk, claim.clone()).await {
        Ok(publisher) => publisher,
        Err(error) => {
            let reason = format!("its publisher could not be looked up: {error}");
            return Verdict::Dead(reason);
        }
    };
    let Some(publisher) = publisher else {
        return buried(desk, claimed.as_ref().err().unwrap_or(&nobody(&claim)));
    };
    let letterbox = Letterbox::of(desk, message, &publisher);
    if let Err(refusal) = claimed {
        return refuse(desk, Refused::dead(refusal), &letterbox).await;
    }
    loop {
        let refused = match accept(desk, message, &publisher, &letterbox).await {
            Ok(result) => {
                desk.app.metrics.upstream(result);
                return Verdict::Done;
            }
            Err(refused) => refused,
        };
        match keep(desk, &publisher, &refused).await {
            Ok(true) => return refuse(desk, refused, &letterbox).await,
            // Another copy of it was accepted meanwhile.
            Ok(false) => {}
            Err(error) => {
                return Verdict::Dead(format!("its refusal could not be kept: {error}"));
            }
        }
    }
}

/// Keeps a refusal that could become untrue when the broker delivers the message again; `false` when it is a task by
/// now.
async fn keep(
    desk: &Desk,
    publisher: &Publisher,
    refused: &Refused,
) -> Result<bool, Arc<StoreError>> {
    let Some(guid) = refused.guid.filter(|_| refused.may_pass) else { return Ok(true) };
    let code = refused.refusal.code.as_str().to_owned();
    let denial = Denial { code, description: refused.refusal.desc.clone() };
    desk.denials.keep((publisher.aggregator.id, guid), denial).await
}

fn nobody(claim: &Claim) -> Refusal {
    let desc = match claim {
        Claim::User(user) => format!("user {:?} publishes for no aggregator", shown(user)),
        Claim::Name(name) => format!("there is no aggregator {:?}", shown(name)),
    };
    Refusal::new(Code::AuthFailed, desc)
}

/// There is nobody to be told.
fn buried(desk: &Desk, refusal: &Refusal) -> Verdict {
    desk.app.metrics.upstream(refusal.code.as_str());
    Verdict::Dead(refusal.desc.clone())
}

/// Tells of a refusal. It may be told again when the message is delivered again; it is never something else then.
async fn refuse(desk: &Desk, refused: Refused, letterbox: &Letterbox<'_>) -> Verdict {
    let Refused { refusal, task_type, object, guid, dead, .. } = refused;
    let common = Common { task_guid: guid, task_type, object_id: object, agent_guid: None };
    let body = answer::error(&common, &refusal).into();
    letterbox.tell(body, guid, task_type, true).await;
    desk.app.metrics.upstream(refusal.code.as_str());
    match dead {
        true => Verdict::Refused(refusal.desc),
        false => {
            let (name, code) = (letterbox.aggregator(), refusal.code.as_str());
            tracing::info!("a task of aggregator {name} was refused: {code}");
            Verdict::Done
        }
    }
}

/// Reads and accepts; gives what to count.
async fn accept(
    desk: &Desk,
    message: &UpstreamMessage,
    publisher: &Publisher,
    letterbox: &Letterbox<'_>,
) -> Result<&'static str, Refused> {
    let task = read(desk, message, publisher, letterbox)?;
    // What has no name is a new task each time it is delivered: nothing that is said of one copy is about another.
    let (key, task_type, may_pass) = (task.key, task.task_type, task.named);
    let known = |refusal| Refused {
        task_type: Some(task_type),
        object: Some(key.object),
        guid: Some(key.guid),
        ..Refused::dead(refusal)
    };
    let registration = register(desk, task).await.map_err(|error| match error {
        // Waiting for its restaurant would keep the messages of all others behind it.
        IntakeError::Full(exceeded) => Refused {
            dead: false,
            may_pass,
            ..known(Refusal::new(Code::LimitExceeded, exceeded.to_string()))
        },
        error => {
            let desc = format!("the store refuses the task: {error}");
            Refused { may_pass, ..known(Refusal::new(Code::InternalError, desc)) }
        }
    })?;
    let refused =
        |code, desc: String| Err(Refused { dead: false, ..known(Refusal::new(code, desc)) });
    match registration {
        Registration::Accepted(_) => {
            let (guid, object) = (key.guid, key.object);
            tracing::debug!(task.guid = %guid, object.id = %object, task_type, "accepted task {guid}");
            Ok("accepted")
        }
        Registration::Repeated(_) => {
            letterbox.answer_again(key, task_type).await;
            Ok("repeated")
        }
        Registration::NoLicence => {
            let desc = format!("you have no licence for object {}", key.object);
            Err(Refused { dead: false, may_pass, ..known(Refusal::new(Code::License, desc)) })
        }
        Registration::Denied => Err(Refused {
            dead: false,
            ..known(denied(desk, (publisher.aggregator.id, key.guid)).await)
        }),
        Registration::Different => refused(
            Code::IdempotencyMismatch,
            "this message_id came with another body before: it belongs to one body, byte for byte"
                .to_owned(),
        ),
        Registration::Used(outcome) => refused(Code::TaskExpired, used("this message_id", outcome)),
        Registration::GuidTaken | Registration::Busy => refused(
            Code::BadRequest,
            format!("message_id {} cannot be used: take a new one", key.guid),
        ),
    }
}

/// What the publisher of a message was told before, of another copy.
async fn denied(desk: &Desk, key: DenialKey) -> Refusal {
    match desk.denials.find(key).await {
        Ok(Some(Denial { code, description })) => {
            let code = Code::ALL.iter().find(|known| known.as_str() == code);
            Refusal::new(*code.unwrap_or(&Code::InternalError), description)
        }
        // It holds whatever its words were.
        Ok(None) | Err(_) => Refusal::new(Code::BadRequest, "this message was refused before"),
    }
}

async fn find(desk: &Desk, claim: Claim) -> Result<Option<Publisher>, Arc<StoreError>> {
    loop {
        match desk.publishers.find(claim.clone()).await {
            Ok(found) => return Ok(found),
            Err(LookUpError::Store(error)) if !error.is_passing() => return Err(error),
            Err(error) => tracing::debug!("a look-up waits: {error}"),
        }
        sleep(AGAIN).await;
    }
}

async fn register(desk: &Desk, task: NewTask) -> Result<Registration, IntakeError> {
    loop {
        match desk.app.intake.accept(task.clone()).await {
            Ok(registration) => return Ok(registration),
            Err(full @ IntakeError::Full(_)) => {
                desk.app.metrics.limited("open_tasks");
                return Err(full);
            }
            // The intake has tried it alone. Waiting changes nothing, and would keep those behind it waiting.
            Err(IntakeError::Store(error)) if !error.is_passing() => return Err(error.into()),
            // The store is away, or too much waits for it: so does this.
            Err(error) => tracing::debug!("a task waits: {error}"),
        }
        sleep(AGAIN).await;
    }
}
