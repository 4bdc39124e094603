//! Token -> aggregator. The header is `AggregatorAuthentication: <token>`; clients in the wild also send
//! `Token <token>`.

use axum::http::HeaderMap;

use super::error::Problem;
use crate::engine::app::App;
use crate::engine::callers::Caller;
use crate::engine::store::reference::Aggregator;
use crate::protocols::whiteserver::WhiteServer;
use crate::protocols::whiteserver::reply::Code;

const HEADER: &str = "AggregatorAuthentication";

/// Who calls, and not faster than it may.
pub(super) async fn authenticate(app: &App, headers: &HeaderMap) -> Result<Aggregator, Problem> {
    let caller = recall(app, headers).await?;
    prove(app, &caller).await?;
    Ok(caller.aggregator)
}

/// Refuses a caller who has not its token any more.
pub(super) async fn prove(app: &App, caller: &Caller) -> Result<(), Problem> {
    match app.callers.prove::<WhiteServer>(caller).await? {
        true => Ok(()),
        false => Err(nobody()),
    }
}

fn nobody() -> Problem {
    Problem::new(Code::AuthFailed, "unknown token in the header AggregatorAuthentication")
}

/// Who calls, as it was a moment ago, and not faster than it may. Nothing is done, and nothing told, for one who is not
/// proven.
pub(super) async fn recall(app: &App, headers: &HeaderMap) -> Result<Caller, Problem> {
    let failed = |desc: &str| Problem::new(Code::AuthFailed, desc);
    let mut values = headers.get_all(HEADER).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return Err(failed(
            "the header AggregatorAuthentication must be there once, with your token",
        ));
    };
    let value = value.to_str().unwrap_or_default().trim();
    let token = value.strip_prefix("Token ").map_or(value, str::trim_start);
    if token.is_empty() {
        return Err(failed("the header AggregatorAuthentication holds no token"));
    }
    let caller = app.callers.recall::<WhiteServer>(token).await?.ok_or_else(nobody)?;
    let check = |caller: &Aggregator| app.rates.check(caller.id, caller.requests_per_s);
    if check(&caller.aggregator).is_ok() {
        return Ok(caller);
    }
    // It may have another rate by now.
    let caller = match caller.unproven {
        None => caller,
        Some(_) => {
            app.callers.find::<WhiteServer>(token).await?.map(Caller::proven).ok_or_else(nobody)?
        }
    };
    match check(&caller.aggregator) {
        Ok(()) => Ok(caller),
        Err(exceeded) => Err(Problem::limited(app, &exceeded)),
    }
}
