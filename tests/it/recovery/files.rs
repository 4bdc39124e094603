//! A process that may open no more files.

use std::time::Duration;

use tokio::net::TcpStream;

use super::{payment, until_paid};
use crate::support::ask::code;
use crate::support::books::Books;
use crate::support::client::Client;
use crate::support::eventually;
use crate::support::one_connection::OneConnection;
use crate::support::place::{Place, Stores};
use crate::support::process::Process;
use crate::support::reference::{V2, seed};
use crate::support::stores::open_orders;

#[tokio::test(flavor = "multi_thread")]
async fn connections_go_on_and_new_ones_come_back_when_files_run_out() {
    let place = Place::migrated(Stores::Sqlite).await;
    let store = place.open();
    seed(&store).await;
    let orders = open_orders(&store, V2, "10.00", 4).await;
    let (_, directory) = place.settings();
    let up = ["up", "--data-dir", &directory];
    let process = Process::start(&up, &[]).await;
    process.until_ready_says(200).await;
    let client = &process.client;
    let mut kept = OneConnection::to(&client.url).await;
    assert_eq!(kept.get("/readyz").await.status, 200);
    // Connections alone cannot use up what the system allows when the process starts, because it serves fewer: so
    // that becomes less afterwards.
    process.may_open("10");
    let address = client.url.strip_prefix("http://").unwrap();
    let mut flood = Vec::new();
    for _ in 0..10 {
        flood.push(TcpStream::connect(address).await.unwrap());
    }
    eventually("readiness says that no file can be opened", async || {
        let ready = kept.get("/readyz").await;
        ready.status == 503 && ready.json()["files"] == "none can be opened"
    })
    .await;
    let paid = kept.create(&payment(orders[0]).synchronous()).await.json();
    assert_eq!(code(&paid), "done", "on the connection it has");
    let stranger = Client::new(client.url.clone());
    let body = payment(orders[1]).synchronous().to_string();
    let kept_waiting = tokio::time::timeout(Duration::from_secs(1), stranger.try_create(&body));
    assert!(kept_waiting.await.is_err(), "there is no room for another");
    drop(flood);
    process.may_open("1024");
    let stranger = Client::new(client.url.clone());
    until_paid("files had run out", &stranger, &orders[2..3]).await;
    process.until_ready_says(200).await;
    assert!(process.terminate().await.success());
    Books::read(&place).await.assert_sound();
}
