//! Audits: whether the store keeps the promises.

use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, Uri};
use maud::{Markup, html};
use serde_json::Value;

use super::acts::{Sender, done};
use super::operator;
use crate::console::Console;
use crate::console::form::Form;
use crate::console::html::{Needs, Page, Place, maybe, maybe_time, state, time};
use crate::console::respond::{Answer, page, see};
use crate::ops::actions::audits as actions;
use crate::ops::queries::audits::{Audit, audits};

/// How many audits the page lists.
const MOST: i64 = 20;

pub(in crate::console) async fn show(
    State(console): State<Console>,
    headers: HeaderMap,
    uri: Uri,
    RawQuery(query): RawQuery,
) -> Answer {
    let operator = operator(&console, &headers, &uri).await?;
    let form = Form::of_query(query.as_deref());
    form.only(&["done"])?;
    let all = audits(console.ops.store(), MOST).await?;
    let content = html! {
        div.head { h1 { "Audit" } span.sub { "whether sums, outcomes and deadlines in the store agree" } }
        (done(&form))
        @if operator.may(actions::ROLE) {
            details.act {
                summary { "Run an audit" }
                form method="post" action="/audit" {
                    p.small.muted { "It reads the whole store, or one object, in the background. Payments go on meanwhile." }
                    div.row {
                        label { "Object, or all when empty" input type="text" name="object" autocomplete="off"; }
                        label { "Reason, for the journal" input type="text" name="reason" required maxlength="500" autocomplete="off"; }
                        button.main type="submit" { "Run" }
                    }
                }
            }
        }
        @if all.is_empty() { div.scroll { div.none { "No audit has run yet." } } }
        @for audit in &all { (result(audit)) }
    };
    let shown =
        Page { place: Place::Audit, title: "Audit", operator: &operator, needs: Needs::Nothing };
    Ok(page(&shown.with(&content)))
}

fn result(audit: &Audit) -> Markup {
    let report =
        audit.report.as_ref().and_then(|text| serde_json::from_str::<Value>(text.get()).ok());
    html! {
        section {
            div.head { h2 { "Audit " (audit.id) } (state(audit.state)) }
            dl.facts {
                dt { "Of" } dd { @match audit.object_id { Some(object) => { "the object " (object) } None => "the whole store" } }
                dt { "Began" } dd { (time(audit.started_at)) ", asked for by " (audit.asked_by) }
                dt { "Ended" } dd { (maybe_time(audit.finished_at)) }
                @if audit.error.is_some() { dt { "Failed" } dd { (maybe(audit.error.as_ref())) } }
            }
            @if let Some(report) = &report { (checks(audit, report)) }
        }
    }
}

/// The rules, those that are broken first; open where one is.
fn checks(audit: &Audit, report: &Value) -> Markup {
    let mut checks: Vec<&Value> = report["checks"].as_array().into_iter().flatten().collect();
    let broken = |check: &Value| check["broken"].as_u64().unwrap_or_default();
    checks.sort_by_key(|check| std::cmp::Reverse(broken(check)));
    let count = checks.iter().filter(|check| broken(check) > 0).count();
    html! {
        details.act open[audit.state == "broken"] {
            summary { (checks.len()) " rules, " (count) " broken" }
            div.scroll {
                table {
                    thead { tr { th { "Rule" } th { "State" } th.n { "Broken" } th { "Examples" } } }
                    tbody {
                        @for check in checks {
                            tr {
                                td {
                                    b { (check["name"].as_str().unwrap_or_default()) }
                                    div.small.muted { (check["rule"].as_str().unwrap_or_default()) }
                                }
                                td { (state(if broken(check) > 0 { "broken" } else { "sound" })) }
                                td.n { (broken(check)) }
                                td { @for example in check["examples"].as_array().into_iter().flatten() { code.small { (example) } br; } }
                            }
                        }
                    }
                }
            }
        }
    }
}

pub(in crate::console) async fn run(
    State(console): State<Console>,
    headers: HeaderMap,
    uri: Uri,
    body: Body,
) -> Answer {
    let sender = Sender::of(&console, &headers, &uri, body, &["object"]).await?;
    let acting = sender.acting(&console, actions::ROLE)?;
    actions::run(&acting, sender.form.read("object")?).await?;
    Ok(see("/audit?done=audit"))
}
