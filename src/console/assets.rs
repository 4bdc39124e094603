//! The files that pages load, embedded in the program. A page names each by its content, so browsers keep them for ever.

use std::sync::LazyLock;

use axum::Router;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use sha2::{Digest, Sha256};

/// A file that pages load.
pub(super) struct Asset {
    path: &'static str,
    kind: &'static str,
    bytes: &'static [u8],
    /// The path with the first digits of the content's SHA-256, and the same as an `ETag`.
    named: LazyLock<(String, String)>,
}

macro_rules! asset {
    ($(#[$doc:meta])* $name:ident, $file:literal, $kind:literal) => {
        $(#[$doc])*
        pub(super) static $name: Asset = Asset {
            path: concat!("/assets/", $file),
            kind: $kind,
            bytes: include_bytes!(concat!("assets/", $file)),
            named: LazyLock::new(|| name($name.path, $name.bytes)),
        };
    };
}

asset!(CSS, "console.css", "text/css; charset=utf-8");
asset!(SCRIPT, "console.js", "text/javascript; charset=utf-8");
asset!(ICON, "icon.svg", "image/svg+xml");
asset!(
    /// htmx 2.0.11 (0BSD, `assets/licences/htmx.txt`).
    HTMX,
    "htmx-2.0.11.min.js",
    "text/javascript; charset=utf-8"
);
asset!(
    /// The extension of htmx for events from the server, 2.2.4 (0BSD, `assets/licences/htmx-ext-sse.txt`).
    HTMX_SSE,
    "htmx-ext-sse-2.2.4.min.js",
    "text/javascript; charset=utf-8"
);
asset!(
    /// uPlot 1.6.32 (MIT, `assets/licences/uplot.txt`).
    UPLOT,
    "uplot-1.6.32.iife.min.js",
    "text/javascript; charset=utf-8"
);
asset!(
    /// Its style sheet.
    UPLOT_CSS,
    "uplot-1.6.32.min.css",
    "text/css; charset=utf-8"
);

fn all() -> [&'static Asset; 7] {
    [&CSS, &SCRIPT, &ICON, &HTMX, &HTMX_SSE, &UPLOT, &UPLOT_CSS]
}

fn name(path: &str, bytes: &[u8]) -> (String, String) {
    let digest = hex::encode(Sha256::digest(bytes));
    let short = digest.get(..16).unwrap_or_default();
    (format!("{path}?v={short}"), format!("\"{short}\""))
}

/// The routes. Nobody has to be logged in for them: they are in every copy of the program.
pub(super) fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    all().into_iter().fold(Router::new(), |routes, asset| {
        routes.route(asset.path, get(async move |headers: HeaderMap| asset.answer(&headers)))
    })
}

impl Asset {
    /// Its address, for pages.
    pub(super) fn url(&self) -> &str {
        &self.named.0
    }

    fn answer(&self, headers: &HeaderMap) -> Response {
        let tag = self.named.1.as_str();
        let known = headers.get_all(header::IF_NONE_MATCH).iter().any(|value| {
            value.to_str().is_ok_and(|tags| tags.split(',').any(|known| known.trim() == tag))
        });
        let always = [
            (header::ETAG, tag),
            (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        ];
        match known {
            true => (StatusCode::NOT_MODIFIED, always).into_response(),
            false => ([(header::CONTENT_TYPE, self.kind)], always, self.bytes).into_response(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_pages_load_of_others_is_what_they_published() {
        for (asset, digest) in [
            (&HTMX, "d6fdc75f204e6bdefa99b69bf1e6d4ac69b8a364f77929f45c13476b4000f717"),
            (&HTMX_SSE, "98a46496de0c3605fbffdce9167ba427bdd9553184f83f149c261891a92c0136"),
            (&UPLOT, "19c8d4c6ad88929a79f4ae49d6f7161566dfd0ba3d15cc495e974f787eb78f1f"),
            (&UPLOT_CSS, "df630c6a8d6f8eeaff264b50f73ce5b114f646ffd9a0bb74f049b0a00135fa04"),
        ] {
            assert_eq!(hex::encode(Sha256::digest(asset.bytes)), digest, "{}", asset.path);
        }
        for licence in [
            include_str!("assets/licences/htmx.txt"),
            include_str!("assets/licences/htmx-ext-sse.txt"),
            include_str!("assets/licences/uplot.txt"),
        ] {
            assert!(licence.contains("Permission to use, copy") || licence.contains("MIT License"));
        }
    }

    #[test]
    fn a_file_is_kept_for_ever_and_not_sent_again() {
        for asset in all() {
            let first = asset.answer(&HeaderMap::new());
            assert_eq!(first.status(), StatusCode::OK);
            let tag = first.headers()[header::ETAG].clone();
            assert!(asset.url().contains(tag.to_str().unwrap().trim_matches('"')));
            let again = HeaderMap::from_iter([(header::IF_NONE_MATCH, tag)]);
            let again = asset.answer(&again);
            assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{}", asset.path);
            assert!(again.headers()[header::CACHE_CONTROL].to_str().unwrap().contains("immutable"));
        }
    }

    #[test]
    fn no_own_file_needs_what_the_policy_forbids() {
        let own = [CSS.bytes, SCRIPT.bytes].map(|bytes| std::str::from_utf8(bytes).unwrap());
        for text in own {
            for word in ["http://", "https://", "@import", "eval(", "innerHTML", "data:"] {
                assert!(!text.contains(word), "{word}");
            }
        }
    }
}
