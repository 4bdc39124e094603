//! Sessions: an hour from their last use.

use std::collections::HashMap;

use super::rows::hash;
use super::users::{User, user, user_columns};
use crate::database::{Row, Statement, StoreError, Type, row};
use crate::domain::token::TokenHash;
use crate::protocols::billmanager::sql::Tables;

/// How long a session lasts after its last use, in seconds.
pub const LASTS_S: i64 = 3600;
/// A use is written down when the last one written is so long ago: at most once a minute.
const WRITTEN_EVERY_S: i64 = 60;
/// How many sessions a user may have; the oldest one ends when there is one more.
pub const MOST: i64 = 50;

static FIND: Statement = Statement::read(
    &[("token_hash", Type::Bytes), ("left_s", Type::Int)],
    concat!(
        "SELECT s.token_hash, s.expires_at < wsa_after(wsa_now(), b.left_s) AS due, ",
        user_columns!(),
        " FROM batch b {one bm_sessions s: token_hash} {one bm_users u: user_id = s.user_id}
          {one aggregators a: aggregator_id = u.aggregator_id}
          WHERE s.expires_at > wsa_now() AND u.active"
    ),
);

// Only while the password is the one that was given; whoever changes it waits, or is waited for, so that no
// session outlives its password.
static OPEN: Statement = Statement::write(
    &[
        ("token_hash", Type::Bytes),
        ("user_id", Type::Int),
        ("password_hash", Type::Text),
        ("lasts_s", Type::Int),
    ],
    "INSERT INTO bm_sessions (token_hash, user_id, expires_at)
     SELECT b.token_hash, u.user_id, wsa_after(wsa_now(), b.lasts_s)
     FROM batch b
     {one bm_users u: user_id WHERE u.active AND u.password_hash = b.password_hash} {lock u}
     RETURNING user_id",
);

// The user is between himself and himself, so that the order is that of the index of his sessions and of no other.
static TRIM: Statement = Statement::write(
    &[("user_id", Type::Int), ("most", Type::Int)],
    "DELETE FROM bm_sessions {those bm_sessions: token_hash FROM
        SELECT s.token_hash FROM bm_sessions s
        WHERE s.user_id >= (SELECT user_id FROM batch) AND s.user_id <= (SELECT user_id FROM batch)
        ORDER BY s.user_id DESC, s.expires_at DESC LIMIT 1000 OFFSET (SELECT most FROM batch)}",
);

static USE: Statement = Statement::write(
    &[("token_hash", Type::Bytes), ("lasts_s", Type::Int)],
    "UPDATE bm_sessions SET expires_at = wsa_after(wsa_now(), b.lasts_s) FROM batch b
     WHERE bm_sessions.token_hash = (SELECT token_hash FROM batch) AND bm_sessions.expires_at > wsa_now()",
);

static FORGET: Statement = Statement::write(
    &[("most", Type::Int)],
    "DELETE FROM bm_sessions {those bm_sessions: token_hash FROM
        SELECT s.token_hash FROM bm_sessions s WHERE s.expires_at <= (SELECT wsa_now())
        ORDER BY s.expires_at LIMIT (SELECT most FROM batch)}",
);

/// A session that lasts.
#[derive(Debug, Clone)]
pub struct Session {
    /// Whose it is.
    pub user: User,
    /// Whether its use is to be written down.
    pub due: bool,
}

impl Tables<'_> {
    /// Those of these sessions that last.
    pub async fn sessions(
        self,
        ids: &[TokenHash],
    ) -> Result<HashMap<TokenHash, Session>, StoreError> {
        let rows = ids.iter().map(|id| row![id.0.to_vec(), LASTS_S - WRITTEN_EVERY_S]).collect();
        let read = |mut row: Row| {
            let (id, due) = (hash(row.get("token_hash")?)?, row.get("due")?);
            Ok((id, Session { user: user(&mut row)?, due }))
        };
        self.db.run(&FIND, rows).await?.into_iter().map(read).collect()
    }

    /// Opens a session of a user whose password was just verified against this hash; `false` when that
    /// is not its password any more.
    pub async fn open_session(
        self,
        id: TokenHash,
        user: i64,
        password_hash: &str,
    ) -> Result<bool, StoreError> {
        let tx = self.db.begin().await?;
        let row = row![id.0.to_vec(), user, password_hash, LASTS_S];
        let opened = !tx.query(&OPEN, vec![row]).await?.is_empty();
        tx.execute(&TRIM, vec![row![user, MOST]]).await?;
        tx.commit().await?;
        Ok(opened)
    }

    /// Writes the use of a session down.
    pub async fn use_session(self, id: TokenHash) -> Result<(), StoreError> {
        self.db.run(&USE, vec![row![id.0.to_vec(), LASTS_S]]).await.map(drop)
    }

    /// Deletes sessions that have ended, at most `most`; tells how many.
    pub async fn forget_sessions(self, most: u64) -> Result<u64, StoreError> {
        let tx = self.db.begin().await?;
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let deleted = tx.execute(&FORGET, vec![row![most]]).await?;
        tx.commit().await?;
        Ok(deleted)
    }
}
