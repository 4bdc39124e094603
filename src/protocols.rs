//! The protocols. Each has a folder with all that is its own; this is the one list of them.

pub mod activeplatform;
pub mod billmanager;
pub mod ticketscloud;
pub mod whiteserver;

use std::sync::LazyLock;

use crate::protocol::Protocols;
use crate::string_enum::string_enum;

/// All of them, in the order in which a batch locks their rows.
pub static ALL: LazyLock<Protocols> = LazyLock::new(|| {
    Protocols::of(vec![
        Box::new(whiteserver::WhiteServer),
        Box::new(activeplatform::ActivePlatform),
        Box::new(ticketscloud::TicketsCloud),
        Box::new(billmanager::BillManager),
    ])
});

/// A protocol, as far as callers are concerned: each has one, and opens no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProtocolKind {
    /// Aggregators.
    WhiteServer,
    /// Managers of resellers.
    ActivePlatform,
    /// Partners that sell tickets.
    TicketsCloud,
    /// Clients and administrators.
    BillManager,
}

string_enum!(ProtocolKind {
    WhiteServer = "whiteserver",
    ActivePlatform = "activeplatform",
    TicketsCloud = "ticketscloud",
    BillManager = "billmanager",
});

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_protocols_share_a_type_of_task() {
        let mut seen = HashSet::new();
        for task_type in ALL.all().flat_map(|protocol| protocol.task_types()) {
            assert!(seen.insert(task_type), "{task_type} is there twice");
        }
        assert_eq!(ALL.all().count(), ProtocolKind::ALL.len());
    }
}
