//! The orders of the demo that refuse, and its restaurant that does not answer, as docs/clients.md lists them.

use std::process::Output;

use tokio::process::Command;

use crate::support::eventually;
use crate::support::process::Process;

const PAGE: &str = include_str!("../../../docs/clients.md");

async fn wsa(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_wsa")).args(arguments).output().await.unwrap()
}

/// The rows of the table: objectId, orderGuid, amount, and what `wsa pay` says.
fn rows() -> Vec<[&'static str; 4]> {
    let (_, table) = PAGE.split_once("| objectId | orderGuid |").unwrap();
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    let cells = |row: &'static str| {
        let cells: Vec<_> =
            row.trim_matches('|').split('|').map(|cell| cell.trim().trim_matches('`')).collect();
        [cells[0], cells[1], cells[2], cells[3]]
    };
    rows.map(cells).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_order_of_the_page_shows_its_outcome() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().to_str().unwrap();
    let process = Process::start(&["up", "--demo", "--data-dir", data], &[]).await;
    eventually("the demo is there", async || {
        let agents = r#"{"taskType": "GetAgentList"}"#;
        let reply = process.client.with_token("demo").try_create(agents).await;
        reply.is_ok_and(|reply| reply.text.matches("objectId").count() == 3)
    })
    .await;
    let rows = rows();
    assert!(rows.len() >= 5, "{rows:?}");
    for [object, order, amount, outcome] in rows {
        let cash = "00000000-0000-4000-8000-00000000ca54";
        let pay = ["pay", "--url", &process.client.url, "--token", "demo", "--object", object];
        let output = wsa(&[
            &pay[..],
            &["--order", order, "--amount", amount, "--currency", cash, "--timeout", "3"],
        ]
        .concat())
        .await;
        let told = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(told.contains(outcome), "{object} {order} {amount}: {told}");
        assert_eq!(output.status.success(), outcome == "paid in full", "{told}");
    }
    assert!(process.terminate().await.success());
    let audit = wsa(&["audit", "--data-dir", data]).await;
    assert!(audit.status.success(), "{}", String::from_utf8_lossy(&audit.stdout));
}
