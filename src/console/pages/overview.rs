//! How the service does: rates, outcomes, times, what waits, and which processes are ready.

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, Uri, header};
use axum::response::IntoResponse;
use maud::{Markup, html};
use serde_json::{Value, json};

use super::{operator, processes};
use crate::console::Console;
use crate::console::events;
use crate::console::figures::{Figures, Sum};
use crate::console::form::Form;
use crate::console::html::{Needs, Page, Place, count, duration, rate, time};
use crate::console::respond::{Answer, page};
use crate::domain::task::Outcome;
use crate::engine::store::samples::Whole;
use crate::ops::problem::Problem;

const HOUR_MS: i64 = 3_600_000;
/// The ranges of the charts: hours, and how long a step of each is.
const RANGES: [(i64, i64); 3] = [(1, 10_000), (6, 60_000), (48, 600_000)];
/// Rows of the table that says the same as the charts.
const ROWS: i64 = 12;

fn range(query: Option<&str>) -> Result<(i64, i64), Problem> {
    let form = Form::of_query(query);
    form.only(&["hours"])?;
    let Some(hours) = form.get("hours") else { return Ok(RANGES[0]) };
    let found = RANGES.into_iter().find(|(of, _)| of.to_string() == hours);
    found.ok_or_else(|| Problem::bad(format!("hours is {hours:?}: it must be 1, 6 or 48")))
}

pub(in crate::console) async fn show(
    State(console): State<Console>,
    headers: HeaderMap,
    uri: Uri,
    RawQuery(query): RawQuery,
) -> Answer {
    let operator = operator(&console, &headers, &uri).await?;
    let (hours, _) = range(query.as_deref())?;
    let figures = console.live.now().await;
    let source = format!("/live/chart.json?hours={hours}");
    let chart = |name: &str, title: &str| {
        html! {
            section.chart {
                h2 { (title) }
                div.plot data-chart=(name) data-source=(source) {
                    noscript { p.muted { "Drawn with scripts. The table below has the same figures." } }
                }
            }
        }
    };
    let content = html! {
        div hx-ext="sse" sse-connect="/live/overview" {
            div.head { h1 { "Overview" } span.sub { "the last minute, all processes" } }
            div id="tiles" sse-swap="tiles" { (tiles(&figures)) }
            h2 { "Processes" }
            div id="processes" sse-swap="processes" { (processes::table(&figures, false)) }
        }
        div.head {
            h2 { "Course" }
            nav.segments aria-label="Range of the charts" {
                @for (of, _) in RANGES {
                    a href={ "/?hours=" (of) } aria-current=[(of == hours).then_some("true")] { (of) " h" }
                }
            }
        }
        div.charts {
            (chart("rates", "Tasks a second, by outcome"))
            (chart("times", "From acceptance to answer"))
            (chart("open", "Open tasks and dead letters"))
            (chart("oldest", "Age of the oldest open task"))
        }
        h2 { "In numbers" }
        (course(&figures, hours))
    };
    Ok(page(
        &Page {
            place: Place::Overview,
            title: "Overview",
            operator: &operator,
            needs: Needs::Charts,
        }
        .with(&content),
    ))
}

/// The parts of the page that change while it is looked at.
pub(in crate::console) async fn events(
    State(console): State<Console>,
    headers: HeaderMap,
) -> Answer {
    events::of_figures(&console, &headers, |figures| {
        vec![("tiles", tiles(figures)), ("processes", processes::table(figures, false))]
    })
    .await
}

fn tiles(figures: &Figures) -> Markup {
    let minute = figures.last(60_000);
    let whole = figures.whole();
    let per_second = |n| rate(minute.rate(n));
    let time_of = |us: Option<i64>| us.map_or("–".into(), |us| duration(us as f64 / 1000.0));
    let share = |n: i64| match minute.answered() {
        all if n == 0 || all == 0 => String::new(),
        all => format!("{:.1} %", n as f64 * 100.0 / all as f64),
    };
    let not_done: Vec<Outcome> =
        Outcome::ALL.iter().copied().filter(|outcome| *outcome != Outcome::Done).collect();
    html! {
        dl.tiles {
            (tile("Accepted", &per_second(minute.accepted), "a second", "", ""))
            (tile("Done", &per_second(minute.outcome("done")), "a second", &share(minute.outcome("done")), ""))
            @for outcome in not_done {
                @let n = minute.outcome(outcome.as_str());
                @let bad = matches!(outcome, Outcome::TimedOut | Outcome::Failed) && n > 0;
                (tile(name(outcome), &per_second(n), "a second", &share(n), if bad { "bad" } else { "" }))
            }
            (tile("Answer, median", &time_of(minute.p50_us()), "", "", ""))
            (tile("Answer, 99 %", &time_of(minute.p99_us), "", "slowest process", ""))
            @match whole {
                Some(whole) => {
                    (tile("Open tasks", &count(whole.open), "", &scheduled(whole.scheduled), ""))
                    (tile("Oldest open", &oldest(whole), "", "", if whole.oldest_ms > 60_000 { "warn" } else { "" }))
                    (tile("Dead letters", &count(whole.dead), "", "not replayed", if whole.dead > 0 { "warn" } else { "" }))
                }
                None => (tile("Open tasks", "–", "", "no process says", ""))
            }
            (tile("In the queue", &count(minute.queue_depth), "", "messages", ""))
        }
    }
}

