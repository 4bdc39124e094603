//! The journal: who did what, why, what it was before and what it is since. An entry is written in the transaction of
//! its effect, and the database refuses changing it.

use super::{Store, StoreError};
use crate::database::{Statement, Type, Write, row};
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

/// The entry of an action, to be written with its effect; or neither is.
pub fn entry(actor: &Actor, act: Act) -> Write {
    let Act { action, subject_kind, subject, reason, before, after } = act;
    let Actor { who, role, via } = actor;
    let row =
        row![&**who, *role, via.as_str(), action, subject_kind, subject, reason, before, after];
    Write::each(&ENTER, vec![row])
}

impl Store {
    /// Enters an action that changes nothing, like looking at what is personal.
    pub async fn enter(&self, actor: &Actor, act: Act) -> Result<(), StoreError> {
        let tx = self.db.begin().await?;
        tx.finish(vec![entry(actor, act)]).await.map(drop)
    }
}
