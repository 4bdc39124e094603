//! No secret is in a log, in an answer to somebody else, in metrics or in what is printed for people,
//! however much is logged.

use serde_json::json;
use wsa::domain::task::OrderGuid;

use crate::activeplatform::bridge::{self, ANNA, EXAMPLE, MEDIA, TOP};
use crate::support::ask::{Ask, code};
use crate::support::client::{Client, Reply, read};
use crate::support::database::Database;
use crate::support::kiosk::{Kiosk, USER, acting_for};
use crate::support::process::Process;
use crate::support::queues::Prefix;
use crate::support::receiver::{Does, Receiver};
use crate::support::reference::{CASH, OTHER_TOKEN, TOKEN, V1, V2, seed};
use crate::support::stores::open_order;
use crate::support::{callbacks, eventually, servers};

/// What no line may hold: tokens, passwords, and what clients told of their customers.
const CARD: &str = "card-4111222233334444";
const PROMISED: &str = "promised-5c1a";
const CUSTOMER: &str = "Evdokiya Customer";
const PHONE: &str = "+79990001122";
const ADDRESS: &str = "Secret street 17";
const COMMENT: &str = "a-comment-of-a-guest";
const BAD_TOKEN: &str = "a-token-with-a-typing-mistake";
const KEY: &str = "an-idempotency-key-9f";

/// Everything that callers of the API can do wrong and right with secrets in it.
async fn knock(client: &Client, order: OrderGuid) -> Vec<Reply> {
    let pay = Ask::pay(V2, order, &[("10.00", CASH)]);
    let mut paid = pay.synchronous();
    paid["params"]["payments"][0]["cardCode"] = CARD.into();
    let prepay =
        Ask::add_prepay(V1, order, "1.00").with("promised", PROMISED).with("cardCode", CARD);
    let create = Ask::create_order(
        V1,
        json!({"price": {"total": 10}, "comment": COMMENT, "customer": {"name": CUSTOMER, "phone": PHONE},
               "delivery": {"address": {"street": ADDRESS}}}),
    );
    let mut broken = paid.to_string();
    broken.truncate(broken.len() - 3);
    let mut wrong = paid.clone();
    wrong["params"]["payments"][0]["amount"] = "ten".into();
    let text = format!("Customer {CUSTOMER} {PHONE} {CARD}");
    let keyed = client.post().header("Idempotency-Key", KEY);
    let mut replies = vec![
        read(keyed.body(paid.to_string())).await.unwrap(),
        client.create(&prepay.synchronous()).await,
        client.create(&create.synchronous()).await,
        client.create_text(&broken).await,
        client.create(&wrong).await,
        client.create_text(&text).await,
        client.with_token(BAD_TOKEN).create(&paid).await,
        client.with_token(OTHER_TOKEN).create(&prepay.synchronous()).await,
        client.get(&format!("/nowhere?token={TOKEN}")).await.unwrap(),
    ];
    for token in [bridge::token(ANNA), BAD_TOKEN.to_owned()] {
        let request = client.request(reqwest::Method::PATCH, &bridge::path(TOP, "1"));
        let request =
            request.header("X-Api-Token", token).header("Content-Type", MEDIA).body(EXAMPLE);
        replies.push(read(request).await.unwrap());
    }
    replies
}

