//! The command line for people and for programs: colours on a terminal alone, and JSON of everything that is listed or
//! shown.

use std::process::Output;

use tokio::process::Command;

use crate::support::ask::Ask;
use crate::support::place::Stores;
use crate::support::reference::{CASH, V2};
use crate::support::stores::TestStore;

/// Runs it, on a terminal of its own or with a pipe; `script` makes terminals.
async fn wsa(line: &str, terminal: bool, no_color: Option<&str>) -> Output {
    let line = format!("{} {line}", env!("CARGO_BIN_EXE_wsa"));
    let mut command = match terminal {
        true => {
            let mut command = Command::new("script");
            command.args(["-qec", &line, "/dev/null"]);
            command
        }
        false => {
            let mut command = Command::new("sh");
            command.args(["-c", &line]);
            command
        }
    };
    command.env_remove("NO_COLOR");
    if let Some(value) = no_color {
        command.env("NO_COLOR", value);
    }
    let done = command.output().await.unwrap();
    assert!(done.status.success(), "{line}: {done:?}");
    done
}

#[tokio::test(flavor = "multi_thread")]
async fn states_are_coloured_on_a_terminal_alone_unless_somebody_says_otherwise() {
    let store = TestStore::fresh(Stores::Sqlite).await;
    let order = store.order(V2, "10.00").await;
    let ask = Ask::pay(V2, order, &[("11.00", CASH)]);
    store.carried_out(&ask).await;
    let (_, place) = store.place.settings();
    let list = format!("task list --data-dir {place}");
    for (flags, terminal, no_color, coloured) in [
        ("", false, None, false),
        ("", true, None, true),
        ("", true, Some("1"), false),
        // As if it were not there.
        ("", true, Some(""), true),
        ("--color auto", false, None, false),
        ("--color never", true, None, false),
        ("--color always", false, Some("1"), true),
        ("--color=always", false, None, true),
    ] {
        let told = wsa(&format!("{list} {flags}"), terminal, no_color).await;
        let text = String::from_utf8(told.stdout).unwrap();
        let what = format!("{flags:?} {terminal} {no_color:?}: {text:?}");
        assert!(text.contains("refused"), "{what}");
        assert_eq!(text.contains("\u{1b}[33mrefused\u{1b}[0m"), coloured, "{what}");
        assert_eq!(text.contains('\u{1b}'), coloured, "{what}");
    }
    // Programs read no colours, whatever is said.
    let json = wsa(&format!("{list} --json --color always"), false, None).await;
    let text = String::from_utf8(json.stdout).unwrap();
    let task: serde_json::Value = serde_json::from_str(text.trim()).unwrap();
    assert_eq!((&task["state"], text.contains('\u{1b}')), (&"refused".into(), false), "{text}");
    let refused = Command::new(env!("CARGO_BIN_EXE_wsa"))
        .args(["task", "list", "--color", "sometimes"])
        .output()
        .await
        .unwrap();
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(said.contains("--color") && said.contains("sometimes"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_is_listed_or_shown_can_be_had_as_json() {
    let directory = tempfile::tempdir().unwrap();
    wsa(&format!("man --out {}", directory.path().display()), false, None).await;
    let mut seen = 0;
    for page in std::fs::read_dir(directory.path()).unwrap() {
        let page = page.unwrap();
        let name = page.file_name().into_string().unwrap();
        let last = name.trim_end_matches(".1").rsplit('-').next().unwrap();
        if !["list", "show", "log", "diff", "audit"].contains(&last) {
            continue;
        }
        seen += 1;
        let text = std::fs::read_to_string(page.path()).unwrap();
        assert!(text.contains("\\-\\-json"), "{name} has no --json");
        assert!(text.contains("\\-\\-color"), "{name} has no --color");
    }
    assert!(seen > 20, "{seen}");
}
