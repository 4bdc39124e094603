//! The one rule for JSON texts, whatever door they come through.

use std::borrow::Cow;

use serde_json::Value;
use wsa::domain::json;

/// What passes is read by the library that reads it next, passes again as that writes it, and needs no mending.
#[test]
fn json_check() {
    wsa_fuzz::text("json_check", |text| match json::check(text) {
        Ok(()) => {
            let value: Value = serde_json::from_str(text).unwrap();
            json::check(&value.to_string()).unwrap();
            assert!(matches!(json::repaired(text), Cow::Borrowed(_)), "{text}");
        }
        Err(fault) => wsa_fuzz::is_sentence(&fault.to_string()),
    });
}

/// Whatever a store came to hold, what is handed to others is read by them.
#[test]
fn json_mended() {
    wsa_fuzz::text("json_mended", |text| {
        let repaired = json::repaired(text);
        assert_eq!(json::repaired(&repaired), repaired, "mended twice");
        if serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok() {
            serde_json::from_str::<Value>(&repaired).unwrap();
        }
    });
}
