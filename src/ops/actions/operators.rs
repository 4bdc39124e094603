//! Operators themselves. Administrators do it.

use super::Acting;
use crate::domain::token::{self, TokenHash};
use crate::ops::access::{MOST_NAME, Operators, Role};
use crate::ops::problem::{Problem, conflict, not_found};

/// The role that this needs.
pub const ROLE: Role = Role::Admin;

/// A name that an operator may have.
pub fn name(text: &str) -> Result<String, String> {
    let fits = !text.trim().is_empty() && text.trim() == text && text.chars().count() <= MOST_NAME;
    match fits && !text.chars().any(char::is_control) {
        true => Ok(text.to_owned()),
        false => Err(format!("it must have 1 to {MOST_NAME} characters, no white space at an end")),
    }
}

/// Adds one; gives its token, which is shown this once. 409 when the name is taken.
pub async fn add(acting: &Acting<'_>, name: &str, role: Role) -> Result<String, Problem> {
    let name = self::name(name).map_err(|rule| Problem::bad(format!("name: {rule}")))?;
    let token = token::generate();
    let operators = Operators::of(acting.state.store());
    let hash = TokenHash::of(&token);
    match operators.add(&acting.actor, acting.reason(), (&name, role), hash).await? {
        true => Ok(token),
        false => Err(conflict(format!("there is an operator {name:?} already"))),
    }
}

/// Gives one another role.
pub async fn set_role(acting: &Acting<'_>, name: &str, role: Role) -> Result<(), Problem> {
    let operators = Operators::of(acting.state.store());
    known(operators.set_role(&acting.actor, acting.reason(), name, role).await?, name)
}

/// Gives one another token, which is shown this once; the old one is invalid at once.
pub async fn rotate(acting: &Acting<'_>, name: &str) -> Result<String, Problem> {
    let token = token::generate();
    let operators = Operators::of(acting.state.store());
    let hash = TokenHash::of(&token);
    known(operators.rotate(&acting.actor, acting.reason(), name, hash).await?, name)?;
    Ok(token)
}

/// Lets the token of one open nothing any more, or open its door again.
pub async fn disable(acting: &Acting<'_>, name: &str, disabled: bool) -> Result<(), Problem> {
    let operators = Operators::of(acting.state.store());
    known(operators.disable(&acting.actor, acting.reason(), name, disabled).await?, name)
}

fn known(done: bool, name: &str) -> Result<(), Problem> {
    match done {
        true => Ok(()),
        false => Err(not_found(format!("there is no operator {name:?}"))),
    }
}
