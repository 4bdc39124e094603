//! Callbacks: switched, given another secret, and replayed into.

use serde_json::json;

use super::{Acting, changing};
use crate::callback::signature::Secret;
use crate::domain::outbox::SubscriptionId;
use crate::engine::store::callbacks::ListedCallback;
use crate::engine::store::callbacks::replaying::ReplayFilter;
use crate::ops::access::Role;
use crate::ops::problem::{Problem, conflict, not_found};
use crate::ops::queries::callbacks::{self, Replayable};

/// The role that switching and replaying need.
pub const SWITCH: Role = Role::Operator;
/// The role that a new secret needs.
pub const ROTATE: Role = Role::Admin;

async fn listed(acting: &Acting<'_>, id: i64) -> Result<ListedCallback, Problem> {
    callbacks::listed(acting.state.store(), id).await
}

/// Has answers and events posted again, or not. What waits stays.
pub async fn switch(acting: &Acting<'_>, id: i64, open: bool) -> Result<(), Problem> {
    let before = listed(acting, id).await?;
    let action = if open { "callback.on" } else { "callback.off" };
    let act = acting.act(action, "callback", id);
    let act = changing(act, Some(json!({"open": before.open})), Some(json!({"open": open})));
    match acting.store(act).set_callback_open(SubscriptionId(id), open).await? {
        true => Ok(()),
        false => Err(not_found(format!("there is no callback {id}"))),
    }
}

/// Gives a callback another secret, which is shown this once; the one before signs beside it for so many hours.
pub async fn rotate_secret(
    acting: &Acting<'_>,
    id: i64,
    overlap_h: i64,
) -> Result<String, Problem> {
    listed(acting, id).await?;
    if !(0..=720).contains(&overlap_h) {
        return Err(Problem::bad(format!("overlapHours: {overlap_h} is not from 0 to 720")));
    }
    let secret = Secret::generate();
    let act = acting.act("callback.rotate-secret", "callback", id);
    let store = acting.store(changing(act, None, Some(json!({"overlapHours": overlap_h}))));
    match store.rotate_callback_secret(SubscriptionId(id), &secret, overlap_h * 3600).await? {
        true => Ok(secret.reveal()),
        false => Err(not_found(format!("there is no callback {id}"))),
    }
}

/// Posts what passes the filter once more, those that were delivered as well. 409 when not so many match as whoever asks
/// has counted.
pub async fn replay(
    acting: &Acting<'_>,
    id: i64,
    filter: &ReplayFilter,
    expected: u64,
) -> Result<Replayable, Problem> {
    let keep = acting.state.app.settings.mail.keep_letters;
    let before = listed(acting, id).await?;
    let (found, count) = callbacks::replayable(acting.state.store(), id, filter).await?;
    if count.total() != expected {
        let total = count.total();
        return Err(conflict(format!("{total} match now, not {expected}: count again")));
    }
    if before.waiting.saturating_add_unsigned(expected) > keep {
        return Err(conflict(format!(
            "the callback {id} would hold more than mail.keep_letters ({keep}): narrow what is replayed"
        )));
    }
    let act = acting.act("callback.replay", "callback", id);
    let after = json!({"answers": count.answers, "events": count.events});
    acting.store(changing(act, None, Some(after))).replay(SubscriptionId(id), &found).await?;
    Ok(count)
}
