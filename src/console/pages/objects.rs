//! Objects: what tasks are for; paused, and let go on.

use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use maud::{Markup, html};

use super::acts::{Sender, done};
use super::operator;
use super::records::{shown, words};
use crate::console::Console;
use crate::console::form::Form;
use crate::console::html::fields::{Act, pages, text};
use crate::console::html::{Needs, Page, Place, state, time};
use crate::console::respond::{Answer, page, see};
use crate::domain::task::ObjectId;
use crate::ops::access::Operator;
use crate::ops::actions::objects as actions;
use crate::ops::problem::Problem;
use crate::ops::queries::objects::{Paused, paused};
use crate::ops::queries::page::Page as Found;
use crate::ops::queries::records::{Record, RecordQuery, lists, records};
use crate::surface::shown::{Class, Find};

pub(in crate::console) async fn show(
    State(console): State<Console>,
    headers: HeaderMap,
    uri: Uri,
    RawQuery(query): RawQuery,
) -> Answer {
    let operator = operator(&console, &headers, &uri).await?;
    let form = Form::of_query(query.as_deref());
    let found = find(&console, &form).await;
    let all_paused = paused(console.ops.store()).await?;
    let chosen = form.get("protocol");
    let mut protocols: Vec<&str> =
        lists(console.ops.list, Class::Object).iter().map(|(name, ..)| *name).collect();
    protocols.dedup();
    let content = html! {
        div.head { h1 { "Objects" } span.sub { "restaurants, events, accounts: what tasks are for" } }
        (done(&form))
        (those_paused(&operator, &all_paused))
        form.filter method="get" action="/objects" role="search" {
            (text(&form, "object", "Object", "short"))
            label { "Protocol"
                select name="protocol" {
                    option value="" { "any" }
                    @for name in protocols { option value=(name) selected[chosen == Some(name)] { (name) } }
                }
            }
            button.main type="submit" { "Find" }
            a.button href="/objects" { "Clear" }
        }
        @match &found {
            Ok(found) => { (table(&operator, found, &all_paused)) (pages("/objects", &form, found.items.len(), found.next.as_deref())) }
            Err(wrong) => div.message.bad id="problem" { p { (wrong.message) } },
        }
    };
    let shown = Page {
        place: Place::Objects,
        title: "Objects",
        operator: &operator,
        needs: Needs::Nothing,
    };
    let mut answer = page(&shown.with(&content));
    *answer.status_mut() = found.err().map_or(StatusCode::OK, |wrong| wrong.status);
    Ok(answer)
}

async fn find(console: &Console, form: &Form) -> Result<Found<Record>, Problem> {
    form.only(&["object", "protocol", "cursor", "done"])?;
    let object: Option<ObjectId> = form.read("object")?;
    let query = RecordQuery {
        protocol: form.word("protocol")?,
        object: None,
        find: object.map(|object| (Find::Id, object.to_string())),
        amount: None,
        limit: None,
        cursor: form.word("cursor")?,
    };
    records(console.ops.store(), console.ops.list, Class::Object, &query).await
}

fn those_paused(operator: &Operator, all: &[Paused]) -> Markup {
    html! {
        @if !all.is_empty() {
            h2 { "Paused" }
            div.scroll {
                table {
                    thead { tr { th.n { "Object" } th { "State" } th { "Since (UTC)" } th { "By" } th { "Reason" } th { "" } } }
                    tbody {
                        @for object in all {
                            tr {
                                td.n { a href={ "/tasks?object=" (object.object_id) } { (object.object_id) } }
                                td { (state("paused")) }
                                td { (time(object.since)) }
                                td { (object.by) }
                                td.wide { (object.reason) }
                                td { @if operator.may(actions::ROLE) { (resume_form(object.object_id)) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn resume_form(object: i64) -> Markup {
    html! {
        (Act { name: "Let it go on", path: "/objects/resume", what: "What waits is published again within half a minute.", danger: false, hidden: &[("object", &object.to_string())] })
    }
}

/// How many columns of a protocol's the list has; the object by itself has them all.
const COLUMNS: usize = 2;

fn table(operator: &Operator, found: &Found<Record>, paused: &[Paused]) -> Markup {
    let groups = found.items.chunk_by(|one, two| one.protocol == two.protocol);
    html! {
        div.scroll {
            @if found.items.is_empty() { div.none { "No object matches." } }
            @for group in groups {
                @if let Some(first) = group.first() {
                    table {
                        thead { tr {
                            th.n { "Object" } th { "State" }
                            @for name in first.fields.keys().take(COLUMNS) { th { (words(name)) } }
                            th { "Protocol" } th { "" } th { "" }
                        } }
                        tbody { @for record in group { (row(operator, record, paused)) } }
                    }
                }
            }
        }
        @if let [one] = found.items.as_slice() {
            dl.facts { @for (name, value) in &one.fields { dt { (words(name)) } dd { (shown(name, value)) } } }
        }
    }
}

fn row(operator: &Operator, record: &Record, paused: &[Paused]) -> Markup {
    let object = record.object_id;
    let is_paused = paused.iter().any(|one| Some(one.object_id) == object);
    html! {
        tr {
            td.n { a href={ "/objects?object=" (record.id) } { (record.id) } }
            td { (state(if is_paused { "paused" } else { "on" })) }
            @for (name, value) in record.fields.iter().take(COLUMNS) { td.nowrap { (shown(name, value)) } }
            td.muted { (record.protocol) }
            td.nowrap {
                @if let Some(object) = object {
                    a href={ "/tasks?object=" (object) } { "Tasks" } " · "
                    a href={ "/orders?object=" (object) } { "Orders" }
                }
            }
            td {
                @if let Some(object) = object.filter(|_| operator.may(actions::ROLE) && !is_paused) {
                    (Act { name: "Pause", path: "/objects/pause", what: "Its tasks are accepted and wait; nobody carries them out. Each is still answered by its deadline.", danger: true, hidden: &[("object", &object.to_string())] })
                }
            }
        }
    }
}

pub(in crate::console) async fn pause(
    State(console): State<Console>,
    headers: HeaderMap,
    uri: Uri,
    body: Body,
) -> Answer {
    let sender = Sender::of(&console, &headers, &uri, body, &["object"]).await?;
    let acting = sender.acting(&console, actions::ROLE)?;
    actions::pause(&acting, object(&sender.form)?).await?;
    Ok(see("/objects?done=paused"))
}

pub(in crate::console) async fn resume(
    State(console): State<Console>,
    headers: HeaderMap,
    uri: Uri,
    body: Body,
) -> Answer {
    let sender = Sender::of(&console, &headers, &uri, body, &["object"]).await?;
    let acting = sender.acting(&console, actions::ROLE)?;
    actions::resume(&acting, object(&sender.form)?).await?;
    Ok(see("/objects?done=resumed"))
}

fn object(form: &Form) -> Result<ObjectId, Problem> {
    form.read("object")?.ok_or_else(|| Problem::bad("the field object must be filled in"))
}
