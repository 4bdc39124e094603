//! Reading orders, for those who only look.

use super::rows::{assembled, orders};
use crate::database::{Statement, StoreError, Type, row};
use crate::protocols::ticketscloud::command::OrderView;
use crate::protocols::ticketscloud::hex_id::{EventId, OrderId, PartnerId};
use crate::protocols::ticketscloud::sql::Tables;

/// Which orders of a partner, and which part of them.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Listed {
    pub partner: PartnerId,
    /// Between commas; `None`: of every status.
    pub statuses: Option<String>,
    /// `None`: of every event.
    pub event: Option<EventId>,
    pub skip: i64,
    pub most: i64,
}

static ORDER: Statement = Statement::read(
    &[("partner_id", Type::Text), ("order_id", Type::Text)],
    orders!("batch b {one tc_orders o: order_id WHERE o.partner_id = b.partner_id}"),
);

static LIST: Statement = Statement::read(
    &[
        ("partner_id", Type::Text),
        ("statuses", Type::Text),
        ("event_id", Type::Text),
        ("skip", Type::Int),
        ("most", Type::Int),
    ],
    orders!(
        "(SELECT * FROM tc_orders WHERE partner_id = (SELECT partner_id FROM batch)
          AND ((SELECT statuses FROM batch) IS NULL
               OR (SELECT statuses FROM batch) LIKE '%,' || status || ',%')
          AND ((SELECT event_id FROM batch) IS NULL
               OR object_id = (SELECT t.object_id FROM batch b {one tc_events t: event_id}))
          ORDER BY created_at DESC, order_id DESC
          LIMIT (SELECT most FROM batch) OFFSET (SELECT skip FROM batch)) AS o"
    ),
);

impl Tables<'_> {
    /// An order of a partner's as it is now.
    pub async fn order(
        self,
        partner: PartnerId,
        order: OrderId,
    ) -> Result<Option<OrderView>, StoreError> {
        let rows = self.db.run(&ORDER, vec![row![partner, order]]).await?;
        Ok(assembled(rows)?.pop().map(|(_, view)| view))
    }

    /// Orders of a partner's, the newest first.
    pub async fn orders(self, listed: &Listed) -> Result<Vec<OrderView>, StoreError> {
        let Listed { partner, statuses, event, skip, most } = listed;
        let row = row![*partner, statuses.as_deref(), *event, *skip, *most];
        let rows = self.db.run(&LIST, vec![row]).await?;
        let mut views: Vec<_> = assembled(rows)?.into_iter().map(|(_, view)| view).collect();
        views.sort_by_key(|view| std::cmp::Reverse((view.order.created_at, view.order.id)));
        Ok(views)
    }
}