fn name(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Done => "Done",
        Outcome::Refused => "Refused",
        Outcome::TimedOut => "Timeout",
        Outcome::Failed => "Failed",
        Outcome::Cancelled => "Cancelled",
    }
}

fn oldest(whole: Whole) -> String {
    if whole.open == 0 { "–".into() } else { duration(whole.oldest_ms as f64) }
}

fn scheduled(count: i64) -> String {
    if count == 0 { String::new() } else { format!("and {count} scheduled") }
}

fn tile(name: &str, value: &str, unit: &str, note: &str, tone: &str) -> Markup {
    html! {
        div class={ "tile " (tone) } {
            dt { (name) }
            dd { (value) @if !unit.is_empty() { " " small { (unit) } } }
            @if !note.is_empty() { div.note { (note) } }
        }
    }
}

/// The same as the charts, in numbers.
fn course(figures: &Figures, hours: i64) -> Markup {
    let steps = figures.steps(hours * HOUR_MS, hours * HOUR_MS / ROWS);
    let ms = |us: Option<i64>| us.map_or("–".into(), |us| duration(us as f64 / 1000.0));
    html! {
        div.scroll {
            table {
                thead { tr {
                    th { "From (UTC)" } th.n { "Accepted" }
                    @for outcome in Outcome::ALL { th.n { (name(*outcome)) } }
                    th.n { "Median" } th.n { "99 %" } th.n { "Open, at most" } th.n { "Oldest, at most" }
                } }
                tbody {
                    @for (at, sum) in steps.into_iter().rev() {
                        tr {
                            td { @if let Ok(at) = jiff::Timestamp::from_millisecond(at) { (time(at)) } }
                            @match sum {
                                None => td.muted colspan="10" { "no process wrote figures" },
                                Some(sum) => {
                                    td.n { (count(sum.accepted)) }
                                    @for outcome in Outcome::ALL { td.n { (count(sum.outcome(outcome.as_str()))) } }
                                    td.n { (ms(sum.p50_us())) }
                                    td.n { (ms(sum.p99_us)) }
                                    td.n { (sum.whole.map_or("–".into(), |whole| count(whole.open))) }
                                    td.n { (sum.whole.map_or("–".into(), |whole| duration(whole.oldest_ms as f64))) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The figures of the charts.
pub(in crate::console) async fn chart(
    State(console): State<Console>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Answer {
    events::require(&console, &headers).await?;
    let (hours, step_ms) = range(query.as_deref())?;
    let figures = console.live.now().await;
    let kind = [(header::CONTENT_TYPE, "application/json; charset=utf-8")];
    Ok((kind, charts(&figures, hours, step_ms).to_string()).into_response())
}

fn charts(figures: &Figures, hours: i64, step_ms: i64) -> Value {
    let mut steps = figures.steps(hours * HOUR_MS, step_ms);
    // The last step is not over yet.
    steps.pop();
    let at: Vec<f64> = steps.iter().map(|(at, _)| *at as f64 / 1000.0).collect();
    let series = |value: &dyn Fn(&Sum) -> Option<f64>| -> Vec<Option<f64>> {
        let round = |value: f64| (value * 100.0).round() / 100.0;
        steps.iter().map(|(_, sum)| sum.as_ref().and_then(value).map(round)).collect()
    };
    let whole = |of: fn(Whole) -> i64| series(&|sum: &Sum| sum.whole.map(|whole| of(whole) as f64));
    let outcomes: Vec<&str> = Outcome::ALL.iter().map(|outcome| outcome.as_str()).collect();
    let rates: Vec<_> = outcomes
        .iter()
        .map(|outcome| series(&|sum: &Sum| Some(sum.rate(sum.outcome(outcome)))))
        .collect();
    let ms = |us: Option<i64>| us.map(|us| us as f64 / 1000.0);
    json!({
        "at": at,
        "charts": {
            "rates": {"series": outcomes, "unit": "/s", "values": rates},
            "times": {
                "series": ["p50", "p99"], "unit": "ms",
                "values": [series(&|sum: &Sum| ms(sum.p50_us())), series(&|sum: &Sum| ms(sum.p99_us))],
            },
            "open": {
                "series": ["open", "dead"], "unit": "",
                "values": [whole(|whole| whole.open), whole(|whole| whole.dead)],
            },
            "oldest": {
                "series": ["oldest"], "unit": "s",
                "values": [series(&|sum: &Sum| sum.whole.map(|whole| whole.oldest_ms as f64 / 1000.0))],
            },
        },
    })
}
