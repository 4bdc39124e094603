//! Browsers that are logged in, and links that log one in once. Kept as hashes, beside the hash of the operator's token:
//! with another token, or disabled, an operator is logged out everywhere at once.

use super::{Operator, Role};
use crate::database::{Db, Row, Statement, StoreError, Type, row};
use crate::domain::token::{self, TokenHash};
use crate::engine::store::Store;
use crate::engine::store::journal::{Act, Actor, Via, entry};

/// How long a browser stays logged in, in seconds: a working day.
const SESSION_S: i64 = 12 * 3600;
/// How long a link may be used, in seconds.
const LINK_S: i64 = 15 * 60;
/// How many expired ones are removed at once.
const MOST: i64 = 100;

static OPEN: Statement = Statement::write(
    &[
        ("session_hash", Type::Bytes),
        ("operator", Type::Text),
        ("is_link", Type::Bool),
        ("over_tls", Type::Bool),
        ("lasts_s", Type::Int),
    ],
    "INSERT INTO operator_sessions (session_hash, operator, token_hash, is_link, over_tls, made_at, expires_at)
     SELECT b.session_hash, o.name, o.token_hash, b.is_link, b.over_tls, wsa_now(), wsa_after(wsa_now(), b.lasts_s)
     FROM batch b {one operators o: name = b.operator WHERE o.disabled_at IS NULL}",
);

static FIND: Statement = Statement::read(
    &[("session_hash", Type::Bytes)],
    "SELECT o.name, o.role, s.is_link, s.over_tls
     FROM batch b {one operator_sessions s: session_hash} {one operators o: name = s.operator}
     WHERE s.expires_at > wsa_now() AND o.disabled_at IS NULL AND o.token_hash = s.token_hash",
);

static END: Statement = Statement::write(
    &[("session_hash", Type::Bytes)],
    "DELETE FROM operator_sessions {those operator_sessions: session_hash}",
);

static FORGET: Statement = Statement::write(
    &[("most", Type::Int)],
    "DELETE FROM operator_sessions {those operator_sessions: session_hash FROM
        SELECT s.session_hash FROM operator_sessions s WHERE s.expires_at < (SELECT wsa_now())
        ORDER BY s.expires_at LIMIT (SELECT most FROM batch)}",
);

/// What is made.
struct Made {
    is_link: bool,
    over_tls: bool,
    lasts_s: i64,
    /// As it stands in the journal.
    action: &'static str,
}

/// Who is logged in, and how.
#[derive(Debug, Clone)]
pub struct Session {
    /// Whose it is.
    pub operator: Operator,
    /// It was begun over https: its cookie comes over nothing else.
    pub over_tls: bool,
}

/// The sessions of a store.
#[derive(Debug, Clone, Copy)]
pub struct Sessions<'a>(&'a Db);

impl<'a> Sessions<'a> {
    /// Those of this store.
    pub fn of(store: &'a Store) -> Sessions<'a> {
        Sessions(store.db())
    }

    /// Logs a browser of this operator in, and gives what its cookie says; `None`: there is no such operator any more.
    pub async fn open(
        &self,
        operator: &Operator,
        over_tls: bool,
    ) -> Result<Option<String>, StoreError> {
        self.0.run(&FORGET, vec![row![MOST]]).await?;
        let made = Made { is_link: false, over_tls, lasts_s: SESSION_S, action: "operator.login" };
        self.make(&operator.actor(Via::Console), &operator.name, made).await
    }

    /// A secret that logs this operator in once; `None`: there is no such operator, or it is disabled.
    async fn link(&self, actor: &Actor, operator: &str) -> Result<Option<String>, StoreError> {
        let made =
            Made { is_link: true, over_tls: false, lasts_s: LINK_S, action: "operator.login-link" };
        self.make(actor, operator, made).await
    }

    async fn make(
        &self,
        actor: &Actor,
        operator: &str,
        made: Made,
    ) -> Result<Option<String>, StoreError> {
        let Made { is_link, over_tls, lasts_s, action } = made;
        let secret = token::generate();
        let hash = TokenHash::of(&secret).0.to_vec();
        let tx = self.0.begin().await?;
        let row = row![hash, operator, is_link, over_tls, lasts_s];
        if tx.execute(&OPEN, vec![row]).await? == 0 {
            return Ok(None);
        }
        let (action, subject_kind) = (action.to_owned(), "operator".to_owned());
        let act = Act { action, subject_kind, subject: operator.to_owned(), ..Act::default() };
        tx.finish(vec![entry(actor, act)]).await?;
        Ok(Some(secret))
    }

    /// Whose browser has this cookie.
    pub async fn find(&self, secret: &str) -> Result<Option<Session>, StoreError> {
        let found = self.look_up(secret).await?;
        Ok(found.filter(|(_, is_link)| !is_link).map(|(session, _)| session))
    }

    /// Whom this link logs in. It is not used up by that.
    pub async fn link_of(&self, secret: &str) -> Result<Option<Operator>, StoreError> {
        let found = self.look_up(secret).await?;
        Ok(found.filter(|(_, is_link)| *is_link).map(|(session, _)| session.operator))
    }

    /// Uses a link up: whom it logs in, if nobody has used it before.
    pub async fn use_link(&self, secret: &str) -> Result<Option<Operator>, StoreError> {
        let Some(operator) = self.link_of(secret).await? else { return Ok(None) };
        Ok(self.end(secret).await?.then_some(operator))
    }

    /// Ends a session; `false`: there was none.
    pub async fn end(&self, secret: &str) -> Result<bool, StoreError> {
        let hash = TokenHash::of(secret).0.to_vec();
        let tx = self.0.begin().await?;
        let ended = tx.execute(&END, vec![row![hash]]).await?;
        tx.commit().await?;
        Ok(ended == 1)
    }

    async fn look_up(&self, secret: &str) -> Result<Option<(Session, bool)>, StoreError> {
        let hash = TokenHash::of(secret).0.to_vec();
        let rows = self.0.run(&FIND, vec![row![hash]]).await?;
        rows.into_iter().next().map(read).transpose()
    }
}

fn read(mut row: Row) -> Result<(Session, bool), StoreError> {
    let role: Role = row.word("role")?;
    let operator = Operator { name: row.get("name")?, role };
    Ok((Session { operator, over_tls: row.get("over_tls")? }, row.get("is_link")?))
}

/// A path that logs this operator in once, within a quarter of an hour; `None`: there is no such operator, or it is
/// disabled.
pub async fn login_link(
    store: &Store,
    actor: &Actor,
    operator: &str,
) -> Result<Option<String>, StoreError> {
    let secret = Sessions::of(store).link(actor, operator).await?;
    Ok(secret.map(|secret| format!("/login?link={secret}")))
}
