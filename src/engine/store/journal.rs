//! The journal: who did what, why, what it was before and what it is since. An entry is written in the transaction of
//! its effect, and the database refuses changing it.

use super::{Store, StoreError};
use crate::database::{Db, Statement, Type, Write, row};
use crate::domain::string_enum::string_enum;

/// Which way an action came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Via {
    /// The operator API.
    Api,
    /// The command line.
    Cli,
    /// The console.
    Console,
}

string_enum!(Via { Api = "api", Cli = "cli", Console = "console" });

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// An operator's name, or the user of the system that runs a command.
    pub who: String,
    /// The operator's role at this moment; `None`: somebody with the database's password.
    pub role: Option<&'static str>,
    /// Which way.
    pub via: Via,
}

/// What is done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Act {
    /// A word for it, like `object.pause`.
    pub action: String,
    /// What it is done to: the kind of it, like `object`.
    pub subject_kind: String,
    /// And which one.
    pub subject: String,
    /// Why, as the operator says.
    pub reason: Option<String>,
    /// What it was, JSON. Nothing secret and nothing personal.
    pub before: Option<String>,
    /// What it is since, likewise.
    pub after: Option<String>,
}

/// An object is paused, by the action's name.
pub const PAUSE: &str = "object.pause";
/// It is let go on.
pub const RESUME: &str = "object.resume";
/// An open task is cancelled.
pub const CANCEL: &str = "task.cancel";

impl Act {
    /// The same, under this name, about this.
    pub(super) fn named(self, action: &str, kind: &str, subject: impl ToString) -> Act {
        let (action, subject_kind) = (action.to_owned(), kind.to_owned());
        Act { action, subject_kind, subject: subject.to_string(), ..self }
    }

    /// The same, and what became of it is this.
    fn came_to(self, outcome: &str) -> Act {
        let after = self.after.as_deref().and_then(|after| serde_json::from_str(after).ok());
        let mut after: serde_json::Map<String, serde_json::Value> = after.unwrap_or_default();
        after.insert("outcome".to_owned(), outcome.into());
        Act { after: Some(serde_json::Value::from(after).to_string()), ..self }
    }
}

static ENTER: Statement = Statement::write(
    &[
        ("who", Type::Text),
        ("role", Type::Text),
        ("via", Type::Text),
        ("action", Type::Text),
        ("subject_kind", Type::Text),
        ("subject", Type::Text),
        ("reason", Type::Text),
        ("before", Type::Text),
        ("after", Type::Text),
    ],
    "INSERT INTO journal (at, who, role, via, action, subject_kind, subject, reason, before, after)
     SELECT wsa_now(), who, role, via, action, subject_kind, subject, reason, before, after FROM batch",
);

/// What the changes of a store are entered as.
#[derive(Debug)]
pub(super) struct Recorded {
    /// The database without that.
    pub(super) plain: Db,
    pub(super) actor: Actor,
    pub(super) act: Act,
}

/// The entry of an action, to be written with its effect; or neither is.
pub fn entry(actor: &Actor, act: Act) -> Write {
    let Act { action, subject_kind, subject, reason, before, after } = act;
    let Actor { who, role, via } = actor;
    let row =
        row![&**who, *role, via.as_str(), action, subject_kind, subject, reason, before, after];
    Write::each(&ENTER, vec![row])
}

impl Store {
    /// The same, whose entries say that it came to this; unrecorded where this is.
    pub fn coming_to(&self, outcome: &str) -> Store {
        match &self.recorded {
            Some(recorded) => {
                let Recorded { plain, actor, act } = &**recorded;
                let plain = Store { db: plain.clone(), protocols: self.protocols, recorded: None };
                plain.recorded(actor.clone(), act.clone().came_to(outcome))
            }
            None => self.clone(),
        }
    }

    /// The same, whose changes are not entered: somebody else enters them.
    pub fn unrecorded(&self) -> Store {
        let db = self.recorded.as_ref().map_or(&self.db, |recorded| &recorded.plain);
        Store { db: db.clone(), protocols: self.protocols, recorded: None }
    }

    /// Enters what this store's changes are entered as, although nothing is changed by it.
    pub async fn enter_recorded(&self) -> Result<(), StoreError> {
        let Some(recorded) = &self.recorded else { return Ok(()) };
        self.unrecorded().enter(&recorded.actor, recorded.act.clone()).await
    }

    /// Enters an action that changes nothing, like looking at what is personal.
    pub async fn enter(&self, actor: &Actor, act: Act) -> Result<(), StoreError> {
        let tx = self.db.begin().await?;
        tx.finish(vec![entry(actor, act)]).await.map(drop)
    }
}
