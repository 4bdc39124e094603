//! What an operator does, and what a log does not tell.

use std::process::{Output, Stdio};

use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use wsa::protocols::billmanager::sql::catalogue::Catalogue;

use super::shop::{CATALOGUE, form};
use crate::support::eventually;
use crate::support::place::{Place, Stores};
use crate::support::process::Process;

struct Operator(Place);

impl Operator {
    async fn runs(&self, arguments: &str, stdin: &str) -> Output {
        let (_, directory) = self.0.settings();
        let mut child = Command::new(env!("CARGO_BIN_EXE_wsa"))
            .args(["admin", "billmanager"])
            .args(arguments.split(' '))
            .args(["--data-dir", &directory])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // Who reads no input has gone away.
        let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes()).await;
        child.wait_with_output().await.unwrap()
    }

    async fn says(&self, arguments: &str, stdin: &str) -> String {
        let output = self.runs(arguments, stdin).await;
        assert!(output.status.success(), "{arguments}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    async fn is_refused(&self, arguments: &str, stdin: &str, why: &str) {
        let output = self.runs(arguments, stdin).await;
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && told.contains(why), "{arguments}: {told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_puts_in_what_is_sold_and_who_buys_it() {
    let operator = Operator(Place::migrated(Stores::Sqlite).await);
    let directory = tempfile::TempDir::new().unwrap();
    let file = |text: &str| {
        let path = directory.path().join("catalogue.json");
        std::fs::write(&path, text).unwrap();
        format!("catalogue load {}", path.display())
    };
    let told = operator.says(&file(CATALOGUE), "").await;
    assert_eq!(
        told,
        "put in: 2 providers, 4 kinds of products, 2 data centres, 8 price lists, 4 promo codes, 4 \
         payment methods\n"
    );
    let shown = operator.says("catalogue show", "").await;
    let mut expected = Catalogue::read(CATALOGUE).unwrap();
    expected.pricelists.sort_by_key(|list| list.id);
    expected.itemtypes.sort_by(|one, other| one.itemtype.cmp(&other.itemtype));
    expected.promocodes.sort_by(|a, b| (a.provider, &a.code).cmp(&(b.provider, &b.code)));
    assert_eq!(Catalogue::read(&shown).unwrap(), expected);
    let wrong = file(&CATALOGUE.replace("\"percent\": 15", "\"percent\": 115"));
    operator.is_refused(&wrong, "", "promocode \"IDDQD\": percent must be from 1 to 100").await;
    let orphan = file(r#"{"datacenters": [{"id": 5, "provider": 77, "name": "Nowhere"}]}"#);
    operator.is_refused(&orphan, "", "nothing was put in").await;
    let removed = "catalogue remove-promocode --provider 1 --code ALL";
    operator.says(removed, "").await;
    operator.is_refused(removed, "", "has no promo code").await;

    let add = "user add --login anna --level client";
    let told = operator.says(&format!("{add} --json"), "").await;
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told["aggregator"], "billmanager-anna");
    assert_eq!(told["password"].as_str().unwrap().len(), 64);
    operator.is_refused(add, "", "there is a user anna already").await;
    operator.is_refused("user add --login a:b --level client", "", "letters, digits").await;
    operator.is_refused("user add --login b --level king", "", "none of").await;
    let change = "user password --login anna --password-stdin";
    let told = operator.says(change, "long enough\n").await;
    assert_eq!(told, "changed the password of user anna\n");
    operator.is_refused(change, "short\n", "it must have 8 to 256").await;
    operator.is_refused("user password --login nobody", "", "there is no user").await;
    assert!(operator.says("user set --login anna --active off", "").await.contains("may not call"));
    assert!(operator.says("user list", "").await.contains("off"));

    let account = "account add --login anna --provider 1 --currency RUB";
    assert!(operator.says(account, "").await.contains("opened account 2000000000000000 of anna"));
    operator.is_refused(account, "", "no account was opened").await;
    let deposit = "account deposit --login anna --provider 1 --note x --amount";
    let told = operator.says(&format!("{deposit} 12.50"), "").await;
    assert!(told.contains("it holds 12.50 RUB"), "{told}");
    operator.is_refused(&format!("{deposit} 0"), "", "more than zero").await;
    operator.is_refused(&format!("{deposit} 999999999999.99"), "", "more than the account").await;
    assert!(operator.says("account list --json", "").await.contains("\"balance\":12.50"));
    let profile = "profile add --login anna --provider 1 --kind person --name Anna";
    operator.says(profile, "").await;
    assert!(operator.says("profile list", "").await.contains("Anna"));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_log_tells_a_password() {
    let directory = tempfile::TempDir::new().unwrap();
    let data = directory.path().to_str().unwrap();
    let variables = [("WSA__LOG__FILTER", "trace")];
    let process = Process::start(&["up", "--demo", "--data-dir", data], &variables).await;
    process.until_ready_says(200).await;
    let authinfo = [("authinfo", "client:demo-client"), ("func", "cart"), ("sok", "ok")];
    let query = form(&authinfo);
    let client = &process.client;
    eventually("the demo is there", async || {
        let got = client.get(&format!("/billmgr?{query}")).await.unwrap();
        got.text.contains("position_count")
    })
    .await;
    let order = form(&[
        ("authinfo", "client:demo-client"),
        ("func", "v2.vds.order.param"),
        ("sok", "ok"),
        ("pricelist", "2"),
        ("order_period", "1"),
        ("password", "my-server-secret"),
    ]);
    let ordered = client.get(&format!("/billmgr?{order}")).await.unwrap();
    assert!(ordered.text.contains("lineitem.id"), "{}", ordered.text);
    let wrong = form(&[("func", "auth"), ("username", "client"), ("password", "my-secret-guess")]);
    client.get(&format!("/billmgr?{wrong}")).await.unwrap();
    let log = process.log();
    for secret in ["demo-client", "my-secret-guess", "my-server-secret"] {
        // What the demo prints for people is not in the log.
        assert!(!log.contains(secret), "the log tells {secret}");
    }
    assert!(log.contains("listening on"), "{log}");
    process.kill().await;
}
