use super::*;

const GUID: &str = "7f9c24e8-3b12-4a3c-9d5e-0b6a2f1c8d47";

fn refused(body: &str) -> String {
    let refusal = read(body).unwrap_err().refusal;
    assert_eq!(refusal.code, Code::BadRequest);
    refusal.desc
}

fn pay(target: &str, payments: &str) -> String {
    format!(
        r#"{{"taskType":"PayOrder","params":{{{target},"orderGuid":"{GUID}","payments":{payments}}}}}"#
    )
}

fn task(task_type: &str, fields: &str) -> String {
    format!(
        r#"{{"taskType":"{task_type}","params":{{"sync":{{"objectId":1}},"orderGuid":"{GUID}",{fields}}}}}"#
    )
}

#[test]
fn the_published_request_is_read() {
    let body = pay(
        r#""async":{"objectId":"199990246","timeout":"60"},"cashierId":7"#,
        &format!(r#"[{{"amount":"449.35","currency":"{GUID}","cardCode":null}}]"#),
    );
    let Request::Task(request) = read(&body).unwrap() else { panic!("no task") };
    assert_eq!(request.object, ObjectId(199_990_246));
    assert_eq!((request.timeout_s, request.sync), (Some(60), false));
    let Command::PayOrder(pay) = read_command("PayOrder", &body).unwrap() else { panic!() };
    assert_eq!(pay.payments[0].amount.kopecks(), 44_935);
}

#[test]
fn refusals_name_field_value_and_rule() {
    let line = |amount: &str| format!(r#"[{{"amount":{amount},"currency":"{GUID}"}}]"#);
    let sync = r#""sync":{"objectId":1}"#;
    let deep =
        format!(r#"{{"taskType":"PayOrder","params":{}1{}}}"#, "[".repeat(40), "]".repeat(40));
    let bodies = [
        "".into(),
        "{".into(),
        "[]".into(),
        "{}".into(),
        r#"{"taskType":"PayOrder"}"#.into(),
        r#"{"taskType":"Pay","params":{}}"#.into(),
        deep,
        pay(r#""cashierId":1"#, "[]"),
        pay(r#""sync":{"objectId":1},"async":{"objectId":1}"#, "[]"),
        pay(r#""sync":{}"#, "[]"),
        pay(r#""sync":{"objectId":"x"}"#, "[]"),
        pay(r#""sync":{"objectId":1,"timeout":0}"#, "[]"),
        pay(r#""sync":{"objectId":1,"timeout":3601}"#, "[]"),
        pay(r#""sync":{"objectId":1,"timeout":1.5}"#, "[]"),
        pay(r#""sync":{"objectId":1,"notBefore":"2026-11-22T12:30:00Z"}"#, "[]"),
        pay(r#""async":{"objectId":1,"notBefore":"2026-11-22T12:30:00"}"#, "[]"),
        pay(r#""async":{"objectId":1,"notBefore":"tomorrow"}"#, "[]"),
        pay(r#""async":{"objectId":1,"notBefore":1763800000}"#, "[]"),
        pay(sync, &line("0")),
        pay(sync, &line("-1")),
        pay(sync, &line("1e2")),
        pay(sync, &line("\"1,5\"")),
        pay(sync, &line("0.001")),
        pay(sync, "{}"),
        pay(sync, r#"[{"amount":1}]"#),
        pay(sync, r#"[{"amount":1,"currency":"rub"}]"#),
        format!(
            r#"{{"taskType":"CreateOrder","params":{{{sync},"order":{{"price":{{"total":"x"}}}}}}}}"#
        ),
        format!(
            r#"{{"taskType":"CreateOrder","params":{{{sync},"order":{{"price":{{"total":1}},"products":[{{"id":"1","quantity":0}}]}}}}}}"#
        ),
        format!(
            r#"{{"taskType":"CreateOrder","params":{{{sync},"order":{{"price":{{"total":1}},"originalOrderId":"a\u0000"}}}}}}"#
        ),
        task("AddPrepayOrder", r#""amount":0"#),
        task("AddPrepayOrder", r#""amount":1,"currencyGuid":7"#),
        task("AddPrepayOrder", r#""amount":1,"cardCode":"a\u0000""#),
        task("RemovePrepayOrder", r#""prepayId":"7""#),
        task("CancelOrder", r#""taskGuid":"00000000-0000-0000-0000-000000000001""#),
        task("GetOrderState", r#""taskGuid":"1""#),
        task("GetOrderList", r#""tableCode":1.5"#),
        task("GetOrderList", r#""tableCode":"\u0007""#),
        task("GetOrderList", r#""withClosed":"yes""#),
        r#"{"taskType":"GetTaskResponse","params":{}}"#.into(),
        r#"{"taskType":"GetTaskResponse","params":{"taskGuid":"1"}}"#.into(),
        format!(r#"{{"taskType":"GetTaskResponse","params":{{"taskGuid":"{GUID}","wait":21}}}}"#),
    ];
    let table: Vec<String> = bodies.iter().map(|body| refused(body)).collect();
    insta::assert_snapshot!(table.join("\n"));
}

#[test]
fn an_order_is_named_by_either_guid_and_by_none_has_a_code_of_its_own() {
    use crate::protocols::whiteserver::command::WhichOrder;
    for task_type in ["CancelOrder", "GetOrderState"] {
        let body = |guids: &str| {
            format!(r#"{{"taskType":"{task_type}","params":{{{guids}"sync":{{"objectId":1}}}}}}"#)
        };
        let read = |guids: &str| match read_command(task_type, &body(guids)).unwrap() {
            Command::CancelOrder(which) | Command::GetOrderState(which) => which,
            other => panic!("{other:?}"),
        };
        let (order, task) =
            (format!(r#""orderGuid":"{GUID}","#), format!(r#""taskGuid":"{GUID}","#));
        assert_eq!(read(&order), WhichOrder::Order(GUID.parse().unwrap()));
        assert_eq!(read(&task), WhichOrder::CreatedBy(GUID.parse().unwrap()));
        assert_eq!(read(&format!("{order}{task}")), WhichOrder::CreatedBy(GUID.parse().unwrap()));
        for none in ["", r#""orderGuid":null,"#] {
            let error = super::read(&body(none)).unwrap_err();
            let code = error.refusal.code;
            assert_eq!(code, Code::WsaNoOneGuidSpecifiedForOrderSearching);
            assert_eq!(error.object, Some(ObjectId(1)));
        }
    }
}

#[test]
fn what_is_personal_stands_in_no_refusal() {
    let sync = r#""sync":{"objectId":1}"#;
    let create = |customer: &str| {
        format!(
            r#"{{"taskType":"CreateOrder","params":{{{sync},"order":{{"price":{{"total":1}},"customer":{customer}}}}}}}"#
        )
    };
    for body in [
        pay(sync, &format!(r#"[{{"amount":1,"currency":"{GUID}","cardCode":79001234567}}]"#)),
        task("AddPrepayOrder", r#""amount":1,"cardCode":["79001234567"]"#),
        task("AddPrepayOrder", r#""amount":1,"cardCode":"79001234567\u0000""#),
        create("79001234567"),
        create(r#""79001234567""#),
        create(r#"{"phone":79001234567}"#),
        create(r#"{"name":{"first":"79001234567"}}"#),
        create(r#"null,"delivery":{"address":"79001234567"}"#),
    ] {
        let told = refused(&body);
        assert!(told.starts_with("params.") && !told.contains("79001234567"), "{told}");
    }
    assert!(refused(&create(r#"{"phone":7}"#)).starts_with("params.order.customer: phone: "));
}

#[test]
fn a_refusal_does_not_grow_with_the_request() {
    let long = "x".repeat(200_000);
    let desc = refused(&pay(r#""sync":{"objectId":1}"#, &format!("{long:?}")));
    assert!(desc.chars().count() <= crate::domain::money::LONGEST_SENTENCE, "{}", desc.len());
}

#[test]
fn what_could_be_read_of_a_bad_request_is_told() {
    let error = read(&pay(r#""sync":{"objectId":5}"#, "7")).unwrap_err();
    assert_eq!((error.task_type, error.object), (Some("PayOrder"), Some(ObjectId(5))));
}

proptest::proptest! {
    #[test]
    fn no_text_makes_it_panic(body in "[\\[\\]{}\":,a-z0-9\\\\ ]{0,200}") {
        let _ = read(&body);
    }
}
