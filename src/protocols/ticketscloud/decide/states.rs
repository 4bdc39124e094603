//! Where an order of tickets may go from where it stands: one table, the same as in `docs/ticketscloud.md`.

use crate::protocols::ticketscloud::model::OrderStatus;

/// Whether an order may go from one status to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// When its partner asks for it.
    Yes,
    /// The same, but only when no payment system was chosen.
    WithoutSystem,
    /// When its time is over, and only then.
    ByTheClock,
    /// Never.
    No,
}

/// The table.
pub fn permitted(from: OrderStatus, to: OrderStatus) -> Move {
    use OrderStatus::{Canceled, Done, Executed, Expired, InProgress, Refunded};
    match (from, to) {
        (Executed, InProgress | Canceled) => Move::Yes,
        (Executed, Done) => Move::WithoutSystem,
        (InProgress, Done | Canceled) => Move::Yes,
        (Executed | InProgress, Expired) => Move::ByTheClock,
        (Done, Refunded) => Move::Yes,
        _ => Move::No,
    }
}

/// Why it may not, as a sentence; `None` when it may.
pub(super) fn refused(from: OrderStatus, to: OrderStatus, with_system: bool) -> Option<String> {
    let why = match permitted(from, to) {
        Move::Yes => return None,
        Move::WithoutSystem if !with_system => return None,
        Move::WithoutSystem => "it has a payment system and must be in_progress first",
        Move::ByTheClock => "it expires by itself when its time is over",
        Move::No => "that is no step of an order",
    };
    Some(format!("The order cannot go from {from} to {to}: {why}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documentation_has_the_same_table() {
        let page = include_str!("../../../../docs/ticketscloud.md");
        let cells = |line: &str| -> Vec<String> {
            line.trim_matches('|').split('|').map(|cell| cell.trim().replace('`', "")).collect()
        };
        let mut lines = page.lines().skip_while(|line| !line.starts_with("| from \\ to |"));
        let mut head = vec!["from \\ to".to_owned()];
        head.extend(OrderStatus::ALL.iter().map(ToString::to_string));
        assert_eq!(cells(lines.next().unwrap()), head);
        let listed: Vec<_> =
            lines.skip(1).take_while(|line| line.starts_with('|')).map(cells).collect();
        let cell = |from: OrderStatus, to: OrderStatus| match permitted(from, to) {
            Move::Yes => "yes",
            Move::WithoutSystem => "without a payment system",
            Move::ByTheClock => "by the clock",
            Move::No => "no",
        };
        let row = |from: &OrderStatus| -> Vec<String> {
            let cells = OrderStatus::ALL.iter().map(|to| cell(*from, *to).to_owned());
            std::iter::once(from.to_string()).chain(cells).collect()
        };
        assert_eq!(listed, OrderStatus::ALL.iter().map(row).collect::<Vec<_>>());
    }

    #[test]
    fn a_refusal_names_both() {
        for from in OrderStatus::ALL {
            for to in OrderStatus::ALL {
                if let Some(message) = refused(*from, *to, true) {
                    assert!(message.contains(&format!("from {from} to {to}")), "{message}");
                }
            }
        }
    }
}
