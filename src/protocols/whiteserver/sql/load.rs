//! What a batch needs of the store: its orders, locked, and what is decided by.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use futures_util::try_join;

use super::rows::{read_content, read_order};
use super::{catalogues, order_lists, payments};
use crate::database::{Look, Row, Rows, Statement, StoreError, Tx, Type, row};
use crate::domain::outbox::EventTypes;
use crate::domain::task::{ClaimedTask, CurrencyGuid, ObjectId, OrderGuid, OrderKey, TaskKey};
use crate::domain::time_zone::TimeZone;
use crate::protocols::whiteserver::command::order_list::MOST_LISTED;
use crate::protocols::whiteserver::command::{Command, GetOrderList};
use crate::protocols::whiteserver::model::{
    Creation, CreationState, ObjectRules, Order, OrderState, Permits,
};
use crate::protocols::whiteserver::wire::answer::read_error;
use crate::protocols::whiteserver::wire::request::CREATE_ORDER;

// Once for each of its currencies that is asked for. Which events would go to anybody is one number, so that it is one
// look: 1 for new statuses, 2 for changes.
static LOAD_OBJECTS: Statement = Statement::read(
    &[("object_id", Type::Int), ("currency_guid", Type::Uuid)],
    "SELECT o.object_id, o.agent_version, o.closed_orders, o.all_tables, o.cancel_paid,
            o.prepay_currency, o.accept_within_s, o.time_zone, p.kind AS prepay_kind,
            c.currency_guid, c.kind,
            EXISTS (SELECT 1 FROM {rows tills l: object_id = o.object_id}) AS has_till,
            (SELECT 2 * max(CASE WHEN m.events THEN 1 ELSE 0 END)
                    + max(CASE WHEN m.status_events THEN 1 ELSE 0 END)
             FROM {rows licences l: object_id = o.object_id}
             {all mailboxes m: aggregator_id = l.aggregator_id}
             WHERE m.open AND m.begun) AS listened
     FROM batch b {one objects o: object_id}
     {left one currencies p: object_id = o.object_id, currency_guid = o.prepay_currency}
     {left one currencies c: object_id, currency_guid}",
);

static LOAD_ORDERS: Statement = Statement::write(
    &[("object_id", Type::Int), ("order_guid", Type::Uuid), ("with_content", Type::Bool)],
    "SELECT o.object_id, o.order_guid, o.status, o.total, o.paid, o.bill_printed, o.created_at,
            o.closed_at, o.version, o.waiter_id, o.substate, o.acceptance, o.accept_by,
            o.reject_code, o.reject_message, CASE WHEN b.with_content THEN o.content END AS content
     FROM {sorted object_id, order_guid} b {one orders o: object_id, order_guid} {lock o}",
);

// Of orders that are locked.
static LOAD_CONTENTS: Statement = Statement::read(
    &[("object_id", Type::Int), ("order_guid", Type::Uuid)],
    "SELECT o.object_id, o.order_guid, o.content
     FROM batch b {one orders o: object_id, order_guid}",
);

static LOAD_ORIGINALS: Statement = Statement::read(
    &[("object_id", Type::Int), ("original_order_id", Type::Text)],
    "SELECT o.object_id, o.original_order_id, o.order_guid
     FROM batch b {one orders o: object_id, original_order_id}",
);

static LOAD_CREATIONS: Statement = Statement::read(
    &[("object_id", Type::Int), ("task_guid", Type::Uuid)],
    "SELECT t.object_id, t.task_guid, t.task_type, t.aggregator_id, t.outcome, t.answer
     FROM batch b {one tasks t: object_id, task_guid}",
);

/// What a batch needs.
#[derive(Default)]
struct Wanted<'a> {
    /// And the currencies that are asked for.
    objects: BTreeMap<ObjectId, BTreeSet<CurrencyGuid>>,
    /// And whether the content is needed.
    orders: BTreeMap<OrderKey, bool>,
    originals: Rows,
    creations: HashSet<TaskKey>,
    lists: Vec<(ObjectId, &'a GetOrderList)>,
    /// Orders whose payments are shown.
    shown: BTreeSet<OrderKey>,
}

