//! Who calls: clients and administrators.

use std::collections::HashMap;

use secrecy::SecretString;
use uuid::Uuid;

use crate::database::{Row, Statement, StoreError, Type, row};
use crate::domain::string_enum::string_enum;
use crate::domain::token::{self, TokenHash};
use crate::engine::store::reference::{Aggregator, read_aggregator};
use crate::protocols::billmanager::sql::Tables;

/// What a user is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Orders and pays for itself.
    Client,
    /// Acts for any client, and says which payments have come.
    Administrator,
}

string_enum!(Level { Client = "client", Administrator = "administrator" });

impl Level {
    /// The vendor's number of it.
    pub fn number(self) -> i64 {
        match self {
            Level::Client => 16,
            Level::Administrator => 30,
        }
    }

    fn numbered(number: i64) -> Result<Level, StoreError> {
        Level::ALL
            .iter()
            .copied()
            .find(|level| level.number() == number)
            .ok_or_else(|| StoreError::Corrupt(format!("a user has the level {number}")))
    }
}

/// A user that may call.
#[derive(Debug, Clone)]
pub struct User {
    /// Its row.
    pub id: i64,
    /// Its login, unique.
    pub login: String,
    /// Of its password; a PHC string.
    pub password_hash: SecretString,
    /// What it is.
    pub level: Level,
    /// The caller behind it.
    pub aggregator: Aggregator,
}

/// A user as an operator sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct ListedUser {
    pub id: i64,
    pub login: String,
    pub level: Level,
    pub active: bool,
    pub aggregator: String,
}

/// The columns that [`user`] reads, of a user `u` and its aggregator `a`.
macro_rules! user_columns {
    () => {
        "u.user_id, u.login, u.password_hash, u.level, a.aggregator_id, a.name, a.guid_salt,
         a.requests_per_s"
    };
}
pub(super) use user_columns;

static FIND: Statement = Statement::read(
    &[("login", Type::Text)],
    concat!(
        "SELECT ",
        user_columns!(),
        " FROM batch b {one bm_users u: login} {one aggregators a: aggregator_id = u.aggregator_id}
          WHERE u.active"
    ),
);

static ADD_AGGREGATOR: Statement = Statement::insert(
    "aggregators",
    &[("name", Type::Text), ("token_hash", Type::Bytes), ("guid_salt", Type::Uuid)],
    "ON CONFLICT (name) DO NOTHING RETURNING aggregator_id",
);

static ADD: Statement = Statement::insert(
    "bm_users",
    &[
        ("login", Type::Text),
        ("password_hash", Type::Text),
        ("level", Type::Int),
        ("aggregator_id", Type::Int),
    ],
    "ON CONFLICT (login) DO NOTHING RETURNING user_id",
);

static SET_PASSWORD: Statement = Statement::write(
    &[("login", Type::Text), ("password_hash", Type::Text)],
    "UPDATE bm_users SET password_hash = b.password_hash FROM batch b
     WHERE bm_users.login = (SELECT login FROM batch) RETURNING bm_users.user_id",
);

static SET_ACTIVE: Statement = Statement::write(
    &[("login", Type::Text), ("active", Type::Bool)],
    "UPDATE bm_users SET active = b.active FROM batch b
     WHERE bm_users.login = (SELECT login FROM batch) RETURNING bm_users.user_id",
);

static END_SESSIONS: Statement = Statement::write(
    &[("user_id", Type::Int)],
    "DELETE FROM bm_sessions WHERE user_id = (SELECT user_id FROM batch)",
);

static LIST: Statement = Statement::read(
    &[],
    "SELECT u.user_id, u.login, u.level, u.active, a.name
     FROM bm_users u {one aggregators a: aggregator_id = u.aggregator_id} ORDER BY u.login",
);

/// From a row with these columns.
pub(super) fn user(row: &mut Row) -> Result<User, StoreError> {
    Ok(User {
        id: row.get("user_id")?,
        login: row.get("login")?,
        password_hash: row.get::<String>("password_hash")?.into(),
        level: Level::numbered(row.get("level")?)?,
        aggregator: read_aggregator(row)?,
    })
}

impl Tables<'_> {
    /// The users with these logins that may call.
    pub async fn users(self, logins: &[String]) -> Result<HashMap<String, User>, StoreError> {
        let rows = logins.iter().map(|login| row![login.as_str()]).collect();
        let read = |mut row: Row| user(&mut row).map(|user| (user.login.clone(), user));
        self.db.run(&FIND, rows).await?.into_iter().map(read).collect()
    }

    /// Adds a user; `None` when there is one with the login. It has no subscriptions: nothing is told to it
    /// but the answers that it waits for; and nobody has a token of its aggregator.
    pub async fn add_user(
        self,
        login: &str,
        password_hash: &str,
        level: Level,
    ) -> Result<Option<i64>, StoreError> {
        let tx = self.db.begin().await?;
        let token = TokenHash::of(&token::generate());
        let row = row![aggregator_of(login), token.0.to_vec(), Uuid::new_v4()];
        let Some(mut row) = tx.query(&ADD_AGGREGATOR, vec![row]).await?.into_iter().next() else {
            return Ok(None);
        };
        let row = row![login, password_hash, level.number(), row.get::<i64>("aggregator_id")?];
        let Some(mut row) = tx.query(&ADD, vec![row]).await?.into_iter().next() else {
            return Ok(None);
        };
        let id = row.get("user_id")?;
        tx.commit().await?;
        Ok(Some(id))
    }

    /// Gives a user another password, which ends its sessions; `false` when there is none.
    pub async fn set_password(self, login: &str, hash: &str) -> Result<bool, StoreError> {
        self.change_user(&SET_PASSWORD, row![login, hash]).await
    }

    /// Lets a user call or not, which ends its sessions; `false` when there is none.
    pub async fn set_active(self, login: &str, active: bool) -> Result<bool, StoreError> {
        self.change_user(&SET_ACTIVE, row![login, active]).await
    }

    async fn change_user(
        self,
        statement: &'static Statement,
        values: Vec<crate::database::Value>,
    ) -> Result<bool, StoreError> {
        let tx = self.db.begin().await?;
        let Some(mut row) = tx.query(statement, vec![values]).await?.into_iter().next() else {
            return Ok(false);
        };
        tx.execute(&END_SESSIONS, vec![row![row.get::<i64>("user_id")?]]).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Every user.
    pub async fn list_users(self) -> Result<Vec<ListedUser>, StoreError> {
        let read = |mut row: Row| {
            Ok(ListedUser {
                id: row.get("user_id")?,
                login: row.get("login")?,
                level: Level::numbered(row.get("level")?)?,
                active: row.get("active")?,
                aggregator: row.get("name")?,
            })
        };
        self.db.run(&LIST, Vec::new()).await?.into_iter().map(read).collect()
    }
}

/// The name of the aggregator behind a user, by which its rate is set.
pub fn aggregator_of(login: &str) -> String {
    format!("billmanager-{login}")
}
