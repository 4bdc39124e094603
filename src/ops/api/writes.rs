//! What operators do. Every body is a JSON object with a `reason`; what is unknown in it is refused by name. What is
//! narrowed is narrowed by the parameters of the URL, as it was counted before.

use axum::extract::Path;
use serde::Deserialize;
use serde_json::json;

use super::ask::{Answer, Ask, Counted, Why};
use super::lists::{letter_filter, number, replay_filter};
use super::{ok, places};
use crate::domain::task::{ObjectId, TaskGuid};
use crate::ops::actions::{audits, callbacks, callers, letters, objects, tasks};
use crate::ops::problem::Problem;

/// It is done, and there is nothing to say of it.
pub(super) fn done() -> Answer {
    ok(&json!({"done": true}))
}

/// Shows a task with what is personal in it.
pub(super) async fn reveal_task(Path(guid): Path<String>, mut ask: Ask) -> Answer {
    let Why { reason } = ask.read(tasks::REVEAL).await?;
    let guid: TaskGuid = guid.parse().map_err(Problem::bad)?;
    let acting = ask.acting(tasks::REVEAL, &reason)?;
    ok(&tasks::reveal(&acting, guid).await?)
}

/// Cancels an open task.
pub(super) async fn cancel_task(Path(guid): Path<String>, mut ask: Ask) -> Answer {
    let Why { reason } = ask.read(tasks::CANCEL).await?;
    let guid: TaskGuid = guid.parse().map_err(Problem::bad)?;
    let acting = ask.acting(tasks::CANCEL, &reason)?;
    ok(&json!({"state": tasks::cancel(&acting, guid).await?.as_str()}))
}

/// Pauses an object.
pub(super) async fn pause(Path(id): Path<String>, mut ask: Ask) -> Answer {
    let Why { reason } = ask.read(objects::ROLE).await?;
    let object: ObjectId = id.parse().map_err(Problem::bad)?;
    objects::pause(&ask.acting(objects::ROLE, &reason)?, object).await?;
    done()
}

/// Lets an object go on.
pub(super) async fn resume(Path(id): Path<String>, mut ask: Ask) -> Answer {
    let Why { reason } = ask.read(objects::ROLE).await?;
    let object: ObjectId = id.parse().map_err(Problem::bad)?;
    objects::resume(&ask.acting(objects::ROLE, &reason)?, object).await?;
    done()
}

/// Gives a caller another token.
pub(super) async fn rotate_token(Path(name): Path<String>, mut ask: Ask) -> Answer {
    let Why { reason } = ask.read(callers::ROTATE).await?;
    let acting = ask.acting(callers::ROTATE, &reason)?;
    ok(&json!({"name": name, "token": callers::rotate_token(&acting, &name).await?}))
}

/// Takes a licence away.
pub(super) async fn withdraw_licence(Path(name): Path<String>, mut ask: Ask) -> Answer {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Licence {
        #[serde(default)]
        reason: String,
        object: ObjectId,
    }
    let Licence { reason, object } = ask.read(callers::WITHDRAW).await?;
    let acting = ask.acting(callers::WITHDRAW, &reason)?;
    callers::withdraw_licence(&acting, &name, object).await?;
    done()
}

/// Posts what passes the filter once more.
pub(super) async fn replay_callback(Path(id): Path<String>, mut ask: Ask) -> Answer {
    let (Counted { reason, expected }, params) =
        ask.narrowed(callbacks::SWITCH, &places::REPLAYABLE).await?;
    let filter = replay_filter(&params)?;
    let acting = ask.acting(callbacks::SWITCH, &reason)?;
    ok(&callbacks::replay(&acting, number(&id)?, &filter, expected).await?)
}

/// Switches a callback on or off.
pub(super) async fn switch_callback(Path(id): Path<String>, mut ask: Ask) -> Answer {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Switch {
        #[serde(default)]
        reason: String,
        open: bool,
    }
    let Switch { reason, open } = ask.read(callbacks::SWITCH).await?;
    let acting = ask.acting(callbacks::SWITCH, &reason)?;
    callbacks::switch(&acting, number(&id)?, open).await?;
    done()
}

/// Gives a callback another secret.
pub(super) async fn rotate_secret(Path(id): Path<String>, mut ask: Ask) -> Answer {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields, rename_all = "camelCase")]
    struct Overlap {
        #[serde(default)]
        reason: String,
        #[serde(default = "a_day")]
        overlap_hours: i64,
    }
    fn a_day() -> i64 {
        24
    }
    let Overlap { reason, overlap_hours } = ask.read(callbacks::ROTATE).await?;
    let acting = ask.acting(callbacks::ROTATE, &reason)?;
    let id = number(&id)?;
    let secret = callbacks::rotate_secret(&acting, id, overlap_hours).await?;
    ok(&json!({"id": id, "secret": secret}))
}

/// Replays one dead letter.
pub(super) async fn replay_letter(Path(id): Path<String>, mut ask: Ask) -> Answer {
    let Why { reason } = ask.read(letters::ROLE).await?;
    let acting = ask.acting(letters::ROLE, &reason)?;
    ok(&letters::one(&acting, number(&id)?).await?)
}

/// Replays those that pass the filter.
pub(super) async fn replay_letters(mut ask: Ask) -> Answer {
    let (Counted { reason, expected }, params) =
        ask.narrowed(letters::ROLE, &places::LETTERS).await?;
    let filter = letter_filter(&params)?;
    let acting = ask.acting(letters::ROLE, &reason)?;
    ok(&json!({"items": letters::matching(&acting, &filter, expected).await?}))
}

/// Runs an audit in the background.
pub(super) async fn run_audit(mut ask: Ask) -> Answer {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Run {
        #[serde(default)]
        reason: String,
        object: Option<ObjectId>,
    }
    let Run { reason, object } = ask.read(audits::ROLE).await?;
    let acting = ask.acting(audits::ROLE, &reason)?;
    ok(&json!({"id": audits::run(&acting, object).await?}))
}
