//! `GetAgentList`: the restaurants of the caller. It names no restaurant, so it is no task: it is answered at once.

use super::auth;
use super::error::Problem;
use crate::engine::app::App;
use crate::engine::callers::Caller;
use crate::protocols::whiteserver::sql::Tables;
use crate::protocols::whiteserver::wire::answer;

/// Answers a caller who has proven that it has its token.
pub(super) async fn get_agent_list(app: &App, caller: &Caller) -> Result<String, Problem> {
    auth::prove(app, caller).await?;
    let agents = Tables::of(&app.store).agents(caller.aggregator.id).await.map_err(|error| {
        tracing::debug!(%error, "a look-up failed");
        Problem::unavailable("the restaurants could not be looked up")
    })?;
    Ok(answer::agents(&agents))
}
