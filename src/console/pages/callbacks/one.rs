//! One callback: what was tried, and what can be done about it: switch it, give it another secret, post again.

use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, Uri};
use maud::{Markup, html};

use super::{health, posts};
use crate::console::Console;
use crate::console::form::Form;
use crate::console::html::fields::{Act, moment, text};
use crate::console::html::{Needs, Page, Place, count, maybe_time, state, time};
use crate::console::pages::acts::{Sender, done};
use crate::console::pages::{callers, operator};
use crate::console::respond::{Answer, page, see};
use crate::engine::store::callbacks::replaying::ReplayFilter;
use crate::ops::access::Operator;
use crate::ops::actions::callbacks as actions;
use crate::ops::problem::{Problem, not_found};
use crate::ops::queries::callbacks::{
    Callback, Replayable, Tried, attempts, callbacks, replayable,
};

/// How many attempts the page lists.
const ATTEMPTS: i64 = 100;
const FILTER: [&str; 6] = ["subject", "object", "order", "from", "to", "undelivered"];
/// For how many hours the secret before signs as well.
const OVERLAP_H: i64 = 24;

fn number(text: &str) -> Result<i64, Problem> {
    text.parse().map_err(|_| not_found(format!("there is no callback {text:?}")))
}

fn asked(form: &Form) -> Result<ReplayFilter, Problem> {
    Ok(ReplayFilter {
        subject: form.read("subject")?,
        since: form.moment("from")?,
        until: form.moment("to")?,
        object: form.read("object")?,
        order: form.read("order")?,
        only: None,
        undelivered: form.get("undelivered").is_some(),
    })
}

