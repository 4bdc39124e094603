//! The pages: one file each.

mod acts;
mod audit;
mod callbacks;
mod callers;
mod journal;
mod letters;
mod login;
mod objects;
mod overview;
mod processes;
mod records;
mod tasks;

use axum::Router;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::middleware::map_response;
use axum::routing::{get, post};

use super::respond::{Failure, with_headers};
use super::{Console, visitor};
use crate::ops::access::Operator;
use crate::ops::problem::Problem;

/// All of them.
pub(super) fn routes() -> Router<Console> {
    Router::new()
        .route("/", get(overview::show))
        .route("/live/overview", get(overview::events))
        .route("/live/chart.json", get(overview::chart))
        .route("/processes", get(processes::show))
        .route("/live/processes", get(processes::events))
        .route("/tasks", get(tasks::show))
        .route("/tasks/{guid}", get(tasks::show_one))
        .route("/live/tasks/{guid}", get(tasks::events))
        .route("/tasks/{guid}/cancel", post(tasks::cancel))
        .route("/tasks/{guid}/reveal", post(tasks::reveal))
        .route("/orders", get(records::show))
        .route("/orders/{class}/{id}", get(records::show_one))
        .route("/objects", get(objects::show))
        .route("/objects/pause", post(objects::pause))
        .route("/objects/resume", post(objects::resume))
        .route("/callers", get(callers::show))
        .route("/callers/{name}", get(callers::show_one))
        .route("/callers/{name}/rotate", post(callers::rotate))
        .route("/callers/{name}/withdraw", post(callers::withdraw))
        .route("/callbacks", get(callbacks::show))
        .route("/callbacks/{id}", get(callbacks::show_one))
        .route("/callbacks/{id}/switch", post(callbacks::switch))
        .route("/callbacks/{id}/rotate", post(callbacks::rotate))
        .route("/callbacks/{id}/replay", post(callbacks::replay))
        .route("/dead", get(letters::show))
        .route("/dead/replay", post(letters::replay))
        .route("/dead/replay-chosen", post(letters::replay_chosen))
        .route("/audit", get(audit::show).post(audit::run))
        .route("/journal", get(journal::show))
        .route("/login", get(login::show).post(login::enter))
        .route("/logout", post(login::leave))
        .layer(map_response(with_headers))
}

/// Who looks at this page; else the form to log in, which leads back to it.
async fn operator(console: &Console, headers: &HeaderMap, uri: &Uri) -> Result<Operator, Failure> {
    started(console)?;
    match visitor::of(&console.ops, headers).await? {
        Some(operator) => Ok(operator),
        None => {
            let back = uri.path_and_query().map_or("/", |path| path.as_str());
            Err(Failure::LoggedOut(back.to_owned()))
        }
    }
}

fn started(console: &Console) -> Result<(), Problem> {
    match console.ops.app.is_started() {
        true => Ok(()),
        false => Err(Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "the process is starting: it waits for its store (/readyz says for what)",
        )),
    }
}
