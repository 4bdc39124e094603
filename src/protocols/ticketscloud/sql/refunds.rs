//! Refund requests: as a batch loads and writes them, and for those who only look.

use std::collections::{BTreeMap, HashMap};

use crate::database::{Row, Rows, Statement, StoreError, Tx, Type, Write, row};
use crate::domain::task::ObjectId;
use crate::protocols::ticketscloud::command::RefundView;
use crate::protocols::ticketscloud::hex_id::{EventId, OrderId, PartnerId, RefundId};
use crate::protocols::ticketscloud::model::refund::Refund;
use crate::protocols::ticketscloud::sql::Tables;

/// The requests `r` of a source, a row for each of their tickets.
macro_rules! refunds {
    ($source:expr) => {
        concat!(
            "SELECT r.object_id, r.refund_id, r.order_id, r.partner_id, r.org, r.culprit, r.status, r.value,
                    r.stay, r.created_at, r.updated_at, r.requested_at, r.finished_at, r.task_guid,
                    r.closed_by, r.version, e.event_id, o.system_id, t.ticket_id, t.amount
             FROM ",
            $source,
            " {one tc_events e: object_id = r.object_id}
             {one tc_orders o: object_id = r.object_id, order_id = r.order_id}
             {all tc_refund_tickets t: object_id = r.object_id, refund_id = r.refund_id}"
        )
    };
}

static BY_ORDER: Statement = Statement::write(
    &[("object_id", Type::Int), ("order_id", Type::Text)],
    refunds!("batch b {all tc_refunds r: object_id, order_id}"),
);

static PLACED: Statement = Statement::read(
    &[("refund_id", Type::Text)],
    "SELECT r.refund_id, r.object_id, r.order_id, r.partner_id, r.org
     FROM batch b {one tc_refunds r: refund_id}",
);

static ONE: Statement = Statement::read(
    &[("refund_id", Type::Text)],
    refunds!("batch b {one tc_refunds r: refund_id}"),
);

// What a partner sold, and what was sold of its events. Either is looked for by an index of its own.
static LIST: Statement = Statement::read(
    &[
        ("partner_id", Type::Text),
        ("statuses", Type::Text),
        ("event_id", Type::Text),
        ("org", Type::Text),
        ("vendor", Type::Text),
        ("sort", Type::Text),
        ("skip", Type::Int),
        ("most", Type::Int),
    ],
    refunds!(
        "(SELECT x.* FROM (
            SELECT * FROM tc_refunds WHERE partner_id = (SELECT partner_id FROM batch)
            UNION ALL
            SELECT * FROM tc_refunds WHERE org = (SELECT partner_id FROM batch)
              AND partner_id <> (SELECT partner_id FROM batch)) AS x
          WHERE ((SELECT statuses FROM batch) IS NULL
                 OR (SELECT statuses FROM batch) LIKE '%,' || x.status || ',%')
            AND ((SELECT event_id FROM batch) IS NULL
                 OR x.object_id = (SELECT t.object_id FROM batch b {one tc_events t: event_id}))
            AND ((SELECT org FROM batch) IS NULL OR x.org = (SELECT org FROM batch))
            AND ((SELECT vendor FROM batch) IS NULL OR x.partner_id = (SELECT vendor FROM batch))
          ORDER BY CASE WHEN (SELECT sort FROM batch) = 'value' THEN x.value END,
                   CASE WHEN (SELECT sort FROM batch) = '-value' THEN x.value END DESC,
                   CASE WHEN (SELECT sort FROM batch) = '-created_at' THEN x.created_at END DESC,
                   x.created_at, x.refund_id
          LIMIT (SELECT most FROM batch) OFFSET (SELECT skip FROM batch)) AS r"
    ),
);

