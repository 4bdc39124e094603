//! Reference data: who may call, and for which objects.

use std::collections::{HashMap, HashSet};

use subtle::ConstantTimeEq;
use uuid::Uuid;

use super::subscriptions::open_subscriptions;
use super::{Store, StoreError};
use crate::database::{Row, Statement, Type, row};
use crate::domain::task::{AggregatorId, ObjectId};
use crate::domain::token::TokenHash;

/// A caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aggregator {
    /// Its row.
    pub id: AggregatorId,
    /// Its name, unique.
    pub name: String,
    /// Salts the guids that are made from its idempotency keys; secret.
    pub salt: Uuid,
    /// How many requests a second it may make of one process; `None`: the service's rate.
    pub requests_per_s: Option<i64>,
}

static KNOWN_OBJECTS: Statement = Statement::read(
    &[("object_id", Type::Int)],
    "SELECT o.object_id FROM batch b {one objects o: object_id}",
);

static ADD_AGGREGATOR: Statement = Statement::insert(
    "aggregators",
    &[("name", Type::Text), ("token_hash", Type::Bytes), ("guid_salt", Type::Uuid)],
    "ON CONFLICT (name) DO NOTHING RETURNING aggregator_id, name, guid_salt, requests_per_s",
);

static ROTATE_TOKEN: Statement = Statement::write(
    &[("name", Type::Text), ("token_hash", Type::Bytes)],
    "UPDATE aggregators SET token_hash = (SELECT token_hash FROM batch)
     WHERE name = (SELECT name FROM batch)
     RETURNING aggregator_id, name, guid_salt, requests_per_s",
);

static SET_RATE: Statement = Statement::write(
    &[("name", Type::Text), ("requests_per_s", Type::Int)],
    "UPDATE aggregators SET requests_per_s = (SELECT requests_per_s FROM batch)
     WHERE name = (SELECT name FROM batch)
     RETURNING aggregator_id, name, guid_salt, requests_per_s",
);

static AGGREGATORS: Statement = Statement::read(
    &[],
    "SELECT aggregator_id, name, guid_salt, requests_per_s FROM aggregators ORDER BY name",
);

static ADD_LICENCE: Statement = Statement::insert(
    "licences",
    &[("aggregator_id", Type::Int), ("object_id", Type::Int)],
    "ON CONFLICT DO NOTHING",
);

static REMOVE_LICENCE: Statement = Statement::write(
    &[("aggregator_id", Type::Int), ("object_id", Type::Int)],
    "DELETE FROM licences
     WHERE aggregator_id = (SELECT aggregator_id FROM batch)
       AND object_id = (SELECT object_id FROM batch)
     RETURNING object_id",
);

static LICENSED: Statement = Statement::read(
    &[("aggregator_id", Type::Int), ("object_id", Type::Int)],
    "SELECT l.aggregator_id, l.object_id FROM batch b {one licences l: aggregator_id, object_id}",
);

static LICENCES: Statement = Statement::read(
    &[],
    "SELECT aggregator_id, object_id FROM licences ORDER BY aggregator_id, object_id",
);

impl Store {
    /// Which of these objects there are.
    pub async fn known_objects(
        &self,
        wanted: &[ObjectId],
    ) -> Result<HashSet<ObjectId>, StoreError> {
        let rows = wanted.iter().map(|object| row![*object]).collect();
        let read = |mut row: Row| row.get("object_id");
        self.db.run(&KNOWN_OBJECTS, rows).await?.into_iter().map(read).collect()
    }

    /// Adds an aggregator with its subscriptions; `None` when the name is taken.
    pub async fn add_aggregator(
        &self,
        name: &str,
        token: TokenHash,
    ) -> Result<Option<Aggregator>, StoreError> {
        let tx = self.db.begin().await?;
        let row = row![name, token.0.to_vec(), Uuid::new_v4()];
        let Some(mut row) = tx.query(&ADD_AGGREGATOR, vec![row]).await?.into_iter().next() else {
            return Ok(None);
        };
        let added = read_aggregator(&mut row)?;
        open_subscriptions(&tx, added.id).await?;
        tx.commit().await?;
        Ok(Some(added))
    }

