//! The example in the documentation works as printed: a client program from its first call to its last.

use tokio::process::Command;

use super::shop::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_client_program_goes_from_the_first_call_to_the_last() {
    let (app, shop) = shop().await;
    deposit(&app, shop.anna, "100").await;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/examples/hosting_client.py");
    let operator = format!("{ADMIN}:{}", password(ADMIN));
    let said = Command::new("/usr/bin/python3")
        .args([script, "--url", &format!("{}/billmgr", app.url), "--login", ANNA])
        .args(["--password", &password(ANNA), "--operator", &operator, "--domain", ""])
        .output()
        .await
        .unwrap();
    let (out, err) =
        (String::from_utf8(said.stdout).unwrap(), String::from_utf8(said.stderr).unwrap());
    assert!(said.status.success(), "{out}{err}");
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines[0], "sold 8 price lists; number 2 is of vds");
    assert_eq!(lines[1], "logged in as anna with 100.00 RUB");
    assert!(lines[3].ends_with("of 40.00 RUB"), "{out}");
    assert_eq!(lines[5], "prolonged by a month");
    assert_eq!(
        lines[6],
        "deleted; the history of the balance has deposit, order, payment, renewal"
    );
    app.finish().await;
}
