//! `wsa admin aggregator callback`.

use std::process::Output;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use tokio::process::Command;

use crate::support::callbacks::{add, listed, log, put_event};
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
    let signature = STANDARD.encode(hmac(&secret, post.body.as_bytes()));
    assert_eq!(post.header("signature"), Some(&*signature));

    let set = operator.says(&format!("set --id {id} --signature hex")).await;
    assert_eq!(set, format!("callback {id} is signed in hex from now on\n"));
    assert!(operator.says("list --json").await.contains("\"signature\":\"hex\""));
    operator.says(&format!("test --id {id}")).await;
    let in_hex = hex::encode(hmac(&secret, post.body.as_bytes()));
    assert_eq!(receiver.posts()[1].header("signature"), Some(&*in_hex));
    operator.says(&format!("set --id {id} --signature base64")).await;
    let set =
        operator.says(&format!("set --id {id} --events OrderStatusChanged,OrderChanged")).await;
    assert_eq!(set, format!("callback {id} posts OrderChanged,OrderStatusChanged from now on\n"));
    let list = operator.says("list --json").await;
    assert!(list.contains(r#""eventTypes":["OrderChanged","OrderStatusChanged"]"#), "{list}");
    let told = operator.is_told(&format!("set --id {id} --events OrderPaid"), true).await;
    let rule = "\"OrderPaid\" is none of: OrderChanged, OrderStatusChanged";
    assert!(told.contains(rule), "{told}");
    let told = operator.is_told(&format!("set --id {id} --signature base32"), true).await;
    assert!(told.contains("none of: base64, hex"), "{told}");

    let rotated = operator.says(&format!("rotate-secret --id {id} --overlap-h 24")).await;
    assert!(rotated.contains("the old one signs too for 24 h") && rotated.contains("whsec_"));
    operator.says(&format!("test --id {id}")).await;
    assert_eq!(receiver.posts()[2].header("signature"), Some(&*signature));
    assert!(receiver.posts()[2].header("signature-next").is_some());

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
        ("test --id 77", "callback 77 does not exist or is off"),
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

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_counts_first_and_then_posts_once_more() {
    let operator = Operator::new().await;
    let store = operator.0.open();
    let (callback, _) = add(&store, "https://example.com/hook").await;
    let id = callback.0;
    let mut events = Vec::new();
    for _ in 0..3 {
        events.push(put_event(&operator.0, callback).await);
    }
    operator.0.execute("DELETE FROM deliveries").await.unwrap();
    let waiting = async || listed(&store, callback).await.waiting;

    let counted = operator.says(&format!("replay --id {id} --all")).await;
    let expected = "0 answers and 3 events match; --yes posts them once more";
    assert_eq!(counted, format!("callback {id}: {expected}\n"));
    assert_eq!(waiting().await, 0, "counting changes nothing");
    let one = operator.says(&format!("replay --id {id} --guid {} --yes", events[1])).await;
    assert_eq!(one, format!("callback {id}: 0 answers and 1 events are posted once more\n"));
    assert_eq!(waiting().await, 1);
    let nothing = format!("replay --id {id} --until 2020-01-01T00:00:00+03:00 --yes --json");
    let nothing: Value = serde_json::from_str(&operator.says(&nothing).await).unwrap();
    assert_eq!((&nothing["events"], &nothing["replayed"]), (&0.into(), &true.into()));
    store.set_callback_open(callback, false).await.unwrap();
    let told = operator.says(&format!("replay --id {id} --undelivered --yes")).await;
    assert!(told.contains("0 answers and 2 events are posted once more"), "{told}");
    assert!(told.contains("the callback is off"), "{told}");
    assert_eq!(waiting().await, 3);

    for (wrong, told) in [
        (format!("replay --id {id}"), "narrow them with a flag, or give --all"),
        (format!("replay --id {id} --all --only events"), "cannot be used with"),
        (format!("replay --id {id} --since 2026-11-22"), "it must be a time with an offset"),
        ("replay --id 999 --all".into(), "there is no callback 999"),
    ] {
        let error = operator.is_told(&wrong, true).await;
        assert!(error.contains(told), "{wrong}: {error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_posted_once_more_that_would_push_out_what_waits() {
    let operator = Operator::new().await;
    let (_, directory) = operator.0.settings();
    let store = operator.0.open();
    let (callback, _) = add(&store, "https://example.com/hook").await;
    let first = put_event(&operator.0, callback).await;
    let waits = operator.0.guid(first);
    put_event(&operator.0, callback).await;
    let delivered = format!("DELETE FROM deliveries WHERE subject = {waits}");
    operator.0.execute(&delivered).await.unwrap();
    let replay = async |keep: &str| {
        Command::new(env!("CARGO_BIN_EXE_wsa"))
            .args(["admin", "aggregator", "callback", "replay", "--all", "--yes", "--id"])
            .args([&callback.0.to_string(), "--data-dir", &directory])
            .env("WSA__MAIL__KEEP_LETTERS", keep)
            .output()
            .await
            .unwrap()
    };
    let refused = replay("1").await;
    let told = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && told.contains("mail.keep_letters (1)"), "{told}");
    assert!(told.contains("1 wait in it and 1 match"), "{told}");
    assert_eq!(listed(&store, callback).await.waiting, 1);
    assert!(replay("2").await.status.success());
    assert_eq!(listed(&store, callback).await.waiting, 2);
}
