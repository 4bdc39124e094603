//! The system's store of certificates is missing or broken: that stops only what needs it, and only until
//! it is there.

use std::path::Path;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::support::callbacks::*;
use crate::support::certificates::{Authority, Issued, Valid};
use crate::support::eventually;
use crate::support::place::{Place, Stores};
use crate::support::process::Process;
use crate::support::receiver::Receiver;
use crate::support::reference::seed;

/// A receiver over TLS that answers 200 to whatever comes first.
async fn secure_receiver(issued: &Issued) -> String {
    let chain = vec![CertificateDer::from_pem_file(&issued.certificate).unwrap()];
    let key = PrivateKeyDer::from_pem_file(&issued.key).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/hook", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                let _ = stream.read(&mut [0; 65536]).await;
                let answer = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
                let _ = stream.write_all(answer).await;
                let _ = stream.shutdown().await;
            });
        }
    });
    url
}

async fn callbacks_go_out_without_a_store_of_certificates(trusted: &Path, told: &str) {
    let authority = Authority::new();
    let secure = secure_receiver(&authority.server("hook", "127.0.0.1", Valid::Now)).await;
    let place = Place::migrated(Stores::Sqlite).await;
    let store = place.open();
    seed(&store).await;
    let plain = Receiver::start().await;
    let (over_http, _) = add(&store, &plain.url()).await;
    let (over_https, _) = add(&store, &secure).await;
    let (_, directory) = place.settings();
    let elsewhere = tempfile::tempdir().unwrap();
    let variables = [
        ("SSL_CERT_FILE", trusted.to_str().unwrap()),
        ("SSL_CERT_DIR", elsewhere.path().to_str().unwrap()),
        ("WSA__CALLBACKS__ALLOW_PRIVATE_ADDRESSES", "true"),
        ("WSA__CALLBACKS__RETRY_AFTER_S", "0,1,1,1,1,1,1,1,1,1,1,1,1,1"),
    ];
    let process = Process::start(&["up", "--data-dir", &directory], &variables).await;
    process.until_ready_says(200).await;
    let event = put_event(&place, over_http).await;
    assert_eq!(plain.until(1).await[0].id(), event.to_string());
    put_event(&place, over_https).await;
    eventually("it is tried", async || log(&store, over_https).await.len() >= 2).await;
    let first = results(&store, over_https).await.remove(0);
    assert!(first.starts_with("no connection: the system trusts no certificate"), "{first}");
    assert!(first.contains(told), "{first}");
    process.until_ready_says(200).await;
    let said = process.log().matches("the system trusts no certificate").count();
    assert_eq!(said, 1, "{}", process.log());

    std::fs::copy(authority.ca(), trusted).unwrap();
    eventually("it is delivered", async || listed(&store, over_https).await.waiting == 0).await;
    assert_eq!(results(&store, over_https).await.last().unwrap(), "200");
    assert_eq!(results(&store, over_http).await, ["200"]);
    assert!(process.terminate().await.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn callbacks_go_out_without_a_file_of_certificates_and_over_https_once_it_is_there() {
    let directory = tempfile::tempdir().unwrap();
    let nothing = directory.path().join("nothing.pem");
    callbacks_go_out_without_a_store_of_certificates(&nothing, "No such file").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn callbacks_go_out_with_a_broken_file_of_certificates_and_over_https_once_it_is_mended() {
    let directory = tempfile::tempdir().unwrap();
    let broken = directory.path().join("broken.pem");
    let half = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    std::fs::write(&broken, half).unwrap();
    callbacks_go_out_without_a_store_of_certificates(&broken, "damaged").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn callbacks_go_out_with_an_empty_file_of_certificates_and_over_https_once_it_is_filled() {
    let directory = tempfile::tempdir().unwrap();
    let empty = directory.path().join("empty.pem");
    std::fs::write(&empty, "").unwrap();
    callbacks_go_out_without_a_store_of_certificates(&empty, "").await;
}
