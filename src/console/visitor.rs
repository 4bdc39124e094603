//! Who looks at a page: the operator of a session, or the one whom a trusted proxy names.

use axum::http::{HeaderMap, StatusCode, header};

use crate::ops::access::sessions::{Session, Sessions};
use crate::ops::access::{self, Operator};
use crate::ops::problem::Problem;
use crate::ops::state::OpsState;

/// The cookie of a session that was begun over https: browsers take it from nowhere else and send it nowhere else.
pub(super) const COOKIE: &str = "__Host-wsa-operator";
/// The cookie of a session that was begun over plain http, on a loopback address alone: there the other would not be
/// taken by every browser.
pub(super) const COOKIE_ON_LOOPBACK: &str = "wsa-operator";

/// How a browser came here, as it says with each form that it sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Https,
    Loopback,
}

impl Way {
    /// The way that this form came; 403 for plain http across a network, where a session could be read along.
    pub(super) fn of(headers: &HeaderMap) -> Result<Way, Problem> {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let origin = text(header::ORIGIN).unwrap_or_default();
        if origin.starts_with("https://") {
            return Ok(Way::Https);
        }
        match is_loopback(text(header::HOST).unwrap_or_default()) {
            true => Ok(Way::Loopback),
            false => Err(Problem::new(
                StatusCode::FORBIDDEN,
                "over plain http the console is for loopback addresses: use https, or a tunnel",
            )),
        }
    }

    /// The header that gives a browser its session.
    pub(super) fn cookie(self, secret: &str) -> String {
        match self {
            Way::Https => format!("{COOKIE}={secret}; Path=/; Secure; HttpOnly; SameSite=Strict"),
            Way::Loopback => {
                format!("{COOKIE_ON_LOOPBACK}={secret}; Path=/; HttpOnly; SameSite=Strict")
            }
        }
    }
}

fn is_loopback(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    let address = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost")
        || address.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// The operator of a request; `None`: nobody is logged in.
pub(super) async fn of(state: &OpsState, headers: &HeaderMap) -> Result<Option<Operator>, Problem> {
    for (name, over_tls) in [(COOKIE, true), (COOKIE_ON_LOOPBACK, false)] {
        let Some(secret) = cookie(headers, name) else { continue };
        let found = Sessions::of(state.store()).find(secret).await?;
        // A session of one name is none under the other: who can write a weaker cookie gains nothing by it.
        if let Some(Session { operator, .. }) = found.filter(|found| found.over_tls == over_tls) {
            return Ok(Some(operator));
        }
    }
    let trusted = &state.app.settings.ops.trusted_header;
    match !trusted.is_empty() && headers.contains_key(trusted.as_str()) {
        true => access::of_request(state, headers).await.map(Some),
        false => Ok(None),
    }
}

/// What a cookie says.
pub(super) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs =
        cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(other, _)| *other == name).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn way(pairs: &[(&'static str, &str)]) -> Option<Way> {
        let headers = pairs.iter().map(|(n, v)| (n.parse().unwrap(), v.parse().unwrap()));
        Way::of(&headers.collect()).ok()
    }

    #[test]
    fn over_plain_http_only_this_machine_is_let_in() {
        for host in ["127.0.0.1:8081", "localhost", "localhost:8081", "[::1]:8081", "127.9.9.9:1"] {
            assert_eq!(
                way(&[("host", host), ("origin", &format!("http://{host}"))]),
                Some(Way::Loopback)
            );
        }
        for host in ["ops.example.com", "10.0.0.1:8081", "127.0.0.1.example.com", ""] {
            assert_eq!(
                way(&[("host", host), ("origin", &format!("http://{host}"))]),
                None,
                "{host}"
            );
        }
        let proxied = [("host", "ops.example.com"), ("origin", "https://ops.example.com")];
        assert_eq!(way(&proxied), Some(Way::Https));
        assert!(
            Way::Https.cookie("x").starts_with("__Host-wsa-operator=x; Path=/; Secure; HttpOnly")
        );
    }
}
