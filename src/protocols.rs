//! The protocols. Each has a folder with all that is its own; this is the one list of them.

pub mod activeplatform;
pub mod billmanager;
pub mod ticketscloud;
pub mod whiteserver;

use crate::surface::ProtocolList;

/// All of them.
pub static ALL: ProtocolList = ProtocolList::of(&[
    &whiteserver::WhiteServer,
    &activeplatform::ActivePlatform,
    &ticketscloud::TicketsCloud,
    &billmanager::BillManager,
]);

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_protocols_share_a_type_of_task() {
        let mut seen = HashSet::new();
        let protocols = ALL.protocols();
        for task_type in protocols.all().flat_map(|protocol| protocol.task_types()) {
            assert!(seen.insert(task_type), "{task_type} is there twice");
        }
        assert_eq!(protocols.all().count(), ALL.surfaces().count());
    }

    #[test]
    fn no_two_protocols_share_a_name_or_callers() {
        let all: Vec<_> = ALL.protocols().all().flat_map(|protocol| protocol.callers()).collect();
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
            ("/manager//billmgr/x", Some("billmanager")),
            ("/manager", None),
        ] {
            let tag = ALL.behind(path).map(|surface| (surface.contract().openapi)().tags[0].0);
            assert_eq!(tag, owner, "{path}");
        }
    }
}
