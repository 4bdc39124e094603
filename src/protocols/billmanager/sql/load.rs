//! What tasks of a batch need: the row of each account, locked, then its cart, payments and so on.
//!
//! The account's row is the one lock, taken in the order of object numbers and after the tasks: whoever
//! settles tasks of an account holds it, so everything else of the account is read as it stays.

use std::collections::{BTreeSet, HashMap};

use futures_util::try_join;

use super::On;
use super::offers;
use super::rows::{self, item_columns, json, payment_columns, service_columns};
use crate::database::{Rows, Statement, StoreError, Tx, Type, row};
use crate::domain::task::{ObjectId, TaskKey};
use crate::domain::token;
use crate::protocols::billmanager::command::{Ask, PayBy, Provision, Step};
use crate::protocols::billmanager::model::refund::PaidPeriod;
use crate::protocols::billmanager::model::{Account, Fresh, LedgerState, Stored};

static ACCOUNTS: Statement = Statement::write(
    &[("object_id", Type::Int)],
    "SELECT a.object_id, a.provider_id, a.currency, a.balance
     FROM {sorted object_id} b {one bm_accounts a: object_id} {lock a}",
);

static SET_ASIDE: Statement = Statement::insert(
    "bm_numbers",
    &[("object_id", Type::Int), ("task_guid", Type::Uuid), ("kind", Type::Text)],
    "RETURNING object_id, task_guid, kind, number",
);

static CARTS: Statement = Statement::write(
    &[("object_id", Type::Int)],
    concat!(
        "SELECT ",
        item_columns!(),
        " FROM batch b {all bm_items i: object_id WHERE i.status = 'cart'}"
    ),
);

static DATACENTERS: Statement = Statement::write(
    &[("datacenter_id", Type::Int)],
    "SELECT d.datacenter_id, d.provider_id
     FROM batch b {one bm_datacenters d: datacenter_id}",
);

static PROMOCODES: Statement = Statement::write(
    &[("provider_id", Type::Int), ("code", Type::Text)],
    "SELECT p.provider_id, p.code, p.percent
     FROM batch b {one bm_promocodes p: provider_id, code}
     WHERE p.expires_at IS NULL OR p.expires_at > wsa_now()",
);

static STORED: Statement = Statement::write(
    &[("object_id", Type::Int), ("stored_id", Type::Int)],
    "SELECT s.object_id, s.stored_id, s.method_id, s.profile_id, s.parameters
     FROM batch b {one bm_stored_methods s: object_id, stored_id}",
);

static PROFILES: Statement = Statement::write(
    &[("object_id", Type::Int)],
    "SELECT p.object_id, p.profile_id FROM batch b {all bm_profiles p: object_id}",
);

static PAYMENTS: Statement = Statement::write(
    &[("object_id", Type::Int), ("payment_id", Type::Int)],
    concat!(
        "SELECT ",
        payment_columns!(),
        ", o.status AS order_status
          FROM batch b {one bm_payments p: object_id, payment_id}
          {left one bm_methods m: method_id = p.method_id}
          {left one bm_orders o: object_id = p.object_id, order_id = p.order_id}"
    ),
);

static ORDERS: Statement = Statement::write(
    &[("object_id", Type::Int), ("order_id", Type::Int)],
    "SELECT o.object_id, o.order_id, o.status AS order_status
     FROM batch b {one bm_orders o: object_id, order_id}",
);

// Locked for the sweeper, which puts the services off that it hands in. Whoever holds the account waits for it a moment;
// it waits for nobody.
static SERVICES: Statement = Statement::write(
    &[("object_id", Type::Int), ("item_id", Type::Int)],
    concat!(
        "SELECT ",
        item_columns!(),
        ", ",
        service_columns!(),
        " FROM {sorted object_id, item_id} b {one bm_services s: object_id, item_id}
          {one bm_items i: object_id = s.object_id, item_id = s.item_id} {lock s}"
    ),
);

// All that were paid for a service: years of months, or as many days as it was renewed for.
static PERIODS: Statement = Statement::write(
    &[("object_id", Type::Int), ("item_id", Type::Int)],
    "SELECT p.object_id, p.item_id, p.starts_at, p.ends_at, p.period, p.amount
     FROM batch b {all bm_periods p: object_id, item_id}",
);

