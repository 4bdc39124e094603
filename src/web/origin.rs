//! Whether a form came from this service: what the browser says of its origin, which no page can make up.

use axum::http::{HeaderMap, Uri, header};

/// A form has the origin of the address that it was sent to, or of the address that clients know this service by. A
/// browser that names no origin says at least that it is the same site.
pub fn is_own(headers: &HeaderMap, known_as: &str) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let Some(origin) = text(header::ORIGIN.as_str()) else {
        return text("sec-fetch-site") == Some("same-origin");
    };
    if !known_as.is_empty() && origin.eq_ignore_ascii_case(known_as.trim_end_matches('/')) {
        return true;
    }
    let of = origin.parse::<Uri>().ok();
    let of = of.as_ref().and_then(|uri| uri.authority()).map(|authority| authority.as_str());
    let host = text(header::HOST.as_str());
    of.zip(host).is_some_and(|(of, host)| of.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(pairs: &[(&'static str, &str)], known_as: &str) -> bool {
        let headers = pairs.iter().map(|(n, v)| (n.parse().unwrap(), v.parse().unwrap()));
        is_own(&headers.collect(), known_as)
    }

    #[test]
    fn a_form_is_taken_from_here_and_from_nowhere_else() {
        let host = ("host", "shop.example.com:8080");
        assert!(own(&[host, ("origin", "http://shop.example.com:8080")], ""));
        assert!(own(
            &[("host", "10.0.0.7"), ("origin", "https://shop.example.com")],
            "https://shop.example.com/"
        ));
        assert!(own(&[host, ("sec-fetch-site", "same-origin")], ""));
        for origin in [
            "null",
            "",
            "https://evil.example.com",
            "http://shop.example.com",
            "http://shop.example.com:8080.evil.example.com",
            "http://evil.example.com/shop.example.com:8080",
        ] {
            assert!(!own(&[host, ("origin", origin)], "https://shop.example.com"), "{origin}");
            assert!(
                !own(&[host, ("origin", origin), ("sec-fetch-site", "same-origin")], ""),
                "{origin}"
            );
        }
        for site in ["same-site", "cross-site", "none"] {
            assert!(!own(&[host, ("sec-fetch-site", site)], ""), "{site}");
        }
        assert!(!own(&[host], ""), "a browser says where a form came from");
    }
}
