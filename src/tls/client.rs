//! The client's side: whom it trusts, and what it shows.

use std::sync::{Arc, OnceLock};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::{CryptoProvider, ring};
use rustls::{ClientConfig, ConfigBuilder, RootCertStore, WantsVerifier};

use super::files::{self, ClientTls, TlsError};
use super::ready;

/// Where a client begins. Certificates are read once a process, and a system that has none can still
/// speak HTTP.
pub fn http_client() -> reqwest::ClientBuilder {
    static CONFIG: OnceLock<Option<ClientConfig>> = OnceLock::new();
    ready();
    let builder = reqwest::Client::builder();
    let config = || {
        let roots = system_roots();
        if roots.is_empty() {
            return None;
        }
        let begun = begin().inspect_err(|error| {
            tracing::error!(%error, "TLS cannot be set up: {error}");
        });
        Some(begun.ok()?.with_root_certificates(roots).with_no_client_auth())
    };
    match CONFIG.get_or_init(config) {
        Some(config) => builder.tls_backend_preconfigured(config.clone()),
        None => builder,
    }
}

/// The same with files of one's own; `prefix` is what the names of their settings begin with.
pub fn http_client_with(
    prefix: &str,
    files: &ClientTls,
) -> Result<reqwest::ClientBuilder, TlsError> {
    if *files == ClientTls::default() {
        return Ok(http_client());
    }
    ready();
    Ok(reqwest::Client::builder().tls_backend_preconfigured(config(prefix, files)?))
}

/// A client that checks the server's certificate and its name.
pub fn config(prefix: &str, files: &ClientTls) -> Result<ClientConfig, TlsError> {
    let verifier = verifier(prefix, files)?;
    with_verifier(prefix, files, verifier)
}

/// Checks a server's certificate against the authorities in the file, or those of the system.
pub(super) fn verifier(
    prefix: &str,
    files: &ClientTls,
) -> Result<Arc<dyn ServerCertVerifier>, TlsError> {
    let setting = format!("{prefix}ca");
    let roots = match files::is_set(&files.ca) {
        true => files::authorities(&setting, &files.ca)?,
        false => system_roots(),
    };
    let provider = Arc::new(ring::default_provider());
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build();
    Ok(verifier.map_err(|_| {
        let rule = "the system trusts no certificate, so it must name a file with authorities";
        TlsError::new(&setting, &files.ca, rule)
    })?)
}

/// A client with this idea of a good server.
pub(super) fn with_verifier(
    prefix: &str,
    files: &ClientTls,
    verifier: Arc<dyn ServerCertVerifier>,
) -> Result<ClientConfig, TlsError> {
    let setting = format!("{prefix}certificate");
    let wrong = |error: rustls::Error| TlsError::new(&setting, &files.certificate, error);
    let begun = begin().map_err(wrong)?.dangerous().with_custom_certificate_verifier(verifier);
    if !files::paired(prefix, &files.certificate, &files.key)? {
        return Ok(begun.with_no_client_auth());
    }
    let chain = files::certificates(&setting, &files.certificate)?;
    let key = files::key(&format!("{prefix}key"), &files.key)?;
    begun.with_client_auth_cert(chain, key).map_err(wrong)
}

fn begin() -> Result<ConfigBuilder<ClientConfig, WantsVerifier>, rustls::Error> {
    let provider: Arc<CryptoProvider> = Arc::new(ring::default_provider());
    ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()
}

/// What the system trusts, read once a process.
fn system_roots() -> RootCertStore {
    static ROOTS: OnceLock<RootCertStore> = OnceLock::new();
    let read = || {
        let found = rustls_native_certs::load_native_certs();
        for error in &found.errors {
            tracing::warn!(%error, "a certificate of the system cannot be read: {error}");
        }
        let mut roots = RootCertStore::empty();
        if roots.add_parsable_certificates(found.certs).0 == 0 {
            tracing::warn!("the system trusts no certificate: no https:// URL can be called");
        }
        roots
    };
    ROOTS.get_or_init(read).clone()
}
