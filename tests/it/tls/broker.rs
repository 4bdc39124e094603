//! RabbitMQ over TLS. The throwaway server asks every client for a certificate.

use wsa::runtime::tls::ClientTls;

use crate::support::app::TestApp;
use crate::support::ask::{Ask, code};
use crate::support::certificates::{Authority, Valid, text};
use crate::support::place::Stores;
use crate::support::process::Process;
use crate::support::queues::Queues;
use crate::support::reference::{CASH, V2};
use crate::support::tls_servers::tls_servers;

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_goes_through_a_broker_with_tls() {
    let servers = tls_servers().await;
    let own = servers.authority.client("broker", "wsa", Valid::Now).shown_to(&servers.authority);
    let url = format!("amqps://guest:guest@localhost:{}/%2f", servers.amqps_port);
    let app = TestApp::on(Stores::Sqlite, Queues::InProcess).await;
    let app = app
        .set("amqp.url", url)
        .set("amqp.tls.ca", text(&own.ca))
        .set("amqp.tls.certificate", text(&own.certificate))
        .set("amqp.tls.key", text(&own.key))
        .start()
        .await;
    let order = app.order(V2, "10.00").await;
    let paid = app.ask(&Ask::pay(V2, order, &[("10.00", CASH)])).await;
    assert_eq!(code(&paid), "done");
    app.finish().await.assert_paid_once(&[order]);
}

/// A process that is to use a broker so: what it says about it.
async fn told(host_and_port: &str, tls: &ClientTls, text_of_it: &str) -> String {
    let data = tempfile::tempdir().unwrap();
    let url = format!("amqps://guest:hunter2@{host_and_port}/%2f");
    let files = [&tls.ca, &tls.certificate, &tls.key].map(|file| text(file));
    let variables = [
        ("WSA__AMQP__TLS__CA", files[0].as_str()),
        ("WSA__AMQP__TLS__CERTIFICATE", &files[1]),
        ("WSA__AMQP__TLS__KEY", &files[2]),
    ];
    let arguments = ["up", "--data-dir", &text(data.path()), "--amqp-url", &url];
    let process = Process::start(&arguments, &variables).await;
    let line = process.until_logged(text_of_it).await;
    process.until_ready_says(503).await;
    assert!(!process.log().contains("hunter2"));
    process.kill().await;
    line
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_cannot_be_trusted_is_not_used() {
    let servers = tls_servers().await;
    let port = &servers.amqps_port;
    let authority = &servers.authority;
    let localhost = format!("localhost:{port}");
    let line = told(&localhost, &Authority::new().trusted(), "UnknownIssuer").await;
    assert!(line.contains(&format!("cannot connect to RabbitMQ at localhost:{port}")), "{line}");
    let by_number = format!("127.0.0.1:{port}");
    told(&by_number, &authority.trusted(), "not valid for name").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_turns_away_who_shows_no_good_certificate() {
    let servers = tls_servers().await;
    let localhost = format!("localhost:{}", servers.amqps_port);
    let authority = &servers.authority;
    let old = authority.client("old-broker", "wsa", Valid::NoLonger).shown_to(authority);
    for tls in [authority.trusted(), old] {
        // Some attempts learn no more than that the connection is gone.
        let line = told(&localhost, &tls, "ertificate").await;
        assert!(line.contains("cannot connect") && line.contains("alert"), "{line}");
    }
}
