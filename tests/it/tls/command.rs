//! `wsa pay` and `wsa task` over HTTPS.

use std::process::Stdio;

use tokio::process::Command;

use super::api::with;
use crate::support::certificates::{Authority, Valid, text};
use crate::support::eventually;
use crate::support::reference::{CASH, TOKEN, V2};

async fn wsa(arguments: &[&str]) -> (String, bool) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wsa"));
    let output = command.args(arguments).env("WSA_TOKEN", TOKEN).stdin(Stdio::null()).output();
    let output = output.await.unwrap();
    let told = [output.stdout, output.stderr].concat();
    (String::from_utf8(told).unwrap(), output.status.success())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_is_made_with_an_authority_and_a_certificate_of_ones_own() {
    let authority = Authority::new();
    let app = with(&authority.server("api", "127.0.0.1", Valid::Now)).await;
    let app = app.set("http.tls.client_ca", text(&authority.ca())).start().await;
    let order = app.order(V2, "10.00").await;
    let (object, guid, cash) = (V2.to_string(), order.to_string(), CASH.to_string());
    let pay =
        ["pay", "--object", &object, "--order", &guid, "--amount", "10.00", "--currency", &cash];
    let pay = [&pay[..], &["--url", &app.url]].concat();

    let (told, good) = wsa(&pay).await;
    assert!(
        !good && told.contains("nothing was handed in") && told.contains("UnknownIssuer"),
        "{told}"
    );
    let ca = text(&authority.ca());
    // As for every client of TLS 1.3: not each attempt is told what ended it.
    eventually("it is told what is missing", async || {
        let (told, good) = wsa(&[&pay[..], &["--ca", &ca]].concat()).await;
        let why = told.contains("CertificateRequired");
        assert!(!good && (why || told.contains("connection was not ready")), "{told}");
        why
    })
    .await;
    let (told, good) = wsa(&[&pay[..], &["--ca", "/nowhere"]].concat()).await;
    assert!(!good && told.contains("--ca is \"/nowhere\": it cannot be read"), "{told}");
    let own = authority.client("own", "kiosk", Valid::Now);
    let (certificate, key) = (text(&own.certificate), text(&own.key));
    let with_own = ["--ca", &ca, "--certificate", &certificate, "--key", &key];
    let (told, good) = wsa(&[&pay[..], &with_own].concat()).await;
    assert!(good, "{told}");
    app.finish().await.assert_paid_once(&[order]);
}
