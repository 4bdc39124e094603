//! The table of operators.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;
use subtle::ConstantTimeEq;

use super::{Operator, Role};
use crate::database::{Db, Row, Statement, StoreError, Tx, Type, row};
use crate::domain::token::TokenHash;
use crate::engine::store::Store;
use crate::engine::store::journal::{Act, Actor, entry};

/// The longest name, in characters.
pub const MOST_NAME: usize = 100;

/// An operator of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ListedOperator {
    /// The name, unique.
    pub name: String,
    /// What it may do.
    #[schemars(with = "String")]
    pub role: Role,
    /// When it was added.
    pub created_at: Timestamp,
    /// Since when its token opens nothing.
    pub disabled_at: Option<Timestamp>,
}

macro_rules! COLUMNS {
    () => {
        "o.name, o.role, o.token_hash, o.created_at, o.disabled_at"
    };
}

static BY_TOKEN: Statement = Statement::read(
    &[("token_hash", Type::Bytes)],
    concat!("SELECT ", COLUMNS!(), " FROM batch b {one operators o: token_hash}"),
);
static BY_NAME: Statement = Statement::read(
    &[("name", Type::Text)],
    concat!("SELECT ", COLUMNS!(), " FROM batch b {one operators o: name}"),
);
static LOCKED: Statement = Statement::write(
    &[("name", Type::Text)],
    concat!("SELECT ", COLUMNS!(), " FROM batch b {one operators o: name} {lock o}"),
);
static ALL: Statement =
    Statement::read(&[], concat!("SELECT ", COLUMNS!(), " FROM operators o ORDER BY o.name"));
static ADD: Statement = Statement::write(
    &[("name", Type::Text), ("role", Type::Text), ("token_hash", Type::Bytes)],
    "INSERT INTO operators (name, role, token_hash, created_at)
     SELECT name, role, token_hash, wsa_now() FROM batch WHERE true
     ON CONFLICT (name) DO NOTHING RETURNING name",
);
static SET_ROLE: Statement = Statement::write(
    &[("name", Type::Text), ("role", Type::Text)],
    "UPDATE operators SET role = b.role FROM batch b {these operators: name}",
);
static ROTATE: Statement = Statement::write(
    &[("name", Type::Text), ("token_hash", Type::Bytes)],
    "UPDATE operators SET token_hash = b.token_hash FROM batch b {these operators: name}",
);
static DISABLE: Statement = Statement::write(
    &[("name", Type::Text), ("disabled", Type::Bool)],
    "UPDATE operators SET disabled_at = CASE WHEN b.disabled THEN wsa_now() END
     FROM batch b {these operators: name}",
);

/// The operators of a store.
#[derive(Debug, Clone, Copy)]
pub struct Operators<'a>(&'a Db);

