//! Which task may touch an order that stands where: one table, the same as in `docs/states.md`.

use crate::protocols::whiteserver::model::OrderStatus;
use crate::protocols::whiteserver::reply::Code;

macro_rules! tasks {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// A task that names an order.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum OnOrder { $($(#[$doc])* $name),* }

        #[cfg(test)]
        impl OnOrder {
            /// All of them, in the order of the table.
            pub(super) const ALL: &'static [OnOrder] = &[$(OnOrder::$name),*];

            /// As named on the wire.
            pub(super) fn as_str(self) -> &'static str {
                match self { $(OnOrder::$name => stringify!($name)),* }
            }
        }
    };
}

tasks! {
    PayOrder,
    AddPrepayOrder,
    RemovePrepayOrder,
    CompleteOrder,
    CancelOrder,
    PrintBill,
    UndoBill,
    UpdateOrder,
    PatchOrder,
    GetOrder,
    GetOrderState,
    TillChangeOrder,
    TillPrintBill,
    TillUndoBill,
    TillCloseOrder,
    TillCancelOrder,
    TillVoidDishes,
    TillPayOrder,
    TillAcceptOrder,
    TillRejectOrder,
}

/// The code of the refusal, when an order with this status is not for this task.
pub(super) fn refused(task: OnOrder, status: OrderStatus) -> Option<Code> {
    use OnOrder::*;
    use OrderStatus::{Canceled, Complited, Confirmed, Created, RestaurantCancelled};
    match (task, status) {
        (GetOrder | GetOrderState, _) => None,
        (_, Complited) => Some(Code::WsaOrderClosed),
        (_, Canceled | RestaurantCancelled) => Some(Code::WsaOrderCanceledOnKass),
        (TillAcceptOrder | TillRejectOrder, Created) => Some(Code::NotWaiting),
        (TillAcceptOrder | TillRejectOrder | CancelOrder, Confirmed) => None,
        (_, Confirmed) => Some(Code::WsaOrderNotAccepted),
        (_, Created) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documentation_has_the_same_table() {
        let page = include_str!("../../../../docs/states.md");
        let cells = |line: &str| -> Vec<String> {
            line.trim_matches('|').split('|').map(|cell| cell.trim().replace('`', "")).collect()
        };
        let mut lines = page.lines().skip_while(|line| !line.starts_with("| task |"));
        let mut head = vec!["task".to_owned()];
        head.extend(OrderStatus::ALL.iter().map(ToString::to_string));
        assert_eq!(cells(lines.next().unwrap()), head);
        let listed: Vec<_> =
            lines.skip(1).take_while(|line| line.starts_with('|')).map(cells).collect();
        let known: Vec<Vec<String>> = OnOrder::ALL
            .iter()
            .map(|task| {
                let cell = |status: &OrderStatus| {
                    refused(*task, *status).map_or("yes", Code::as_str).to_owned()
                };
                std::iter::once(task.as_str().to_owned())
                    .chain(OrderStatus::ALL.iter().map(cell))
                    .collect()
            })
            .collect();
        assert_eq!(listed, known);
    }
}
