//! TLS for every HTTP client of this program: `ring`, and the certificates that the system trusts.

use std::sync::{Arc, OnceLock};

use rustls::crypto::{CryptoProvider, ring};
use rustls::{ClientConfig, RootCertStore};

/// Where a client begins. Certificates are read once a process, and a system that has none can still
/// speak HTTP.
pub fn http_client() -> reqwest::ClientBuilder {
    static CONFIG: OnceLock<Option<ClientConfig>> = OnceLock::new();
    ready();
    let builder = reqwest::Client::builder();
    match CONFIG.get_or_init(config) {
        Some(config) => builder.tls_backend_preconfigured(config.clone()),
        None => builder,
    }
}

/// Makes sure that a client which names no implementation of its own finds one.
pub fn ready() {
    // An error says that there is one already.
    let _ = ring::default_provider().install_default();
}

fn config() -> Option<ClientConfig> {
    let found = rustls_native_certs::load_native_certs();
    for error in &found.errors {
        tracing::warn!(%error, "a certificate of the system cannot be read: {error}");
    }
    let mut roots = RootCertStore::empty();
    let (added, _) = roots.add_parsable_certificates(found.certs);
    if added == 0 {
        tracing::warn!("the system trusts no certificate: no https:// URL can be called");
    }
    let provider: Arc<CryptoProvider> = Arc::new(ring::default_provider());
    let versions =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    match versions {
        Ok(builder) => Some(builder.with_root_certificates(roots).with_no_client_auth()),
        Err(error) => {
            tracing::error!(%error, "TLS cannot be set up: {error}");
            None
        }
    }
}
