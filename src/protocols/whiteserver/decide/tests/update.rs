//! What an order consists of, changed by its aggregator: what it then costs, and when it is refused.

use super::*;
use crate::domain::outbox::EventTypes;
use crate::protocols::whiteserver::catalogue::Offer;
use crate::protocols::whiteserver::command::OrderContent;
use crate::protocols::whiteserver::wire::request::read_command;

const KEY: OrderKey = OrderKey { object: OBJECT, guid: ORDER };

/// Two dishes, 30.00 and 20.00, and another one that was voided; with this beside them.
fn loaded(paid: i64, beside: &str) -> Order {
    let json = format!(
        r#"{{"products":[{{"id":"1","name":"Fish","price":15,"quantity":2}},
            {{"id":"2","name":"Tea","price":20,"quantity":1}},
            {{"id":"9","name":"Soup","price":99,"quantity":1,"voidingReason":"cold"}}],
            "delivery":{{"expectedTime":"2026-11-22T12:30:00","address":{{"fullAddress":"A"}}}}{beside}}}"#
    );
    let content: OrderContent = serde_json::from_str(&json).unwrap();
    Order { content: Some(content), ..order(OrderStatus::Created, 5_000, paid) }
}

fn there(order: Order) -> OrderState {
    let mut state = state(AgentVersion::V1, order);
    state.tills.insert(OBJECT);
    state.listened.insert(OBJECT, EventTypes::USUAL);
    state
}

/// The command of such a task, with these fields beside the order.
pub(super) fn asked(task_type: &str, fields: &str) -> Result<Command, Code> {
    let body = format!(
        r#"{{"taskType":"{task_type}","params":{{"sync":{{"objectId":7}},"orderGuid":"{ORDER}"{fields}}}}}"#
    );
    read_command(task_type, &body).map_err(|refusal| refusal.code)
}

fn update(state: &mut OrderState, fields: &str) -> Result<(i64, i64), Code> {
    let command = asked("UpdateOrder", fields)?;
    match run(state, 1, command) {
        Ok(Reply::Updated { guid: ORDER, total, due }) => Ok((total.kopecks(), due.kopecks())),
        Ok(other) => panic!("{other:?}"),
        Err(refusal) => Err(refusal.code),
    }
}

const CRAB: &str = r#","products":[{"id":"3","name":"Crab","price":"33.33","quantity":3}]"#;

#[test]
fn the_total_follows_the_content_with_its_delivery_and_stays_without_a_change_of_it() {
    let fee = r#","payment":{"type":"cash","deliveryFee":1.01}"#;
    let mut state = there(loaded(1_000, fee));
    assert_eq!(update(&mut state, CRAB), Ok((10_100, 9_100)));
    let content = state.order(KEY).unwrap().content.clone().unwrap();
    let lines: Vec<_> = content.products.iter().map(|line| &*line.name).collect();
    assert_eq!(lines, ["Crab", "Soup"], "what was voided stays on record, and costs nothing");
    assert!(content.delivery.is_some() && content.payment.is_some(), "what it does not name stays");

    // The total that its caller said once is not touched by a new address.
    let mut state = there(loaded(0, fee));
    let moved = r#","delivery":{"address":{"fullAddress":"B","comment":"yard"}}"#;
    assert_eq!(update(&mut state, moved), Ok((5_000, 5_000)));
    let delivery = state.order(KEY).unwrap().content.clone().unwrap().delivery.unwrap();
    let shown = serde_json::to_string(&delivery).unwrap();
    assert!(
        shown.contains("12:30") && shown.contains("yard") && !shown.contains("\"A\""),
        "{shown}"
    );
    // Done once more it changes nothing, and nobody is told.
    assert_eq!(update(&mut state, moved), Ok((5_000, 5_000)));
    let changes = state.into_changes();
    assert_eq!((changes.events.len(), changes.rewritten[0].2), (1, 1));
    let heard: Vec<_> = changes.till_events.iter().map(|event| event.happened).collect();
    assert_eq!(heard, ["OrderChanged"]);
}

