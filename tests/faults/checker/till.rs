//! What an order must be after the answers that its clients were told: the published rules of payments,
//! written down once more.

use crate::notebook::Tale;
use crate::reading::Answer;
use crate::story::{Deed, V1};
use crate::support::reference::DISCOUNT;

/// An order as a client would reckon it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Till {
    /// Whether payments leave the order open.
    prepays: bool,
    pub(super) total: i64,
    pub(super) paid: i64,
    pub(super) status: &'static str,
}

impl Till {
    pub(super) fn open(tale: &Tale) -> Till {
        let prepays = V1.contains(&tale.story.object);
        Till { prepays, total: tale.story.total, paid: 0, status: "Created" }
    }

    /// The order after this deed was answered so; `None` when it cannot have been.
    fn after(&self, deed: &Deed, answer: &Answer) -> Option<Till> {
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

    /// What the rules make of it.
    fn does(&self, deed: &Deed) -> Result<Till, &'static str> {
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
                Ok(Till { paid: self.paid + offered, status, ..self.clone() })
            }
            Deed::Unprepay => Ok(Till { paid: 0, ..self.clone() }),
            Deed::Cancel => Ok(Till { paid: 0, status: "Canceled", ..self.clone() }),
        }
    }
}

/// The orders there may be after a step whose wishes were carried out in any order.
pub(super) fn possible(before: &[Till], told: &[(&Deed, Answer)]) -> Vec<Till> {
    if told.is_empty() {
        return before.to_vec();
    }
    let mut after: Vec<Till> = Vec::new();
    for (n, (deed, answer)) in told.iter().enumerate() {
        let first: Vec<Till> = before.iter().filter_map(|till| till.after(deed, answer)).collect();
        let others = [&told[..n], &told[n + 1..]].concat();
        for till in possible(&first, &others) {
            if !after.contains(&till) {
                after.push(till);
            }
        }
    }
    after
}
