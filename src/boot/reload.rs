//! Settings that take effect in a process that runs.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use crate::config::{Limits, Settings};
use crate::engine::app::App;
use crate::runtime::tls;

/// By what a setting begins that takes effect without a restart. Files of TLS do as long as there are some: an API does
/// not begin or cease to speak TLS.
const LIVE: [&str; 3] = ["limits.", "http.tls.", "log.filter"];

/// Whether a setting takes effect without a restart, where TLS is as it was.
pub fn is_live(name: &str) -> bool {
    LIVE.iter().any(|begin| name.starts_with(begin))
}

/// Hands settings that were read again to the parts that take them.
#[derive(Debug, Clone, Default)]
pub struct Reload {
    place: Arc<Mutex<Place>>,
    pub(super) certificates: tls::server::Reload,
}

#[derive(Debug, Default)]
struct Place {
    app: Weak<App>,
    /// Those that came before there was an application.
    limits: Option<Limits>,
}

impl Reload {
    /// Applies limits, and has the certificates of the API read again. These settings are right, and their files there.
    pub fn apply(&self, settings: &Settings) {
        let mut place = self.place.lock().unwrap_or_else(PoisonError::into_inner);
        match place.app.upgrade() {
            Some(app) => app.set_limits(&settings.limits),
            None => place.limits = Some(settings.limits.clone()),
        }
        // Without any, those that are offered stay until a restart.
        if tls::server::is_set(&settings.http.tls).unwrap_or(false) {
            self.certificates.request(&settings.http.tls);
        }
    }

    /// From now on this is who takes them.
    pub(super) fn attach(&self, app: &Arc<App>) {
        let mut place = self.place.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(limits) = place.limits.take() {
            app.set_limits(&limits);
        }
        place.app = Arc::downgrade(app);
    }
}
