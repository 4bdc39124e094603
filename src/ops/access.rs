//! Operators: who they are, what their role lets them do, and how one proves who it is.
//!
//! A role can do all that the one before it can: `viewer` reads, with personal data masked; `operator` replays, pauses,
//! cancels and switches callbacks as well; `finance` reveals personal data and withdraws licences; `admin` also changes
//! operators and tokens.

mod operators;
mod proxy;
pub mod sessions;

use axum::http::{HeaderMap, StatusCode, header};
use serde::{Serialize, Serializer};

pub use self::operators::{ListedOperator, MOST_NAME, Operators};
use super::problem::Problem;
use super::state::OpsState;
use crate::domain::string_enum::string_enum;
use crate::domain::token::TokenHash;
use crate::engine::store::journal::{Actor, Via};

/// What an operator may do. Each may do all that those before it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Reads; personal data is masked.
    Viewer,
    /// Replays, pauses, cancels, switches callbacks.
    Operator,
    /// Reveals personal data, withdraws licences.
    Finance,
    /// Changes operators, tokens and secrets.
    Admin,
}

string_enum!(Role {
    Viewer = "viewer",
    Operator = "operator",
    Finance = "finance",
    Admin = "admin",
});

impl Serialize for Role {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// Somebody who has proved to be an operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator {
    /// The name, unique.
    pub name: String,
    /// What it may do.
    pub role: Role,
}

impl Operator {
    /// Whether it may do what needs this role.
    pub fn may(&self, needed: Role) -> bool {
        self.role >= needed
    }

    /// That it may; else 403 with the role that is needed.
    pub fn require(&self, needed: Role) -> Result<(), Problem> {
        if self.may(needed) {
            return Ok(());
        }
        let (name, role) = (&self.name, self.role);
        let message = format!("the operator {name} is {role}: this needs the role {needed}");
        Err(Problem::new(StatusCode::FORBIDDEN, message))
    }

    /// As it stands in the journal.
    pub fn actor(&self, via: Via) -> Actor {
        Actor { who: self.name.clone(), role: Some(self.role.as_str()), via }
    }
}

/// The operator with this token; 401 when there is none, or it is disabled.
pub async fn authenticate(state: &OpsState, token: &str) -> Result<Operator, Problem> {
    let found = Operators::of(state.store()).by_token(TokenHash::of(token)).await?;
    found.ok_or_else(|| unauthorized("unknown token, or its operator is disabled"))
}

/// The operator of a request: by `Authorization: Bearer`, or by the name in the trusted header of a proxy, where that is
/// set and the request comes from such a proxy.
pub async fn of_request(state: &OpsState, headers: &HeaderMap) -> Result<Operator, Problem> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    match (values.next(), values.next()) {
        (Some(_), Some(_)) => {
            Err(unauthorized("the header Authorization was sent twice; send exactly one"))
        }
        (Some(value), None) => {
            let text = value.to_str().unwrap_or_default();
            let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
            let token = token.trim();
            if !scheme.eq_ignore_ascii_case("bearer") || token.is_empty() {
                return Err(unauthorized("the header Authorization must be: Bearer <token>"));
            }
            authenticate(state, token).await
        }
        (None, _) => match proxy::name(&state.app.settings.ops, headers)? {
            Some(name) => {
                let found = Operators::of(state.store()).by_name(&name).await?;
                found.ok_or_else(|| {
                    unauthorized("the proxy names somebody who is no operator, or is disabled")
                })
            }
            None => Err(unauthorized("the header Authorization must be there: Bearer <token>")),
        },
    }
}

/// Who it is, is not known: 401.
pub fn unauthorized(message: impl Into<String>) -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_may_do_what_those_before_it_may() {
        for (place, role) in Role::ALL.iter().enumerate() {
            let operator = Operator { name: "o".into(), role: *role };
            for (other, needed) in Role::ALL.iter().enumerate() {
                assert_eq!(operator.require(*needed).is_ok(), other <= place, "{role} {needed}");
            }
        }
    }
}
