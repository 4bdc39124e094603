//! The processes of the installation: what each runs, since when, and whether it can do its work.

use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use maud::{Markup, html};

use super::operator;
use crate::console::Console;
use crate::console::events;
use crate::console::figures::{Figures, Standing};
use crate::console::html::{Needs, Page, Place, count, duration, rate, state, time};
use crate::console::respond::{Answer, page};
use crate::engine::store::samples::Sample;

pub(in crate::console) async fn show(
    State(console): State<Console>,
    headers: HeaderMap,
    uri: Uri,
) -> Answer {
    let operator = operator(&console, &headers, &uri).await?;
    let figures = console.live.now().await;
    let every = console.ops.app.settings.ops.sample_ms;
    let content = html! {
        div.head {
            h1 { "Processes" }
            span.sub {
                @match every {
                    0 => "this process writes no figures (ops.sample_ms is 0)",
                    every => { "those of 48 hours; each writes a row every " (duration(every as f64)) }
                }
            }
        }
        div hx-ext="sse" sse-connect="/live/processes" {
            div id="processes" sse-swap="processes" { (table(&figures, true)) }
        }
    };
    let shown = Page {
        place: Place::Processes,
        title: "Processes",
        operator: &operator,
        needs: Needs::Live,
    };
    Ok(page(&shown.with(&content)))
}

/// The part of the page that changes while it is looked at.
pub(in crate::console) async fn events(
    State(console): State<Console>,
    headers: HeaderMap,
) -> Answer {
    events::of_figures(&console, &headers, |figures| vec![("processes", table(figures, true))])
        .await
}

/// The table; those that have ended are left out unless `all` is asked for.
pub(super) fn table(figures: &Figures, all: bool) -> Markup {
    let mut processes = figures.processes();
    if !all {
        processes.retain(|(_, standing)| *standing != Standing::Ended);
    }
    html! {
        div.scroll {
            @if processes.is_empty() {
                div.none { "No process has written figures in the last 48 hours." }
            } @else {
                table {
                    thead { tr {
                        th { "Process" } th { "Runs" } th { "State" }
                        @if all { th { "Version" } th { "Since (UTC)" } }
                        th.n { "Lanes" } th.n { "In hand" } th.n { "Accepted" } th.n { "Answered" }
                        th.n { "Median" } th.n { "99 %" } th { "Last row" }
                    } }
                    tbody { @for (sample, standing) in processes { (row(figures, sample, standing, all)) } }
                }
            }
        }
    }
}

fn row(figures: &Figures, sample: &Sample, standing: Standing, all: bool) -> Markup {
    let word = match standing {
        Standing::Ready => "ready",
        Standing::NotReady => "not ready",
        Standing::Silent => "silent",
        Standing::Ended => "ended",
    };
    let runs = matches!(standing, Standing::Ready | Standing::NotReady);
    let span_ms = sample.span_ms.max(1) as f64;
    let a_second = |n: i64| {
        if runs { format!("{}/s", rate(n as f64 * 1000.0 / span_ms)) } else { "–".into() }
    };
    let ms = |us: Option<i64>| match us {
        Some(us) if runs => duration(us as f64 / 1000.0),
        _ => "–".into(),
    };
    let age_ms =
        (figures.now.as_millisecond() - sample.at.as_millisecond() - sample.span_ms).max(0);
    html! {
        tr {
            td.nowrap { (sample.host) }
            td { (sample.role) }
            td {
                (state(word))
                @if !sample.trouble.is_empty() && runs { div.small.muted { (sample.trouble) } }
            }
            @if all { td.nowrap { (sample.version) } td { (time(sample.since)) } }
            td.n { (sample.lanes) }
            td.n { @if runs { (count(sample.in_flight)) } @else { "–" } }
            td.n { (a_second(sample.accepted)) }
            td.n { (a_second(sample.outcomes.values().sum())) }
            td.n { (ms(sample.p50_us)) }
            td.n { (ms(sample.p99_us)) }
            td.nowrap { @if age_ms < 1000 { "now" } @else { (duration(age_ms as f64)) " ago" } }
        }
    }
}
