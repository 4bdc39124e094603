//! The protocols. Each has a folder with all that is its own; this is the one list of them.

pub mod activeplatform;
pub mod billmanager;
pub mod ticketscloud;
pub mod whiteserver;

use std::sync::LazyLock;

use crate::protocol::Protocols;
use crate::surface::Surface;

/// The lists of them that the engine and the program have.
macro_rules! protocols {
    ($($protocol:expr),* $(,)?) => {
        /// All of them, in the order in which a batch locks their rows.
        pub static ALL: LazyLock<Protocols> =
            LazyLock::new(|| Protocols::of(vec![$(Box::new($protocol)),*]));

        /// The same, as those outside see them.
        pub(crate) static SURFACES: &[&dyn Surface] = &[$(&$protocol),*];
    };
}

protocols![
    whiteserver::WhiteServer,
    activeplatform::ActivePlatform,
    ticketscloud::TicketsCloud,
    billmanager::BillManager,
];

// In whose form it is told that there is nothing where no protocol has its prefix.
pub(crate) use self::whiteserver::http::{no_such_method, no_such_path};

/// Whose prefix a path is below.
pub(crate) fn behind(path: &str) -> Option<&'static dyn Surface> {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    SURFACES.iter().copied().find(|surface| surface.is_door(&parts))
}

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
        assert_eq!(ALL.all().count(), SURFACES.len());
    }

    #[test]
    fn no_two_protocols_share_a_name_or_callers() {
        let all: Vec<_> = ALL.all().map(|protocol| protocol.callers()).collect();
        let names: HashSet<_> = all.iter().map(|of| of.protocol).collect();
        let tables: HashSet<_> = all.iter().map(|of| of.table).collect();
        assert_eq!((names.len(), tables.len()), (all.len(), all.len()));
    }

    #[test]
    fn a_prefix_belongs_to_a_protocol_whatever_its_slashes() {
        for (path, owner) in [
            ("/wsserverlp/api/v2/aggregators/Create/", None),
            ("/", None),
            ("/api/v2", None),
            ("/v11", None),
            ("/api/v3", Some("activeplatform")),
            ("//api//v3/x/", Some("activeplatform")),
            ("/v1", Some("ticketscloud")),
            ("/v1//resources/orders", Some("ticketscloud")),
            ("/billmgr/", Some("billmanager")),
            ("//mancgi/a/b", Some("billmanager")),
        ] {
            let tag = behind(path).map(|surface| (surface.contract().openapi)().tags[0].0);
            assert_eq!(tag, owner, "{path}");
        }
    }
}
