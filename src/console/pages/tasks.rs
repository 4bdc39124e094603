//! Tasks: a list with a filter, and one of them with its way.

mod one;

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, Uri};
use maud::{Markup, html};

pub(in crate::console) use self::one::{cancel, events, reveal, show as show_one};
use super::operator;
use crate::console::Console;
use crate::console::form::Form;
use crate::console::html::fields::{amounts, choice, moment, pages, text};
use crate::console::html::{Needs, Page, Place, maybe, state, time};
use crate::console::respond::{Answer, page};
use crate::domain::task::Outcome;
use crate::ops::problem::Problem;
use crate::ops::queries::tasks::{Found, TaskQuery, TaskSummary, tasks};

const FIELDS: [&str; 13] = [
    "by",
    "q",
    "object",
    "caller",
    "type",
    "state",
    "code",
    "amount",
    "amountFrom",
    "amountTo",
    "from",
    "to",
    "cursor",
];
/// By what a task is looked up.
const BY: [(&str, &str); 5] = [
    ("original", "originalOrderId"),
    ("order", "Order id"),
    ("task", "Task guid"),
    ("key", "Idempotency-Key"),
    ("correlation", "Correlation id"),
];

pub(in crate::console) async fn show(
    State(console): State<Console>,
    headers: HeaderMap,
    uri: Uri,
    RawQuery(query): RawQuery,
) -> Answer {
    let operator = operator(&console, &headers, &uri).await?;
    let form = Form::of_query(query.as_deref());
    // What is wrong with the filter is said above it: nobody has to fill it in again.
    let (found, wrong) = match asked(&form) {
        Ok(query) => match tasks(console.ops.store(), console.ops.list, &query).await {
            Ok(found) => (Some(found), None),
            Err(problem) => (None, Some(problem)),
        },
        Err(problem) => (None, Some(problem)),
    };
    let content = html! {
        div.head { h1 { "Tasks" } span.sub { (order(&form)) } }
        (filter(&form))
        @if let Some(wrong) = &wrong { div.message.bad id="problem" { p { (wrong.message) } } }
        @if let Some(found) = &found {
            (table(&found.items))
            (pages("/tasks", &form, found.items.len(), found.next.as_deref()))
        }
    };
    let status = wrong.map_or(axum::http::StatusCode::OK, |wrong| wrong.status);
    let shown =
        Page { place: Place::Tasks, title: "Tasks", operator: &operator, needs: Needs::Nothing };
    let mut answer = page(&shown.with(&content));
    *answer.status_mut() = status;
    Ok(answer)
}

/// In which order they come.
fn order(form: &Form) -> &'static str {
    match form.get("state") == Some("open") && form.get("object").is_none() {
        true => "the earliest deadline first",
        false => "the newest first",
    }
}

fn asked(form: &Form) -> Result<TaskQuery, Problem> {
    form.only(&FIELDS)?;
    Ok(TaskQuery {
        object: form.read("object")?,
        caller: form.word("caller")?,
        task_type: form.word("type")?,
        state: form.read("state")?,
        code: form.word("code")?,
        amount: form.amounts()?,
        from: form.moment("from")?,
        to: form.moment("to")?,
        find: look_up(form)?,
        limit: None,
        cursor: form.word("cursor")?,
    })
}

fn look_up(form: &Form) -> Result<Option<Found>, Problem> {
    let Some(text) = form.word("q")? else { return Ok(None) };
    match form.get("by").unwrap_or(BY[0].0) {
        "original" => Ok(Some(Found::Original(text))),
        "order" => Ok(Some(Found::Order(text))),
        "task" => Ok(form.read("q")?.map(Found::Task)),
        "key" => Ok(Some(Found::Named(text))),
        "correlation" => Ok(Some(Found::Correlation(text))),
        other => Err(Problem::bad(format!(
            "by is {other:?}: it must be original, order, task, key or correlation"
        ))),
    }
}

fn filter(form: &Form) -> Markup {
    let states = std::iter::once("open").chain(Outcome::ALL.iter().map(|outcome| outcome.as_str()));
    let by = form.get("by").unwrap_or(BY[0].0);
    html! {
        form.filter method="get" action="/tasks" role="search" {
            label { "Look up by"
                select name="by" {
                    @for (word, shown) in BY { option value=(word) selected[word == by] { (shown) } }
                }
            }
            (text(form, "q", "Exactly", "guid"))
            (choice(form, "state", "State", states.map(|word| (word, word))))
            (text(form, "object", "Object", "short"))
            (text(form, "caller", "Caller", "short"))
            (text(form, "type", "Type", "short"))
            (text(form, "code", "Refusal code", "short"))
            (amounts(form))
            (moment(form, "from", "From"))
            (moment(form, "to", "To"))
            button.main type="submit" { "Find" }
            a.button href="/tasks" { "Clear" }
        }
    }
}

/// Tasks as a table.
pub(in crate::console) fn table(tasks: &[TaskSummary]) -> Markup {
    html! {
        div.scroll {
            @if tasks.is_empty() {
                div.none { "No task matches." }
            } @else {
                table {
                    thead { tr {
                        th { "Accepted (UTC)" } th { "State" } th { "Task" } th { "Type" } th.n { "Object" } th { "Caller" }
                        th { "Why not done" }
                    } }
                    tbody { @for task in tasks { (row(task)) } }
                }
            }
        }
    }
}

fn row(task: &TaskSummary) -> Markup {
    html! {
        tr {
            td { (time(task.registered_at)) }
            td { (state(task.state)) }
            td { a.guid href={ "/tasks/" (task.task_guid) } { (task.task_guid) } }
            td.nowrap { (task.task_type) }
            td.n { a href={ "/tasks?object=" (task.object_id) } { (task.object_id) } }
            td { (maybe(task.caller.as_ref())) }
            td.wide {
                @if let Some(code) = &task.code { b { (code) } " " }
                @if let Some(message) = &task.message { span.muted { (message) } }
            }
        }
    }
}
