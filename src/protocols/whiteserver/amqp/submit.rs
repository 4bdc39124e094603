//! From a message to an accepted task, or to a refusal that its caller hears of.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use super::Desk;
use super::identity;
use super::reading::{Cause, Refused, read};
use super::reply_target::ReplyTarget;
use crate::database::StoreError;
use crate::domain::money::shown;
use crate::domain::task::{NewTask, TaskGuid};
use crate::engine::batcher::LookUpError;
use crate::engine::claim::Claim;
use crate::engine::intake::IntakeError;
use crate::engine::protocol::used;
use crate::engine::store::Registration;
use crate::engine::store::denials::{Denial, DenialKey};
use crate::engine::store::upstream::Publisher;
use crate::protocols::whiteserver::reply::{Code, Refusal};
use crate::protocols::whiteserver::wire::answer::Common;
use crate::protocols::whiteserver::wire::{answer, request};
use crate::queue::amqp::upstream::{Disposition, UpstreamMessage};
use crate::runtime::context;
use crate::runtime::trace::Kind;

/// How soon something is tried again that may pass.
const AGAIN: Duration = Duration::from_millis(500);

/// Handles one message to the end. Waits while the store or the broker is away.
pub(super) async fn handle(desk: &Desk, message: &UpstreamMessage) -> Disposition {
    let tracer = &desk.app.tracer;
    let place = tracer.admit_message(message.traceparent.as_deref());
    let exchange = || format!("{}.tasks", desk.prefix);
    let begun = place.and_then(|place| {
        let mut span = tracer.span(place, Kind::Consumer, format!("process {}", exchange()))?;
        span.text("messaging.system", "rabbitmq");
        span.text("messaging.destination.name", exchange());
        span.text("messaging.operation.name", "process");
        span.text("messaging.operation.type", "process");
        Some(span)
    });
    match begun {
        Some(span) => context::below(span.context(), handle_untraced(desk, message)).await,
        None => handle_untraced(desk, message).await,
    }
}

async fn handle_untraced(desk: &Desk, message: &UpstreamMessage) -> Disposition {
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
            return Disposition::Dead(reason);
        }
    };
    let Some(publisher) = publisher else {
        return buried(desk, claimed.as_ref().err().unwrap_or(&nobody(&claim)));
    };
    let reply_target = ReplyTarget::of(desk, message, &publisher);
    let claimed = claimed.map(drop);
    loop {
        let accepted = match claimed.clone() {
            Ok(()) => accept(desk, message, &publisher, &reply_target).await,
            Err(refusal) => Err(Refused::dead(refusal)),
        };
        let refused = match accepted {
            Ok(result) => {
                desk.app.metrics.upstream(result);
                return Disposition::Done;
            }
            Err(refused) => refused,
        };
        match keep(desk, message, &publisher, &refused).await {
            Ok(true) => return refuse(desk, refused, &reply_target).await,
            // Another copy of it was accepted meanwhile: what is told must not sound as if it were not.
            Ok(false) if refused.cause == Cause::Message => {
                let refusal = is_a_task(&refused.refusal);
                return refuse(desk, Refused { refusal, ..refused }, &reply_target).await;
            }
            Ok(false) => {}
            Err(error) => {
                return Disposition::Dead(format!("its refusal could not be kept: {error}"));
            }
        }
    }
}

/// What the publisher of a message is told whose name is the name of a task.
fn is_a_task(refusal: &Refusal) -> Refusal {
    let desc = format!(
        "this message_id is a task that was accepted, and stays one; this message is refused: {}",
        refusal.desc
    );
    Refusal::new(Code::IdempotencyMismatch, desc)
}

