//! Certificates and keys in PEM files that settings name.

use std::fmt::Display;
use std::path::{Path, PathBuf};

use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde::Deserialize;

/// What a client trusts and shows: `[store.tls]`, `[amqp.tls]`. An empty path is not set.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientTls {
    /// The authorities that may have signed the server's certificate, instead of the system's.
    pub ca: PathBuf,
    /// The certificate to show, with what leads from it to its authority.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// What the API shows and whom it lets in: `[http.tls]`. An empty path is not set.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerTls {
    /// The certificate to show, with what leads from it to its authority. Without one there is no TLS.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
    /// The authorities of clients' certificates: with them a client without one is not let in.
    pub client_ca: PathBuf,
}

/// A file that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{setting} is {file:?}: {rule}", file = .file.display().to_string())]
pub struct TlsError {
    /// The setting that names it, `section.tls.key`.
    pub setting: String,
    /// The file.
    pub file: PathBuf,
    /// What is wrong with it.
    pub rule: String,
}

impl TlsError {
    pub(super) fn new(setting: &str, file: &Path, rule: impl Display) -> TlsError {
        TlsError { setting: setting.to_owned(), file: file.to_owned(), rule: rule.to_string() }
    }
}

/// Whether a path is set.
pub(super) fn is_set(file: &Path) -> bool {
    !file.as_os_str().is_empty()
}

/// The certificates in a file; there is at least one.
pub(super) fn certificates(
    setting: &str,
    file: &Path,
) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let wrong = |rule: String| TlsError::new(setting, file, rule);
    let found: Vec<_> = CertificateDer::pem_file_iter(file)
        .and_then(Iterator::collect)
        .map_err(|error| wrong(unreadable(&error)))?;
    match found.is_empty() {
        true => Err(wrong("it must hold certificates in PEM form, and holds none".into())),
        false => Ok(found),
    }
}

/// The first private key in a file.
pub(super) fn key(setting: &str, file: &Path) -> Result<PrivateKeyDer<'static>, TlsError> {
    PrivateKeyDer::from_pem_file(file).map_err(|error| {
        let rule = match error {
            rustls::pki_types::pem::Error::NoItemsFound => {
                "it must hold a private key in PEM form, and holds none".to_owned()
            }
            error => unreadable(&error),
        };
        TlsError::new(setting, file, rule)
    })
}

/// The authorities in a file.
pub(super) fn authorities(setting: &str, file: &Path) -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(setting, file)? {
        roots.add(certificate).map_err(|error| TlsError::new(setting, file, error))?;
    }
    Ok(roots)
}

/// A certificate without its key is of no use, nor is a key without its certificate.
pub(super) fn paired(prefix: &str, certificate: &Path, key: &Path) -> Result<bool, TlsError> {
    let missing = |name: &str, other: &Path| {
        let rule =
            format!("it must name a file when the other of the pair does, {}", other.display());
        Err(TlsError::new(&format!("{prefix}{name}"), Path::new(""), rule))
    };
    match (is_set(certificate), is_set(key)) {
        (true, false) => missing("key", certificate),
        (false, true) => missing("certificate", key),
        (set, _) => Ok(set),
    }
}

fn unreadable(error: &rustls::pki_types::pem::Error) -> String {
    format!("it cannot be read, and must be a PEM file: {}", describe(error))
}

/// The error without what a PEM file may hold beside certificates.
fn describe(error: &rustls::pki_types::pem::Error) -> String {
    use rustls::pki_types::pem::Error;
    match error {
        Error::Io(error) => error.to_string(),
        _ => "it is no PEM file".to_owned(),
    }
}
