//! The journal: who did what, why, what it was before and what it is since.

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use maud::{Markup, html};
use serde_json::value::RawValue;

use super::operator;
use crate::console::Console;
use crate::console::form::Form;
use crate::console::html::fields::{moment, pages, text};
use crate::console::html::{Needs, Page, Place, maybe, time};
use crate::console::respond::{Answer, page};
use crate::ops::journal::{JournalEntry, JournalQuery, entries};
use crate::ops::problem::Problem;

pub(in crate::console) async fn show(
    State(console): State<Console>,
    headers: HeaderMap,
    uri: Uri,
    RawQuery(query): RawQuery,
) -> Answer {
    let operator = operator(&console, &headers, &uri).await?;
    let form = Form::of_query(query.as_deref());
    let (found, wrong) = match asked(&form) {
        Ok(query) => match entries(console.ops.store(), &query).await {
            Ok(found) => (Some(found), None),
            Err(problem) => (None, Some(problem)),
        },
        Err(problem) => (None, Some(problem)),
    };
    let content = html! {
        div.head { h1 { "Journal" } span.sub { "every action of operators and of the command line; nobody can change it" } }
        form.filter method="get" action="/journal" role="search" {
            (text(&form, "who", "Who", "short"))
            (text(&form, "action", "Action", "short"))
            (text(&form, "subject", "Subject", "guid"))
            (moment(&form, "from", "From"))
            (moment(&form, "to", "To"))
            button.main type="submit" { "Find" }
            a.button href="/journal" { "Clear" }
        }
        @if let Some(wrong) = &wrong { div.message.bad id="problem" { p { (wrong.message) } } }
        @if let Some(found) = &found {
            (table(&found.items))
            (pages("/journal", &form, found.items.len(), found.next.as_deref()))
        }
    };
    let shown = Page {
        place: Place::Journal,
        title: "Journal",
        operator: &operator,
        needs: Needs::Nothing,
    };
    let mut answer = page(&shown.with(&content));
    *answer.status_mut() = wrong.map_or(StatusCode::OK, |wrong| wrong.status);
    Ok(answer)
}

fn asked(form: &Form) -> Result<JournalQuery, Problem> {
    form.only(&["who", "action", "subject", "from", "to", "cursor"])?;
    Ok(JournalQuery {
        who: form.word("who")?,
        action: form.word("action")?,
        subject: form.word("subject")?,
        from: form.moment("from")?,
        to: form.moment("to")?,
        limit: None,
        cursor: form.word("cursor")?,
    })
}

/// Entries as a table.
pub(in crate::console) fn table(entries: &[JournalEntry]) -> Markup {
    html! {
        div.scroll {
            @if entries.is_empty() {
                div.none { "No entry matches." }
            } @else {
                table {
                    thead { tr {
                        th { "When (UTC)" } th { "Who" } th { "By" } th { "Action" } th { "Subject" }
                        th { "Reason" } th { "Change" }
                    } }
                    tbody {
                        @for entry in entries {
                            tr id={ "entry-" (entry.id) } {
                                td { (time(entry.at)) }
                                td.nowrap { (entry.who) @if let Some(role) = &entry.role { div.small.muted { (role) } } }
                                td { (entry.via) }
                                td.nowrap { b { (entry.action) } }
                                td.nowrap { span.mono { (entry.subject) } div.small.muted { (entry.subject_kind) } }
                                td.wide { (maybe(entry.reason.as_ref())) }
                                td { (change(entry.before.as_deref(), entry.after.as_deref())) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// What it was, and what it is since: JSON as it was written.
fn change(before: Option<&RawValue>, after: Option<&RawValue>) -> Markup {
    html! {
        @match (before, after) {
            (None, None) => span.muted { "–" },
            (before, after) => {
                @if let Some(before) = before { code.small { (before.get()) } }
                @if let Some(after) = after { div { "→ " code.small { (after.get()) } } }
            }
        }
    }
}