/// What the tasks of a batch name.
#[derive(Default)]
struct Named {
    carts: BTreeSet<ObjectId>,
    payers: BTreeSet<ObjectId>,
    pricelists: BTreeSet<i64>,
    datacenters: BTreeSet<i64>,
    promocodes: BTreeSet<(ObjectId, String)>,
    methods: BTreeSet<i64>,
    stored: BTreeSet<(ObjectId, i64)>,
    payments: BTreeSet<(ObjectId, i64)>,
    services: BTreeSet<(ObjectId, i64)>,
    /// Services that may be deleted.
    deleted: BTreeSet<(ObjectId, i64)>,
    orders: BTreeSet<(ObjectId, i64)>,
    numbers: Rows,
}

impl Named {
    fn of(tasks: &[(TaskKey, &Ask)]) -> Named {
        let mut named = Named::default();
        for (key, ask) in tasks {
            let object = key.object;
            let mut number = |kind| named.numbers.push(row![object, key.guid, kind]);
            match ask {
                Ask::Add(add) => {
                    number("item");
                    if add.skip_basket {
                        number("order");
                        number("payment");
                    }
                    named.pricelists.insert(add.pricelist);
                    named.datacenters.extend(add.datacenter);
                }
                Ask::Activate(_) => number("order"),
                Ask::Delete(_) => {}
                Ask::Promocode(code) => drop(named.promocodes.insert((object, code.clone()))),
                Ask::Confirm(confirm) => {
                    number("order");
                    number("payment");
                    named.payers.insert(object);
                    match confirm.by {
                        PayBy::Balance => {}
                        PayBy::Method(id) => drop(named.methods.insert(id)),
                        PayBy::Stored(id) => drop(named.stored.insert((object, id))),
                    }
                }
                Ask::SetPaid(id) | Ask::PayOnPage(id) => {
                    named.payments.insert((object, *id));
                    continue;
                }
                Ask::ExpireOrder(order) => {
                    named.orders.insert((object, *order));
                    continue;
                }
                Ask::Renew(id)
                | Ask::Prolong { service: id, .. }
                | Ask::EditService { service: id, .. }
                | Ask::DeleteService(id)
                | Ask::Provision(Provision { service: id, .. }) => {
                    named.services.insert((object, *id));
                    use Ask::{DeleteService, Provision as Report};
                    if let DeleteService(_) | Report(Provision { step: Step::Close, .. }) = ask {
                        named.deleted.insert((object, *id));
                    }
                    continue;
                }
            }
            named.carts.insert(object);
        }
        named
    }
}

/// Loads and locks what these tasks need.
pub(crate) async fn load(tx: &Tx, tasks: &[(TaskKey, &Ask)]) -> Result<LedgerState, StoreError> {
    let mut ledger = LedgerState::default();
    if tasks.is_empty() {
        return Ok(ledger);
    }
    let objects: BTreeSet<ObjectId> = tasks.iter().map(|(key, _)| key.object).collect();
    let objects = objects.into_iter().map(|object| row![object]).collect();
    for mut row in tx.query(&ACCOUNTS, objects).await? {
        let (object, balance) = (row.get("object_id")?, row.get("balance")?);
        let (provider, currency) = (row.get("provider_id")?, row.get("currency")?);
        ledger.accounts.insert(object, Account { provider, currency, balance, loaded: balance });
    }
    let mut named = Named::of(tasks);
    set_aside(tx, std::mem::take(&mut named.numbers), &mut ledger).await?;
    let one = |object: ObjectId| row![object];
    let (carts, profiles, payments, services, orders, periods) = try_join!(
        tx.query_some(&CARTS, named.carts.iter().copied().map(one).collect()),
        tx.query_some(&PROFILES, named.payers.iter().copied().map(one).collect()),
        tx.query_some(&PAYMENTS, pairs(&named.payments)),
        tx.query_some(&SERVICES, pairs(&named.services)),
        tx.query_some(&ORDERS, pairs(&named.orders)),
        tx.query_some(&PERIODS, pairs(&named.deleted)),
    )?;
    for mut row in periods {
        let of = (row.get("object_id")?, row.get("item_id")?);
        ledger.paid.entry(of).or_default().push(PaidPeriod {
            starts_at: row.get("starts_at")?,
            ends_at: row.get("ends_at")?,
            period: row.get("period")?,
            amount: row.get("amount")?,
        });
    }
    for mut row in services {
        let service = rows::service(&mut row)?;
        let (of, item) = rows::item(&mut row)?;
        ledger.services.insert(of, (service, item));
    }
    for mut row in orders {
        let of = (row.get("object_id")?, row.get("order_id")?);
        ledger.order_states.insert(of, row.word("order_status")?);
    }
    for mut row in carts {
        let (of, item) = rows::item(&mut row)?;
        ledger.load_item(of, item);
    }
    for mut row in profiles {
        ledger.profiles.insert((row.get("object_id")?, row.get("profile_id")?));
    }
    for mut row in payments {
        let status = row.word_if_any("order_status")?;
        let (of, payment) = rows::payment(&mut row)?;
        if let Some(status) = status {
            ledger.order_states.insert((of.0, payment.order), status);
        }
        ledger.load_payment(of, payment);
    }
    offered(tx, named, &mut ledger).await?;
    Ok(ledger)
}

