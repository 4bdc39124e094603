//! The page to read the contracts with: Swagger UI, as its project publishes it. Its files are kept compressed, and are
//! sent so to whoever takes that.

use std::io::Read;

use axum::Router;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use flate2::read::GzDecoder;

use crate::web::gzip::accepts_gzip;

/// Where the page is.
pub const DOCS: &str = "/docs";

/// The page. Everything it loads is served here; the links are relative, for proxies that add a path.
const PAGE: &str = r##"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>wsa</title>
<link rel="stylesheet" href="docs/assets/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="docs/assets/swagger-ui-bundle.js"></script>
<script>
fetch("openapi.json").then((answer) => answer.json()).then((spec) => {
  spec.servers = [{ url: "/", description: "The one that serves this page." }, ...spec.servers];
  SwaggerUIBundle({ spec, dom_id: "#swagger-ui", deepLinking: true, validatorUrl: null });
});
</script>
</body>
</html>
"##;

/// A file that the page loads.
struct Asset {
    path: &'static str,
    kind: &'static str,
    gzip: &'static [u8],
}

/// Swagger UI 5.34.1 (Apache-2.0, `page/LICENSE`).
const ASSETS: [Asset; 2] = [
    Asset {
        path: "/docs/assets/swagger-ui.css",
        kind: "text/css; charset=utf-8",
        gzip: include_bytes!("page/swagger-ui.css.gz"),
    },
    Asset {
        path: "/docs/assets/swagger-ui-bundle.js",
        kind: "text/javascript; charset=utf-8",
        gzip: include_bytes!("page/swagger-ui-bundle.js.gz"),
    },
];

/// The page and what it loads.
pub(super) fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    let page = Router::new().route(DOCS, get(async || Html(PAGE)));
    ASSETS.iter().fold(page, |routes, asset| {
        routes.route(asset.path, get(async move |headers: HeaderMap| asset.answer(&headers)))
    })
}

impl Asset {
    fn answer(&self, headers: &HeaderMap) -> Response {
        let kind = [(header::CONTENT_TYPE, self.kind), (header::VARY, "Accept-Encoding")];
        if accepts_gzip(headers) {
            return (kind, [(header::CONTENT_ENCODING, "gzip")], self.gzip).into_response();
        }
        match self.plain() {
            Ok(plain) => (kind, plain).into_response(),
            Err(error) => {
                tracing::error!(%error, "{} cannot be decompressed: {error}", self.path);
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }

    fn plain(&self) -> std::io::Result<Vec<u8>> {
        let mut plain = Vec::new();
        GzDecoder::new(self.gzip).read_to_end(&mut plain)?;
        Ok(plain)
    }
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::*;

    #[test]
    fn what_the_page_loads_is_what_its_project_published() {
        let digests = ASSETS.map(|asset| hex::encode(Sha256::digest(asset.plain().unwrap())));
        assert_eq!(
            digests,
            [
                "c3cfe8248c4b0b89673600fb829924eafbac6de4bc4b2b06f5f5243483074d0a",
                "36eeb4d5640b9c036b1d0f854499af1cceebbdb260b790a03a18be5e8488fbf5",
            ]
        );
        for asset in &ASSETS {
            assert!(PAGE.contains(asset.path.trim_start_matches('/')), "{}", asset.path);
        }
    }

    #[test]
    fn it_is_compressed_for_those_who_take_that() {
        let headers = |value: Option<&str>| {
            let value = value.map(|value| (header::ACCEPT_ENCODING, value.parse().unwrap()));
            HeaderMap::from_iter(value)
        };
        for yes in ["gzip", "br, GZIP", "deflate, gzip;q=0.5", "gzip; q=1"] {
            assert!(accepts_gzip(&headers(Some(yes))), "{yes}");
        }
        for no in [None, Some(""), Some("br"), Some("gzip;q=0"), Some("gzip; q=0.0, br")] {
            assert!(!accepts_gzip(&headers(no)), "{no:?}");
        }
        let [css, _] = &ASSETS;
        let plain = css.answer(&headers(None));
        assert_eq!(plain.headers().get(header::CONTENT_ENCODING), None);
        let packed = css.answer(&headers(Some("gzip")));
        assert_eq!(packed.headers()[header::CONTENT_ENCODING], "gzip");
    }
}
