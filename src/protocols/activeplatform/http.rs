//! ActivePlatform API v3: completing payments, and looking at them.

mod commands;
mod error;
pub mod media;
pub mod queries;

use std::sync::Arc;

use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{DefaultBodyLimit, Path};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

use self::error::Problem;
pub(crate) use self::error::no_such_path;
use super::access::Managers;
use super::reads::Read;
use super::settings::ActivePlatformSettings;
use super::sql::managers::Access;
use super::wire::request;
use crate::config::SettingsError;
use crate::domain::task::ObjectId;
use crate::engine::app::App;
use crate::engine::store::reference::Aggregator;
use crate::protocols::activeplatform::ActivePlatform;

/// What its handlers share.
struct Api {
    app: Arc<App>,
    /// What its managers may do.
    managers: Managers,
    settings: ActivePlatformSettings,
}

/// The routes; started with them is what looks up managers.
pub fn routes(app: &Arc<App>) -> Result<Router, SettingsError> {
    let settings = *app.settings.section()?;
    let managers = Managers::start(&app.tasks, Arc::clone(&app.store));
    let api = Arc::new(Api { app: Arc::clone(app), managers, settings });
    let mut routes = Router::new();
    for read in Read::ALL {
        let handler = queries::handler(*read);
        let handler = match read {
            Read::Payment => handler
                .patch(commands::by_id)
                .post(commands::by_document)
                .fallback(error::no_such_method),
            _ => handler.fallback(error::not_written),
        };
        routes = routes.route(read.path(), handler);
    }
    Ok(routes
        .with_state(api)
        // The handler limits the body itself, to answer in the vendor's form.
        .layer(DefaultBodyLimit::disable()))
}

/// Whose token it is, and not faster than it may.
async fn authenticate(app: &App, headers: &HeaderMap) -> Result<Aggregator, Problem> {
    let failed = |title: &str| Problem::new(StatusCode::UNAUTHORIZED, title);
    if !app.is_started() {
        return Err(Problem::unavailable("this service is starting: it waits for its store"));
    }
    let mut values = headers.get_all("X-Api-Token").iter();
    let (Some(token), None) = (values.next(), values.next()) else {
        return Err(failed("The header X-Api-Token must be there once, with your token."));
    };
    let token = token.to_str().unwrap_or_default().trim();
    if token.is_empty() {
        return Err(failed("The header X-Api-Token holds no token."));
    }
    let found = app.callers.find::<ActivePlatform>(token).await;
    let found = found?;
    let caller = found.ok_or_else(|| failed("Unknown token in the header X-Api-Token."))?;
    match app.rates.check(caller.id, caller.requests_per_s) {
        Ok(()) => Ok(caller),
        Err(exceeded) => Err(Problem::limited(app, &exceeded)),
    }
}

/// What the caller may do at the reseller; one that it may not see is as good as none.
async fn authorise(
    api: &Api,
    caller: &Aggregator,
    reseller: &str,
) -> Result<(ObjectId, Access), Problem> {
    // Somebody else's token is refused as such whatever is asked for.
    let reseller = ObjectId(request::path_id(reseller).unwrap_or(0));
    let access = api.managers.access(caller.id, reseller).await?;
    let access = access.ok_or_else(|| {
        let title = "The token in the header X-Api-Token is not a manager's.";
        Problem::new(StatusCode::UNAUTHORIZED, title)
    })?;
    match access.reaches {
        true => Ok((reseller, access)),
        false => Err(Problem::new(StatusCode::NOT_FOUND, "Reseller not found.")),
    }
}

fn parts(path: Result<Path<(String, String)>, PathRejection>) -> Result<(String, String), Problem> {
    path.map(|Path(parts)| parts).map_err(|_| no_payment())
}

fn no_payment() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "Payment not found.")
}

fn respond(status: StatusCode, body: String) -> Response {
    let kind = super::wire::MEDIA_TYPE;
    (status, [(header::CONTENT_TYPE, kind)], body).into_response()
}
