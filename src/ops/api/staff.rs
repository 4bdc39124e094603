//! What administrators do with operators.

use axum::extract::Path;
use serde::Deserialize;
use serde_json::json;

use super::ask::{Answer, Ask, Why};
use super::ok;
use super::writes::done;
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
pub(super) async fn add_operator(mut ask: Ask) -> Answer {
    let NewOperator { reason, name, role } = ask.read(operators::ROLE).await?;
    let role = role.parse().map_err(|rule| Problem::bad(format!("role: {rule}")))?;
    let acting = ask.acting(operators::ROLE, &reason)?;
    ok(&json!({"name": name, "token": operators::add(&acting, &name, role).await?}))
}

/// Gives an operator another role.
pub(super) async fn set_role(Path(name): Path<String>, mut ask: Ask) -> Answer {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct NewRole {
        #[serde(default)]
        reason: String,
        role: String,
    }
    let NewRole { reason, role } = ask.read(operators::ROLE).await?;
    let role = role.parse().map_err(|rule| Problem::bad(format!("role: {rule}")))?;
    let acting = ask.acting(operators::ROLE, &reason)?;
    operators::set_role(&acting, &name, role).await?;
    done()
}

/// Gives an operator another token.
pub(super) async fn rotate_operator(Path(name): Path<String>, mut ask: Ask) -> Answer {
    let Why { reason } = ask.read(operators::ROLE).await?;
    let acting = ask.acting(operators::ROLE, &reason)?;
    ok(&json!({"name": name, "token": operators::rotate(&acting, &name).await?}))
}

/// Lets an operator's token open nothing any more.
pub(super) async fn disable_operator(Path(name): Path<String>, ask: Ask) -> Answer {
    disable(&name, ask, true).await
}

/// Lets it open its door again.
pub(super) async fn enable_operator(Path(name): Path<String>, ask: Ask) -> Answer {
    disable(&name, ask, false).await
}

async fn disable(name: &str, mut ask: Ask, disabled: bool) -> Answer {
    let Why { reason } = ask.read(operators::ROLE).await?;
    let acting = ask.acting(operators::ROLE, &reason)?;
    operators::disable(&acting, name, disabled).await?;
    done()
}

/// Carries out a command of `wsa admin`.
pub(super) async fn run_command(mut ask: Ask) -> Answer {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Words {
        #[serde(default)]
        reason: String,
        words: Vec<String>,
    }
    let Words { reason, words } = ask.read(commands::ROLE).await?;
    let acting = ask.acting(commands::ROLE, &reason)?;
    ok(&commands::run(&acting, &words).await?)
}