const REFUND: &[(&str, Type)] = &[
    ("object_id", Type::Int),
    ("refund_id", Type::Text),
    ("order_id", Type::Text),
    ("partner_id", Type::Text),
    ("org", Type::Text),
    ("culprit", Type::Text),
    ("status", Type::Text),
    ("value", Type::Money),
    ("stay", Type::Text),
    ("created_at", Type::Time),
    ("updated_at", Type::Time),
    ("requested_at", Type::Time),
    ("finished_at", Type::Time),
    ("task_guid", Type::Uuid),
    ("closed_by", Type::Uuid),
    ("version", Type::Int),
];

static INSERT: Statement = Statement::insert("tc_refunds", REFUND, "");

static INSERT_TICKETS: Statement = Statement::insert(
    "tc_refund_tickets",
    &[
        ("object_id", Type::Int),
        ("refund_id", Type::Text),
        ("order_id", Type::Text),
        ("ticket_id", Type::Text),
        ("amount", Type::Money),
        ("live", Type::Bool),
    ],
    "",
);

static CLOSE: Statement = Statement::write(
    REFUND,
    "UPDATE tc_refunds SET status = b.status, updated_at = b.updated_at, finished_at = b.finished_at,
            closed_by = b.closed_by, version = b.version
     FROM batch b {these tc_refunds: object_id, refund_id} AND tc_refunds.version = b.version - 1",
);

// Of a request that is rejected: its tickets may be in another one.
static LET_GO: Statement = Statement::write(
    &[("object_id", Type::Int), ("refund_id", Type::Text)],
    "UPDATE tc_refund_tickets SET live = false FROM batch b
     {these tc_refund_tickets: object_id, refund_id}",
);

/// Where a request is, and whose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct PlacedRefund {
    pub object: ObjectId,
    pub order: OrderId,
    pub vendor: PartnerId,
    pub org: PartnerId,
}

/// Which requests of a partner, and which part of them.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct ListedRefunds {
    pub partner: PartnerId,
    /// Between commas; `None`: of every status.
    pub statuses: Option<String>,
    pub event: Option<EventId>,
    pub org: Option<PartnerId>,
    pub vendor: Option<PartnerId>,
    /// `created_at` or `value`, reversed with `-`.
    pub sort: &'static str,
    pub skip: i64,
    pub most: i64,
}

impl Tables<'_> {
    /// Where these requests are.
    pub async fn placed_refunds(
        self,
        refunds: &[RefundId],
    ) -> Result<HashMap<RefundId, PlacedRefund>, StoreError> {
        let rows = refunds.iter().map(|refund| row![*refund]).collect();
        let read = |mut row: Row| {
            let (object, order) = (row.get("object_id")?, row.word("order_id")?);
            let (vendor, org) = (row.word("partner_id")?, row.word("org")?);
            Ok((row.word("refund_id")?, PlacedRefund { object, order, vendor, org }))
        };
        self.db.run(&PLACED, rows).await?.into_iter().map(read).collect()
    }

    /// A request as it is now; to others than its seller and its organizer there is none.
    pub async fn refund(
        self,
        partner: PartnerId,
        refund: RefundId,
    ) -> Result<Option<RefundView>, StoreError> {
        let rows = self.db.run(&ONE, vec![row![refund]]).await?;
        let found = assembled(rows)?.pop().map(|(_, view)| view);
        Ok(found.filter(|view| [view.refund.vendor, view.refund.org].contains(&partner)))
    }

    /// Requests of a partner's, in the order that is asked for.
    pub async fn refunds(self, listed: &ListedRefunds) -> Result<Vec<RefundView>, StoreError> {
        let ListedRefunds { partner, statuses, event, org, vendor, sort, skip, most } = listed;
        let row = row![*partner, statuses.as_deref(), *event, *org, *vendor, *sort, *skip, *most];
        let rows = self.db.run(&LIST, vec![row]).await?;
        let mut views: Vec<_> = assembled(rows)?.into_iter().map(|(_, view)| view).collect();
        views.sort_by_key(|RefundView { refund, .. }| (refund.created_at, refund.id));
        match *sort {
            "value" => views.sort_by_key(|view| view.refund.value),
            "-value" => views.sort_by_key(|view| std::cmp::Reverse(view.refund.value)),
            "-created_at" => views.sort_by_key(|view| std::cmp::Reverse(view.refund.created_at)),
            _ => {}
        }
        Ok(views)
    }
}

