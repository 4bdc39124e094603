//! HTTPS: who is let in, and who should turn away.

use reqwest::StatusCode;
use wsa::boot::{self, Role};
use wsa::runtime::tls::ClientTls;

use crate::support::app::{Builder, TestApp};
use crate::support::ask::{Ask, code};
use crate::support::certificates::{Authority, Issued, Valid, text};
use crate::support::client::Client;
use crate::support::place::Stores;
use crate::support::queues::Queues;
use crate::support::reference::{CASH, V2};
use crate::support::{eventually, soon};

pub async fn with(issued: &Issued) -> Builder {
    let app = TestApp::on(Stores::Sqlite, Queues::InProcess).await;
    let app = app.set("http.tls.certificate", text(&issued.certificate));
    app.set("http.tls.key", text(&issued.key))
}

/// Why a client gets no answer, with all causes.
pub async fn refused(client: &Client) -> String {
    let error = client.get("/healthz").await.expect_err("no answer");
    let mut told = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(error) = cause {
        told = format!("{told}: {error}");
        cause = error.source();
    }
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_speaks_https_and_nothing_else() {
    let authority = Authority::new();
    let app = with(&authority.server("api", "127.0.0.1", Valid::Now)).await.start().await;
    assert!(app.url.starts_with("https://127.0.0.1:"), "{}", app.url);
    let client = app.with_tls(&authority.trusted());
    let order = app.order(V2, "10.00").await;
    let paid = client.ask(&Ask::pay(V2, order, &[("10.00", CASH)])).await;
    assert_eq!(code(&paid), "done");

    let plain = client.at(app.url.replace("https", "http"));
    refused(&plain).await;
    let told = refused(&app.with_tls(&Authority::new().trusted())).await;
    assert!(told.contains("UnknownIssuer"), "{told}");
    let port = app.url.rsplit(':').next().unwrap();
    let told = refused(&client.at(format!("https://localhost:{port}"))).await;
    assert!(told.contains("not valid for name"), "{told}");
    app.finish().await.assert_paid_once(&[order]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_is_no_longer_good_is_seen_by_clients() {
    let authority = Authority::new();
    let app = with(&authority.server("api", "127.0.0.1", Valid::NoLonger)).await.start().await;
    let told = refused(&app.with_tls(&authority.trusted())).await;
    assert!(told.contains("certificate expired"), "{told}");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_an_authority_for_clients_nobody_is_let_in_without_its_certificate() {
    let authority = Authority::new();
    let clients = Authority::new();
    let app = with(&authority.server("api", "127.0.0.1", Valid::Now)).await;
    let app = app.set("http.tls.client_ca", text(&clients.ca())).start().await;
    let as_client = |issued: &Issued| app.with_tls(&issued.shown_to(&authority));

    let good = as_client(&clients.client("good", "kiosk", Valid::Now));
    assert_eq!(good.get("/healthz").await.unwrap().status, StatusCode::OK);
    let stranger = Authority::new();
    for (client, why) in [
        (app.with_tls(&authority.trusted()), "CertificateRequired"),
        (as_client(&stranger.client("stranger", "kiosk", Valid::Now)), "UnknownCA"),
        (as_client(&clients.client("old", "kiosk", Valid::NoLonger)), "CertificateExpired"),
        (as_client(&clients.server("server", "kiosk", Valid::Now)), "alert"),
    ] {
        // With TLS 1.3 a client is done before the server has looked at its certificate: the alert comes when it has
        // begun to ask, and its HTTP library does not always say what ended the connection.
        eventually("a client is told why it is not let in", async || {
            let told = refused(&client).await;
            assert!(told.contains(why) || told.contains("connection was not ready"), "{told}");
            told.contains(why)
        })
        .await;
    }
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_cannot_be_used_end_the_start() {
    let authority = Authority::new();
    let good = authority.server("api", "127.0.0.1", Valid::Now);
    let other = authority.server("other", "127.0.0.1", Valid::Now);
    let nowhere = || authority.directory().join("nowhere");
    let (certificate, key) = (good.certificate.clone(), good.key.clone());
    for (certificate, key, told) in [
        (nowhere(), key.clone(), "http.tls.certificate is \""),
        (certificate.clone(), nowhere(), "http.tls.key is \""),
        (key.clone(), key.clone(), "it must hold certificates in PEM form, and holds none"),
        (certificate.clone(), certificate.clone(), "it must hold a private key in PEM form"),
        (certificate.clone(), other.key, "http.tls.certificate is \""),
    ] {
        let settings = with(&Issued { certificate, key }).await.settings();
        let error = boot::start(settings, Role::Up).await.err().expect("it does not start");
        let error = format!("{error:#}");
        assert!(
            error.starts_with("TLS cannot be offered: the setting ") && error.contains(told),
            "{error}"
        );
    }

    let half = [("http.tls.certificate", text(&good.certificate))];
    let error = wsa::protocols::ALL.settings(&half).unwrap_err().to_string();
    assert!(error.starts_with("the setting http.tls.key is \"\": it must name a file"), "{error}");
    let alone = [("http.tls.client_ca", text(&authority.ca()))];
    let error = wsa::protocols::ALL.settings(&alone).unwrap_err().to_string();
    assert!(
        error.contains("it must have http.tls.certificate and http.tls.key beside it"),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_finish_the_handshake_is_not_waited_for_when_the_service_ends() {
    let authority = Authority::new();
    let app = with(&authority.server("api", "127.0.0.1", Valid::Now)).await.start().await;
    let address = app.url.strip_prefix("https://").unwrap().to_owned();
    let silent = tokio::net::TcpStream::connect(&address).await.unwrap();
    let client = app.with_tls(&authority.trusted());
    assert_eq!(client.get("/healthz").await.unwrap().status, StatusCode::OK, "others are served");
    soon("it ends", app.finish()).await;
    drop(silent);
    eventually("nobody listens", async || {
        client.with_tls(&ClientTls::default()).get("/healthz").await.is_err()
    })
    .await;
}
