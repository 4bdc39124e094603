//! The client's side: whom it trusts, and what it shows.

use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::{CryptoProvider, ring};
use rustls::{ClientConfig, ConfigBuilder, RootCertStore, WantsVerifier};

use super::files::{self, ClientTls, TlsError};
use super::{ready, roots};

/// Where a client begins. Without certificates of the system it speaks HTTP, and trusts nobody over HTTPS.
pub fn http_client() -> reqwest::ClientBuilder {
    ready();
    let builder = reqwest::Client::builder();
    let roots = roots::system_roots().unwrap_or_else(|_| Arc::new(RootCertStore::empty()));
    match begin() {
        Ok(begun) => {
            let config = begun.with_root_certificates(roots).with_no_client_auth();
            builder.tls_backend_preconfigured(config)
        }
        Err(error) => {
            tracing::error!(%error, "TLS cannot be set up: {error}");
            builder
        }
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
        true => Arc::new(files::authorities(&setting, &files.ca)?),
        false => roots::system_roots().map_err(|error| {
            let rule = format!("{error}; it may name a file with authorities");
            TlsError::new(&setting, &files.ca, rule)
        })?,
    };
    let provider = Arc::new(ring::default_provider());
    let verifier = WebPkiServerVerifier::builder_with_provider(roots, provider).build();
    Ok(verifier.map_err(|error| TlsError::new(&setting, &files.ca, error))?)
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

pub(super) fn begin() -> Result<ConfigBuilder<ClientConfig, WantsVerifier>, rustls::Error> {
    let provider: Arc<CryptoProvider> = Arc::new(ring::default_provider());
    ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()
}
