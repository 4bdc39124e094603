//! Who reaches a process from outside while it runs, and whom it tells how it is.

use super::manager::Manager;
use super::reload::Reload;

/// Both; by default nobody.
#[derive(Debug, Clone, Default)]
pub struct Outside {
    /// By which settings reach it that were read again.
    pub reload: Reload,
    /// The service manager that started it.
    pub manager: Manager,
}
