//! What operators can do. Each action needs a role and a reason, and writes its entry of the journal in the transaction
//! of its effect: [`Acting`] is made once a role has been checked, and nothing is done without one.
//!
//! No action carries a payment out: a task that has its answer keeps it.

pub mod audits;
pub mod callbacks;
pub mod callers;
pub mod letters;
pub mod objects;
pub mod operators;
pub mod tasks;

use serde_json::Value;

use super::access::{Operator, Role};
use super::problem::Problem;
use super::state::OpsState;
use crate::engine::store::Store;
use crate::engine::store::journal::{Act, Actor, Via};

/// The longest reason, in characters.
pub const LONGEST_REASON: usize = 1000;

/// An operator who may do what it is about to do, and says why.
#[derive(Debug, Clone)]
pub struct Acting<'a> {
    /// The process.
    pub state: &'a OpsState,
    /// Who acts.
    pub actor: Actor,
    reason: String,
}

impl<'a> Acting<'a> {
    /// Somebody who has at least this role; 403 else. 400 where no reason is given.
    pub fn begin(
        state: &'a OpsState,
        (operator, via): (&Operator, Via),
        needed: Role,
        reason: &str,
    ) -> Result<Acting<'a>, Problem> {
        operator.require(needed)?;
        let reason = reason.trim();
        if reason.is_empty() {
            return Err(Problem::bad("reason: say why; it stands in the journal"));
        }
        if reason.chars().count() > LONGEST_REASON || reason.contains('\0') {
            return Err(Problem::bad(format!(
                "reason: it must have at most {LONGEST_REASON} characters, and no U+0000"
            )));
        }
        Ok(Acting { state, actor: operator.actor(via), reason: reason.to_owned() })
    }

    /// What is done, for the journal.
    pub fn act(&self, action: &str, kind: &str, subject: impl ToString) -> Act {
        Act {
            action: action.to_owned(),
            subject_kind: kind.to_owned(),
            subject: subject.to_string(),
            reason: Some(self.reason.clone()),
            before: None,
            after: None,
        }
    }

    /// The reason.
    pub fn reason(&self) -> Option<String> {
        Some(self.reason.clone())
    }

    /// The store, whose change is entered in the journal as this.
    pub fn store(&self, act: Act) -> Store {
        self.state.store().recorded(self.actor.clone(), act)
    }
}

/// The same act, with what it was and what it is since.
pub(super) fn changing(act: Act, before: Option<Value>, after: Option<Value>) -> Act {
    let text = |value: Option<Value>| value.map(|value| value.to_string());
    Act { before: text(before), after: text(after), ..act }
}

/// Enters that somebody sees what is personal in this. Nothing is shown when it cannot be entered.
pub(super) async fn reveal(
    acting: &Acting<'_>,
    kind: &str,
    subject: impl ToString,
) -> Result<(), Problem> {
    let act = acting.act(&format!("{kind}.reveal"), kind, subject);
    acting.state.store().enter(&acting.actor, act).await?;
    Ok(())
}
