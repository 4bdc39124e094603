//! A model of an order: what it must be after the answers that its clients received, by the published rules of payments,
//! written down independently of the program.

use crate::client_log::ScenarioLog;
use crate::reading::Answer;
use crate::scenario::{Deed, V1};
use crate::support::reference::DISCOUNT;

/// An order as its client computes it from the answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OrderModel {
    /// Whether payments leave the order open.
    prepays: bool,
    pub(super) total: i64,
    pub(super) paid: i64,
    pub(super) status: &'static str,
}

impl OrderModel {
    pub(super) fn new(log: &ScenarioLog) -> OrderModel {
        let prepays = V1.contains(&log.scenario.object);
        OrderModel { prepays, total: log.scenario.total, paid: 0, status: "Created" }
    }

    /// The order after this deed got this answer; `None` when the rules exclude the answer.
    fn after(&self, deed: &Deed, answer: &Answer) -> Option<OrderModel> {
        if ["Timeout", "InternalError"].contains(&answer.code.as_str()) {
            return Some(self.clone());
        }
        match self.does(deed) {
            Ok(after) => {
                let price = answer.price;
                let fits =
                    !deed.is_payment() || price == Some((after.total, after.total - after.paid));
                (answer.code == "done" && fits).then_some(after)
            }
            Err(code) => (answer.code == code).then(|| self.clone()),
        }
    }

    /// The order after this deed, or the code with which the rules refuse it.
    fn does(&self, deed: &Deed) -> Result<OrderModel, &'static str> {
        match self.status {
            "Complited" => return Err("WsaOrderClosed"),
            "Canceled" => return Err("WsaOrderCanceledOnKass"),
            _ => {}
        }
        let due = self.total - self.paid;
        let written_off = match deed {
            Deed::Pay(lines) => i64::from(lines.iter().any(|(_, currency)| *currency == DISCOUNT)),
            _ => 0,
        };
        let offered = deed.sum() + written_off;
        let closes = matches!(deed, Deed::Pay(_)) && !self.prepays;
        match deed {
            Deed::Pay(_) if closes && offered != due => Err("WsaPaymentNotEqualDue"),
            Deed::Pay(_) | Deed::Prepay(_) if offered > due => Err("WsaPaymentExceedsDue"),
            Deed::Pay(_) | Deed::Prepay(_) => {
                let status = if closes { "Complited" } else { self.status };
                Ok(OrderModel { paid: self.paid + offered, status, ..self.clone() })
            }
            Deed::Unprepay => Ok(OrderModel { paid: 0, ..self.clone() }),
            Deed::Cancel => Ok(OrderModel { paid: 0, status: "Canceled", ..self.clone() }),
        }
    }
}

/// The possible states of an order after a step whose wishes were carried out in any order.
pub(super) fn possible(before: &[OrderModel], told: &[(&Deed, Answer)]) -> Vec<OrderModel> {
    if told.is_empty() {
        return before.to_vec();
    }
    let mut after: Vec<OrderModel> = Vec::new();
    for (n, (deed, answer)) in told.iter().enumerate() {
        let first: Vec<OrderModel> =
            before.iter().filter_map(|model| model.after(deed, answer)).collect();
        let others = [&told[..n], &told[n + 1..]].concat();
        for model in possible(&first, &others) {
            if !after.contains(&model) {
                after.push(model);
            }
        }
    }
    after
}
