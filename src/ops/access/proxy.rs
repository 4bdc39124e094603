//! A proxy that authenticates, and names the operator in a header.

use std::net::IpAddr;

use axum::http::{HeaderMap, HeaderName};

use super::unauthorized;
use crate::config::Ops;
use crate::ops::problem::Problem;
use crate::web::presence;

/// The name in the trusted header. `None` where no header is trusted, or there is none. One that comes from elsewhere is
/// refused: whoever sends it takes this service for one that believes it.
pub(super) fn name(settings: &Ops, headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let trusted = &settings.trusted_header;
    let Ok(header) = HeaderName::from_bytes(trusted.as_bytes()) else { return Ok(None) };
    let mut values = headers.get_all(&header).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(unauthorized(format!("the header {trusted} was sent twice; send exactly one")));
    }
    let from = presence::peer().and_then(|peer| peer.address());
    if !from.is_some_and(|address| is_trusted(settings, address)) {
        return Err(unauthorized(format!(
            "the header {trusted} counts only from the addresses in ops.trusted_proxies"
        )));
    }
    let value = value.to_str().map(str::trim).unwrap_or_default();
    match value.is_empty() {
        true => Err(unauthorized(format!("the header {trusted} holds no name"))),
        false => Ok(Some(value.to_owned())),
    }
}

fn is_trusted(settings: &Ops, address: IpAddr) -> bool {
    let address = address.to_canonical();
    settings.trusted_proxies.0.iter().any(|network| network.contains(&address))
}
