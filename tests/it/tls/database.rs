//! PostgreSQL over TLS, as `sslmode` says.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use wsa::database::{PoolMode, StoreSettings};
use wsa::engine::store::Store;
use wsa::protocols;
use wsa::runtime::tls::ClientTls;

use crate::support::certificates::{Authority, Valid};
use crate::support::tls_servers::tls_servers;

/// Whether a store answers there, or why not.
async fn ping(url: &str, tls: &ClientTls) -> Result<(), String> {
    let settings = StoreSettings {
        pool_size: 2,
        pool_mode: PoolMode::Session,
        connect_timeout: Duration::from_secs(20),
        statement_timeout: Duration::from_secs(20),
        lock_timeout: Duration::from_secs(20),
        tls: tls.clone(),
    };
    let told = |error: &dyn std::error::Error| {
        let causes = std::iter::successors(Some(error), |error| error.source());
        causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
    };
    let store = Store::postgres(url, &settings, protocols::ALL.protocols())
        .map_err(|error| told(&error))?;
    store.ping().await.map_err(|error| told(&error))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_sslmode_means_what_it_means_to_libpq() {
    let servers = tls_servers().await;
    let (port, none) = (&servers.postgres_port, ClientTls::default());
    let stranger = Authority::new();
    let (trusted, strange) = (servers.authority.trusted(), stranger.trusted());
    // The user gets in with TLS only; the certificate is for localhost.
    let at = |host: &str, mode: &str| format!("postgres://tls@{host}:{port}/postgres{mode}");
    for (host, mode, tls, wrong) in [
        ("localhost", "", &none, "reject"),
        ("localhost", "?sslmode=disable", &none, "reject"),
        ("localhost", "?sslmode=prefer", &none, ""),
        ("localhost", "?sslmode=require", &none, ""),
        ("localhost", "?sslmode=require", &strange, "UnknownIssuer"),
        ("127.0.0.1", "?sslmode=require", &trusted, ""),
        ("127.0.0.1", "?sslmode=verify-ca", &trusted, ""),
        ("localhost", "?sslmode=verify-ca", &strange, "UnknownIssuer"),
        ("localhost", "?sslmode=verify-full", &trusted, ""),
        ("localhost", "?sslmode=verify-full&application_name=x", &trusted, ""),
        ("127.0.0.1", "?sslmode=verify-full", &trusted, "not valid for name"),
        ("localhost", "?sslmode=verify-full", &strange, "UnknownIssuer"),
        ("localhost", "?sslmode=verify-full", &none, "UnknownIssuer"),
    ] {
        match (ping(&at(host, mode), tls).await, wrong) {
            (Ok(()), "") => {}
            (Err(told), why) if !why.is_empty() && told.contains(why) => {}
            (verdict, why) => panic!("{host} {mode}: {verdict:?} instead of {why:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_asks_for_a_certificate_gets_it() {
    let servers = tls_servers().await;
    let authority = &servers.authority;
    let url = format!(
        "postgres://certified@localhost:{}/postgres?sslmode=verify-full",
        servers.postgres_port
    );
    let own = |file, name, valid| authority.client(file, name, valid).shown_to(authority);
    ping(&url, &own("certified", "certified", Valid::Now)).await.unwrap();
    let told = ping(&url, &authority.trusted()).await.unwrap_err();
    assert!(told.contains("client certificate"), "{told}");
    let told = ping(&url, &own("another", "another", Valid::Now)).await.unwrap_err();
    assert!(told.contains("certificate authentication failed"), "{told}");
    let told = ping(&url, &own("old", "certified", Valid::NoLonger)).await.unwrap_err();
    assert!(told.to_lowercase().contains("certificate"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_servers_certificate_that_is_no_longer_good_is_refused() {
    let authority = Authority::new();
    let old = authority.server("old", "localhost", Valid::NoLonger);
    let files = wsa::runtime::tls::ServerTls {
        certificate: old.certificate,
        key: old.key,
        ..Default::default()
    };
    let (current, _renewal) = wsa::runtime::tls::server::open(&files).unwrap().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            // "May we speak TLS?" "Yes."
            stream.read_exact(&mut [0; 8]).await.unwrap();
            stream.write_all(b"S").await.unwrap();
            let acceptor = tokio_rustls::TlsAcceptor::from(current.borrow().clone());
            drop(acceptor.accept(stream).await);
        }
    });
    let url = format!("postgres://u@localhost:{port}/db?sslmode=verify-full");
    let told = ping(&url, &authority.trusted()).await.unwrap_err();
    assert!(told.contains("certificate expired"), "{told}");
}

#[test]
fn what_cannot_be_used_is_told_before_anything_connects() {
    let told = |settings: &[(&'static str, &str)]| {
        let settings: Vec<_> =
            settings.iter().map(|(name, value)| (*name, value.to_string())).collect();
        wsa::protocols::ALL.settings(&settings).unwrap_err().to_string()
    };
    let url = "postgres://u:hunter2@h/db?sslmode=";
    let error = told(&[("store.database_url", &format!("{url}allow"))]);
    assert!(error.contains("store.database_url is postgres://…: sslmode is \"allow\""), "{error}");
    assert!(!error.contains("hunter2"), "{error}");
    let full = format!("{url}verify-full");
    let error = told(&[("store.database_url", &full), ("store.tls.ca", "/nowhere")]);
    assert!(
        error.starts_with("the setting store.tls.ca is \"/nowhere\": it cannot be read"),
        "{error}"
    );
    let error = told(&[("store.database_url", &full), ("store.tls.key", "/nowhere")]);
    assert!(error.contains("store.tls.certificate is \"\""), "{error}");
}
