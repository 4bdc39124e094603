//! `wsa admin aggregator callback`.

use std::process::Output;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use tokio::process::Command;

use crate::support::callbacks::log;
use crate::support::place::{Place, Stores};
use crate::support::receiver::{Does, Receiver, hmac};
use crate::support::reference::seed;
use wsa::domain::outbox::SubscriptionId;

struct Operator(Place);

impl Operator {
    async fn new() -> Operator {
        let place = Place::migrated(Stores::Sqlite).await;
        seed(&place.open()).await;
        Operator(place)
    }

    async fn runs(&self, arguments: &str, allowed: bool) -> Output {
        let (_, directory) = self.0.settings();
        Command::new(env!("CARGO_BIN_EXE_wsa"))
            .args(["admin", "aggregator", "callback"])
            .args(arguments.split(' '))
            .args(["--data-dir", &directory])
            .env("WSA__CALLBACKS__ALLOW_PRIVATE_ADDRESSES", allowed.to_string())
            .output()
            .await
            .unwrap()
    }

    async fn says(&self, arguments: &str) -> String {
        let output = self.runs(arguments, true).await;
        assert!(output.status.success(), "{arguments}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    async fn is_told(&self, arguments: &str, allowed: bool) -> String {
        let output = self.runs(arguments, allowed).await;
        assert!(!output.status.success(), "{arguments}: {output:?}");
        String::from_utf8(output.stderr).unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_adds_tests_rotates_and_removes_a_callback() {
    let operator = Operator::new().await;
    let receiver = Receiver::start().await;
    let url = receiver.url();
    let added = operator.says(&format!("add --name main --url {url} --json")).await;
    let added: Value = serde_json::from_str(&added).unwrap();
    let id = added["id"].as_i64().unwrap();
    let shown = added["secret"].as_str().unwrap().strip_prefix("whsec_").unwrap();
    let secret = STANDARD.decode(shown).unwrap();
    assert_eq!(secret.len(), 32);

    let list = operator.says("list --json").await;
    assert!(!list.contains(shown), "a secret is shown once");
    let listed: Value = serde_json::from_str(&list).unwrap();
    assert_eq!((&listed["url"], &listed["open"]), (&url.as_str().into(), &true.into()));

    let tested = operator.says(&format!("test --id {id}")).await;
    assert!(tested.starts_with(&format!("callback {id}: status 200, in ")), "{tested}");
    let post = &receiver.posts()[0];
    assert_eq!(post.body, r#"{"ping":true}"#);
    let signature = hex::encode(hmac(&secret, post.body.as_bytes()));
    assert_eq!(post.header("signature"), Some(&*signature));

    let rotated = operator.says(&format!("rotate-secret --id {id} --overlap-h 24")).await;
    assert!(rotated.contains("the old one signs too for 24 h") && rotated.contains("whsec_"));
    operator.says(&format!("test --id {id}")).await;
    assert_eq!(receiver.posts()[1].header("signature"), Some(&*signature));
    assert!(receiver.posts()[1].header("signature-next").is_some());

    receiver.now(Does::Says(500));
    let failed = operator.is_told(&format!("test --id {id}"), true).await;
    assert!(failed.contains("it must answer with a status 200 to 299"), "{failed}");
    assert_eq!(log(&operator.0.open(), SubscriptionId(id)).await, [], "a test is no delivery");

    operator.says(&format!("off --id {id}")).await;
    assert!(operator.says("list").await.contains(" off "));
    assert!(operator.is_told(&format!("test --id {id}"), true).await.contains("is off"));
    operator.says(&format!("on --id {id}")).await;
    assert!(operator.says("log --failed --limit 5").await.contains("RESULT"));
    operator.says(&format!("remove --id {id}")).await;
    let told = operator.is_told(&format!("remove --id {id}"), true).await;
    assert!(told.contains(&format!("there is no callback {id}")), "{told}");
    assert_eq!(operator.says("list --json").await, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_a_callback_is_told_by_a_sentence() {
    let operator = Operator::new().await;
    for (arguments, told) in [
        ("add --name main --url ftp://example.com/", "it must begin with https:// or http://"),
        ("add --name main --url http://127.0.0.1/", "the address 127.0.0.1 is loopback"),
        ("add --name main --url http://0x7f.1/", "the address 127.0.0.1 is loopback"),
        ("add --name nobody --url https://example.com/", "there is no aggregator \"nobody\""),
        ("off --id 77", "there is no callback 77"),
        ("rotate-secret --id 77", "there is no callback 77"),
        ("test --id 77", "callback 77 is not there or is off"),
    ] {
        let error = operator.is_told(arguments, false).await;
        assert!(error.contains(told), "{arguments}: {error}");
    }
    operator.says("add --name main --url https://example.com/ --only events").await;
    let again = operator.is_told("add --name main --url https://example.com/", true).await;
    assert!(again.contains("has a callback to https://example.com/ already"), "{again}");
    let list = operator.says("list --json").await;
    let list: Value = serde_json::from_str(&list).unwrap();
    assert_eq!((&list["answers"], &list["events"]), (&false.into(), &true.into()));
    operator.says("add --name other --url https://example.com/").await;
}
