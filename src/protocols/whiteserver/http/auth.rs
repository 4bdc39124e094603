//! Token -> aggregator. The header is `AggregatorAuthentication: <token>`; clients in the wild also send
//! `Token <token>`.

use axum::http::HeaderMap;

use super::error::Problem;
use crate::engine::app::App;
use crate::engine::store::reference::Aggregator;
use crate::protocols::whiteserver::WhiteServer;
use crate::protocols::whiteserver::reply::Code;

const HEADER: &str = "AggregatorAuthentication";

/// Who calls, and not faster than it may.
pub(super) async fn authenticate(app: &App, headers: &HeaderMap) -> Result<Aggregator, Problem> {
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
    let caller = app
        .callers
        .find::<WhiteServer>(token)
        .await?
        .ok_or_else(|| failed("nobody has the token in the header AggregatorAuthentication"))?;
    match app.rates.check(caller.id, caller.requests_per_s) {
        Ok(()) => Ok(caller),
        Err(exceeded) => Err(Problem::limited(app, &exceeded)),
    }
}
