//! Headers of HTTP: what callers prefer, accept, and name their requests.

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use wsa::domain::task::LONGEST_TIMEOUT_S;
use wsa::protocols::activeplatform::http::media;
use wsa::web::prefer::Preferences;
use wsa::web::request::{LONGEST_KEY, idempotency_key};

#[test]
fn headers() {
    wsa_fuzz::message("headers", |values, _| {
        let pairs = values.iter().filter_map(|(name, value)| {
            // As the server has it: what is no header never gets here.
            Some((
                name.parse::<HeaderName>().ok()?,
                HeaderValue::from_bytes(value.as_bytes()).ok()?,
            ))
        });
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(name, value);
        }
        preferences(&headers);
        key(&headers);
        for (_, value) in values {
            assert!(!media::is_ours(value) || media::accepts(value) || value.contains("q"));
        }
    });
}

/// What is applied is told in the words of a preference, which mean the same.
fn preferences(headers: &HeaderMap) {
    let read = Preferences::read(headers);
    assert!(read.wait_s.is_none_or(|seconds| (1..=LONGEST_TIMEOUT_S).contains(&seconds)));
    let applied = read.applied();
    let told = applied.iter().map(|text| ("prefer".parse().unwrap(), text.parse().unwrap()));
    assert_eq!(Preferences::read(&HeaderMap::from_iter(told)), read);
}

fn key(headers: &HeaderMap) {
    match idempotency_key(headers) {
        Ok(Some(key)) => {
            assert!((1..=LONGEST_KEY).contains(&key.len()) && key.trim() == key);
            // A tab may stand between words.
            assert!(
                key.bytes().all(|byte| byte == b'\t' || (b' '..=b'~').contains(&byte)),
                "{key:?}"
            );
            let again =
                HeaderMap::from_iter([("idempotency-key".parse().unwrap(), key.parse().unwrap())]);
            assert_eq!(idempotency_key(&again).unwrap(), Some(key));
        }
        Ok(None) => assert!(!headers.contains_key("idempotency-key")),
        Err(problem) => wsa_fuzz::is_sentence(&problem.message),
    }
}
