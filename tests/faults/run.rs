//! The run: everything is started, every fault of the plan happens, everybody is told, and then it is
//! looked at what became of it.

use std::collections::HashSet;
use std::fs;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{sleep, timeout};

use crate::audit::audit;
use crate::checker::check;
use crate::client_log::{ClientLog, Observations};
use crate::errand::Word;
use crate::faults::Kind;
use crate::inject::inject;
use crate::load::{Load, receive};
use crate::plan::Step;
use crate::report::{Event, Report};
use crate::settings::{self, Run};
use crate::site::Site;
use crate::support::books::Books;
use crate::support::place::Place;
use crate::{SERVERS, pace};

/// How long the load runs before the first fault.
const WARM_UP: Duration = Duration::from_secs(8);
/// A lane that hangs is seen not to consume after six seconds.
const SHOWS_WITHIN: Duration = Duration::from_secs(7);
const LOOK: Duration = Duration::from_millis(200);

#[tokio::test(flavor = "multi_thread")]
async fn what_clients_were_told_is_true_whatever_happens() {
    let _ours = SERVERS.lock().await;
    let run = settings::run();
    fs::create_dir_all(&run.out).unwrap();

    let client_log = ClientLog::new();
    let site = Site::start(&receive(Arc::clone(&client_log)).await, &run.out).await;
    let load = Load::start(&site, &client_log, &run);
    let events = all_faults(&site, &client_log, &run).await;
    while client_log.payments() < run.payments {
        sleep(LOOK).await;
    }
    load.end(&client_log).await;

    let mut report = Report::new(&run, site.nodes, &client_log, &events);
    report.complaints = site.stop().await;
    let (said, broken) = audit(&site.place).await;
    report.audit = said;
    let mut observations = client_log.observations();
    dead(&mut observations, &site.place).await;
    report.count(&observations);
    assert!(observations.till.done.len() > 20, "a till that does nothing proves nothing");
    report.judge(&check(&observations, &Books::read(&site.place).await));
    write(&report, &run);

    assert!(report.examples.is_empty(), "promises were broken:\n{}", report.examples.join("\n"));
    assert!(broken.is_empty(), "wsa audit: {broken:#?}");
    assert!(report.complaints.is_empty(), "{:?}", report.complaints);
    let late: Vec<String> = report.late().map(Event::to_string).collect();
    assert!(late.is_empty(), "it took longer than it may to recover: {late:#?}");
}

/// Adds what the dead letters say: a message that is among them and is no task was denied.
async fn dead(observations: &mut Observations, place: &Place) {
    let sql = "SELECT d.message_id FROM dead_letters d WHERE d.message_id IS NOT NULL
                 AND NOT EXISTS (SELECT 1 FROM tasks t WHERE t.task_guid::text = d.message_id)";
    let letters: HashSet<String> =
        place.rows(sql).await.into_iter().filter_map(|row| row.into_iter().next()?).collect();
    for run in &mut observations.errands {
        if run.guid.is_some_and(|guid| letters.contains(&guid.to_string())) {
            run.told.push(Word::Dead);
        }
    }
}

async fn all_faults(site: &Site, client_log: &ClientLog, run: &Run) -> Vec<Event> {
    sleep(WARM_UP).await;
    let mut events = Vec::new();
    let steps = run.steps(site.nodes);
    let faults = steps.iter().map(|step| 1 + usize::from(step.beside.is_some())).sum::<usize>();
    for step in steps {
        sleep(step.pause).await;
        // They are spread over all payments.
        while client_log.payments() < run.payments * events.len() / faults {
            sleep(LOOK).await;
        }
        for event in happen(site, client_log, &step, &events).await {
            let (number, payments) = (events.len() + 1, client_log.payments());
            eprintln!("faults: {number} of {faults}, {event}; {payments} payments");
            events.push(event);
        }
    }
    events
}

/// From the beginning of a fault until everything was as before.
fn trouble(event: &Event) -> Range<Duration> {
    let until = |time: Option<Duration>| event.ended + time.unwrap_or(event.bound);
    event.began..until(event.recovery).max(until(event.well))
}

/// Injects one fault or two, and waits until answers come as before.
async fn happen(site: &Site, client_log: &ClientLog, step: &Step, events: &[Event]) -> Vec<Event> {
    let begin = client_log.now();
    let troubled: Vec<_> = events.iter().map(trouble).collect();
    let pace = pace::before(&client_log.answered_at(), begin, &troubled);
    let first = async {
        inject(site, step.fault).await;
        (step.fault.kind, begin, client_log.now())
    };
    let second = async {
        let (after, fault) = step.beside?;
        sleep(after).await;
        let begin = client_log.now();
        inject(site, fault).await;
        Some((fault.kind, begin, client_log.now()))
    };
    let (first, second) = tokio::join!(first, second);
    let end = second.map_or(first.2, |second| second.2.max(first.2));
    let kinds = [Some(first.0), second.map(|second| second.0)];
    let hidden = kinds.into_iter().flatten().any(Kind::is_hidden);
    let lasting = if hidden { SHOWS_WITHIN } else { Duration::ZERO };
    // The next fault comes then at the latest, whether all is well again or not.
    let bound = kinds.into_iter().flatten().map(Kind::recovers_within).max().unwrap_or_default();
    let (recovery, well) = tokio::join!(
        timeout(bound, recovered(client_log, pace, end)),
        timeout(bound + lasting, well(site, client_log, end, lasting)),
    );
    let (recovery, well) = (recovery.ok(), well.ok());
    let event = |(kind, began, ended)| Event {
        kind,
        began,
        ended,
        beside: second.is_some(),
        pace,
        bound,
        recovery,
        well,
    };
    std::iter::once(first).chain(second).map(event).collect()
}

/// How long after a fault's end answers come as before.
async fn recovered(client_log: &ClientLog, pace: u32, end: Duration) -> Duration {
    loop {
        sleep(LOOK).await;
        let answered = client_log.answered_since(end);
        if let Some(back) = pace::recovery(&answered, pace, end, client_log.now()) {
            return back;
        }
    }
}

/// How long after a fault's end every process does its work again, and goes on with it for `lasting`.
async fn well(site: &Site, client_log: &ClientLog, end: Duration, lasting: Duration) -> Duration {
    let mut since = None;
    loop {
        let looked = client_log.now();
        since = if site.is_well().await { since.or(Some(looked)) } else { None };
        match since {
            Some(since) if looked >= since + lasting => return since.saturating_sub(end),
            _ => sleep(LOOK).await,
        }
    }
}

fn write(report: &Report, run: &Run) {
    println!("{report}");
    fs::write(run.out.join("report.md"), report.to_string()).unwrap();
    let json = serde_json::to_string_pretty(report).unwrap();
    fs::write(run.out.join("report.json"), json).unwrap();
}
