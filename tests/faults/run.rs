//! The run: everything is started, every fault of the plan happens, everybody is told, and then it is
//! looked at what became of it.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{sleep, timeout};

use crate::audit::audit;
use crate::checker::check;
use crate::faults::Kind;
use crate::inflict::inflict;
use crate::load::{Load, receive};
use crate::notebook::Notebook;
use crate::pace;
use crate::plan::{Step, plan};
use crate::report::{Event, Report};
use crate::settings::{self, Run};
use crate::site::Site;
use crate::support::books::Books;
use crate::support::servers;

/// How long the load runs before the first fault.
const WARM_UP: Duration = Duration::from_secs(8);
/// The next fault comes then at the latest, whether all is well again or not.
const RECOVERS_WITHIN: Duration = Duration::from_secs(45);
/// A lane that hangs is seen not to consume after six seconds.
const SHOWS_WITHIN: Duration = Duration::from_secs(7);
const LOOK: Duration = Duration::from_millis(200);

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes, and servers of its own: scripts/faults"]
async fn what_clients_were_told_is_true_whatever_happens() {
    if servers::controls().is_none() {
        println!("WSA_TEST_SERVERS_DIR is not set: these servers are not ours to kill");
        return;
    }
    let run = settings::run();
    let scratch = tempfile::tempdir().unwrap();
    let out = run.out.clone().unwrap_or_else(|| scratch.path().to_owned());
    std::fs::create_dir_all(&out).unwrap();

    let notebook = Notebook::new();
    let site = Site::start(&receive(Arc::clone(&notebook)).await, &out).await;
    let load = Load::start(&site, &notebook, &run);
    let events = all_faults(&site, &notebook, &run).await;
    while notebook.payments() < run.payments {
        sleep(LOOK).await;
    }
    load.end(&notebook).await;

    let mut report = Report::new(&run, site.nodes, &notebook, &events);
    report.complaints = site.stop().await;
    let (said, broken) = audit(&site.place).await;
    report.audit = said;
    let evidence = notebook.evidence();
    report.count(&evidence);
    report.judge(&check(&evidence, &Books::read(&site.place).await));
    write(&report, &out);

    assert!(report.examples.is_empty(), "promises were broken:\n{}", report.examples.join("\n"));
    assert!(broken.is_empty(), "wsa audit: {broken:#?}");
    assert!(report.complaints.is_empty(), "{:?}", report.complaints);
    assert_eq!(report.recovered_later, 0, "it took longer than {RECOVERS_WITHIN:?} to recover");
}

async fn all_faults(site: &Site, notebook: &Notebook, run: &Run) -> Vec<Event> {
    sleep(WARM_UP).await;
    let mut events = Vec::new();
    for step in plan(run.seed, run.faults, site.nodes) {
        sleep(step.pause).await;
        let happened = happen(site, notebook, &step, &events).await;
        for event in &happened {
            let (number, payments) = (events.len() + 1, notebook.payments());
            eprintln!("faults: {number} of {}, {event}; {payments} payments", run.faults);
        }
        events.extend(happened);
    }
    events
}

/// From the beginning of a fault until everything was as before.
fn trouble(event: &Event) -> Range<Duration> {
    let until = |time: Option<Duration>| event.ended + time.unwrap_or(RECOVERS_WITHIN);
    event.began..until(event.recovery).max(until(event.well))
}

/// Has one fault or two happen, and waits until answers come as before.
async fn happen(site: &Site, notebook: &Notebook, step: &Step, events: &[Event]) -> Vec<Event> {
    let begin = notebook.now();
    let troubled: Vec<_> = events.iter().map(trouble).collect();
    let pace = pace::before(&notebook.answered_at(), begin, &troubled);
    let first = async {
        inflict(site, step.fault).await;
        (step.fault.kind, begin, notebook.now())
    };
    let second = async {
        let (after, fault) = step.beside?;
        sleep(after).await;
        let begin = notebook.now();
        inflict(site, fault).await;
        Some((fault.kind, begin, notebook.now()))
    };
    let (first, second) = tokio::join!(first, second);
    let end = second.map_or(first.2, |second| second.2.max(first.2));
    let kinds = [Some(first.0), second.map(|second| second.0)];
    let hidden = kinds.into_iter().flatten().any(Kind::is_hidden);
    let lasting = if hidden { SHOWS_WITHIN } else { Duration::ZERO };
    let well = well(site, notebook, end, lasting);
    let (recovery, well) = tokio::join!(recovered(notebook, pace, end), well);
    let event = |(kind, began, ended)| Event {
        kind,
        began,
        ended,
        beside: second.is_some(),
        pace,
        recovery,
        well,
    };
    std::iter::once(first).chain(second).map(event).collect()
}

async fn recovered(notebook: &Notebook, pace: u32, end: Duration) -> Option<Duration> {
    let back = async {
        loop {
            sleep(LOOK).await;
            let answered = notebook.answered_since(end);
            if let Some(back) = pace::recovery(&answered, pace, end, notebook.now()) {
                return back;
            }
        }
    };
    timeout(RECOVERS_WITHIN, back).await.ok()
}

/// How long after a fault's end every process does its work again, and goes on with it for `lasting`.
async fn well(
    site: &Site,
    notebook: &Notebook,
    end: Duration,
    lasting: Duration,
) -> Option<Duration> {
    let back = async {
        let mut since = None;
        loop {
            let looked = notebook.now();
            since = if site.is_well().await { since.or(Some(looked)) } else { None };
            match since {
                Some(since) if looked >= since + lasting => return since.saturating_sub(end),
                _ => sleep(LOOK).await,
            }
        }
    };
    timeout(RECOVERS_WITHIN + lasting, back).await.ok()
}

fn write(report: &Report, out: &Path) {
    println!("{report}");
    std::fs::write(out.join("report.md"), report.to_string()).unwrap();
    let json = serde_json::to_string_pretty(report).unwrap();
    std::fs::write(out.join("report.json"), json).unwrap();
}
