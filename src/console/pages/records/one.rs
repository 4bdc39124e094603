//! One order, payment or the like, with what belongs to it.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, Uri};
use maud::{Markup, html};

use super::{CLASSES, class, rows, shown, words};
use crate::console::Console;
use crate::console::html::{Needs, Page, Place, state};
use crate::console::pages::{operator, tasks};
use crate::console::respond::{Answer, page};
use crate::domain::task::ObjectId;
use crate::ops::problem::Problem;
use crate::ops::queries::records::{Record, lists, look_up, record};
use crate::ops::queries::tasks::{Found, TaskQuery, TaskSummary, tasks as find_tasks};
use crate::surface::shown::{Class, Find};

pub(in crate::console) async fn show(
    State(console): State<Console>,
    headers: HeaderMap,
    uri: Uri,
    Path((kind, id)): Path<(String, String)>,
) -> Answer {
    let operator = operator(&console, &headers, &uri).await?;
    let class = class(&kind)?;
    let found = record(console.ops.store(), console.ops.list, class, &id).await?;
    let below =
        if class == Class::Order { belongs_to(&console, &found).await? } else { Vec::new() };
    let asked_for =
        if class == Class::Order { tasks_of(&console, &found).await? } else { Vec::new() };
    let name = CLASSES.iter().find(|(of, ..)| *of == class).map_or("order", |(_, _, name)| name);
    let status = found.fields.get("status").and_then(|status| status.as_str());
    let content = html! {
        div.head {
            h1 { (words(name)) }
            @if let Some(status) = status { (state(status)) }
            span.guid { (found.id) }
        }
        div.columns {
            section { h2 { "The " (name) } (facts(&found)) }
            section {
                h2 { "Where to look" }
                ul {
                    @if let Some(object) = found.object_id {
                        li { a href={ "/tasks?object=" (object) } { "Tasks of the object " (object) } }
                        li { a href={ "/orders?class=" (kind) "&object=" (object) } { "Other " (kind) " of the object" } }
                        li { a href={ "/objects?object=" (object) } { "The object" } }
                    }
                }
            }
        }
        @if class == Class::Order {
            h2 { "Tasks" }
            (tasks::table(&asked_for))
        }
        @for (class, records) in &below {
            h2 { (words(class.as_str())) }
            div.scroll { (rows(records)) }
        }
    };
    let title = format!("{} {}", words(name), found.id);
    let shown =
        Page { place: Place::Orders, title: &title, operator: &operator, needs: Needs::Nothing };
    Ok(page(&shown.with(&content)))
}

fn facts(record: &Record) -> Markup {
    html! {
        dl.facts {
            dt { "Protocol" } dd { (record.protocol) }
            @if let Some(object) = record.object_id { dt { "Object" } dd { a href={ "/tasks?object=" (object) } { (object) } } }
            @for (name, value) in &record.fields { dt { (words(name)) } dd { (shown(name, value)) } }
        }
    }
}

/// The tasks about this order.
async fn tasks_of(console: &Console, order: &Record) -> Result<Vec<TaskSummary>, Problem> {
    let find = Some(Found::Order(order.id.clone()));
    let query = TaskQuery { find, object: order.object_id.map(ObjectId), ..TaskQuery::default() };
    Ok(find_tasks(console.ops.store(), console.ops.list, &query).await?.items)
}

/// What the same protocol has of this order.
async fn belongs_to(
    console: &Console,
    order: &Record,
) -> Result<Vec<(Class, Vec<Record>)>, Problem> {
    let mut below = Vec::new();
    for class in [Class::Payment, Class::Cart, Class::Service, Class::Ticket] {
        let of_protocol =
            lists(console.ops.list, class).into_iter().filter(|(name, ..)| *name == order.protocol);
        let mut found = Vec::new();
        for (name, surface, list) in of_protocol {
            let store = console.ops.store();
            found.extend(
                look_up(store, (name, surface), &list, Find::Order, &order.id, None).await?,
            );
        }
        if !found.is_empty() {
            below.push((class, found));
        }
    }
    Ok(below)
}