/// The same over AMQP: what is read, what is refused, and what is nobody's.
async fn publish(prefix: &str, order: OrderGuid) {
    let mut kiosk = Kiosk::with(&servers::amqp_url(), prefix).await;
    let pay = Ask::pay(V2, order, &[("10.00", CASH)]).with("comment", COMMENT);
    let mut body = pay.asynchronous();
    body["params"]["payments"][0]["cardCode"] = CARD.into();
    let properties = acting_for(kiosk.properties("s"), "main");
    kiosk.publish(properties.clone(), body.to_string()).await;
    kiosk.reply().await;
    let unread = format!("{{\"x\": \"{CUSTOMER} {CARD}\"}}");
    kiosk.publish(properties, &unread).await;
    assert_eq!(code(&kiosk.reply().await.json), "IdempotencyMismatch", "it is a task");
    kiosk.publish(acting_for(kiosk.properties("s"), "main"), &unread).await;
    assert_eq!(code(&kiosk.reply().await.json), "BadRequest");
    kiosk.publish(acting_for(kiosk.properties("s"), "nobody"), body.to_string()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_in_a_log_at_any_level() {
    let database = Database::migrated().await;
    let store = database.store();
    seed(&store).await;
    bridge::seed(&store).await;
    let receiver = Receiver::start().await;
    receiver.now(Does::Says(500));
    let (_, secret) =
        callbacks::add(&store, &format!("{}?key=a-key-of-the-receiver", receiver.url())).await;
    let order = open_order(&store, V2, "10.00").await;
    let prefix = Prefix::fresh();
    let mut url = url::Url::parse(&database.url()).unwrap();
    url.set_password(Some("a-password-of-postgres")).unwrap();
    let amqp = servers::amqp_url();
    assert!(amqp.contains(&format!("{USER}:guest@")), "{amqp}");
    let variables = [
        ("WSA__STORE__DATABASE_URL", url.as_str()),
        ("WSA__AMQP__URL", &amqp),
        ("WSA__AMQP__PREFIX", &prefix.0),
        ("WSA__LOG__FILTER", "trace"),
        ("WSA__CALLBACKS__ALLOW_PRIVATE_ADDRESSES", "true"),
    ];
    let mut logs = String::new();
    for format in ["text", "json"] {
        let variables = [&variables[..], &[("WSA__LOG__FORMAT", format)]].concat();
        let process = Process::start(&["up"], &variables).await;
        process.until_ready_says(200).await;
        let replies = knock(&process.client, order).await;
        assert_eq!(replies.iter().filter(|reply| reply.status == 200).count(), 8, "{replies:?}");
        publish(&prefix.0, order).await;
        eventually("a callback was tried", async || !receiver.posts().is_empty()).await;
        logs += &process.client.get("/metrics").await.unwrap().text;
        logs += &process.client.get("/readyz").await.unwrap().text;
        // Answers show to their own caller what it sent, so only those of others count.
        for reply in [&replies[6], &replies[8], &replies[10]] {
            logs += &reply.text;
        }
        logs += &process.log();
        process.kill().await;
    }
    assert!(
        logs.contains("DEBUG") && logs.contains("accepted task"),
        "it was logged at all: {logs}"
    );
    let manager = bridge::token(ANNA);
    let text = secret.reveal();
    for secret in [
        TOKEN,
        OTHER_TOKEN,
        BAD_TOKEN,
        &manager,
        "a-password-of-postgres",
        ":guest@",
        "a-key-of-the-receiver",
        &text,
        CARD,
        PROMISED,
        CUSTOMER,
        PHONE,
        ADDRESS,
        COMMENT,
        KEY,
    ] {
        let line = logs.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret:?} is logged");
    }
}

#[test]
fn settings_shown_for_debugging_hold_no_secret() {
    let settings = [
        ("store.database_url", "postgres://u:hunter2@h/db".to_owned()),
        ("amqp.url", "amqp://u:hunter2@h/%2f".to_owned()),
    ];
    let settings = wsa::protocols::ALL.settings(&settings).unwrap();
    let shown = format!("{settings:?} {:#?} {:?}", settings, settings.amqp());
    assert!(!shown.contains("hunter2"), "{shown}");
    for (name, value) in [
        ("store.database_url", "postgres://u:hunter2@h:port/db"),
        ("store.database_url", "postgres://u:hunter2@h/db?sslmode=hunter3"),
        ("store.database_url", "hunter2"),
        ("amqp.url", "amqp://u:hunter2@h:port"),
        ("amqp.url", "hunter2://h"),
    ] {
        let told =
            wsa::protocols::ALL.settings(&[(name, value.to_owned())]).unwrap_err().to_string();
        assert!(!told.contains("u:hunter2") && told.contains(name), "{told}");
    }
}
