//! `Prefer` (RFC 7240): `respond-async`, and `wait=<seconds>` for the deadline.

use axum::http::HeaderMap;

use crate::domain::task::LONGEST_TIMEOUT_S;
use crate::domain::task::guid::whole;

/// What the caller prefers, as far as it is honoured.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Preferences {
    /// To be answered as soon as the request is accepted.
    pub respond_async: bool,
    /// Seconds until the deadline.
    pub wait_s: Option<i64>,
}

impl Preferences {
    /// Reads them; what is not understood is not honoured, as the RFC has it.
    pub fn read(headers: &HeaderMap) -> Preferences {
        let mut preferences = Preferences::default();
        let values = headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok());
        for preference in values.flat_map(|value| value.split(',')) {
            let preference = preference.split(';').next().unwrap_or_default();
            let (name, value) = preference.split_once('=').unwrap_or((preference, ""));
            let value = value.trim().trim_matches('"');
            match name.trim().to_ascii_lowercase().as_str() {
                "respond-async" => preferences.respond_async = true,
                // The first one counts.
                "wait" if preferences.wait_s.is_none() => {
                    preferences.wait_s =
                        whole(value).filter(|seconds| (1..=LONGEST_TIMEOUT_S).contains(seconds));
                }
                _ => {}
            }
        }
        preferences
    }

    /// `Preference-Applied`.
    pub fn applied(self) -> Option<String> {
        let wait = self.wait_s.map(|seconds| format!("wait={seconds}"));
        let applied: Vec<String> = self
            .respond_async
            .then(|| "respond-async".to_owned())
            .into_iter()
            .chain(wait)
            .collect();
        (!applied.is_empty()).then(|| applied.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn what_is_understood_is_applied_and_told() {
        for (value, respond_async, wait_s, applied) in [
            ("respond-async", true, None, Some("respond-async")),
            ("Respond-Async, wait=10", true, Some(10), Some("respond-async, wait=10")),
            ("wait=\"5\"; x=y, wait=7", false, Some(5), Some("wait=5")),
            ("wait=0", false, None, None),
            ("wait=3601, return=minimal", false, None, None),
            ("", false, None, None),
        ] {
            let headers = HeaderMap::from_iter([(
                "prefer".parse().unwrap(),
                HeaderValue::from_static(value),
            )]);
            let read = Preferences::read(&headers);
            assert_eq!(read, Preferences { respond_async, wait_s }, "{value}");
            assert_eq!(read.applied().as_deref(), applied, "{value}");
        }
    }
}
