//! From the bytes and properties of a message to the task that it asks for.

use jiff::Timestamp;

use super::Desk;
use super::reply_target::ReplyTarget;
use super::terms;
use crate::domain::money::shown;
use crate::domain::task::{NewTask, ObjectId, TaskGuid, TaskKey};
use crate::engine::store::upstream::Publisher;
use crate::protocols::whiteserver;
use crate::protocols::whiteserver::reply::{Code, Refusal};
use crate::protocols::whiteserver::wire::request;
use crate::protocols::whiteserver::wire::request::{Request, TaskRequest};
use crate::queue::amqp::upstream::UpstreamMessage;

/// A message that is no task, with what is known of it.
pub(super) struct Refused {
    pub refusal: Refusal,
    pub task_type: Option<&'static str>,
    pub object: Option<ObjectId>,
    pub guid: Option<TaskGuid>,
    /// Whether people should see it: a mistake of form, and not of the order or the moment.
    pub dead: bool,
    /// What it is about.
    pub cause: Cause,
}

/// What a refusal is about, which says how it stays true.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    /// The message. The same bytes are refused each time they are delivered, but not when people hand them in for
    /// their publisher.
    Message,
    /// The moment. The same message could be accepted later.
    Moment,
    /// A task of its name that exists, or a refusal that is kept already.
    Name,
}

impl Refused {
    pub(super) fn dead(refusal: Refusal) -> Refused {
        Refused {
            refusal,
            task_type: None,
            object: None,
            guid: None,
            dead: true,
            cause: Cause::Message,
        }
    }
}

/// The task that a message asks for.
pub(super) fn read(
    desk: &Desk,
    message: &UpstreamMessage,
    publisher: &Publisher,
    reply_target: &ReplyTarget<'_>,
) -> Result<NewTask, Refused> {
    reply_target.check().map_err(Refused::dead)?;
    let (body, request) = request(message, desk.app.settings.http.body_limit)?;
    let (task_type, object) = (request.task_type, request.object);
    let known = |refusal| Refused {
        task_type: Some(task_type),
        object: Some(object),
        ..Refused::dead(refusal)
    };
    let expiration = message.expiration.as_deref();
    let timeout_s = terms::timeout_s(expiration, request.timeout_s).map_err(known)?;
    let expires_at = terms::expires_at(expiration, message.not_before).map_err(known)?;
    if let (Some(expiration), Some(not_before)) = (expiration, request.not_before) {
        let desc = format!(
            "expiration is {:?}, and params.async.notBefore is {not_before}: a task has one of them",
            shown(expiration)
        );
        return Err(known(Refusal::new(Code::BadRequest, desc)));
    }
    let message_id = message.message_id.as_deref();
    let only_reads = whiteserver::wire::only_reads(task_type);
    let terms::Name { guid, named } =
        terms::name(message_id, publisher.aggregator.salt, only_reads).map_err(known)?;
    let (key, digest) = (TaskKey { object, guid }, whiteserver::wire::digest(body));
    let aggregator = publisher.aggregator.id;
    // Nobody holds a request open: the answer is delivered.
    Ok(NewTask {
        timeout_s,
        not_before: request.not_before,
        reply_to: message.reply_to.clone(),
        correlation_id: reply_target.correlation_id().map(str::to_owned),
        expires_at,
        // Whoever had it in hand before may have denied it at any time.
        denials_since: Some(match message.redelivered {
            true => Timestamp::UNIX_EPOCH,
            false => message.not_before,
        }),
        ..NewTask::by_licence((key, named), aggregator, task_type, body, digest)
    })
}

/// The text of a message, and the task in it.
fn request(message: &UpstreamMessage, limit: usize) -> Result<(&str, TaskRequest), Refused> {
    let bad = |desc: String| Refused::dead(Refusal::new(Code::BadRequest, desc));
    if message.body.len() > limit {
        return Err(bad(format!(
            "the body is larger than {limit} bytes, the most that is accepted"
        )));
    }
    let body = std::str::from_utf8(&message.body).map_err(|error| {
        let at = error.valid_up_to();
        bad(format!("the body is not UTF-8 from byte {at} on: it must be JSON in UTF-8"))
    })?;
    match request::read(body) {
        Ok(Request::Task(task)) => Ok((body, task)),
        Ok(Request::GetTaskResponse { .. } | Request::GetAgentList) => {
            let desc = "this is no task: over AMQP answers come to reply_to and to the results queue, \
                        and everything else is asked over HTTP";
            Err(bad(desc.to_owned()))
        }
        Err(wrong) => {
            let (task_type, object) = (wrong.task_type, wrong.object);
            Err(Refused { task_type, object, ..Refused::dead(wrong.refusal) })
        }
    }
}