/// Numbers and keys for links; those that no decision takes go back.
async fn set_aside(tx: &Tx, numbers: Rows, ledger: &mut LedgerState) -> Result<(), StoreError> {
    for mut row in tx.query_some(&SET_ASIDE, numbers).await? {
        let key = TaskKey { object: row.get("object_id")?, guid: row.get("task_guid")? };
        let fresh = ledger
            .fresh
            .entry(key)
            .or_insert_with(|| Fresh { key: token::generate(), ..Fresh::default() });
        let number = Some(row.get("number")?);
        match row.get::<String>("kind")?.as_str() {
            "item" => fresh.item = number,
            "order" => fresh.order = number,
            _ => fresh.payment = number,
        }
    }
    Ok(())
}

/// What the operator has put in; nobody locks it.
async fn offered(tx: &Tx, mut named: Named, ledger: &mut LedgerState) -> Result<(), StoreError> {
    let providers: HashMap<ObjectId, i64> =
        ledger.accounts.iter().map(|(object, account)| (*object, account.provider)).collect();
    let provider = |object: &ObjectId| providers.get(object).copied();
    let codes: BTreeSet<(i64, &String)> = named
        .promocodes
        .iter()
        .filter_map(|(object, code)| Some((provider(object)?, code)))
        .collect();
    let codes = codes.into_iter().map(|(provider, code)| row![provider, code.as_str()]).collect();
    let datacenters = named.datacenters.iter().map(|id| row![*id]).collect();
    let (datacenters, codes, stored) = try_join!(
        tx.query_some(&DATACENTERS, datacenters),
        tx.query_some(&PROMOCODES, codes),
        tx.query_some(&STORED, pairs(&named.stored)),
    )?;
    for mut row in datacenters {
        ledger.datacenters.insert(row.get("datacenter_id")?, row.get("provider_id")?);
    }
    for mut row in codes {
        ledger.promocodes.insert((row.get("provider_id")?, row.get("code")?), row.get("percent")?);
    }
    for mut row in stored {
        let of = (row.get("object_id")?, row.get("stored_id")?);
        let (method, profile) = (row.get("method_id")?, row.get("profile_id")?);
        named.methods.insert(method);
        ledger
            .stored
            .insert(of, Stored { method, profile, parameters: json(&mut row, "parameters")? });
    }
    let wanted: Vec<i64> = named.methods.into_iter().collect();
    ledger.methods = offers::methods(On::Tx(tx), &wanted).await?;
    let wanted: Vec<i64> = named.pricelists.into_iter().collect();
    ledger.pricelists = offers::pricelists(On::Tx(tx), &wanted).await?;
    Ok(())
}

fn pairs(of: &BTreeSet<(ObjectId, i64)>) -> Rows {
    of.iter().map(|(object, id)| row![*object, *id]).collect()
}
