//! Callers: who may ask, how fast, and for which objects.

use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, Uri};
use maud::{Markup, html};

use super::acts::{Sender, done, shown_once};
use super::operator;
use crate::console::Console;
use crate::console::form::Form;
use crate::console::html::fields::Act;
use crate::console::html::{Needs, Page, Place};
use crate::console::respond::{Answer, page, see};
use crate::domain::task::ObjectId;
use crate::ops::access::Operator;
use crate::ops::actions::callers as actions;
use crate::ops::problem::{Problem, not_found};
use crate::ops::queries::callers::{Caller, callers};

/// How many licences a row of the list names.
const NAMED: usize = 6;

pub(in crate::console) async fn show(
    State(console): State<Console>,
    headers: HeaderMap,
    uri: Uri,
) -> Answer {
    let operator = operator(&console, &headers, &uri).await?;
    let all = callers(console.ops.store()).await?;
    let content = html! {
        div.head { h1 { "Callers" } span.sub { (all.len()) " may submit tasks" } }
        div.scroll {
            @if all.is_empty() { div.none { "There is no caller. " code { "wsa admin aggregator add" } " makes one." } }
            @else {
                table {
                    thead { tr { th { "Name" } th.n { "Requests a second" } th.n { "Licences" } th { "Objects" } th { "" } } }
                    tbody { @for caller in &all { (row(caller)) } }
                }
            }
        }
    };
    let shown = Page {
        place: Place::Callers,
        title: "Callers",
        operator: &operator,
        needs: Needs::Nothing,
    };
    Ok(page(&shown.with(&content)))
}

/// The address of one.
pub(super) fn path(name: &str) -> String {
    let name: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
    format!("/callers/{}", name.replace('+', "%20"))
}

fn row(caller: &Caller) -> Markup {
    html! {
        tr {
            td { a href=(path(&caller.name)) { (caller.name) } }
            td.n { (rate(caller)) }
            td.n { (caller.licences.len()) }
            td {
                @for object in caller.licences.iter().take(NAMED) { (object) " " }
                @if caller.licences.len() > NAMED { span.muted { "and " (caller.licences.len() - NAMED) " more" } }
            }
            td { a href={ "/tasks?caller=" (url::form_urlencoded::byte_serialize(caller.name.as_bytes()).collect::<String>()) } { "Tasks" } }
        }
    }
}

fn rate(caller: &Caller) -> String {
    caller.requests_per_s.map_or("the usual".into(), |rate| rate.to_string())
}

pub(in crate::console) async fn show_one(
    State(console): State<Console>,
    headers: HeaderMap,
    uri: Uri,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> Answer {
    let operator = operator(&console, &headers, &uri).await?;
    let form = Form::of_query(query.as_deref());
    form.only(&["done"])?;
    let found = callers(console.ops.store()).await?.into_iter().find(|caller| caller.name == name);
    let caller = found.ok_or_else(|| not_found(format!("there is no caller {name:?}")))?;
    let content = html! {
        div.head { h1 { (caller.name) } span.sub { "caller" } }
        (done(&form))
        div.columns {
            section { h2 { "Licences" } (licences(&operator, &caller)) }
            section {
                h2 { "The caller" }
                dl.facts {
                    dt { "Requests a second" } dd { (rate(&caller)) }
                    dt { "Tasks" } dd { a href={ "/tasks?caller=" (url::form_urlencoded::byte_serialize(caller.name.as_bytes()).collect::<String>()) } { "The newest" } }
                }
                h2 { "What can be done" }
                @if operator.may(actions::ROTATE) {
                    (Act { name: "New token", path: &format!("{}/rotate", path(&caller.name)), what: "It is shown once. The old one is invalid at once, everywhere.", danger: true, hidden: &[] })
                } @else {
                    p.muted { "A new token needs the role admin." }
                }
            }
        }
    };
    let shown = Page {
        place: Place::Callers,
        title: &caller.name,
        operator: &operator,
        needs: Needs::Nothing,
    };
    Ok(page(&shown.with(&content)))
}

fn licences(operator: &Operator, caller: &Caller) -> Markup {
    let withdraw = format!("{}/withdraw", path(&caller.name));
    html! {
        div.scroll {
            @if caller.licences.is_empty() { div.none { "None. Callers of some protocols need none." } }
            @else {
                table {
                    thead { tr { th { "Object" } th { "" } } }
                    tbody {
                        @for object in &caller.licences {
                            tr {
                                td { a href={ "/objects?object=" (object) } { (object) } }
                                td {
                                    @if operator.may(actions::WITHDRAW) {
                                        (Act { name: "Withdraw", path: &withdraw, what: "Its further tasks for this object are refused.", danger: true, hidden: &[("object", &object.to_string())] })
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

pub(in crate::console) async fn rotate(
    State(console): State<Console>,
    headers: HeaderMap,
    uri: Uri,
    Path(name): Path<String>,
    body: Body,
) -> Answer {
    let sender = Sender::of(&console, &headers, &uri, body, &[]).await?;
    let acting = sender.acting(&console, actions::ROTATE)?;
    let token = actions::rotate_token(&acting, &name).await?;
    let what = format!("The new token of {name}");
    Ok(shown_once(&sender.operator, Place::Callers, &what, &token, &path(&name)))
}

pub(in crate::console) async fn withdraw(
    State(console): State<Console>,
    headers: HeaderMap,
    uri: Uri,
    Path(name): Path<String>,
    body: Body,
) -> Answer {
    let sender = Sender::of(&console, &headers, &uri, body, &["object"]).await?;
    let acting = sender.acting(&console, actions::WITHDRAW)?;
    let object: Option<ObjectId> = sender.form.read("object")?;
    let object = object.ok_or_else(|| Problem::bad("the field object must be filled in"))?;
    actions::withdraw_licence(&acting, &name, object).await?;
    Ok(see(&format!("{}?done=withdrawn", path(&name))))
}
