//! Who calls BILLmanager: a login and password, or a session. Users and sessions are asked of the store each
//! time, in batches: a user that is switched off is off at once.

use crate::protocols::billmanager::sql::Tables;
use std::sync::Arc;

use secrecy::ExposeSecret;

use super::passwords::{PasswordError, Passwords};
use super::settings::BillManagerSettings;
use super::sql::sessions::Session;
use super::sql::users::User;
use crate::database::error::chain;
use crate::domain::token::{self, TokenHash};
use crate::engine::batcher::{Batcher, Limits, LookUpError, LookUps};
use crate::engine::store::Store;
use crate::runtime::supervise::Tasks;

/// Finds users by what they prove themselves with.
#[derive(Debug)]
pub struct Users {
    by_login: LookUps<String, User>,
    sessions: LookUps<TokenHash, Session>,
    passwords: Passwords,
    store: Arc<Store>,
}

/// Why nobody was found.
#[derive(Debug, thiserror::Error)]
pub enum UsersError {
    /// The store was not asked, or did not answer.
    #[error(transparent)]
    LookUp(#[from] LookUpError),
    /// The password was not verified.
    #[error(transparent)]
    Password(#[from] PasswordError),
}

impl Users {
    /// Starts looking up.
    pub fn start(tasks: &Tasks, store: Arc<Store>, settings: &BillManagerSettings) -> Users {
        let limits = Limits { lanes: 1, most: 512, waiting: 20_000 };
        let by_login = {
            let store = Arc::clone(&store);
            Batcher::start_look_ups(
                tasks.task("billmanager logins"),
                limits,
                move |logins: Vec<String>| {
                    let store = Arc::clone(&store);
                    async move { Tables::of(&store).users(&logins).await }
                },
            )
        };
        let sessions = {
            let store = Arc::clone(&store);
            Batcher::start_look_ups(
                tasks.task("billmanager sessions"),
                limits,
                move |ids: Vec<TokenHash>| {
                    let store = Arc::clone(&store);
                    async move { Tables::of(&store).sessions(&ids).await }
                },
            )
        };
        let passwords = Passwords::new(settings.password_checks, settings.attempts_per_min);
        Users { by_login, sessions, passwords, store }
    }

    /// The user with this login, whatever its password.
    pub async fn named(&self, login: &str) -> Result<Option<User>, LookUpError> {
        self.by_login.look_up(login.to_owned()).await
    }

    /// The user with this login and password.
    pub async fn with_password(
        &self,
        login: &str,
        password: &str,
    ) -> Result<Option<User>, UsersError> {
        let user = self.named(login).await?;
        let hash = user.as_ref().map(|user| user.password_hash.expose_secret());
        let right = self.passwords.is_right(login, password, hash).await?;
        Ok(user.filter(|_| right))
    }

    /// The user whose session this is.
    pub async fn with_session(&self, id: &str) -> Result<Option<User>, LookUpError> {
        let hash = TokenHash::of(id);
        let Some(session) = self.sessions.look_up(hash).await? else { return Ok(None) };
        if session.due
            && let Err(error) = Tables::of(&self.store).use_session(hash).await
        {
            // It lasts as long as it did.
            tracing::warn!("the use of a session was not written down: {}", chain(&error));
        }
        Ok(Some(session.user))
    }

    /// Opens a session of a user whose password was just verified; gives its id, this once. `None` when
    /// the password was changed meanwhile.
    pub async fn open_session(&self, user: &User) -> Result<Option<String>, LookUpError> {
        let id = token::generate();
        let hash = user.password_hash.expose_secret();
        let opened = Tables::of(&self.store).open_session(TokenHash::of(&id), user.id, hash).await;
        Ok(opened.map_err(Arc::new)?.then_some(id))
    }
}
