//! The schemas of requests against the parsers: whatever one accepts, the other accepts.

use std::sync::LazyLock;

use jsonschema::Validator;
use proptest::prelude::*;
use serde_json::Value;
use wsa::domain::money::Money;
use wsa::protocols::whiteserver::wire::{listen, request};

use crate::support::contract::requests;

const GUID: &str = "7F9c24e8-3b12-4a3c-9d5e-0b6a2f1c8d47";

/// Requests with a hole, `?`, for each field that is checked.
fn holes() -> Vec<(&'static str, String)> {
    let task = |task_type: &str, params: &str| {
        format!(r#"{{"taskType":"{task_type}","params":{{"sync":{{"objectId":1}},{params}}}}}"#)
    };
    let order = |fields: &str| {
        task("CreateOrder", &format!(r#""order":{{"price":{{"total":1}},{fields}}}"#))
    };
    let product = |fields: &str| order(&format!(r#""products":[{{{fields}}}]"#));
    let pay = |fields: &str| {
        task("PayOrder", &format!(r#""orderGuid":"{GUID}","payments":[{{{fields}}}]"#))
    };
    let update = |fields: &str| task("UpdateOrder", &format!(r#""orderGuid":"{GUID}",{fields}"#));
    let patch =
        |fields: &str| task("PatchOrder", &format!(r#""orderGuid":"{GUID}","fields":{fields}"#));
    vec![
        ("taskType", r#"{"taskType":?,"params":{"sync":{"objectId":1}}}"#.into()),
        ("params", r#"{"taskType":"GetOrderList","params":?}"#.into()),
        ("sync", r#"{"taskType":"GetOrderList","params":{"sync":?}}"#.into()),
        (
            "async beside sync",
            r#"{"taskType":"GetOrderList","params":{"sync":{"objectId":1},"async":?}}"#.into(),
        ),
        ("objectId", r#"{"taskType":"GetOrderList","params":{"async":{"objectId":?}}}"#.into()),
        (
            "timeout",
            r#"{"taskType":"GetOrderList","params":{"async":{"objectId":1,"timeout":?}}}"#.into(),
        ),
        ("orderGuid", task("GetOrder", r#""orderGuid":?"#)),
        (
            "orderGuid or taskGuid",
            task("GetOrderState", &format!(r#""taskGuid":"{GUID}","orderGuid":?"#)),
        ),
        ("prepayId", task("RemovePrepayOrder", &format!(r#""orderGuid":"{GUID}","prepayId":?"#))),
        ("payments", task("PayOrder", &format!(r#""orderGuid":"{GUID}","payments":?"#))),
        (
            "isFullOrderRequired",
            task(
                "PayOrder",
                &format!(r#""orderGuid":"{GUID}","payments":[],"isFullOrderRequired":?"#),
            ),
        ),
        ("payment amount", pay(&format!(r#""currency":"{GUID}","amount":?"#))),
        ("payment currency", pay(r#""amount":1,"currency":?"#)),
        ("payment cardCode", pay(&format!(r#""amount":1,"currency":"{GUID}","cardCode":?"#))),
        ("prepay amount", task("AddPrepayOrder", &format!(r#""orderGuid":"{GUID}","amount":?"#))),
        (
            "currencyGuid",
            task("AddPrepayOrder", &format!(r#""orderGuid":"{GUID}","amount":1,"currencyGuid":?"#)),
        ),
        (
            "promised",
            task("AddPrepayOrder", &format!(r#""orderGuid":"{GUID}","amount":1,"promised":?"#)),
        ),
        ("list tableCode", task("GetOrderList", r#""tableCode":?"#)),
        ("withClosed", task("GetOrderList", r#""withClosed":?"#)),
        ("order", task("CreateOrder", r#""order":?"#)),
        ("price", task("CreateOrder", r#""order":{"price":?}"#)),
        ("total", task("CreateOrder", r#""order":{"price":{"total":?}}"#)),
        ("originalOrderId", order(r#""originalOrderId":?"#)),
        ("products", order(r#""products":?"#)),
        ("product id", product(r#""quantity":1,"id":?"#)),
        ("product name", product(r#""quantity":1,"id":1,"name":?"#)),
        ("product price", product(r#""quantity":1,"id":1,"price":?"#)),
        ("product quantity", product(r#""id":1,"quantity":?"#)),
        ("ingredients", product(r#""quantity":1,"id":1,"ingredients":?"#)),
        ("ingredient", product(r#""quantity":1,"id":1,"ingredients":[?]"#)),
        ("ingredient id", product(r#""quantity":1,"id":1,"ingredients":[{"quantity":1,"id":?}]"#)),
        (
            "ingredient quantity",
            product(r#""quantity":1,"id":1,"ingredients":[{"id":1,"quantity":?}]"#),
        ),
        ("voidingReason", product(r#""quantity":1,"id":1,"voidingReason":?"#)),
        ("customer", order(r#""customer":?"#)),
        ("customer name", order(r#""customer":{"name":?}"#)),
        ("comment", order(r#""comment":?"#)),
        ("personsQuantity", order(r#""personsQuantity":?"#)),
        ("expeditionType", order(r#""expeditionType":?"#)),
        ("delivery", order(r#""delivery":?"#)),
        ("expectedTime", order(r#""delivery":{"expectedTime":?}"#)),
        ("address", order(r#""delivery":{"address":?}"#)),
        ("pickup", order(r#""pickup":?"#)),
        ("order tableCode", order(r#""tableCode":?"#)),
        ("update products", update(r#""products":?"#)),
        ("update product", update(r#""products":[?]"#)),
        ("update delivery", update(r#""delivery":?"#)),
        ("discountIds", update(r#""discountIds":?"#)),
        ("update price", update(r#""price":?"#)),
        ("patch fields", patch("?")),
        ("patch name", patch(r#"[{"name":?,"value":null}]"#)),
        ("patch value", patch(r#"[{"name":"Comment","value":?}]"#)),
        ("taskGuid", r#"{"taskType":"GetTaskResponse","params":{"taskGuid":?}}"#.into()),
        (
            "wait",
            format!(
                r#"{{"taskType":"GetTaskResponse","params":{{"taskGuid":"{GUID}","wait":?}}}}"#
            ),
        ),
    ]
}

/// What is put into each.
fn values() -> Vec<String> {
    let text = |length: usize| format!("{:?}", "x".repeat(length));
    let mut values: Vec<String> = [
        "null",
        "true",
        "false",
        "0",
        "1",
        "-1",
        "2",
        "20",
        "21",
        "3600",
        "3601",
        "1.5",
        "1.0",
        "1e2",
        "0.01",
        "0.001",
        "449.35",
        "0.005",
        "999999999999.99",
        "1000000000000",
        "1000000",
        "1000001",
        "4294967295",
        "4294967296",
        "9223372036854775807",
        "9223372036854775808",
        "{}",
        "[]",
        "[1]",
        r#""""#,
        r#"" ""#,
        r#""0""#,
        r#""1""#,
        r#""007""#,
        r#""-1""#,
        r#""20""#,
        r#""21""#,
        r#""3600""#,
        r#""3601""#,
        r#""1.5""#,
        r#""1e2""#,
        r#""0.00""#,
        r#""0.001""#,
        r#""0.0001""#,
        r#""449.35""#,
        r#""1,5""#,
        r#"".5""#,
        r#""5.""#,
        r#""1000000""#,
        r#""1000001""#,
        r#""999999999999.99""#,
        r#""1000000000000""#,
        r#""a\u0000""#,
        r#""a\u0085""#,
        r#""Терраса""#,
        r#""PayOrder""#,
        r#""GetOrderList""#,
        r#""getOrderList""#,
        r#""2026-11-22T12:30:00""#,
        r#""2026-11-22T12:30:00.5""#,
        r#""2026-11-22T12:30:00+03:00""#,
        r#""2026-11-22T12:30:00Z""#,
        r#""2026-11-22T12:30:00.123Z""#,
        r#""2026-11-22T12:30:00.5-05:30""#,
        r#""2026-11-22T12:30:00[Europe/Moscow]""#,
        r#""2026-11-22 12:30:00""#,
        r#""2026-11-22T12:30""#,
        r#""2026-11-22""#,
        r#""2026-02-31T12:30:00""#,
        r#""2026-13-01T00:00:00""#,
        r#""2026-11-22T24:00:00""#,
        r#""2026-11-22T12:30:60""#,
        r#"{"objectId":1}"#,
        r#"{"objectId":"1"}"#,
        r#"{"total":"0.10"}"#,
        r#"{"price":{"total":1}}"#,
        r#"{"id":1,"quantity":1}"#,
    ]
    .map(str::to_owned)
    .into();
    values.extend([text(128), text(129)]);
    values.push(format!("{GUID:?}"));
    values.push(format!("{:?}", GUID.replace('-', "")));
    values.push(format!(r#""{{{GUID}}}""#));
    values.push(format!("{:?}", &GUID[1..]));
    values.push(format!(
        "[{}]",
        vec![format!(r#"{{"amount":1,"currency":"{GUID}"}}"#); 101].join(",")
    ));
    values.push(format!("[{}]", vec![r#"{"id":1,"quantity":1}"#; 1001].join(",")));
    values
}

/// The whole list of what they do not agree on: what only the text of a number shows, and forms that are
/// read but not promised.
#[test]
fn a_schema_accepts_what_its_parser_accepts() {
    let schema = requests("CreateRequest");
    let mut differences = Vec::new();
    for (field, hole) in holes() {
        for value in values() {
            let body = hole.replace('?', &value);
            let json: Value = serde_json::from_str(&body).unwrap();
            // An order that nobody names is refused with a code of its own, not for its form.
            let parsed = match request::read(&body) {
                Ok(_) => true,
                Err(bad) => {
                    bad.refusal.code != wsa::protocols::whiteserver::reply::Code::BadRequest
                }
            };
            let value: String = value.chars().take(40).collect();
            match (schema.is_valid(&json), parsed) {
                (true, false) => {
                    differences.push(format!("only the schema accepts {field}: {value}"))
                }
                (false, true) => {
                    differences.push(format!("only the parser accepts {field}: {value}"))
                }
                _ => {}
            }
        }
    }
    insta::assert_snapshot!(differences.join("\n"));
}

#[test]
fn the_schema_of_listening_accepts_what_its_parser_accepts() {
    let schema = requests("ListenQueueRequest");
    let words =
        ["TaskQueue", "EventQueue", "AllQueues", "taskQueue"].map(|word| format!("{word:?}"));
    for value in values().into_iter().chain(words) {
        let body = format!(r#"{{"queueType":{value}}}"#);
        let json: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(schema.is_valid(&json), listen::read(&body).is_ok(), "{body}");
    }
}

static CREATE_ORDER: LazyLock<Validator> = LazyLock::new(|| requests("CreateOrderRequest"));

proptest! {
    #[test]
    fn a_text_is_an_amount_to_both_or_to_neither(text in "[0-9.]{0,16}|[ -~]{0,6}") {
        let body = serde_json::json!({"taskType": "CreateOrder", "params": {
            "sync": {"objectId": 1}, "order": {"price": {"total": text}},
        }});
        prop_assert_eq!(CREATE_ORDER.is_valid(&body), Money::parse_positive(&text).is_ok());
    }

    #[test]
    fn a_number_with_two_decimals_is_an_amount_to_both(kopecks in 0..200_000_000_000_000_i64) {
        let body = format!(
            r#"{{"taskType":"CreateOrder","params":{{"sync":{{"objectId":1}},"order":{{"price":{{"total":{}.{:02}}}}}}}}}"#,
            kopecks / 100, kopecks % 100,
        );
        let json: Value = serde_json::from_str(&body).unwrap();
        prop_assert_eq!(CREATE_ORDER.is_valid(&json), request::read(&body).is_ok());
    }
}
