//! What is personal is masked, until somebody reveals it and the journal says so.

use serde_json::{Value, json};
use wsa::ops::access::Role;

use super::{Ops, app};
use crate::support::ask::Ask;
use crate::support::reference::{CASH, V2};

const SECRETS: [&str; 5] =
    ["Evdokiya Customer", "+79990001122", "Secret street 17", "a-comment-of-a-guest", "card-4111"];

fn leaks(text: &str) -> Vec<&'static str> {
    SECRETS.into_iter().filter(|secret| text.contains(secret)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_personal_is_masked_until_it_is_revealed() {
    let app = app().await;
    let [name, phone, street, comment, card] = SECRETS;
    let order = json!({
        "originalOrderId": "A-17", "price": {"total": 10}, "comment": comment,
        "customer": {"name": name, "phone": phone}, "delivery": {"address": {"street": street}},
    });
    let created = app.submit(&Ask::create_order(V2, order)).await;
    app.answer(created).await;
    let order = app.order(V2, "10.00").await;
    let mut pay = Ask::pay(V2, order, &[("10.00", CASH)]).asynchronous();
    pay["params"]["payments"][0]["cardCode"] = card.into();
    let paid = app.create(&pay).await.accepted().unwrap();
    app.answer(paid).await;

    let ops = Ops::with(&app, Role::Operator).await;
    let finance = Ops::with(&app, Role::Finance).await;
    for path in [
        "/ops/v1/tasks".to_owned(),
        format!("/ops/v1/tasks/{created}"),
        format!("/ops/v1/tasks/{paid}"),
        "/ops/v1/orders".to_owned(),
        format!("/ops/v1/orders/{order}"),
        format!("/ops/v1/payments?object={V2}"),
        "/ops/v1/letters".to_owned(),
        "/ops/v1/journal".to_owned(),
        "/metrics".to_owned(),
    ] {
        // Also for somebody who might reveal it.
        for who in [&ops, &finance] {
            let text = who.get(&path).await.ok().to_string();
            assert_eq!(leaks(&text), [""; 0], "{path}: {text}");
        }
    }
    let masked = ops.get(&format!("/ops/v1/tasks/{created}")).await.ok();
    assert_eq!(masked["revealed"], false);
    assert!(masked["request"].to_string().contains("***"), "{masked}");
    assert!(masked["request"].to_string().contains("A-17"), "{masked}");

    let reason = json!({"reason": "the guest asks"});
    let path = format!("/ops/v1/tasks/{created}/reveal");
    let refused = ops.post(&path, reason.clone()).await;
    assert_eq!(leaks(&refused.body.to_string()), [""; 0]);
    refused.refused(403);
    let revealed = finance.post(&path, reason).await.ok();
    assert_eq!(leaks(&revealed.to_string()), SECRETS[..4], "{revealed}");
    // What its protocol keeps of it as well.
    let card_of = |task: &Value| {
        let related = task["related"].as_array().unwrap();
        let payment = related.iter().find(|record| record["kind"] == "payments").unwrap();
        payment["cardCode"].clone()
    };
    let path = format!("/ops/v1/tasks/{paid}");
    assert_eq!(card_of(&finance.get(&path).await.ok()), "***");
    let why = json!({"reason": "the card is disputed"});
    ops.post(&format!("{path}/reveal"), why.clone()).await.refused(403);
    assert_eq!(card_of(&finance.post(&format!("{path}/reveal"), why).await.ok()), card);
    let journal = ops.get("/ops/v1/journal?action=task.reveal").await.ok();
    let entries = journal["items"].as_array().unwrap();
    assert_eq!(entries.len(), 2, "{journal}");
    let entry = &entries[1];
    assert_eq!(
        (&entry["who"], &entry["subject"], &entry["reason"]),
        (&"finance".into(), &Value::from(created.to_string()), &"the guest asks".into())
    );
    app.finish().await;
}