    /// Gives an aggregator a new token, which makes the old one invalid; `None` when nobody has the name.
    pub async fn rotate_token(
        &self,
        name: &str,
        token: TokenHash,
    ) -> Result<Option<Aggregator>, StoreError> {
        let rows = self.db.run(&ROTATE_TOKEN, vec![row![name, token.0.to_vec()]]).await?;
        rows.into_iter().next().map(|mut row| read_aggregator(&mut row)).transpose()
    }

    /// Gives an aggregator a rate of its own, or takes it away; `None` when nobody has the name.
    pub async fn set_rate(
        &self,
        name: &str,
        requests_per_s: Option<i64>,
    ) -> Result<Option<Aggregator>, StoreError> {
        let rows = self.db.run(&SET_RATE, vec![row![name, requests_per_s]]).await?;
        rows.into_iter().next().map(|mut row| read_aggregator(&mut row)).transpose()
    }

    /// Which callers of these protocols have these tokens: a token opens its own protocol only. Looked up by hash,
    /// then compared in constant time: neither the look-up nor the comparison tells how much of a guess was right.
    pub async fn find_aggregators(
        &self,
        asked: &[(TokenHash, &'static str)],
    ) -> Result<HashMap<(TokenHash, &'static str), Aggregator>, StoreError> {
        let rows = asked.iter().map(|(hash, protocol)| row![hash.0.to_vec(), *protocol]).collect();
        let mut found = HashMap::new();
        for mut row in self.db.run(&self.protocols.callers().by_token, rows).await? {
            let (stored, protocol): (Vec<u8>, String) =
                (row.get("token_hash")?, row.get("protocol")?);
            let is_it = |(hash, of): &&(TokenHash, &'static str)| {
                bool::from(hash.0[..].ct_eq(&stored)) && *of == protocol
            };
            if let Some(one) = asked.iter().find(is_it) {
                found.insert(*one, read_aggregator(&mut row)?);
            }
        }
        Ok(found)
    }

    /// Every aggregator.
    pub async fn aggregators(&self) -> Result<Vec<Aggregator>, StoreError> {
        let rows = self.db.run(&AGGREGATORS, Vec::new()).await?;
        rows.into_iter().map(|mut row| read_aggregator(&mut row)).collect()
    }

    /// Allows an aggregator to use objects, which must exist.
    pub async fn add_licences(
        &self,
        aggregator: AggregatorId,
        objects: &[ObjectId],
    ) -> Result<(), StoreError> {
        let rows = objects.iter().map(|object| row![aggregator, *object]).collect();
        self.db.run(&ADD_LICENCE, rows).await.map(drop)
    }

    /// Takes a licence away; tells whether there was one. Tasks accepted before keep their answers.
    pub async fn remove_licence(
        &self,
        aggregator: AggregatorId,
        object: ObjectId,
    ) -> Result<bool, StoreError> {
        let removed = self.db.run(&REMOVE_LICENCE, vec![row![aggregator, object]]).await?;
        Ok(!removed.is_empty())
    }

    /// Which of these licences there are.
    pub async fn licensed(
        &self,
        wanted: &[(AggregatorId, ObjectId)],
    ) -> Result<HashMap<(AggregatorId, ObjectId), ()>, StoreError> {
        let rows = wanted.iter().map(|(aggregator, object)| row![*aggregator, *object]).collect();
        let read = |mut row: Row| Ok(((row.get("aggregator_id")?, row.get("object_id")?), ()));
        self.db.run(&LICENSED, rows).await?.into_iter().map(read).collect()
    }

    /// Every licence.
    pub async fn licences(&self) -> Result<Vec<(AggregatorId, ObjectId)>, StoreError> {
        let read = |mut row: Row| Ok((row.get("aggregator_id")?, row.get("object_id")?));
        self.db.run(&LICENCES, Vec::new()).await?.into_iter().map(read).collect()
    }
}

/// From a row with the columns of an aggregator.
pub(crate) fn read_aggregator(row: &mut Row) -> Result<Aggregator, StoreError> {
    Ok(Aggregator {
        id: row.get("aggregator_id")?,
        name: row.get("name")?,
        salt: row.get("guid_salt")?,
        requests_per_s: row.get("requests_per_s")?,
    })
}
