//! Aggregators that speak AMQP.

use std::collections::HashMap;

use super::reference::{Aggregator, read_aggregator};
use super::{Store, StoreError};
use crate::database::{Row, Statement, Type, row};
use crate::domain::task::{AggregatorId, TaskKey};
use crate::engine::claim::Claim;

/// An aggregator that publishes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publisher {
    /// Who.
    pub aggregator: Aggregator,
    /// Whether its answers also go into its results queue.
    pub results: bool,
}

/// How an aggregator is set up for AMQP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AmqpAccess {
    /// Its RabbitMQ user; `None`: it does not publish.
    pub user: Option<String>,
    /// Whether its answers go into its results queue.
    pub results: bool,
}

static ACCESS: Statement = Statement::read(
    &[("aggregator_id", Type::Int)],
    "SELECT a.amqp_user,
            m.mailbox_id IS NOT NULL AS results
     FROM batch b {one aggregators a: aggregator_id}
     {left one mailboxes m: aggregator_id = a.aggregator_id, kind = 'results' WHERE m.open}",
);

static SET_USER: Statement = Statement::write(
    &[("aggregator_id", Type::Int), ("amqp_user", Type::Text)],
    "UPDATE aggregators SET amqp_user = (SELECT amqp_user FROM batch)
     WHERE aggregator_id = (SELECT aggregator_id FROM batch)
       AND coalesce((SELECT o.aggregator_id FROM aggregators o
                     WHERE o.amqp_user = (SELECT amqp_user FROM batch) LIMIT 1), aggregator_id)
           = aggregator_id
     RETURNING aggregator_id",
);

static RESULTS_QUEUES: Statement = Statement::read(
    &[],
    "SELECT a.name FROM mailboxes m {one aggregators a: aggregator_id = m.aggregator_id}
     WHERE m.kind = 'results' AND m.open ORDER BY a.name",
);

// An answered task never changes: who comes too late is answered directly.
static REDIRECT: Statement = Statement::write(
    &[
        ("object_id", Type::Int),
        ("task_guid", Type::Uuid),
        ("aggregator_id", Type::Int),
        ("reply_to", Type::Text),
        ("correlation_id", Type::Text),
    ],
    "UPDATE tasks SET reply_to = b.reply_to, sync = false, correlation_id = b.correlation_id
     FROM batch b {these tasks: object_id, task_guid}
       AND tasks.aggregator_id = b.aggregator_id AND coalesce(tasks.outcome, '') = ''",
);

// Before it: a row is changed by its place, which another writer may move.
static LOCK: Statement = Statement::write(
    &[("object_id", Type::Int), ("task_guid", Type::Uuid)],
    "SELECT t.task_guid FROM batch b {one tasks t: object_id, task_guid} {lock t}",
);

impl Store {
    /// Who is meant.
    pub async fn find_publishers(
        &self,
        claims: &[Claim],
    ) -> Result<HashMap<Claim, Publisher>, StoreError> {
        let (mut users, mut names) = (Vec::new(), Vec::new());
        for claim in claims {
            match claim {
                // No database keeps a NUL in a text, so nobody is called that.
                Claim::User(text) | Claim::Name(text) if text.contains('\0') => {}
                Claim::User(user) => users.push(row![user.as_str()]),
                Claim::Name(name) => names.push(row![name.as_str()]),
            }
        }
        let mut found = HashMap::with_capacity(claims.len());
        let find = self.protocols.callers();
        type Kind = fn(String) -> Claim;
        let looks: [(&'static Statement, Vec<_>, Kind); 2] =
            [(&find.by_user, users, Claim::User), (&find.by_name, names, Claim::Name)];
        for (statement, rows, kind) in looks {
            if rows.is_empty() {
                continue;
            }
            for mut row in self.db.run(statement, rows).await? {
                let aggregator = read_aggregator(&mut row)?;
                let publisher = Publisher { aggregator, results: row.get("results")? };
                found.insert(kind(row.get("claimed")?), publisher);
            }
        }
        Ok(found)
    }

    /// How an aggregator is set up.
    pub async fn amqp_access(&self, aggregator: AggregatorId) -> Result<AmqpAccess, StoreError> {
        let rows = self.db.run(&ACCESS, vec![row![aggregator]]).await?;
        let read = |mut row: Row| {
            Ok(AmqpAccess { user: row.get("amqp_user")?, results: row.get("results")? })
        };
        rows.into_iter().next().map_or(Ok(AmqpAccess { user: None, results: false }), read)
    }

    /// Has an aggregator publish as this RabbitMQ user, or not at all. Tells whether it does now: a user who
    /// is another aggregator's already is left to that one.
    pub async fn set_amqp_user(
        &self,
        aggregator: AggregatorId,
        user: Option<&str>,
    ) -> Result<bool, StoreError> {
        let set = self.db.run(&SET_USER, vec![row![aggregator, user]]).await?;
        Ok(!set.is_empty())
    }

    /// The names of those whose answers go into results queues.
    pub async fn results_queues(&self) -> Result<Vec<String>, StoreError> {
        let rows = self.db.run(&RESULTS_QUEUES, Vec::new()).await?;
        rows.into_iter().map(|mut row| row.get("name")).collect()
    }

    /// Has the answer of an open task sent where its caller waits now.
    pub async fn redirect_reply(
        &self,
        task: TaskKey,
        aggregator: AggregatorId,
        reply_to: &str,
        correlation_id: Option<&str>,
    ) -> Result<(), StoreError> {
        let row = row![task.object, task.guid, aggregator, reply_to, correlation_id];
        let tx = self.db.begin().await?;
        tx.query(&LOCK, vec![row![task.object, task.guid]]).await?;
        tx.execute(&REDIRECT, vec![row]).await?;
        tx.commit().await
    }
}
