//! From a message to an accepted task, or to a refusal that its caller hears of.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use super::Desk;
use super::identity::{self, Claim};
use super::letterbox::Letterbox;
use super::notices::Notice;
use super::terms;
use crate::batcher::LookUpError;
use crate::intake::IntakeError;
use crate::money::shown;
use crate::protocol::used;
use crate::protocols::whiteserver;
use crate::protocols::whiteserver::reply::{Code, Refusal};
use crate::protocols::whiteserver::wire::answer;
use crate::protocols::whiteserver::wire::answer::Common;
use crate::protocols::whiteserver::wire::request;
use crate::protocols::whiteserver::wire::request::Request;
use crate::queue::amqp::upstream::{UpstreamMessage, Verdict};
use crate::store::upstream::Publisher;
use crate::store::{Registration, StoreError};
use crate::task::{NewTask, ObjectId, TaskGuid, TaskKey};

/// How soon something is tried again that may pass.
const AGAIN: Duration = Duration::from_millis(500);

/// A message that is no task, with what is known of it.
struct Refused {
    refusal: Refusal,
    task_type: Option<&'static str>,
    object: Option<ObjectId>,
    guid: Option<TaskGuid>,
    /// Whether people should see it: a mistake of form, and not of the order or the moment.
    dead: bool,
}

impl Refused {
    fn dead(refusal: Refusal) -> Refused {
        Refused { refusal, task_type: None, object: None, guid: None, dead: true }
    }
}

/// What became of a message.
pub(super) struct Handled {
    pub verdict: Verdict,
    /// What its publisher is told once it is settled.
    pub notice: Option<Notice>,
}

impl Handled {
    /// Nobody is told anything.
    pub(super) fn quietly(verdict: Verdict) -> Handled {
        Handled { verdict, notice: None }
    }
}

/// Handles one message to the end. Waits while the store or the broker is away.
pub(super) async fn handle(desk: &Desk, message: &UpstreamMessage) -> Handled {
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
            return Handled::quietly(Verdict::Dead(reason));
        }
    };
    let Some(publisher) = publisher else {
        return buried(desk, claimed.as_ref().err().unwrap_or(&nobody(&claim)));
    };
    let letterbox = Letterbox::of(desk, message, &publisher);
    let accepted = match claimed {
        Ok(_) => accept(desk, message, &publisher, &letterbox).await,
        Err(refusal) => Err(Refused::dead(refusal)),
    };
    match accepted {
        Ok(result) => {
            desk.app.metrics.upstream(result);
            Handled::quietly(Verdict::Done)
        }
        Err(refused) => refuse(desk, refused, publisher),
    }
}

fn nobody(claim: &Claim) -> Refusal {
    let desc = match claim {
        Claim::User(user) => format!("user {:?} publishes for no aggregator", shown(user)),
        Claim::Name(name) => format!("there is no aggregator {:?}", shown(name)),
    };
    Refusal::new(Code::AuthFailed, desc)
}

/// There is nobody to be told.
fn buried(desk: &Desk, refusal: &Refusal) -> Handled {
    desk.app.metrics.upstream(refusal.code.as_str());
    Handled::quietly(Verdict::Dead(refusal.desc.clone()))
}

fn refuse(desk: &Desk, refused: Refused, publisher: Publisher) -> Handled {
    let Refused { refusal, task_type, object, guid, dead } = refused;
    let common = Common { task_guid: guid, task_type, object_id: object, agent_guid: None };
    let body = answer::error(&common, &refusal).into();
    desk.app.metrics.upstream(refusal.code.as_str());
    let verdict = match dead {
        true => Verdict::Refused(refusal.desc),
        false => {
            let (name, code) = (&publisher.aggregator.name, refusal.code.as_str());
            tracing::info!("a task of aggregator {name} was refused: {code}");
            Verdict::Done
        }
    };
    Handled { verdict, notice: Some(Notice { publisher, body, guid, task_type }) }
}

/// Reads and accepts; gives what to count.
async fn accept(
    desk: &Desk,
    message: &UpstreamMessage,
    publisher: &Publisher,
    letterbox: &Letterbox<'_>,
) -> Result<&'static str, Refused> {
    let task = read(desk, message, publisher, letterbox)?;
    let (key, task_type) = (task.key, task.task_type);
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
            ..known(Refusal::new(Code::LimitExceeded, exceeded.to_string()))
        },
        error => {
            let desc = format!("the store refuses the task: {error}");
            known(Refusal::new(Code::InternalError, desc))
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
            refused(Code::License, format!("you have no licence for object {}", key.object))
        }
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

/// The task that a message asks for.
fn read(
    desk: &Desk,
    message: &UpstreamMessage,
    publisher: &Publisher,
    letterbox: &Letterbox<'_>,
) -> Result<NewTask, Refused> {
    letterbox.check().map_err(Refused::dead)?;
    let bad = |desc: String| Refused::dead(Refusal::new(Code::BadRequest, desc));
    let limit = desk.app.settings.http.body_limit;
    if message.body.len() > limit {
        return Err(bad(format!(
            "the body is larger than {limit} bytes, the most that is accepted"
        )));
    }
    let body = std::str::from_utf8(&message.body).map_err(|error| {
        let at = error.valid_up_to();
        bad(format!("the body is not UTF-8 from byte {at} on: it must be JSON in UTF-8"))
    })?;
    let request = match request::read(body) {
        Ok(Request::Task(task)) => task,
        Ok(_) => {
            let desc = "this is no task: over AMQP answers come to reply_to and to the results queue, \
                        and everything else is asked over HTTP";
            return Err(bad(desc.to_owned()));
        }
        Err(wrong) => {
            let (task_type, object) = (wrong.task_type, wrong.object);
            return Err(Refused { task_type, object, ..Refused::dead(wrong.refusal) });
        }
    };
    let (task_type, object) = (request.task_type, request.object);
    let known = |refusal| Refused {
        task_type: Some(task_type),
        object: Some(object),
        ..Refused::dead(refusal)
    };
    let expiration = message.expiration.as_deref();
    let timeout_s = terms::timeout_s(expiration, request.timeout_s).map_err(known)?;
    let expires_at = terms::expires_at(expiration, message.not_before).map_err(known)?;
    let message_id = message.message_id.as_deref();
    let only_reads = whiteserver::wire::only_reads(task_type);
    let terms::Name { guid, named } =
        terms::name(message_id, publisher.aggregator.salt, only_reads).map_err(known)?;
    Ok(NewTask {
        admission: crate::task::Admission::ByLicence,
        key: TaskKey { object, guid },
        aggregator: publisher.aggregator.id,
        task_type,
        timeout_s,
        digest: whiteserver::wire::digest(body),
        named,
        request: Arc::from(body),
        // Nobody holds a request open: the answer is delivered.
        sync: false,
        reply_to: message.reply_to.clone(),
        correlation_id: letterbox.correlation_id().map(str::to_owned),
        subject: None,
        expires_at,
    })
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