/// Keeps a refusal, so that it stays true when the broker or people hand the message in again; `false` when the
/// message's name is a task by now. A message without a name is another task each time, which nothing was said of.
async fn keep(
    desk: &Desk,
    message: &UpstreamMessage,
    publisher: &Publisher,
    refused: &Refused,
) -> Result<bool, Arc<StoreError>> {
    let name = message.message_id.as_deref().filter(|name| !name.is_empty());
    let Some(name) = name.filter(|_| refused.cause != Cause::Name) else { return Ok(true) };
    let guid = TaskGuid::named(publisher.aggregator.salt, name);
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
fn buried(desk: &Desk, refusal: &Refusal) -> Disposition {
    desk.app.metrics.upstream(refusal.code.as_str());
    Disposition::Dead(refusal.desc.clone())
}

/// Tells of a refusal. It may be told again when the message is delivered again; it is never something else then.
async fn refuse(desk: &Desk, refused: Refused, reply_target: &ReplyTarget<'_>) -> Disposition {
    let Refused { refusal, task_type, object, guid, dead, .. } = refused;
    let common = Common { task_guid: guid, task_type, object_id: object, agent_guid: None };
    let body = answer::error(&common, &refusal).into();
    reply_target.tell(body, guid, task_type, true).await;
    desk.app.metrics.upstream(refusal.code.as_str());
    match dead {
        true => Disposition::Refused(refusal.desc),
        false => {
            let (name, code) = (reply_target.aggregator(), refusal.code.as_str());
            tracing::info!("a task of aggregator {name} was refused: {code}");
            Disposition::Done
        }
    }
}

/// Reads and accepts; gives what to count.
async fn accept(
    desk: &Desk,
    message: &UpstreamMessage,
    publisher: &Publisher,
    reply_target: &ReplyTarget<'_>,
) -> Result<&'static str, Refused> {
    let task = read(desk, message, publisher, reply_target)?;
    let (key, task_type, not_before) = (task.key, task.task_type, task.not_before);
    let known = |refusal| Refused {
        task_type: Some(task_type),
        object: Some(key.object),
        guid: Some(key.guid),
        ..Refused::dead(refusal)
    };
    let registration = register(desk, task).await.map_err(|error| {
        let (dead, refusal) = not_taken(error);
        Refused { dead, cause: Cause::Moment, ..known(refusal) }
    })?;
    let named = |refusal| Err(Refused { dead: false, cause: Cause::Name, ..known(refusal) });
    let refused = |code, desc: String| named(Refusal::new(code, desc));
    match registration {
        Registration::Accepted(_) => {
            let (guid, object) = (key.guid, key.object);
            tracing::debug!(task.guid = %guid, object.id = %object, task_type, "accepted task {guid}");
            Ok("accepted")
        }
        Registration::Repeated(_) => {
            reply_target.answer_again(key, task_type).await;
            Ok("repeated")
        }
        Registration::NoLicence => {
            let desc = format!("you have no licence for object {}", key.object);
            let refusal = Refusal::new(Code::License, desc);
            Err(Refused { dead: false, cause: Cause::Moment, ..known(refusal) })
        }
        Registration::Denied => named(denied(desk, (publisher.aggregator.id, key.guid)).await),
        Registration::Different => refused(
            Code::IdempotencyMismatch,
            "this message_id came with another body before: it belongs to one body, byte for byte"
                .to_owned(),
        ),
        Registration::Used(outcome) => refused(Code::TaskExpired, used("this message_id", outcome)),
        Registration::TooFar => {
            let days = desk.app.settings.tasks.schedule_days;
            let refusal = request::too_far(not_before.unwrap_or_default(), days);
            Err(Refused { cause: Cause::Moment, ..known(refusal) })
        }
        Registration::GuidTaken | Registration::Busy => refused(
            Code::BadRequest,
            format!("message_id {} cannot be used: take a new one", key.guid),
        ),
    }
}

/// What is told of a task that the store did not take, and whether people should see it.
fn not_taken(error: IntakeError) -> (bool, Refusal) {
    match error {
        // Waiting for its restaurant would keep the messages of all others behind it.
        IntakeError::Full(exceeded) => {
            (false, Refusal::new(Code::LimitExceeded, exceeded.to_string()))
        }
        error => {
            let desc = format!("the store refuses the task: {error}");
            (true, Refusal::new(Code::InternalError, desc))
        }
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
                desk.app.metrics.record_limited("open_tasks");
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