pub(in crate::console) async fn show(
    State(console): State<Console>,
    headers: HeaderMap,
    uri: Uri,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Answer {
    let operator = operator(&console, &headers, &uri).await?;
    let (id, store) = (number(&id)?, console.ops.store());
    let form = Form::of_query(query.as_deref());
    let known: Vec<&str> = FILTER.iter().copied().chain(["count", "failed", "done"]).collect();
    form.only(&known)?;
    let found = callbacks(store, &operator).await?.into_iter().find(|one| one.id == id);
    let callback = found.ok_or_else(|| not_found(format!("there is no callback {id}")))?;
    let failed = form.get("failed").is_some();
    let tried = attempts(store, &operator, id, failed, ATTEMPTS).await?;
    let counted = match form.get("count") {
        Some(_) => Some(match asked(&form) {
            Ok(filter) => replayable(store, id, &filter).await.map(|(_, count)| count),
            Err(problem) => Err(problem),
        }),
        None => None,
    };
    let content = html! {
        div.head { h1 { "Callback " (id) } (state(health(&callback))) span.sub { (callback.url) } }
        (done(&form))
        div.columns {
            section { h2 { "The callback" } (facts(&callback)) }
            section { h2 { "What can be done" } (acts(&operator, &callback)) (again(&form, &operator, id, counted.as_ref())) }
        }
        div.head {
            h2 { "Attempts" }
            nav.segments aria-label="Which attempts" {
                a href={ "/callbacks/" (id) } aria-current=[(!failed).then_some("true")] { "all" }
                a href={ "/callbacks/" (id) "?failed=1" } aria-current=[failed.then_some("true")] { "failed" }
            }
        }
        (log(&tried))
    };
    let title = format!("Callback {id}");
    let shown =
        Page { place: Place::Callbacks, title: &title, operator: &operator, needs: Needs::Nothing };
    Ok(page(&shown.with(&content)))
}

fn facts(callback: &Callback) -> Markup {
    html! {
        dl.facts {
            dt { "Caller" } dd { a href=(callers::path(&callback.caller)) { (callback.caller) } }
            dt { "Posts to" } dd { (callback.url) }
            dt { "Posts" } dd { (posts(callback)) }
            dt { "Waiting" } dd { (count(callback.waiting)) }
            dt { "Failing since" } dd { (maybe_time(callback.failing_since)) }
            @if let Some(why) = &callback.closed_because { dt { "Switched off" } dd { (why) } }
            @if callback.old_secret_until.is_some() {
                dt { "Old secret signs until" } dd { (maybe_time(callback.old_secret_until)) }
            }
        }
    }
}

fn acts(operator: &Operator, callback: &Callback) -> Markup {
    let (switch, rotate) = (
        format!("/callbacks/{}/switch", callback.id),
        format!("/callbacks/{}/rotate", callback.id),
    );
    html! {
        @if operator.may(actions::SWITCH) {
            @if callback.open {
                (Act { name: "Switch off", path: &switch, what: "Nothing is posted until it is switched on. What waits stays, and what comes meanwhile can be replayed.", danger: true, hidden: &[("open", "0")] })
            } @else {
                (Act { name: "Switch on", path: &switch, what: "Answers and events are posted again.", danger: false, hidden: &[("open", "1")] })
            }
        } @else {
            p.muted { "Switching and replaying need the role operator." }
        }
        @if operator.may(actions::ROTATE) {
            (Act { name: "New secret", path: &rotate, what: "It is shown once. The one before signs beside it for 24 hours.", danger: true, hidden: &[] })
        }
    }
}

/// The form to post again what came before: count, then by the same filter.
fn again(
    form: &Form,
    operator: &Operator,
    id: i64,
    counted: Option<&Result<Replayable, Problem>>,
) -> Markup {
    if !operator.may(actions::SWITCH) {
        return html! {};
    }
    let number = counted.and_then(|counted| counted.as_ref().ok()).map(|count| count.total());
    let number = number.unwrap_or_default().to_string();
    let mut hidden: Vec<(&str, &str)> =
        FILTER.iter().filter_map(|name| Some((*name, form.get(name)?))).collect();
    hidden.push(("expected", &number));
    html! {
        details.act open[counted.is_some()] {
            summary { "Post again" }
            div {
                form.filter method="get" action={ "/callbacks/" (id) } {
                    (text(form, "subject", "Task or event guid", "guid"))
                    (text(form, "object", "Object", "short"))
                    (text(form, "order", "Events of the order", "guid"))
                    (moment(form, "from", "From"))
                    (moment(form, "to", "To"))
                    label { input type="checkbox" name="undelivered" value="1" checked[form.get("undelivered").is_some()]; "only what was not delivered" }
                    button.main type="submit" name="count" value="1" { "Count" }
                }
                @match counted {
                    None => {},
                    Some(Err(wrong)) => div.message.bad id="problem" { p { (wrong.message) } },
                    Some(Ok(count)) => {
                        div.message id="counted" { p { (count.answers) " answers and " (count.events) " events match." } }
                        @if count.total() > 0 {
                            (Act { name: "Post them again", path: &format!("/callbacks/{id}/replay"), what: "Those that were delivered are posted once more as well.", danger: false, hidden: &hidden })
                        }
                    }
                }
            }
        }
    }
}

fn log(tried: &[Tried]) -> Markup {
    html! {
        div.scroll {
            @if tried.is_empty() {
                div.none { "Nothing was posted yet, or the log keeps it no longer (callbacks.log_days)." }
            } @else {
                table {
                    thead { tr {
                        th { "Attempted (UTC)" } th { "Result" } th.n { "Took" } th.n { "Attempt" } th { "About" } th.n { "Object" }
                        th { "Again (UTC)" }
                    } }
                    tbody { @for one in tried { (attempt(one)) } }
                }
            }
        }
    }
}

fn attempt(tried: &Tried) -> Markup {
    let delivered = tried.status.is_some_and(|status| (200..300).contains(&status));
    html! {
        tr {
            td { (time(tried.attempted_at)) }
            td.nowrap {
                (state(if delivered { "delivered" } else { "failed" }))
                @match (&tried.status, &tried.error) {
                    (Some(status), _) => { " HTTP " (status) }
                    (None, Some(error)) => div.small.muted { (error) },
                    (None, None) => {},
                }
            }
            td.n { (tried.took_ms) " ms" }
            td.n { (tried.attempt) }
            td {
                @if tried.is_event { "event " span.guid { (tried.subject) } }
                @else { a.guid href={ "/tasks/" (tried.subject) } { (tried.subject) } }
            }
            td.n { (tried.object_id) }
            td { (maybe_time(tried.next_at)) }
        }
    }
}

pub(in crate::console) async fn switch(
    State(console): State<Console>,
    headers: HeaderMap,
    uri: Uri,
    Path(id): Path<String>,
    body: Body,
) -> Answer {
    let sender = Sender::of(&console, &headers, &uri, body, &["open"]).await?;
    let acting = sender.acting(&console, actions::SWITCH)?;
    let (id, open) = (number(&id)?, sender.form.required("open")? == "1");
    actions::switch(&acting, id, open).await?;
    Ok(see(&format!("/callbacks/{id}?done={}", if open { "on" } else { "off" })))
}

pub(in crate::console) async fn rotate(
    State(console): State<Console>,
    headers: HeaderMap,
    uri: Uri,
    Path(id): Path<String>,
    body: Body,
) -> Answer {
    let sender = Sender::of(&console, &headers, &uri, body, &[]).await?;
    let acting = sender.acting(&console, actions::ROTATE)?;
    let id = number(&id)?;
    let secret = actions::rotate_secret(&acting, id, OVERLAP_H).await?;
    let what = format!("The new secret of the callback {id}");
    Ok(super::super::acts::shown_once(
        &sender.operator,
        Place::Callbacks,
        &what,
        &secret,
        &format!("/callbacks/{id}"),
    ))
}

pub(in crate::console) async fn replay(
    State(console): State<Console>,
    headers: HeaderMap,
    uri: Uri,
    Path(id): Path<String>,
    body: Body,
) -> Answer {
    let fields: Vec<&str> = FILTER.iter().copied().chain(["expected"]).collect();
    let sender = Sender::of(&console, &headers, &uri, body, &fields).await?;
    let acting = sender.acting(&console, actions::SWITCH)?;
    let id = number(&id)?;
    let expected =
        sender.form.read("expected")?.ok_or_else(|| Problem::bad("expected: count first"))?;
    actions::replay(&acting, id, &asked(&sender.form)?, expected).await?;
    Ok(see(&format!("/callbacks/{id}?done=replayed")))
}