/// The requests of these orders.
pub(super) async fn load(tx: &Tx, orders: Rows) -> Result<Vec<(ObjectId, Refund)>, StoreError> {
    let found = assembled(tx.query_some(&BY_ORDER, orders).await?)?;
    Ok(found.into_iter().map(|(object, view)| (object, view.refund)).collect())
}

/// What is to be written of requests that are new, or that were decided.
pub(super) fn write(refunds: &[(ObjectId, Refund)]) -> [Write; 4] {
    let (new, old): (Vec<_>, Vec<_>) = refunds.iter().partition(|(_, refund)| refund.version == 0);
    let rows = |refunds: &[&(ObjectId, Refund)]| -> Rows {
        refunds.iter().map(|(object, refund)| refund_row(*object, refund)).collect()
    };
    let tickets = new.iter().flat_map(|(object, refund)| {
        let live = refund.is_live();
        refund.tickets.iter().map(move |(ticket, amount)| {
            row![*object, refund.id, refund.order, *ticket, *amount, live]
        })
    });
    let rejected = old.iter().filter(|(_, refund)| !refund.is_live());
    let rejected = rejected.map(|(object, refund)| row![*object, refund.id]);
    [
        Write::each(&INSERT, rows(&new)),
        Write::each(&INSERT_TICKETS, tickets.collect()),
        Write::each(&CLOSE, rows(&old)),
        Write::any(&LET_GO, rejected.collect()),
    ]
}

fn refund_row(object: ObjectId, refund: &Refund) -> Vec<crate::database::Value> {
    let stay: Vec<String> = refund.stay.iter().map(ToString::to_string).collect();
    row![
        object,
        refund.id,
        refund.order,
        refund.vendor,
        refund.org,
        refund.culprit.as_str(),
        refund.status.as_str(),
        refund.value,
        stay.join(","),
        refund.created_at,
        refund.updated_at,
        refund.requested_at,
        refund.finished_at,
        refund.task,
        refund.closed_by,
        refund.version + 1,
    ]
}

/// From such rows; in the order of keys.
fn assembled(rows: Vec<Row>) -> Result<Vec<(ObjectId, RefundView)>, StoreError> {
    let mut views: BTreeMap<(ObjectId, RefundId), RefundView> = BTreeMap::new();
    for mut row in rows {
        let key = (row.get("object_id")?, row.word("refund_id")?);
        let (ticket, amount) = (row.word("ticket_id")?, row.get("amount")?);
        let view = match views.entry(key) {
            std::collections::btree_map::Entry::Occupied(there) => there.into_mut(),
            std::collections::btree_map::Entry::Vacant(new) => new.insert(view(&mut row, key.1)?),
        };
        view.refund.tickets.insert(ticket, amount);
    }
    Ok(views.into_iter().map(|((object, _), view)| (object, view)).collect())
}

fn view(row: &mut Row, id: RefundId) -> Result<RefundView, StoreError> {
    let stay: String = row.get("stay")?;
    let stay = stay.split(',').filter(|id| !id.is_empty()).map(str::parse);
    let refund = Refund {
        id,
        order: row.word("order_id")?,
        vendor: row.word("partner_id")?,
        org: row.word("org")?,
        culprit: row.word("culprit")?,
        status: row.word("status")?,
        tickets: BTreeMap::new(),
        value: row.get("value")?,
        stay: stay.collect::<Result<_, String>>().map_err(StoreError::Corrupt)?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
        requested_at: row.get("requested_at")?,
        finished_at: row.get("finished_at")?,
        task: row.get("task_guid")?,
        closed_by: row.get("closed_by")?,
        version: row.get("version")?,
    };
    Ok(RefundView { refund, event: row.word("event_id")?, system: row.word_if_any("system_id")? })
}
