//! Large answers, compressed for those who accept it. An answer that is waited for piece by piece never is.

use std::io::Write;

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;

/// Smaller answers are sent as they are: they fit into a few packets.
const SMALL: usize = 16 * 1024;

/// A body that is JSON already, with status 200.
pub async fn json(request: &HeaderMap, body: String) -> Response {
    if body.len() < SMALL {
        return super::json(StatusCode::OK, body);
    }
    let body = Bytes::from(body);
    let packed = match accepts_gzip(request) {
        true => {
            // Megabytes take a while: others of this thread do not wait for them.
            let large = body.clone();
            let packed = tokio::task::spawn_blocking(move || pack(&large)).await;
            packed.ok().and_then(Result::ok)
        }
        false => None,
    };
    let mut response = match packed {
        Some(packed) => {
            let mut response = Response::new(packed.into());
            let headers = response.headers_mut();
            let kind = HeaderValue::from_static("application/json; charset=utf-8");
            headers.insert(header::CONTENT_TYPE, kind);
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            response
        }
        // Also where it could not be packed: the answer is what counts.
        None => super::json(StatusCode::OK, body),
    };
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    response
}

fn pack(body: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 4), Compression::fast());
    encoder.write_all(body)?;
    encoder.finish()
}

/// Whether a request says that its answer may be compressed (RFC 9110, 12.5.3).
pub fn accepts_gzip(request: &HeaderMap) -> bool {
    let values = request.get_all(header::ACCEPT_ENCODING).iter();
    let codings = values.filter_map(|value| value.to_str().ok()).flat_map(|text| text.split(','));
    let (mut named, mut any) = (None, None);
    for coding in codings {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let weight = weight.trim().strip_prefix("q=").map_or("1", str::trim);
        let wanted = weight.parse::<f32>().is_ok_and(|weight| weight > 0.0);
        match name.trim().to_ascii_lowercase().as_str() {
            "gzip" | "x-gzip" => named = Some(wanted),
            "*" => any = Some(wanted),
            _ => {}
        }
    }
    named.or(any).unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn who_accepts_it_says_so() {
        for (value, expected) in [
            ("gzip", true),
            ("deflate, GZIP;q=0.5", true),
            ("*", true),
            ("br, *;q=0.1", true),
            ("gzip;q=0", false),
            ("*, gzip; q=0.0", false),
            ("identity", false),
            ("br", false),
            ("gzip;q=x", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_str(value).unwrap());
            assert_eq!(accepts_gzip(&headers), expected, "{value:?}");
        }
        assert!(!accepts_gzip(&HeaderMap::new()));
    }

    #[test]
    fn what_is_packed_is_unpacked_again() {
        let body = "{\"name\": \"Борщ\"}".repeat(10_000);
        let packed = pack(body.as_bytes()).unwrap();
        assert!(packed.len() < body.len() / 20);
        let mut read = String::new();
        flate2::read::GzDecoder::new(&*packed).read_to_string(&mut read).unwrap();
        assert_eq!(read, body);
    }
}
