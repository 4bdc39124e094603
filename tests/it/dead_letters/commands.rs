//! `wsa dead list` and `show`: looking uses nothing up and shows no customer's data unasked.

use serde_json::Value;

use super::{dead, json_lines, letters};
use crate::support::app::TestApp;
use crate::support::kiosk::{Kiosk, USER, acting_for};
use crate::support::place::Stores;
use crate::support::queues::Queues;

#[tokio::test(flavor = "multi_thread")]
async fn letters_are_found_by_what_is_known_of_them() {
    let app = TestApp::on(Stores::Sqlite, Queues::Amqp).await.start().await;
    let kiosk = Kiosk::connect(&app).await;
    let body = r#"{"taskType":"PayOrder","params":{"async":{"objectId":7},"cardCode":"4111"}}"#;
    let properties = || kiosk.properties("c").with_message_id("bill 7".into());
    kiosk.publish(properties(), body).await;
    kiosk.publish(acting_for(properties(), "nobody at 100%"), "no JSON, but a secret").await;
    letters(&app, 2).await;
    let ids = async |arguments: &[&str]| {
        let (told, code) = dead(&app, &[&["list", "--json"][..], arguments].concat()).await;
        assert_eq!(code, Some(0), "{told}");
        assert!(!told.contains("4111") && !told.contains("secret"), "{told}");
        json_lines(&told).iter().map(|line| line["id"].as_i64().unwrap()).collect::<Vec<_>>()
    };
    let all = ids(&[]).await;
    assert_eq!(all.len(), 2);
    assert_eq!(ids(&["--limit", "1"]).await, all[..1]);
    let first = ids(&["--object", "7"]).await;
    assert_eq!(first.len(), 1);
    let second: Vec<i64> = all.iter().copied().filter(|id| *id != first[0]).collect();
    assert_eq!(ids(&["--type", "PayOrder"]).await, first);
    assert_eq!(ids(&["--reason", "NOBODY AT 100%"]).await, second);
    assert_eq!(ids(&["--reason", "100_"]).await, [] as [i64; 0]);
    assert_eq!(ids(&["--since", "2020-01-01T00:00:00Z"]).await, all);
    assert_eq!(ids(&["--until", "2020-01-01T00:00:00Z"]).await, [] as [i64; 0]);
    let unknown = "00000000-0000-0000-0000-000000000001";
    assert_eq!(ids(&["--guid", unknown]).await, [] as [i64; 0]);
    assert_eq!(ids(&[]).await, all, "looking uses nothing up");

    let id = first[0].to_string();
    let (told, code) = dead(&app, &["show", &id]).await;
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("bill 7") && told.contains(USER) && !told.contains("4111"), "{told}");
    let (told, _) = dead(&app, &["show", &id, "--body"]).await;
    assert!(told.contains(body), "{told}");
    let (told, _) = dead(&app, &["show", &id, "--body", "--json"]).await;
    let shown: Value = serde_json::from_str(&told).unwrap();
    assert_eq!((shown["body"].as_str(), shown["door"].as_str()), (Some(body), Some("upstream")));
    let (told, code) = dead(&app, &["show", "4242"]).await;
    assert_eq!(code, Some(1));
    assert!(told.contains("there is no dead letter 4242"), "{told}");
    let (told, code) = dead(&app, &["list"]).await;
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("REASON") && !told.contains("4111"), "{told}");
    app.finish().await;
}
