//! Tokens, on every replica at once.

use wsa::domain::token::TokenHash;

use crate::support::app::TestApp;
use crate::support::ask::{Ask, code};
use crate::support::database::Database;
use crate::support::place::{Place, Stores};
use crate::support::process::Process;
use crate::support::queues::{Prefix, Queues};
use crate::support::reference::{TOKEN, V2, seed};
use crate::support::servers;

async fn rotated(url: &str) -> String {
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_wsa"));
    command.args(["admin", "token", "rotate", "--name", "main", "--json", "--database-url", url]);
    let output = command.output().await.unwrap();
    assert!(output.status.success(), "{output:?}");
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    told["token"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotated_token_opens_no_replica_from_that_moment() {
    let database = Database::migrated().await;
    seed(&database.store()).await;
    let prefix = Prefix::fresh();
    let (url, amqp) = (database.url(), servers::amqp_url());
    let variables = [
        ("WSA__STORE__DATABASE_URL", url.as_str()),
        ("WSA__AMQP__URL", &amqp),
        ("WSA__AMQP__PREFIX", &prefix.0),
    ];
    let replicas =
        [Process::start(&["api"], &variables).await, Process::start(&["api"], &variables).await];
    for replica in &replicas {
        replica.until_ready_says(200).await;
    }
    let body = Ask::get_order(V2, wsa::domain::task::OrderGuid::new()).asynchronous();
    let mut token = TOKEN.to_owned();
    // More than once: nothing may be kept from the request before.
    for _ in 0..3 {
        for replica in &replicas {
            let reply = replica.client.with_token(&token).create(&body).await;
            assert!(reply.accepted().is_some(), "{reply:?}");
        }
        let old = std::mem::replace(&mut token, rotated(&url).await);
        for replica in &replicas {
            let reply = replica.client.with_token(&old).create(&body).await;
            assert_eq!(code(&reply.json()), "AuthFailed");
        }
    }
    for replica in replicas {
        assert!(replica.terminate().await.success());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_keeps_no_token() {
    for store in [Stores::Sqlite, Stores::Postgres] {
        let app = TestApp::on(store, Queues::InProcess).await.start().await;
        let column = match &*app.place {
            Place::Sqlite(_) => "hex(token_hash)",
            Place::Postgres(_) => "upper(encode(token_hash, 'hex'))",
        };
        let sql = format!("SELECT {column} FROM aggregators WHERE name = 'main'");
        let kept = app.place.rows(&sql).await[0][0].clone().unwrap();
        assert_eq!(kept, hex::encode_upper(TokenHash::of(TOKEN).0));
        app.finish().await;
    }
}
