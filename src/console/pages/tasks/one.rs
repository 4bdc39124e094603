//! One task: how it stands, why, and what happened to it, moment by moment.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use futures_util::stream;
use maud::{Markup, html};

use crate::console::html::{Needs, Page, Place, exact_time, maybe, maybe_time, state, time};
use crate::console::pages::operator;
use crate::console::respond::{Answer, page};
use crate::console::{Console, events};
use crate::domain::task::TaskGuid;
use crate::ops::problem::Problem;
use crate::ops::queries::tasks::{Step, TaskDetail, task};

pub(in crate::console) async fn show(
    State(console): State<Console>,
    headers: HeaderMap,
    uri: Uri,
    Path(guid): Path<String>,
) -> Answer {
    let operator = operator(&console, &headers, &uri).await?;
    let guid: TaskGuid = guid.parse().map_err(Problem::bad)?;
    let found = task(console.ops.store(), guid).await?;
    let title = format!("{} {guid}", found.task.task_type);
    let content = html! {
        @if is_open(&found) {
            div hx-ext="sse" sse-connect={ "/live/tasks/" (guid) } sse-close="end" {
                div sse-swap="task" { (way(&found)) }
            }
        } @else {
            (way(&found))
        }
    };
    let needs = if is_open(&found) { Needs::Live } else { Needs::Nothing };
    let shown = Page { place: Place::Tasks, title: &title, operator: &operator, needs };
    Ok(page(&shown.with(&content)))
}

fn is_open(task: &TaskDetail) -> bool {
    task.answered_at.is_none()
}

/// The task as it changes, until it is answered.
pub(in crate::console) async fn events(
    State(console): State<Console>,
    headers: HeaderMap,
    Path(guid): Path<String>,
) -> Answer {
    events::require(&console, &headers).await?;
    let guid: TaskGuid = guid.parse().map_err(Problem::bad)?;
    let looking = Some(console.live.look_at(guid));
    let changes = stream::unfold(looking, async |looking| {
        let mut looking = looking?;
        let seen = loop {
            looking.changed().await.ok()?;
            if let Some(seen) = looking.borrow_and_update().clone() {
                break seen;
            }
        };
        let part = ("task", way(&seen));
        match is_open(&seen) {
            true => Some((vec![part], Some(looking))),
            // The browser asks no more.
            false => Some((vec![part, ("end", html! { "end" })], None)),
        }
    });
    Ok(events::answer(&console, &headers, changes))
}

/// How it stands, why, and what happened.
fn way(detail: &TaskDetail) -> Markup {
    let task = &detail.task;
    html! {
        div.head {
            h1 { (task.task_type) }
            (state(task.state))
            span.guid { (task.task_guid) }
        }
        (why(detail))
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
            dt { "Caller" } dd { (maybe(task.caller.as_ref())) }
            dt { "Accepted" } dd { (time(task.registered_at)) }
            @if task.not_before.is_some() { dt { "Not before" } dd { (maybe_time(task.not_before)) } }
            dt { "Deadline" } dd { (time(task.deadline)) }
            dt { "Answered" } dd { (maybe_time(detail.answered_at)) }
            dt { "Handed to the queue" } dd { (detail.published) @if detail.published == 1 { " time" } @else { " times" } }
            dt { "Guid chosen by" } dd { @if detail.named { "its caller (Idempotency-Key or message_id)" } @else { "this service" } }
            dt { "Its caller" } dd { @if detail.sync { "waited in the request" } @else { "asks for the answer" } }
            @if let Some(queue) = &detail.reply_to { dt { "Reply to" } dd { code { (queue) } } }
            @if let Some(id) = &detail.correlation_id {
                dt { "Correlation id" } dd { code { (id) } }
            }
        }
    }
}
