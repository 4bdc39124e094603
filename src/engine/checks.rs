//! Start-up checks: facts are read, and a judgement over them says in a sentence what is wrong and what to do.
//! `docs/operations.md` lists them.

pub mod database;
pub mod directory;

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// Promises cannot be kept like this: the process does not start.
    Refuse(String),
    /// It may pass by itself: the process waits, `wsa migrate` ends.
    Wait(String),
    /// To be mended, but not a reason to do nothing.
    Warn(String),
}
