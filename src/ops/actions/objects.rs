//! Pausing an object, and letting it go on. Operators do it.

use super::Acting;
use crate::domain::task::ObjectId;
use crate::engine::store::journal;
use crate::ops::access::Role;
use crate::ops::problem::{Problem, conflict};

/// The role that this needs.
pub const ROLE: Role = Role::Operator;

/// Has the tasks of an object wait: they are accepted, nobody carries them out, and each is answered at its deadline.
/// 409 when it is paused already.
pub async fn pause(acting: &Acting<'_>, object: ObjectId) -> Result<(), Problem> {
    let act = acting.act(journal::PAUSE, "object", object);
    match acting.state.store().pause(object, &acting.actor, act).await? {
        true => Ok(()),
        false => Err(conflict(format!("the object {object} is paused already"))),
    }
}

/// Lets them go on; 409 when it is not paused. What waits is published by the next sweeper of any process, within a second.
pub async fn resume(acting: &Acting<'_>, object: ObjectId) -> Result<(), Problem> {
    let act = acting.act(journal::RESUME, "object", object);
    match acting.state.store().resume(object, &acting.actor, act).await? {
        true => Ok(()),
        false => Err(conflict(format!("the object {object} is not paused"))),
    }
}
