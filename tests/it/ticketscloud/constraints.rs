//! What the store refuses whatever the program believes.

use serde_json::json;
use uuid::Uuid;
use wsa::domain::money::Money;
use wsa::protocols::ticketscloud::hex_id::PromocodeId;
use wsa::protocols::ticketscloud::model::{Discount, Period, Promocode};
use wsa::protocols::ticketscloud::sql::Tables;

use super::seller::*;
use crate::support::app::TestApp;
use crate::support::place::Stores;
use crate::support::queues::Queues;

async fn the_store_refuses_what_must_not_be(store: Stores) {
    let app = TestApp::on(store, Queues::InProcess).await.start().await;
    let object = seed(app.store()).await;
    let promocode = Promocode {
        id: PromocodeId::random(),
        code: "ONE".into(),
        discount: Discount::Fixed(Money::parse("10").unwrap()),
        set: None,
        uses: Some(1),
        used: 0,
        period: Period::default(),
    };
    assert!(Tables::of(app.store()).add_promocode(object, &promocode).await.unwrap());
    let again = Promocode { id: PromocodeId::random(), ..promocode };
    assert!(!Tables::of(app.store()).add_promocode(object, &again).await.unwrap());
    let fields = json!({"random": {SET: 1}, "promocodes": ["ONE"]});
    let first = create(&app, ORG, fields).await;
    let (first, second) = (first.id(), ordered(&app, 1).await);
    step(&app, &first, "done").await.ok(200);
    let held = look(&app, &first).await.tickets();
    super::refunds::ask(&app, &first, "user", &held).await.ok(201);
    let place = &app.place;
    let (guid, cent) = (place.guid(Uuid::now_v7()), place.kopecks(1));
    let columns = "object_id, number, shown_number, partner_id, status, created_at, updated_at, reserved_till,
                   customer, nominal, discount, extra, value, version";
    let order = |id: &str, number: &str, task: &str| {
        let selected = columns.replacen("number, shown_number", &format!("{number}, {number}"), 1);
        format!(
            "INSERT INTO tc_orders (order_id, task_guid, {columns})
             SELECT '{id}', {task}, {selected} FROM tc_orders WHERE order_id = '{first}'"
        )
    };
    let fresh = "56a76c72f06c5a77b5938010";
    let task = |order: &str, guid: &str| {
        format!(
            "INSERT INTO tasks (object_id, task_guid, aggregator_id, task_type, request, registered_at,
                                deadline, publish_at, subject)
             SELECT object_id, {guid}, aggregator_id, task_type, request, registered_at, deadline,
                    publish_at, '{order}' FROM tasks WHERE outcome IS NOT NULL LIMIT 1"
        )
    };
    assert_eq!(place.execute(&task(&second, &guid)).await, Ok(1));
    let other = place.guid(Uuid::now_v7());
    let refused = [
        // A ticket that two orders have.
        format!(
            "UPDATE tc_lines SET ticket_id = (SELECT ticket_id FROM tc_lines
                 WHERE order_id = '{first}' AND held) WHERE order_id = '{second}'"
        ),
        format!(
            "INSERT INTO tc_lines (object_id, order_id, ticket_id, set_id, rule_id, price, extra, discount,
                                   held, task_guid)
             SELECT object_id, '{second}', ticket_id, set_id, rule_id, price, extra, discount, held,
                    task_guid FROM tc_lines WHERE order_id = '{first}'"
        ),
        // Sums and discounts that cannot be.
        format!("UPDATE tc_lines SET discount = price + {cent}"),
        "UPDATE tc_lines SET price = -1".into(),
        format!("UPDATE tc_orders SET value = value + {cent}"),
        format!("UPDATE tc_orders SET nominal = nominal - {cent}"),
        "UPDATE tc_orders SET status = 'paid'".into(),
        // An order by the id, the number or the task of another; a sale twice.
        order(&first, "77", &guid),
        order(fresh, "number", &guid),
        order(fresh, "77", "task_guid"),
        format!(
            "INSERT INTO tc_entries (object_id, task_guid, order_id, kind, amount, entered_at)
             SELECT object_id, {guid}, order_id, kind, amount, entered_at FROM tc_entries"
        ),
        format!("UPDATE tc_entries SET amount = -{cent}"),
        // More given back than was paid, of an order and of a ticket; a ticket given back twice.
        format!("UPDATE tc_orders SET refunded = value + {cent} WHERE order_id = '{first}'"),
        format!("UPDATE tc_lines SET refund = price + extra + {cent} WHERE order_id = '{first}'"),
        format!(
            "INSERT INTO tc_refund_tickets (object_id, refund_id, order_id, ticket_id, amount, live)
             SELECT object_id, '{fresh}', order_id, ticket_id, amount, live FROM tc_refund_tickets"
        ),
        "UPDATE tc_refunds SET closed_by = task_guid".into(),
        // Promo codes used too often, or with no discount or two.
        "UPDATE tc_promocodes SET used = 2".into(),
        "UPDATE tc_promocodes SET used = -1".into(),
        "UPDATE tc_promocodes SET amount = NULL".into(),
        "UPDATE tc_promocodes SET percent = 100".into(),
        // A second open task about an order.
        task(&second, &other),
        "UPDATE tc_events SET object_id = 1".into(),
    ];
    for sql in refused {
        assert!(place.execute(&sql).await.is_err(), "{sql}");
    }
    assert_eq!(place.execute(&task(&first, &other)).await, Ok(1), "of another order it may be");
    // An order takes its number without a gap, and one that could not be made leaves none.
    let last = "SELECT max(number) FROM tc_orders";
    assert_eq!(place.number(last).await, 2);
    create(&app, ORG, json!({"random": {SET: 99}, "all_or_nothing": true})).await.error(400);
    ordered(&app, 1).await;
    assert_eq!(place.number(last).await, 3);
    let open = place.execute("DELETE FROM tasks WHERE outcome IS NULL").await;
    assert_eq!(open, Ok(2));
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_store_refuses_what_must_not_be_on_sqlite() {
    the_store_refuses_what_must_not_be(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_store_refuses_what_must_not_be_on_postgres() {
    the_store_refuses_what_must_not_be(Stores::Postgres).await;
}

async fn events_have_objects_of_their_own(store: Stores) {
    let app = TestApp::on(store, Queues::InProcess).await.start().await;
    let first = seed(app.store()).await;
    assert_eq!(first.0, 1_000_000_000_000_000);
    let events = Tables::of(app.store()).events().await.unwrap();
    let objects: Vec<i64> = events.iter().map(|event| event.object.0).collect();
    assert_eq!(objects, [first.0, first.0 + 1]);
    let (id, org) = (EVENT.parse().unwrap(), ORG.parse().unwrap());
    assert_eq!(Tables::of(app.store()).add_event(id, org, "Again").await.unwrap(), None);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn events_have_objects_of_their_own_on_sqlite() {
    events_have_objects_of_their_own(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn events_have_objects_of_their_own_on_postgres() {
    events_have_objects_of_their_own(Stores::Postgres).await;
}
