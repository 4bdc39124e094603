//! Who calls, and for whom.

use super::Asked;
use super::error::Problem;
use crate::domain::task::AggregatorId;
use crate::engine::app::App;
use crate::engine::store::reference::Aggregator;
use crate::protocols::billmanager::command::Fault;
use crate::protocols::billmanager::passwords::PasswordError;
use crate::protocols::billmanager::sql::users::{Level, User};
use crate::protocols::billmanager::users::{Users, UsersError};
use crate::protocols::billmanager::wire::document::Element;
use crate::protocols::billmanager::wire::words;
use crate::web::problem::Problem as Plain;

/// The shortest password that is set, in characters.
pub(crate) const SHORTEST_PASSWORD: usize = 8;
/// The longest password, in characters.
pub(crate) const LONGEST_PASSWORD: usize = 256;

/// Whose rate is that of those who do not say who they are: no caller's number.
const NOBODY: AggregatorId = AggregatorId(0);

/// Who calls.
pub(super) struct Caller {
    /// The caller behind it.
    pub(super) aggregator: Aggregator,
    /// The client whose rights count; `None`: an administrator's own.
    client: Option<i64>,
    /// The login of whose rights count.
    pub(super) login: String,
}

impl Caller {
    /// A user in its own name.
    pub(super) fn of(user: User) -> Caller {
        let client = (user.level == Level::Client).then_some(user.id);
        Caller { aggregator: user.aggregator, client, login: user.login }
    }

    /// The client whose rights count, if any.
    pub(super) fn client(&self) -> Option<i64> {
        self.client
    }

    /// The client, where there must be one.
    pub(super) fn as_client(&self) -> Result<i64, Fault> {
        self.client.ok_or_else(|| {
            let en = "An administrator orders for a client: name it with su";
            words::no_access("su", "Администратор заказывает за клиента: укажите его в su", en)
        })
    }

    /// What only an administrator may do, in its own name.
    pub(super) fn as_administrator(&self) -> Result<(), Fault> {
        match self.client {
            None => Ok(()),
            Some(_) => {
                let en = "Only an administrator may do that, without su";
                Err(words::no_access("func", "Это может только администратор, без su", en))
            }
        }
    }
}

/// `func=auth`: opens a session.
pub(super) async fn log_in(asked: &Asked<'_>) -> Result<Vec<Element>, Problem> {
    let params = &asked.params;
    let user = match params.get("authinfo") {
        Some(pair) => by_pair(asked, pair).await?,
        None => {
            let (login, password) = (params.required("username")?, params.required("password")?);
            by_password(asked, login, password).await?
        }
    };
    let id = asked.users.open_session(&user).await?.ok_or_else(words::bad_password)?;
    let auth = Element::text("auth", &id).with("id", &id).with("level", user.level.number());
    Ok(vec![auth])
}

/// Who calls, and not faster than it may.
pub(super) async fn authenticate(asked: &Asked<'_>) -> Result<Caller, Problem> {
    let (params, users) = (&asked.params, asked.users);
    let user = match (params.get("authinfo"), params.get("auth")) {
        (Some(_), Some(_)) => {
            let ru = "Укажите либо auth, либо authinfo";
            return Err(Fault::value("auth", ru, "There must be either auth or authinfo").into());
        }
        (Some(pair), None) => by_pair(asked, pair).await?,
        (None, Some(id)) => {
            let user = users.with_session(id).await?.ok_or_else(words::no_session)?;
            limit(asked.app, &user.aggregator)?;
            user
        }
        (None, None) => return Err(words::no_session().into()),
    };
    let own = (user.level == Level::Client).then_some(user.id);
    let mut counts = user.login.clone();
    let client = match params.get("su") {
        None => own,
        Some(login) if own.is_some() && login == user.login => own,
        Some(_) if own.is_some() => {
            let en = "A client acts for itself only";
            return Err(words::no_access("su", "Клиент действует только за себя", en).into());
        }
        Some(login) => {
            let client = users.named(login).await?.filter(|user| user.level == Level::Client);
            let client = client.ok_or_else(|| {
                Fault::absent("su", "Такого клиента нет", "There is no such client")
            })?;
            counts = client.login;
            Some(client.id)
        }
    };
    Ok(Caller { aggregator: user.aggregator, client, login: counts })
}

/// Whether the request says who calls.
pub(super) fn is_known(asked: &Asked<'_>) -> bool {
    ["authinfo", "auth"].iter().any(|name| asked.params.get(name).is_some())
}

/// Nobody in particular calls: all who do share one rate.
pub(super) fn as_nobody(asked: &Asked<'_>) -> Result<(), Problem> {
    if asked.params.get("su").is_some() {
        return Err(words::no_session().into());
    }
    let checked = asked.app.rates.check(NOBODY, None);
    checked.map_err(|exceeded| Plain::limited(asked.app, &exceeded).into())
}

/// The user with this login and password, not faster than it may.
pub(super) async fn find(
    app: &App,
    users: &Users,
    login: &str,
    password: &str,
) -> Result<User, Problem> {
    if password.chars().count() > LONGEST_PASSWORD {
        return Err(words::bad_password().into());
    }
    let user = match users.with_password(login, password).await {
        Ok(user) => user.ok_or_else(words::bad_password)?,
        Err(UsersError::Password(PasswordError::TooOften)) => {
            return Err(words::too_many_attempts().into());
        }
        Err(error) => return Err(error.into()),
    };
    limit(app, &user.aggregator)?;
    Ok(user)
}

/// `login:password`; a login has no colon.
async fn by_pair(asked: &Asked<'_>, pair: &str) -> Result<User, Problem> {
    let (login, password) = pair.split_once(':').ok_or_else(words::bad_password)?;
    by_password(asked, login, password).await
}

async fn by_password(asked: &Asked<'_>, login: &str, password: &str) -> Result<User, Problem> {
    find(asked.app, asked.users, login, password).await
}

/// A caller is not faster than it may be.
pub(super) fn limit(app: &App, caller: &Aggregator) -> Result<(), Problem> {
    let checked = app.rates.check(caller.id, caller.requests_per_s);
    checked.map_err(|exceeded| Plain::limited(app, &exceeded).into())
}
