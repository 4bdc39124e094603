//! What administrators do with operators.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

use super::writes::{Ask, Why, begin, done, read};
use super::{Shared, ok};
use crate::ops::access::Operator;
use crate::ops::actions::operators;
use crate::ops::commands;
use crate::ops::problem::Problem;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewOperator {
    #[serde(default)]
    reason: String,
    name: String,
    role: String,
}

/// Adds an operator.
pub(super) async fn add_operator(
    operator: Operator,
    State(state): State<Shared>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    operator.require(operators::ROLE)?;
    let NewOperator { reason, name, role } = read(&state, (headers, body)).await?;
    let role = role.parse().map_err(|rule| Problem::bad(format!("role: {rule}")))?;
    let acting = begin(&state, &operator, operators::ROLE, &reason)?;
    ok(&json!({"name": name, "token": operators::add(&acting, &name, role).await?}))
}

/// Gives an operator another role.
pub(super) async fn set_role(
    operator: Operator,
    State(state): State<Shared>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct NewRole {
        #[serde(default)]
        reason: String,
        role: String,
    }
    operator.require(operators::ROLE)?;
    let NewRole { reason, role } = read(&state, (headers, body)).await?;
    let role = role.parse().map_err(|rule| Problem::bad(format!("role: {rule}")))?;
    let acting = begin(&state, &operator, operators::ROLE, &reason)?;
    operators::set_role(&acting, &name, role).await?;
    done()
}

/// Gives an operator another token.
pub(super) async fn rotate_operator(
    operator: Operator,
    State(state): State<Shared>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    operator.require(operators::ROLE)?;
    let Why { reason } = read(&state, (headers, body)).await?;
    let acting = begin(&state, &operator, operators::ROLE, &reason)?;
    ok(&json!({"name": name, "token": operators::rotate(&acting, &name).await?}))
}

/// Lets an operator's token open nothing any more.
pub(super) async fn disable_operator(
    operator: Operator,
    state: State<Shared>,
    name: Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    disable(operator, state, name, (headers, body), true).await
}

/// Lets it open its door again.
pub(super) async fn enable_operator(
    operator: Operator,
    state: State<Shared>,
    name: Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    disable(operator, state, name, (headers, body), false).await
}

async fn disable(
    operator: Operator,
    State(state): State<Shared>,
    Path(name): Path<String>,
    ask: Ask,
    disabled: bool,
) -> Result<Response, Problem> {
    operator.require(operators::ROLE)?;
    let Why { reason } = read(&state, ask).await?;
    let acting = begin(&state, &operator, operators::ROLE, &reason)?;
    operators::disable(&acting, &name, disabled).await?;
    done()
}

/// Carries out a command of `wsa admin`.
pub(super) async fn run_command(
    operator: Operator,
    State(state): State<Shared>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Words {
        #[serde(default)]
        reason: String,
        words: Vec<String>,
    }
    operator.require(commands::ROLE)?;
    let Words { reason, words } = read(&state, (headers, body)).await?;
    let acting = begin(&state, &operator, commands::ROLE, &reason)?;
    ok(&commands::run(&acting, &words).await?)
}
