//! Objects that an operator has paused: their tasks are accepted and wait, nobody carries them out, and each is answered
//! at its deadline as any other.

use jiff::Timestamp;
use serde_json::json;

use super::journal::{self, Act, Actor, entry};
use super::{Store, StoreError};
use crate::database::{Row, Statement, Type, row};
use crate::domain::task::ObjectId;

/// A paused object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pause {
    /// Which.
    pub object: ObjectId,
    /// Since when.
    pub since: Timestamp,
    /// Who paused it.
    pub by: String,
    /// Why.
    pub reason: String,
}

static ALL: Statement = Statement::read(
    &[],
    "SELECT object_id, paused_at, paused_by, reason FROM paused_objects ORDER BY object_id",
);

static PAUSE: Statement = Statement::insert(
    "paused_objects",
    &[
        ("object_id", Type::Int),
        ("paused_at", Type::Time),
        ("paused_by", Type::Text),
        ("reason", Type::Text),
    ],
    "ON CONFLICT (object_id) DO NOTHING RETURNING object_id",
);

static RESUME: Statement = Statement::write(
    &[("object_id", Type::Int)],
    "DELETE FROM paused_objects WHERE object_id = (SELECT object_id FROM batch)
     RETURNING paused_at, paused_by, reason, object_id",
);

impl Store {
    /// Every paused object.
    pub async fn pauses(&self) -> Result<Vec<Pause>, StoreError> {
        self.db.run(&ALL, Vec::new()).await?.into_iter().map(read).collect()
    }

    /// Has the tasks of an object wait. What workers have in hand at this moment is finished. False when it is paused
    /// already.
    pub async fn pause(
        &self,
        object: ObjectId,
        actor: &Actor,
        act: Act,
    ) -> Result<bool, StoreError> {
        let now = self.clock().await?;
        let reason = act.reason.clone().unwrap_or_default();
        let tx = self.db.begin().await?;
        let row = row![object, now, actor.who.clone(), reason];
        if tx.query(&PAUSE, vec![row]).await?.is_empty() {
            return Ok(false);
        }
        let act = act.named(journal::PAUSE, "object", object);
        let (before, after) = (stands(false), stands(true));
        tx.finish(vec![entry(actor, Act { before, after, ..act })]).await?;
        Ok(true)
    }

    /// Lets the tasks of an object go on: the next sweeper of any process publishes them. False when it was not paused.
    pub async fn resume(
        &self,
        object: ObjectId,
        actor: &Actor,
        act: Act,
    ) -> Result<bool, StoreError> {
        let tx = self.db.begin().await?;
        if tx.query(&RESUME, vec![row![object]]).await?.is_empty() {
            return Ok(false);
        }
        let act = act.named(journal::RESUME, "object", object);
        let (before, after) = (stands(true), stands(false));
        tx.finish(vec![entry(actor, Act { before, after, ..act })]).await?;
        Ok(true)
    }
}

fn stands(paused: bool) -> Option<String> {
    Some(json!({"paused": paused}).to_string())
}

fn read(mut row: Row) -> Result<Pause, StoreError> {
    Ok(Pause {
        object: row.get("object_id")?,
        since: row.get("paused_at")?,
        by: row.get("paused_by")?,
        reason: row.get("reason")?,
    })
}
