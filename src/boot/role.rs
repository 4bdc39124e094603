//! What a process runs.

/// The parts of `wsa` that a process runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Everything, embedded where no server is set; brings the schema up to date.
    Up,
    /// HTTP and the sweeper.
    Api,
    /// Worker lanes and the sweeper.
    Worker,
}

impl Role {
    /// The word for it: the command's.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Up => "up",
            Role::Api => "api",
            Role::Worker => "worker",
        }
    }
}