impl<'a> Operators<'a> {
    /// Those of this store.
    pub fn of(store: &'a Store) -> Operators<'a> {
        Operators(store.db())
    }

    /// The operator whose token has this hash, unless it is disabled. Looked up by hash, then compared in constant time.
    pub async fn by_token(&self, token: TokenHash) -> Result<Option<Operator>, StoreError> {
        let rows = self.0.run(&BY_TOKEN, vec![row![token.0.to_vec()]]).await?;
        let Some(mut row) = rows.into_iter().next() else { return Ok(None) };
        let stored: Vec<u8> = row.get("token_hash")?;
        match bool::from(token.0[..].ct_eq(&stored)) {
            true => enabled(row),
            false => Ok(None),
        }
    }

    /// The operator with this name, unless it is disabled.
    pub async fn by_name(&self, name: &str) -> Result<Option<Operator>, StoreError> {
        let rows = self.0.run(&BY_NAME, vec![row![name]]).await?;
        rows.into_iter().next().map_or(Ok(None), enabled)
    }

    /// Every operator, by name.
    pub async fn all(&self) -> Result<Vec<ListedOperator>, StoreError> {
        self.0.run(&ALL, Vec::new()).await?.into_iter().map(listed).collect()
    }

    /// Adds one; false when the name is taken.
    pub async fn add(
        &self,
        actor: &Actor,
        reason: Option<String>,
        (name, role): (&str, Role),
        token: TokenHash,
    ) -> Result<bool, StoreError> {
        let tx = self.0.begin().await?;
        let row = row![name, role.as_str(), token.0.to_vec()];
        if tx.query(&ADD, vec![row]).await?.is_empty() {
            return Ok(false);
        }
        let after = json!({"role": role.as_str()}).to_string();
        let act = act("operator.add", name, reason, None, Some(after));
        tx.finish(vec![entry(actor, act)]).await?;
        Ok(true)
    }

    /// Gives one another role; false when nobody has the name.
    pub async fn set_role(
        &self,
        actor: &Actor,
        reason: Option<String>,
        name: &str,
        role: Role,
    ) -> Result<bool, StoreError> {
        let Some((tx, before)) = self.locked(name).await? else { return Ok(false) };
        tx.execute_all(&SET_ROLE, vec![row![name, role.as_str()]]).await?;
        let before = json!({"role": before.role.as_str()}).to_string();
        let after = json!({"role": role.as_str()}).to_string();
        let act = act("operator.set", name, reason, Some(before), Some(after));
        tx.finish(vec![entry(actor, act)]).await?;
        Ok(true)
    }

    /// Gives one another token, which makes the old one invalid at once; false when nobody has the name.
    pub async fn rotate(
        &self,
        actor: &Actor,
        reason: Option<String>,
        name: &str,
        token: TokenHash,
    ) -> Result<bool, StoreError> {
        let Some((tx, _)) = self.locked(name).await? else { return Ok(false) };
        tx.execute_all(&ROTATE, vec![row![name, token.0.to_vec()]]).await?;
        let act = act("operator.rotate", name, reason, None, None);
        tx.finish(vec![entry(actor, act)]).await?;
        Ok(true)
    }

    /// Lets the token of one open nothing any more, or open its door again; false when nobody has the name.
    pub async fn disable(
        &self,
        actor: &Actor,
        reason: Option<String>,
        name: &str,
        disabled: bool,
    ) -> Result<bool, StoreError> {
        let Some((tx, before)) = self.locked(name).await? else { return Ok(false) };
        tx.execute_all(&DISABLE, vec![row![name, disabled]]).await?;
        let before = json!({"disabled": before.disabled_at.is_some()}).to_string();
        let after = json!({"disabled": disabled}).to_string();
        let action = if disabled { "operator.disable" } else { "operator.enable" };
        let act = act(action, name, reason, Some(before), Some(after));
        tx.finish(vec![entry(actor, act)]).await?;
        Ok(true)
    }

    async fn locked(&self, name: &str) -> Result<Option<(Tx, ListedOperator)>, StoreError> {
        let tx = self.0.begin().await?;
        let found = tx.query(&LOCKED, vec![row![name]]).await?.into_iter().next();
        let Some(row) = found else { return Ok(None) };
        Ok(Some((tx, listed(row)?)))
    }
}

fn act(
    action: &str,
    name: &str,
    reason: Option<String>,
    before: Option<String>,
    after: Option<String>,
) -> Act {
    let (subject_kind, subject) = ("operator".to_owned(), name.to_owned());
    Act { action: action.to_owned(), subject_kind, subject, reason, before, after }
}

fn listed(mut row: Row) -> Result<ListedOperator, StoreError> {
    Ok(ListedOperator {
        name: row.get("name")?,
        role: row.word("role")?,
        created_at: row.get("created_at")?,
        disabled_at: row.get("disabled_at")?,
    })
}

fn enabled(row: Row) -> Result<Option<Operator>, StoreError> {
    let ListedOperator { name, role, disabled_at, .. } = listed(row)?;
    Ok(disabled_at.is_none().then_some(Operator { name, role }))
}
