//! Callbacks: where they post, how they are, what waits.

mod one;

use axum::extract::State;
use axum::http::{HeaderMap, Uri};
use maud::{Markup, html};

pub(in crate::console) use self::one::{replay, rotate, show as show_one, switch};
use super::operator;
use crate::console::Console;
use crate::console::html::{Needs, Page, Place, count, maybe_time, state};
use crate::console::respond::{Answer, page};
use crate::ops::queries::callbacks::{Callback, callbacks};

pub(in crate::console) async fn show(
    State(console): State<Console>,
    headers: HeaderMap,
    uri: Uri,
) -> Answer {
    let operator = operator(&console, &headers, &uri).await?;
    let all = callbacks(console.ops.store(), &operator).await?;
    let waiting: i64 = all.iter().map(|callback| callback.waiting).sum();
    let content = html! {
        div.head { h1 { "Callbacks" } span.sub { (all.len()) " in all, " (count(waiting)) " notifications wait" } }
        (table(&all))
    };
    let shown = Page {
        place: Place::Callbacks,
        title: "Callbacks",
        operator: &operator,
        needs: Needs::Nothing,
    };
    Ok(page(&shown.with(&content)))
}

/// How a callback is, in a word of the console's.
pub(super) fn health(callback: &Callback) -> &'static str {
    match callback.health {
        "ok" => "on",
        other => other,
    }
}

fn table(all: &[Callback]) -> Markup {
    html! {
        div.scroll {
            @if all.is_empty() {
                div.none { "No caller has a callback. " code { "wsa admin callback add" } " makes one." }
            } @else {
                table {
                    thead { tr {
                        th.n { "No." } th { "Caller" } th { "Posts to" } th { "State" } th { "Posts" } th.n { "Waiting" }
                        th { "Failing since (UTC)" }
                    } }
                    tbody {
                        @for callback in all {
                            tr {
                                td.n { a href={ "/callbacks/" (callback.id) } { (callback.id) } }
                                td { (callback.caller) }
                                td.wide { a href={ "/callbacks/" (callback.id) } { (callback.url) } }
                                td {
                                    (state(health(callback)))
                                    @if let Some(why) = &callback.closed_because { div.small.muted { (why) } }
                                }
                                td { (posts(callback)) }
                                td.n { (count(callback.waiting)) }
                                td { (maybe_time(callback.failing_since)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// What it is told.
pub(super) fn posts(callback: &Callback) -> String {
    match (callback.answers, callback.events.as_str()) {
        (true, "") => "answers".into(),
        (true, events) => format!("answers, {events}"),
        (false, "") => "nothing".into(),
        (false, events) => events.to_owned(),
    }
}