impl<'a> Wanted<'a> {
    fn of(tasks: impl Iterator<Item = (TaskKey, &'a Command)>) -> Wanted<'a> {
        let mut all = Wanted::default();
        for (key, command) in tasks {
            let (object, needs) = (key.object, command.needs());
            all.objects.entry(object).or_default().extend(needs.currencies);
            if let Some(guid) = needs.order {
                *all.orders.entry(OrderKey { object, guid }).or_default() |= needs.content;
                all.shown.extend(needs.payments.then_some(OrderKey { object, guid }));
            }
            all.originals.extend(needs.original_order_id.map(|original| row![object, original]));
            all.creations.extend(needs.creation.map(|guid| TaskKey { object, guid }));
            let list = needs.list.map(|list| (object, list));
            all.lists.extend(list.filter(|list| !all.lists.contains(list)));
        }
        // One that comes to a list in this batch is not in what the store lists.
        let listed = |key: &&OrderKey| all.lists.iter().any(|(object, _)| *object == key.object);
        all.shown.extend(all.orders.keys().filter(listed).copied());
        all
    }

    /// The objects of whose orders payments are shown.
    fn shows(&self) -> Vec<ObjectId> {
        let listed = self.lists.iter().map(|(object, _)| *object);
        self.shown.iter().map(|key| key.object).chain(listed).collect()
    }
}

/// What is looked up first for these tasks, when nothing has to be known before.
pub(crate) fn foresee(tasks: &[(TaskKey, Command)]) -> Vec<Look> {
    let wanted = Wanted::of(tasks.iter().map(|(key, command)| (*key, command)));
    if !wanted.creations.is_empty() {
        return Vec::new();
    }
    let looks =
        [(&LOAD_OBJECTS, objects_of(wanted.objects)), (&LOAD_ORDERS, orders_of(wanted.orders))];
    looks.into_iter().filter(|(_, rows)| !rows.is_empty()).collect()
}

/// Loads and locks what the commands need.
pub(crate) async fn load(
    tx: &Tx,
    tasks: &[(&ClaimedTask, &Command)],
) -> Result<OrderState, StoreError> {
    let wanted = Wanted::of(tasks.iter().map(|(task, command)| (task.key, *command)));
    let most = MOST_LISTED + wanted.orders.len();
    // A task that shows payments takes none: alone, it needs only the currencies of what is there.
    let shows = if tasks.len() > 1 { wanted.shows() } else { Vec::new() };
    let Wanted { objects, orders, originals, creations, lists, shown } = wanted;
    let (objects, orders) = (objects_of(objects), orders_of(orders));

    // Before the orders, and not joined with them: a task that is done has its order there by then.
    let creations = creations.into_iter().map(|key: TaskKey| row![key.object, key.guid]).collect();
    let creations = tx.query_some(&LOAD_CREATIONS, creations).await?;
    let (objects, orders, originals) = try_join!(
        tx.query_some(&LOAD_OBJECTS, objects),
        tx.query_some(&LOAD_ORDERS, orders),
        tx.query_some(&LOAD_ORIGINALS, originals),
    )?;
    let mut state = catalogues::load(tx, tasks).await?;
    for row in objects {
        read_object(&mut state, row)?;
    }
    for row in creations {
        state.creations.extend(read_creation(row)?);
    }
    let orders = orders.into_iter().map(read_order).collect::<Result<Vec<_>, _>>()?;
    for (key, order) in with_contents(tx, &state, orders).await? {
        state.load_order(key, order);
    }
    for row in originals {
        read_original(&mut state, row)?;
    }
    order_lists::load(tx, &mut state, &lists, most).await?;
    payments::load(tx, &mut state, &shown).await?;
    payments::load_titles(tx, &mut state, &shows).await?;
    Ok(state)
}

/// The orders, with the contents of those whose events go to somebody, or whose object has a till: they are told of
/// the whole order.
async fn with_contents(
    tx: &Tx,
    state: &OrderState,
    mut orders: Vec<(OrderKey, Order)>,
) -> Result<Vec<(OrderKey, Order)>, StoreError> {
    let is_told =
        |object: &ObjectId| state.listened.contains_key(object) || state.tills.contains(object);
    let lacks = |(key, order): &&(OrderKey, Order)| order.content.is_none() && is_told(&key.object);
    let lacking = orders.iter().filter(lacks).map(|(key, _)| row![key.object, key.guid]).collect();
    let mut contents = HashMap::new();
    for mut row in tx.query_some(&LOAD_CONTENTS, lacking).await? {
        let key = OrderKey { object: row.get("object_id")?, guid: row.get("order_guid")? };
        contents.insert(key, read_content(&mut row)?);
    }
    for (key, order) in &mut orders {
        if let Some(content) = contents.remove(key) {
            order.content = content;
        }
    }
    Ok(orders)
}

/// What is decided about these objects, and who is told of their orders.
pub(super) async fn load_objects(
    tx: &Tx,
    state: &mut OrderState,
    objects: impl Iterator<Item = ObjectId>,
) -> Result<(), StoreError> {
    let rows = objects.flat_map(|object| object_rows(object, BTreeSet::new())).collect();
    for row in tx.query_some(&LOAD_OBJECTS, rows).await? {
        read_object(state, row)?;
    }
    Ok(())
}

/// The rows that ask for objects and currencies of theirs.
fn objects_of(objects: BTreeMap<ObjectId, BTreeSet<CurrencyGuid>>) -> Rows {
    objects.into_iter().flat_map(|(object, currencies)| object_rows(object, currencies)).collect()
}

/// The rows that ask for orders, with their content or without.
fn orders_of(orders: BTreeMap<OrderKey, bool>) -> Rows {
    orders.into_iter().map(|(key, content)| row![key.object, key.guid, content]).collect()
}

/// The rows that ask for an object and these of its currencies.
fn object_rows(object: ObjectId, currencies: BTreeSet<CurrencyGuid>) -> Rows {
    match currencies.is_empty() {
        true => vec![row![object, None::<CurrencyGuid>]],
        false => currencies.into_iter().map(|currency| row![object, currency]).collect(),
    }
}

fn read_object(state: &mut OrderState, mut row: Row) -> Result<(), StoreError> {
    let object: ObjectId = row.get("object_id")?;
    let permits = Permits {
        closed_orders: row.get("closed_orders")?,
        all_tables: row.get("all_tables")?,
        cancel_paid: row.get("cancel_paid")?,
        prepay_currency: row.get("prepay_currency")?,
        accept_within_s: row.get("accept_within_s")?,
    };
    let zone = TimeZone::stored(&row.get::<String>("time_zone")?);
    let agent_version = row.word("agent_version")?;
    state.objects.insert(object, ObjectRules { agent_version, permits, zone });
    if row.get("has_till")? {
        state.tills.insert(object);
    }
    let listened = row.get::<Option<i64>>("listened")?.unwrap_or_default();
    let types = EventTypes { changes: listened & 2 != 0, statuses: listened & 1 != 0 };
    if !types.is_empty() {
        state.listened.insert(object, types);
    }
    if let (Some(currency), Some(kind)) =
        (permits.prepay_currency, row.get::<Option<String>>("prepay_kind")?)
    {
        let kind = kind.parse().map_err(StoreError::Corrupt)?;
        state.currencies.insert((object, currency), kind);
    }
    if let Some(currency) = row.get("currency_guid")? {
        state.currencies.insert((object, currency), row.word("kind")?);
    }
    Ok(())
}

fn read_original(state: &mut OrderState, mut row: Row) -> Result<(), StoreError> {
    let (object, original) = (row.get("object_id")?, row.get("original_order_id")?);
    state.load_original(object, original, row.get::<OrderGuid>("order_guid")?);
    Ok(())
}

/// `None` for a task that creates no order.
fn read_creation(mut row: Row) -> Result<Option<(TaskKey, Creation)>, StoreError> {
    if row.get::<String>("task_type")? != CREATE_ORDER {
        return Ok(None);
    }
    let key = TaskKey { object: row.get("object_id")?, guid: row.get("task_guid")? };
    let outcome: Option<String> = row.get("outcome")?;
    let state = match (outcome.as_deref(), row.get::<Option<String>>("answer")?) {
        (None, _) | (_, None) => CreationState::Open,
        (Some("done"), _) => CreationState::Done,
        (_, Some(answer)) => CreationState::Failed(read_error(&answer).ok_or_else(|| {
            StoreError::Corrupt(format!("the answer of task {} tells no reason", key.guid))
        })?),
    };
    Ok(Some((key, Creation { aggregator: row.get("aggregator_id")?, state })))
}
