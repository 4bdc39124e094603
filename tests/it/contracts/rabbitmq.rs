//! The AsyncAPI document, done as it says.

use serde_json::{Value, json};

use crate::support::app::TestApp;
use crate::support::ask::code;
use crate::support::contract::assert_answer;
use crate::support::kiosk::{self, Kiosk, USER};
use crate::support::place::Stores;
use crate::support::queues::Queues;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_published_as_documented_is_answered_where_and_as_documented() {
    let app = TestApp::on(Stores::Sqlite, Queues::Amqp).await.start().await;
    kiosk::enable(&app).await;
    let document: Value = app.get("/asyncapi.json").await.unwrap().json();
    let text = |pointer: &str| document.pointer(pointer).unwrap().as_str().unwrap();
    let exchange = text("/channels/tasks/bindings/amqp/exchange/name");
    let key = text("/operations/submit/bindings/amqp/cc/0");
    let headers = &document["components"]["messages"]["task"]["headers"];
    let headers = jsonschema::validator_for(headers).unwrap();

    let mut kiosk = Kiosk::connect(&app).await;
    let examples = document["components"]["messages"]["task"]["examples"].as_array().unwrap();
    assert!(examples.len() > 9);
    for example in examples {
        assert!(headers.is_valid(&example["headers"]), "{example}");
        let name = example["headers"]["message_id"].as_str().unwrap();
        let properties = kiosk.properties(name).with_message_id(name.into());
        let sent = json!({"user_id": USER, "message_id": name, "reply_to": kiosk.reply_to});
        assert!(headers.is_valid(&sent), "{sent}");
        kiosk.publish_to(exchange, key, properties, example["payload"].to_string()).await;

        // Most name an order that is not there: an answer all the same.
        let reply = kiosk.reply().await;
        let task_type = example["payload"]["taskType"].as_str().unwrap();
        assert_answer(&format!("{task_type}Answer"), &reply.json);
        let guid = &reply.json["responseCommon"]["taskGuid"];
        let told = json!({
            "message_id": reply.message_id, "correlation_id": reply.correlation_id,
            "type": reply.kind, "app_id": "wsa",
        });
        let answer = &document["components"]["messages"]["answer"]["headers"];
        jsonschema::validate(answer, &told).unwrap();
        let expected = (guid.as_str(), Some(name), Some(task_type));
        let seen =
            (reply.message_id.as_deref(), reply.correlation_id.as_deref(), reply.kind.as_deref());
        assert_eq!(seen, expected);
        assert_ne!(code(&reply.json), "BadRequest");
    }
    let prefix = &app.prefix.as_ref().unwrap().0;
    assert_eq!(text("/channels/results/address"), format!("{prefix}.results.{{aggregator}}"));
    kiosk.result("main").await;
    app.finish().await;
}