#[test]
fn what_a_discount_leaves_to_pay_is_said_by_the_caller_or_the_update_is_refused() {
    let discounted = r#","discountIds":[5,{"id":6,"value":10}]"#;
    let with = |fields: &str| update(&mut there(loaded(0, discounted)), fields);
    // One that is left out is removed, and then it is known what the order costs.
    assert_eq!(with(""), Ok((5_000, 5_000)));
    assert_eq!(with(r#","discountIds":[],"price":{"total":50}"#), Ok((5_000, 5_000)));
    assert_eq!(with(r#","price":{"total":49.99}"#), Err(Code::BadRequest), "it is compared");
    assert_eq!(with(r#","discountIds":[5]"#), Err(Code::BadRequest), "nobody knows");
    assert_eq!(with(r#","discountIds":[5],"price":{"total":"45.5"}"#), Ok((4_550, 4_550)));
    // The same ones, and the same dishes: the total stays.
    assert_eq!(with(discounted), Ok((5_000, 5_000)));
    for unknown in [
        r#","products":[{"id":"3","quantity":1}]"#,
        r#","products":[{"id":"3","quantity":1,"price":9,"discountIds":[7]}]"#,
        r#","products":[{"id":"3","quantity":1,"price":9,"yandexPromos":[{"type":"gift"}]}]"#,
    ] {
        assert_eq!(with(unknown), Err(Code::BadRequest), "{unknown}");
        let said = format!(r#"{unknown},"price":{{"total":8}}"#);
        assert_eq!(with(&said), Ok((800, 800)), "{unknown}");
    }
}

#[test]
fn an_update_is_never_below_what_is_paid_and_never_beside_the_printed_bill() {
    let cheap = r#","products":[{"id":"1","name":"Fish","price":30,"quantity":1}]"#;
    assert_eq!(update(&mut there(loaded(3_000, "")), cheap), Ok((3_000, 0)));
    let mut state = there(loaded(3_001, ""));
    assert_eq!(update(&mut state, cheap), Err(Code::WsaOrderTotalBelowPaid));
    assert_eq!(state.order(KEY), Some(&loaded(3_001, "")), "nothing of it was done");

    let mut state = there(Order { bill_printed: true, ..loaded(0, "") });
    assert_eq!(update(&mut state, cheap), Err(Code::WsaOrderBillPrinted));
    assert_eq!(update(&mut state, r#","price":{"total":50}"#), Ok((5_000, 5_000)));
    assert_eq!(update(&mut state, r#","delivery":{"taker":"customer"}"#), Ok((5_000, 5_000)));
    let patch = r#","fields":[{"name":"Comment","value":"hot"}]"#;
    run(&mut state, 2, asked("PatchOrder", patch).unwrap()).unwrap();
    assert_eq!(state.order(KEY).unwrap().content.as_ref().unwrap().comment.as_deref(), Some("hot"));
}

#[test]
fn new_dishes_are_held_against_the_menu_and_voided_ones_are_not() {
    let menu = r#"{"products":[{"id":"3","name":"Crab","price":"33.33"},
        {"id":"4","name":"Eel","price":"9"}],"ingredients":[]}"#;
    let offer = Offer::read(menu, Some(r#"[{"id":"4"}]"#), None).unwrap();
    let mut state = there(loaded(0, ""));
    state.catalogues.load_offer(OBJECT, offer);
    for (dish, expected) in [
        (r#"{"id":"3","quantity":1}"#, Ok((3_333, 3_333))),
        (r#"{"id":"3","quantity":1,"price":30}"#, Err(Code::WsaOrderCreationPriceMismatch)),
        (r#"{"id":"4","quantity":1}"#, Err(Code::WsaOrderCreationDishNotFound)),
        (r#"{"id":"5","quantity":1}"#, Err(Code::WsaOrderCreationDishNotFound)),
    ] {
        assert_eq!(update(&mut state, &format!(r#","products":[{dish}]"#)), expected, "{dish}");
    }
    let name = &state.order(KEY).unwrap().content.as_ref().unwrap().products[0].name;
    assert_eq!(name, "Crab", "the name is that of the menu");
}

#[test]
fn a_field_that_is_not_updated_is_refused_by_its_name() {
    for field in ["comment", "order", "tableCode", "payment"] {
        let fields = format!(r#"{CRAB},"{field}":{{}}"#);
        assert_eq!(asked("UpdateOrder", &fields), Err(Code::BadRequest), "{field}");
        assert!(asked("UpdateOrder", &format!(r#"{CRAB},"{field}":null"#)).is_ok(), "{field}");
    }
    assert!(asked("UpdateOrder", r#","somethingElse":1"#).is_ok(), "nobody knows it");
    let voided = r#","products":[{"id":"1","quantity":1,"price":1,"voidingReason":"cold"}]"#;
    assert_eq!(asked("UpdateOrder", voided), Err(Code::BadRequest));
}
