//! The authorities that the system trusts. A store of certificates that is missing or broken stops only
//! what needs it, and is read again until it is there.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustls::{ClientConfig, RootCertStore};

use super::client::begin;

/// How long what was read is used before it is read again.
const FRESH: Duration = Duration::from_secs(300);
/// How soon it is read again when nothing was found.
const AGAIN: Duration = Duration::from_secs(1);

/// Why the system's certificates cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the system trusts no certificate, so no https:// URL can be called{why}")]
pub struct NoRoots {
    why: String,
}

#[derive(Clone)]
struct Trusted {
    roots: Arc<RootCertStore>,
    client: Arc<ClientConfig>,
}

/// What was read last, and when to read again.
struct Known {
    trusted: Result<Trusted, NoRoots>,
    until: Instant,
}

static KNOWN: Mutex<Option<Known>> = Mutex::new(None);

/// What the system trusts. May read files: for asynchronous code on a thread that may block.
pub fn system_roots() -> Result<Arc<RootCertStore>, NoRoots> {
    trusted().map(|trusted| trusted.roots)
}

/// A client that trusts what the system trusts, and speaks HTTP/1.1. May read files.
pub fn system_client() -> Result<Arc<ClientConfig>, NoRoots> {
    trusted().map(|trusted| trusted.client)
}

/// What is wrong with the system's certificates, if anything: nothing that has to speak TLS to the world
/// works then. Says so in the log when that changes.
pub fn system_flaw() -> Option<NoRoots> {
    trusted().err()
}

fn trusted() -> Result<Trusted, NoRoots> {
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let now = Instant::now();
    if let Some(known) = known.as_ref().filter(|known| now < known.until) {
        return known.trusted.clone();
    }
    let before = known.take().map(|known| known.trusted);
    let trusted = match (read(), before) {
        (Ok(trusted), Some(Err(_))) => {
            tracing::info!("the certificates of the system are there again");
            Ok(trusted)
        }
        (Ok(trusted), _) => Ok(trusted),
        (Err(error), Some(Ok(trusted))) => {
            tracing::warn!("the certificates that were read before are used further: {error}");
            Ok(trusted)
        }
        (Err(error), before) => {
            if before.is_none() {
                tracing::warn!("{error}");
            }
            Err(error)
        }
    };
    let until = now + if trusted.is_ok() { FRESH } else { AGAIN };
    *known = Some(Known { trusted: trusted.clone(), until });
    trusted
}

fn read() -> Result<Trusted, NoRoots> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    let (usable, unusable) = roots.add_parsable_certificates(found.certs);
    if usable == 0 {
        let why = match found.errors.first() {
            Some(error) => format!(": {error}"),
            None if unusable > 0 => format!(": {unusable} certificates are damaged"),
            None => String::new(),
        };
        return Err(NoRoots { why });
    }
    for error in &found.errors {
        tracing::warn!(%error, "a certificate of the system cannot be read: {error}");
    }
    let roots = Arc::new(roots);
    let broken = |error: rustls::Error| NoRoots { why: format!(": {error}") };
    let begun = begin().map_err(broken)?;
    let mut client = begun.with_root_certificates(Arc::clone(&roots)).with_no_client_auth();
    client.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Trusted { roots, client: Arc::new(client) })
}
