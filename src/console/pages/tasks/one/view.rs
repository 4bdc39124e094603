//! The parts of a task's page.

use maud::{Markup, html};
use serde_json::Value;

use crate::console::html::{exact_time, maybe, maybe_time, state, time};
use crate::console::pages::{callers, records};
use crate::ops::queries::callbacks::Tried;
use crate::ops::queries::letters::Letter;
use crate::ops::queries::tasks::{Step, TaskDetail};

/// How it stands, why, and what happened.
pub(super) fn way(detail: &TaskDetail) -> Markup {
    let task = &detail.task;
    html! {
        div.head {
            h1 { (task.task_type) }
            (state(task.state))
            span.guid { (task.task_guid) }
        }
        (why(detail))
        @if let Some(since) = detail.paused_since {
            div.message.warn { p { "Its object is paused since " (time(since)) ": it waits, until its deadline at the latest." } }
        }
        div.columns {
            section { h2 { "What happened" } (timeline(&detail.timeline)) }
            section { h2 { "The task" } (facts(detail)) }
        }
    }
}

/// Why it was not done.
fn why(task: &TaskDetail) -> Markup {
    let tone = if task.task.state == "refused" { "warn" } else { "bad" };
    html! {
        @if let Some(code) = &task.task.code {
            div class={ "message " (tone) } id="why" {
                p { b { (code) } @if let Some(message) = &task.task.message { ": " (message) } }
            }
        }
    }
}

fn timeline(steps: &[Step]) -> Markup {
    html! {
        ol.timeline id="timeline" {
            @for step in steps {
                li class=(tone(step)) {
                    span.what { (step.what) } " " span.when { (exact_time(step.at)) }
                    div { (step.detail) }
                }
            }
        }
    }
}

fn tone(step: &Step) -> &'static str {
    match step.what {
        "answered" if step.detail.starts_with("done") => "ok",
        "answered" if step.detail.starts_with("refused") => "warn",
        "answered" if step.detail.starts_with("cancelled") => "",
        "answered" | "dead" => "bad",
        "accepted" | "publishes" | "begins" => "info",
        "posted" if step.detail.contains("answered 2") => "ok",
        "posted" => "warn",
        _ => "",
    }
}

fn facts(detail: &TaskDetail) -> Markup {
    let task = &detail.task;
    html! {
        dl.facts {
            dt { "Object" } dd { a href={ "/tasks?object=" (task.object_id) } { (task.object_id) } }
            dt { "Caller" } dd {
                @match &task.caller { Some(caller) => a href=(callers::path(caller)) { (caller) }, None => span.muted { "–" } }
            }
            @if let Some(protocol) = detail.protocol { dt { "Protocol" } dd { (protocol) } }
            dt { "Accepted" } dd { (time(task.registered_at)) }
            @if task.not_before.is_some() { dt { "Not before" } dd { (maybe_time(task.not_before)) } }
            dt { "Deadline" } dd { (time(task.deadline)) }
            dt { "Answered" } dd { (maybe_time(detail.answered_at)) }
            dt { "To the queue" } dd { (detail.published) @if detail.published == 1 { " time" } @else { " times" } }
            dt { "Guid" } dd { @if detail.named { "chosen by its caller (Idempotency-Key or message_id)" } @else { "chosen by this service" } }
            dt { "Answer" } dd { @if detail.sync { "its caller waited in the request" } @else { "its caller asks for it" } }
            @if let Some(queue) = &detail.reply_to { dt { "Reply to" } dd { code { (queue) } } }
            @if let Some(id) = &detail.correlation_id {
                dt { "Correlation id" } dd { code { (id) } }
            }
        }
    }
}

/// The request and the answer, masked unless they were revealed.
pub(super) fn content(detail: &TaskDetail) -> Markup {
    html! {
        @if detail.revealed {
            div.message.warn { p { "Personal data is shown below. The journal says that you looked." } }
        }
        div.columns {
            section { h2 { "Request" } (json(detail.request.as_ref(), "It cannot be masked, and is not shown.")) }
            section { h2 { "Answer" } (json(detail.answer.as_ref(), "There is none yet.")) }
        }
    }
}

fn json(value: Option<&Value>, without: &str) -> Markup {
    html! {
        @match value {
            Some(value) => pre tabindex="0" { (serde_json::to_string_pretty(value).unwrap_or_default()) },
            None => p.muted { (without) },
        }
    }
}

/// What else the store has of it: its order and payments, attempts to post its answer, dead letters.
pub(super) fn beside(detail: &TaskDetail) -> Markup {
    html! {
        @if !detail.related.is_empty() {
            h2 { "What it is about" }
            div.scroll { (records::rows(&detail.related)) }
        }
        @if !detail.attempts.is_empty() {
            h2 { "Attempts to post its answer" }
            (attempts(detail))
        }
        @if !detail.letters.is_empty() {
            h2 { "Dead letters" }
            (letters(&detail.letters))
        }
    }
}

fn attempts(detail: &TaskDetail) -> Markup {
    let guid = detail.task.task_guid;
    html! {
        div.scroll {
            table {
                thead { tr { th { "Attempted (UTC)" } th { "Result" } th.n { "Took" } th.n { "Attempt" } th { "Callback" } th { "" } } }
                tbody { @for tried in &detail.attempts { (attempt(tried, &guid.to_string())) } }
            }
        }
    }
}

fn attempt(tried: &Tried, guid: &str) -> Markup {
    let delivered = tried.status.is_some_and(|status| (200..300).contains(&status));
    html! {
        tr {
            td { (time(tried.attempted_at)) }
            td.nowrap {
                (state(if delivered { "delivered" } else { "failed" })) " "
                @match (tried.status, &tried.error) {
                    (Some(status), _) => { "HTTP " (status) }
                    (None, error) => span.muted { (maybe(error.as_ref())) },
                }
            }
            td.n { (tried.took_ms) " ms" }
            td.n { (tried.attempt) }
            td { a href={ "/callbacks/" (tried.callback) } { (tried.url) } }
            td.nowrap { a href={ "/callbacks/" (tried.callback) "?subject=" (guid) "&count=1" } { "Post again" } }
        }
    }
}

fn letters(letters: &[Letter]) -> Markup {
    html! {
        div.scroll {
            table {
                thead { tr { th.n { "No." } th { "Came (UTC)" } th { "Reason" } th { "Replayed (UTC)" } } }
                tbody {
                    @for letter in letters {
                        tr {
                            td.n { a href={ "/dead?id=" (letter.id) } { (letter.id) } }
                            td { (time(letter.last_at)) }
                            td { (letter.reason) }
                            td { (maybe_time(letter.replayed_at)) }
                        }
                    }
                }
            }
        }
    }
}
