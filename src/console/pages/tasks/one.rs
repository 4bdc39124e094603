//! One task: how it stands, why, and what happened to it, moment by moment.

mod view;

use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, Uri};
use futures_util::stream;
use maud::html;

use crate::console::form::Form;
use crate::console::html::fields::Act;
use crate::console::html::{Needs, Page, Place};
use crate::console::pages::acts::{Sender, done};
use crate::console::pages::operator;
use crate::console::respond::{Answer, page, see};
use crate::console::{Console, events};
use crate::domain::task::{Outcome, TaskGuid};
use crate::ops::access::Operator;
use crate::ops::actions::tasks as actions;
use crate::ops::problem::Problem;
use crate::ops::queries::tasks::{TaskDetail, task};

pub(in crate::console) async fn show(
    State(console): State<Console>,
    headers: HeaderMap,
    uri: Uri,
    Path(guid): Path<String>,
    RawQuery(query): RawQuery,
) -> Answer {
    let operator = operator(&console, &headers, &uri).await?;
    let form = Form::of_query(query.as_deref());
    form.only(&["done"])?;
    let guid: TaskGuid = guid.parse().map_err(Problem::bad)?;
    let found = task(&console.ops, guid).await?;
    Ok(document(&operator, &form, &found))
}

fn document(operator: &Operator, form: &Form, found: &TaskDetail) -> axum::response::Response {
    let guid = found.task.task_guid;
    let title = format!("{} {guid}", found.task.task_type);
    let content = html! {
        (done(form))
        @if is_open(found) {
            div hx-ext="sse" sse-connect={ "/live/tasks/" (guid) } sse-close="end" {
                div sse-swap="task" { (view::way(found)) }
            }
        } @else {
            (view::way(found))
        }
        h2 { "What can be done" }
        (acts(operator, found))
        (view::content(found))
        (view::beside(found))
    };
    let needs = if is_open(found) { Needs::Live } else { Needs::Nothing };
    page(&Page { place: Place::Tasks, title: &title, operator, needs }.with(&content))
}

fn is_open(task: &TaskDetail) -> bool {
    task.answered_at.is_none()
}

fn acts(operator: &Operator, found: &TaskDetail) -> maud::Markup {
    let guid = found.task.task_guid;
    let (cancel, reveal) = (format!("/tasks/{guid}/cancel"), format!("/tasks/{guid}/reveal"));
    html! {
        @if is_open(found) && operator.may(actions::CANCEL) {
            (Act { name: "Cancel the task", path: &cancel, what: "It is not executed, and never will be; its caller is told so. A task that has its answer by then keeps it.", danger: true, hidden: &[] })
        }
        @if !found.revealed && operator.may(actions::REVEAL) {
            (Act { name: "Reveal personal data", path: &reveal, what: "The request, the answer and what it is about are shown without masks, on this one page. The journal says that you looked.", danger: false, hidden: &[] })
        }
        @if !is_open(found) { p.muted { "It has its answer, and keeps it. Whoever wants it done submits a new task." } }
        @if !operator.may(actions::REVEAL) { p.muted { "Personal data is masked: revealing it needs the role finance." } }
    }
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
        let part = ("task", view::way(&seen));
        match is_open(&seen) {
            true => Some((vec![part], Some(looking))),
            // The browser asks no more.
            false => Some((vec![part, ("end", html! { "end" })], None)),
        }
    });
    Ok(events::answer(&console, &headers, changes))
}

pub(in crate::console) async fn cancel(
    State(console): State<Console>,
    headers: HeaderMap,
    uri: Uri,
    Path(guid): Path<String>,
    body: Body,
) -> Answer {
    let sender = Sender::of(&console, &headers, &uri, body, &[]).await?;
    let acting = sender.acting(&console, actions::CANCEL)?;
    let guid: TaskGuid = guid.parse().map_err(Problem::bad)?;
    let word = match actions::cancel(&acting, guid).await? {
        Outcome::TimedOut => "overdue",
        _ => "cancelled",
    };
    Ok(see(&format!("/tasks/{guid}?done={word}")))
}

/// Shows the task with what is personal, this once: the page is in no history of the browser's.
pub(in crate::console) async fn reveal(
    State(console): State<Console>,
    headers: HeaderMap,
    uri: Uri,
    Path(guid): Path<String>,
    body: Body,
) -> Answer {
    let sender = Sender::of(&console, &headers, &uri, body, &[]).await?;
    let acting = sender.acting(&console, actions::REVEAL)?;
    let guid: TaskGuid = guid.parse().map_err(Problem::bad)?;
    let found = actions::reveal(&acting, guid).await?;
    Ok(document(&sender.operator, &Form::default(), &found))
}
