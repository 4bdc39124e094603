//! A renewed certificate is shown without a restart.

use std::fs::File;
use std::sync::Arc;

use rustls::pki_types::{CertificateDer, ServerName, pem::PemObject};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::api::with;
use crate::support::certificates::{Authority, Issued, Valid, text};
use crate::support::eventually;
use crate::support::process::Process;

/// The certificate that a new connection is shown.
async fn shown(url: &str, authority: &Authority) -> CertificateDer<'static> {
    let config = wsa::runtime::tls::config("", &authority.trusted()).unwrap();
    let stream = TcpStream::connect(url.strip_prefix("https://").unwrap()).await.unwrap();
    let name = ServerName::try_from("127.0.0.1").unwrap();
    let stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap();
    stream.get_ref().1.peer_certificates().unwrap()[0].clone().into_owned()
}

fn in_file(issued: &Issued) -> CertificateDer<'static> {
    CertificateDer::from_pem_file(&issued.certificate).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_read_again_when_its_files_change() {
    let authority = Authority::new();
    let issued = authority.server("api", "127.0.0.1", Valid::Now);
    let app = with(&issued).await.start().await;
    let first = in_file(&issued);
    assert_eq!(shown(&app.url, &authority).await, first);

    // Half of a renewal is none.
    std::fs::write(&issued.certificate, "-----BEGIN CERTIFICATE-----\n").unwrap();
    tokio::time::sleep(std::time::Duration::from_secs(6)).await;
    assert_eq!(shown(&app.url, &authority).await, first);

    let second = in_file(&authority.server("api", "127.0.0.1", Valid::Now));
    assert_ne!(first, second);
    eventually("the new one is shown", async || shown(&app.url, &authority).await == second).await;
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sighup_has_the_files_read_whatever_their_times_say() {
    let authority = Authority::new();
    let issued = authority.server("api", "127.0.0.1", Valid::Now);
    let data = tempfile::tempdir().unwrap();
    let written = |file| File::open(file).unwrap().metadata().unwrap().modified().unwrap();
    let before = [&issued.certificate, &issued.key].map(written);
    let (certificate, key) = (text(&issued.certificate), text(&issued.key));
    let arguments = [
        "up",
        "--data-dir",
        &text(data.path()),
        "--tls-certificate",
        &certificate,
        "--tls-key",
        &key,
    ];
    let process = Process::start(&arguments, &[]).await;
    let second = in_file(&authority.server("api", "127.0.0.1", Valid::Now));
    for (file, time) in [&issued.certificate, &issued.key].into_iter().zip(before) {
        File::options().write(true).open(file).unwrap().set_modified(time).unwrap();
    }
    process.signal("-HUP");
    process.until_logged("the certificate of the API was read again").await;
    assert_eq!(shown(&process.client.url, &authority).await, second);
    assert!(process.terminate().await.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn sighup_takes_other_files_and_leaves_them_when_none_are_named() {
    let authority = Authority::new();
    let (issued, data) =
        (authority.server("api", "127.0.0.1", Valid::Now), tempfile::tempdir().unwrap());
    let settings = data.path().join("wsa.toml");
    let named = |issued: &Issued| {
        let (certificate, key) = (text(&issued.certificate), text(&issued.key));
        format!("[http.tls]\ncertificate = \"{certificate}\"\nkey = \"{key}\"\n")
    };
    std::fs::write(&settings, named(&issued)).unwrap();
    let (directory, file) = (text(data.path()), text(&settings));
    let arguments = ["up", "--data-dir", &directory, "--config", &file];
    let process = Process::start(&arguments, &[]).await;
    let first = in_file(&issued);
    assert_eq!(shown(&process.client.url, &authority).await, first);

    let other = authority.server("other", "127.0.0.1", Valid::Now);
    std::fs::write(&settings, named(&other)).unwrap();
    process.signal("-HUP");
    process.until_logged("changed: http.tls.certificate from").await;
    let second = in_file(&other);
    eventually("the other is shown", async || {
        shown(&process.client.url, &authority).await == second
    })
    .await;

    // An API does not cease to speak TLS: the files stay those that are offered.
    std::fs::write(&settings, "").unwrap();
    process.signal("-HUP");
    process.until_logged("not before a restart: http.tls.certificate from").await;
    assert_eq!(shown(&process.client.url, &authority).await, second);
    assert!(process.terminate().await.success());
}
