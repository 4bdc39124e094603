//! TLS: `ring`, the certificates that the system trusts, and the files that settings name.
//!
//! Every file is read again for each new connection, and for the API when it changes, so that a renewed
//! certificate needs no restart.

mod client;
pub mod database;
mod files;
mod roots;
pub mod server;
mod unverified;

use rustls::crypto::ring;

pub use self::client::{config, http_client, http_client_with};
pub use self::files::{ClientTls, ServerTls, TlsError};
pub use self::roots::{NoRoots, system_client, system_flaw, system_roots};

/// Makes sure that a client which names no implementation of its own finds one.
pub fn ready() {
    // An error says that there is one already.
    let _ = ring::default_provider().install_default();
}
