//! SIGHUP: the settings are read again. What can take effect does; what needs a restart is named. Settings that are
//! wrong change nothing.

use std::sync::Arc;

use anyhow::bail;
use tokio::sync::Notify;

use crate::boot::{Outside, is_live};
use crate::config::{Change, Layers, Settings};
use crate::database::error::chain;
use crate::protocols::ALL;
use crate::runtime::telemetry::LogFilter;
use crate::runtime::{environment, tls};

/// Reads the settings of a process from where it got them.
pub(super) type Read = Arc<dyn Fn() -> anyhow::Result<Layers> + Send + Sync>;

/// Reads the settings of a process again and applies them.
pub(super) struct Reloader {
    pub(super) read: Read,
    /// What the process was started with.
    pub(super) started: Layers,
    /// What has taken effect since.
    pub(super) applied: Layers,
    pub(super) filter: LogFilter,
    pub(super) outside: Outside,
}

/// What was read, and has not taken effect yet.
struct Reading {
    layers: Layers,
    settings: Settings,
    /// Whether the API speaks TLS by these.
    tls: bool,
}

impl Reloader {
    /// Does so at each request. Several requests before the first is heard are one.
    pub(super) async fn run(mut self, requested: Arc<Notify>) {
        loop {
            requested.notified().await;
            self.outside.manager.reloading().await;
            let read = Arc::clone(&self.read);
            let reading = environment::blocking(move || reading(&read)).await;
            let told = reading.map_err(Into::into).and_then(|reading| self.apply(reading?));
            match told {
                Ok(told) => tracing::info!("SIGHUP: the settings were read again; {told}"),
                Err(error) => {
                    let error = chain(error.as_ref());
                    tracing::error!("SIGHUP: nothing is changed: {error}");
                }
            }
            self.outside.manager.reloaded().await;
        }
    }

    fn apply(&mut self, reading: Reading) -> anyhow::Result<String> {
        let Reading { layers, settings, tls } = reading;
        let had_tls = settings_of(&self.started).is_ok_and(|settings| is_tls(&settings));
        let live =
            |change: &Change| is_live(&change.name) && (!is_of_tls(change) || tls == had_tls);
        let changed: Vec<_> = self.applied.changes(&layers).into_iter().filter(live).collect();
        let later: Vec<_> =
            self.started.changes(&layers).into_iter().filter(|change| !live(change)).collect();
        self.filter.set(&settings.log.filter)?;
        self.outside.reload.apply(&settings);
        settings.notes.iter().for_each(|note| tracing::warn!("{note}"));
        self.applied = layers;
        Ok(sentence(&changed, &later))
    }
}

fn is_of_tls(change: &Change) -> bool {
    change.name.starts_with("http.tls.")
}

fn is_tls(settings: &Settings) -> bool {
    tls::server::is_set(&settings.http.tls).unwrap_or(false)
}

fn settings_of(layers: &Layers) -> Result<Settings, crate::config::SettingsError> {
    Settings::of(layers, &ALL.sections())
}

/// Reads the settings, and what is wrong with them, with the files that they name.
fn reading(read: &Read) -> anyhow::Result<Reading> {
    let layers = read()?;
    let problems = Settings::problems(&layers, &ALL.sections());
    if !problems.is_empty() {
        let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
        bail!("{}", problems.join("; "));
    }
    let settings = settings_of(&layers)?;
    let tls = tls::server::open(&settings.http.tls).map_err(crate::config::SettingsError::from)?;
    Ok(Reading { layers, settings, tls: tls.is_some() })
}

fn sentence(changed: &[Change], later: &[Change]) -> String {
    let list = |changes: &[Change]| {
        let changes: Vec<String> = changes.iter().map(ToString::to_string).collect();
        changes.join(", ")
    };
    match (changed.is_empty(), later.is_empty()) {
        (true, true) => "nothing has changed".to_owned(),
        (false, true) => format!("changed: {}", list(changed)),
        (true, false) => format!("not before a restart: {}", list(later)),
        (false, false) => {
            format!("changed: {}; not before a restart: {}", list(changed), list(later))
        }
    }
}
