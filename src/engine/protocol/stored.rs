//! Answers with a status of their own, as protocols over plain HTTP have them.

use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};

/// An answer as it is stored: what its caller gets.
#[derive(Debug, Serialize, Deserialize)]
pub struct Stored<'a> {
    /// The status.
    pub status: u16,
    /// The body, as it goes out.
    #[serde(borrow)]
    pub body: &'a RawValue,
}

/// Writes one; the body is JSON.
pub fn write(status: u16, body: String) -> String {
    // Whoever calls has just written it as JSON.
    let body = RawValue::from_string(body).unwrap_or_else(|_| RawValue::NULL.to_owned());
    to_raw_value(&Stored { status, body: &body })
        .map_or_else(|_| "{}".into(), |raw| raw.get().into())
}
