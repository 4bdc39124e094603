//! The protocols. Each has a folder with all that is its own; this is the one list of them.

pub mod activeplatform;
pub mod billmanager;
pub mod ticketscloud;
pub mod whiteserver;

use std::marker::PhantomData;
use std::sync::LazyLock;

use crate::protocol::{Engage, Protocols};
use crate::string_enum::string_enum;

/// All of them, in the order in which a batch locks their rows.
pub static ALL: LazyLock<Protocols> = LazyLock::new(|| {
    Protocols::of(vec![
        Box::new(Engage::<whiteserver::WhiteServer>(PhantomData)),
        Box::new(Engage::<activeplatform::ActivePlatform>(PhantomData)),
        Box::new(Engage::<ticketscloud::TicketsCloud>(PhantomData)),
        Box::new(Engage::<billmanager::BillManager>(PhantomData)),
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
