//! The list of protocols that a program speaks.

use std::fmt;
use std::sync::OnceLock;

use super::Surface;
use crate::config::protocol::SectionReader;
use crate::config::{Settings, SettingsError};
use crate::engine::protocol::Protocols;

/// Protocols, in the order in which a batch locks their rows. Paths that are below nobody's prefix are answered in the
/// form of the first one.
pub struct ProtocolList {
    surfaces: &'static [&'static dyn Surface],
    protocols: OnceLock<Protocols>,
}

impl fmt::Debug for ProtocolList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.protocols.get().fmt(f)
    }
}

impl ProtocolList {
    /// These.
    pub const fn of(surfaces: &'static [&'static dyn Surface]) -> ProtocolList {
        ProtocolList { surfaces, protocols: OnceLock::new() }
    }

    /// Each, as those outside see it.
    pub fn surfaces(&self) -> impl Iterator<Item = &'static dyn Surface> {
        self.surfaces.iter().copied()
    }

    /// All of them, as the engine sees them.
    pub fn protocols(&self) -> &Protocols {
        let all = || Protocols::of(self.surfaces().map(|surface| surface.protocol()).collect());
        self.protocols.get_or_init(all)
    }

    /// The readers of their sections of the settings.
    pub fn sections(&self) -> Vec<SectionReader> {
        self.surfaces().filter_map(|surface| surface.section()).collect()
    }

    /// The settings of the program and of these protocols: [`Settings::load`].
    pub fn settings(&self, flags: &[(&str, String)]) -> Result<Settings, SettingsError> {
        Settings::load(&self.sections(), None, flags)
    }

    /// Whose prefix a path is below.
    pub fn behind(&self, path: &str) -> Option<&'static dyn Surface> {
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        self.surfaces().find(|surface| surface.is_door(&parts))
    }

    /// The one that answers where nobody has a prefix.
    pub fn first(&self) -> Option<&'static dyn Surface> {
        self.surfaces.first().copied()
    }
}
