//! The API's side: the certificate that it shows, renewed while it runs.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::server::WebPkiClientVerifier;
use tokio::sync::{Notify, watch};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use super::files::{self, ServerTls, TlsError};

/// What the names of the files' settings begin with.
const PREFIX: &str = "http.tls.";
/// How often the files are looked at; SIGHUP has them looked at once.
const LOOK: Duration = Duration::from_secs(5);

/// What the next connection is offered.
pub type Current = watch::Receiver<Arc<ServerConfig>>;

/// Keeps [`Current`] as the files are.
#[derive(Debug)]
pub struct Renewal {
    files: ServerTls,
    seen: Seen,
    offered: watch::Sender<Arc<ServerConfig>>,
}

/// When each file was written last.
type Seen = [Option<SystemTime>; 3];

/// A request to read the certificates of the API again, from whoever gets the signal to whoever reads them.
#[derive(Debug, Clone, Default)]
pub struct Reload(Arc<Requests>);

#[derive(Debug, Default)]
struct Requests {
    notify: Notify,
    files: Mutex<Option<ServerTls>>,
}

impl Reload {
    /// Asks for it, from these files; several requests before the first is heard are one.
    pub fn request(&self, files: &ServerTls) {
        *self.0.files.lock().unwrap_or_else(PoisonError::into_inner) = Some(files.clone());
        self.0.notify.notify_one();
    }

    /// Waits for the next request. One that came before is not lost.
    async fn requested(&self) -> Option<ServerTls> {
        self.0.notify.notified().await;
        self.0.files.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Reads the files; `None` when none are named, and the API speaks plain HTTP.
pub fn open(files: &ServerTls) -> Result<Option<(Current, Renewal)>, TlsError> {
    if !is_set(files)? {
        return Ok(None);
    }
    // Looked at before they are read: what is written in between is read again.
    let seen = times(files);
    let (offered, current) = watch::channel(Arc::new(config(files)?));
    Ok(Some((current, Renewal { files: files.clone(), seen, offered })))
}

/// Whether the API speaks TLS; an error when the settings contradict each other.
pub fn is_set(files: &ServerTls) -> Result<bool, TlsError> {
    let set = files::paired(PREFIX, &files.certificate, &files.key)?;
    if !set && files::is_set(&files.client_ca) {
        let rule = "it must have http.tls.certificate and http.tls.key beside it";
        return Err(TlsError::new("http.tls.client_ca", &files.client_ca, rule));
    }
    Ok(set)
}

fn config(files: &ServerTls) -> Result<ServerConfig, TlsError> {
    let setting = format!("{PREFIX}certificate");
    let chain = files::certificates(&setting, &files.certificate)?;
    let key = files::key(&format!("{PREFIX}key"), &files.key)?;
    let wrong = |error: rustls::Error| TlsError::new(&setting, &files.certificate, error);
    let provider = Arc::new(ring::default_provider());
    let begun = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(wrong)?;
    let begun = match files::is_set(&files.client_ca) {
        false => begun.with_no_client_auth(),
        true => {
            let setting = format!("{PREFIX}client_ca");
            let roots = Arc::new(files::authorities(&setting, &files.client_ca)?);
            let verifier = WebPkiClientVerifier::builder_with_provider(roots, provider).build();
            let wrong = |error| TlsError::new(&setting, &files.client_ca, error);
            begun.with_client_cert_verifier(verifier.map_err(wrong)?)
        }
    };
    let mut config = begun.with_single_cert(chain, key).map_err(wrong)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

impl Renewal {
    /// Reads the files again when one changes, and when `reload` says so. Files that cannot be used change nothing:
    /// connections get what they got before, and the log says so.
    pub async fn run(&mut self, reload: Reload, stop: CancellationToken) {
        let mut look = interval(LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = look.tick() => {}
                files = reload.requested() => {
                    self.files = files.unwrap_or_else(|| self.files.clone());
                    self.seen = Seen::default();
                }
            }
            self.look();
        }
    }

    fn look(&mut self) {
        let now = times(&self.files);
        if now == self.seen {
            return;
        }
        self.seen = now;
        match config(&self.files) {
            Ok(config) => {
                self.offered.send_replace(Arc::new(config));
                tracing::info!("the certificate of the API was read again");
            }
            Err(error) => tracing::warn!("the certificate of the API stays as it is: {error}"),
        }
    }
}

fn times(files: &ServerTls) -> Seen {
    let written = |file: &Path| std::fs::metadata(file).and_then(|found| found.modified()).ok();
    [&files.certificate, &files.key, &files.client_ca].map(|file| written(file))
}
