//! Dead letters: by reason, one by one, and replayed: those that are chosen, or all that match once they are counted.

use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use maud::{Markup, html};

use super::acts::Sender;
use super::operator;
use crate::console::Console;
use crate::console::form::Form;
use crate::console::html::fields::{Act, moment, text};
use crate::console::html::{Needs, Page, Place, count, maybe_time, state, time};
use crate::console::respond::{Answer, page};
use crate::engine::store::dead_letters::LetterFilter;
use crate::ops::access::Operator;
use crate::ops::actions::letters::{self as actions, ReplayedLetter};
use crate::ops::problem::Problem;
use crate::ops::queries::letters::{Letter, Reason, letters, matching, reasons};

/// How many letters the page lists.
const MOST: i64 = 200;
/// What the filter asks for. `reason` is the journal's in every form: that of a letter is `like`.
const FILTER: [&str; 7] = ["id", "object", "task", "type", "like", "from", "to"];

fn asked(form: &Form) -> Result<LetterFilter, Problem> {
    Ok(LetterFilter {
        id: form.read("id")?,
        object: form.read("object")?,
        guid: form.read("task")?,
        task_type: form.word("type")?,
        reason: form.word("like")?,
        since: form.moment("from")?,
        until: form.moment("to")?,
        most: MOST,
    })
}

/// What the page shows.
struct Found {
    letters: Vec<Letter>,
    reasons: Vec<Reason>,
    /// How many match, where that was asked for.
    counted: Option<usize>,
}

async fn find(console: &Console, form: &Form) -> Result<Found, Problem> {
    let known: Vec<&str> = FILTER.iter().copied().chain(["count"]).collect();
    form.only(&known)?;
    let filter = asked(form)?;
    let store = console.ops.store();
    let counted = match form.get("count") {
        Some(_) => Some(matching(store, &filter).await?.len()),
        None => None,
    };
    let everything = LetterFilter { most: MOST, ..LetterFilter::default() };
    Ok(Found {
        letters: letters(store, &filter).await?,
        reasons: reasons(store, &everything).await?,
        counted,
    })
}

pub(in crate::console) async fn show(
    State(console): State<Console>,
    headers: HeaderMap,
    uri: Uri,
    RawQuery(query): RawQuery,
) -> Answer {
    let operator = operator(&console, &headers, &uri).await?;
    let form = Form::of_query(query.as_deref());
    let found = find(&console, &form).await;
    let content = html! {
        div.head { h1 { "Dead letters" } span.sub { "deliveries that no worker could settle, and messages that are no task" } }
        @if let Ok(found) = &found { (by_reason(&found.reasons)) }
        (filter(&form))
        @match &found {
            Ok(found) => { (replay_all(&form, &operator, found.counted)) (table(&operator, &found.letters)) }
            Err(wrong) => div.message.bad id="problem" { p { (wrong.message) } },
        }
    };
    let shown = Page {
        place: Place::DeadLetters,
        title: "Dead letters",
        operator: &operator,
        needs: Needs::Nothing,
    };
    let mut answer = page(&shown.with(&content));
    *answer.status_mut() = found.err().map_or(StatusCode::OK, |wrong| wrong.status);
    Ok(answer)
}

fn by_reason(reasons: &[Reason]) -> Markup {
    html! {
        @if !reasons.is_empty() {
            div.scroll {
                table {
                    thead { tr { th { "Reason" } th.n { "Letters" } th { "Last (UTC)" } } }
                    tbody {
                        @for reason in reasons {
                            tr {
                                td { (link_to(&reason.reason)) }
                                td.n { (count(i64::try_from(reason.letters).unwrap_or(i64::MAX))) }
                                td { (time(reason.last_at)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A link to the letters with this reason, where it is written out.
fn link_to(reason: &str) -> Markup {
    let like: String = url::form_urlencoded::byte_serialize(reason.as_bytes()).collect();
    html! {
        @if reason.contains('…') { (reason) } @else { a href={ "/dead?like=" (like) } { (reason) } }
    }
}

fn filter(form: &Form) -> Markup {
    html! {
        form.filter method="get" action="/dead" role="search" {
            (text(form, "like", "Reason has", ""))
            (text(form, "object", "Object", "short"))
            (text(form, "type", "Type", "short"))
            (text(form, "task", "Task guid", "guid"))
            (moment(form, "from", "From"))
            (moment(form, "to", "To"))
            button.main type="submit" { "Find" }
            button type="submit" name="count" value="1" { "Count, to replay all" }
            a.button href="/dead" { "Clear" }
        }
    }
}

fn replay_all(form: &Form, operator: &Operator, counted: Option<usize>) -> Markup {
    let number = counted.unwrap_or_default().to_string();
    let mut hidden: Vec<(&str, &str)> =
        FILTER.iter().filter_map(|name| Some((*name, form.get(name)?))).collect();
    hidden.push(("expected", &number));
    html! {
        @if let Some(counted) = counted {
            div.message id="counted" { p { (counted) " letters match." } }
            @if counted > 0 && operator.may(actions::ROLE) {
                (Act {
                    name: "Replay all that match",
                    path: "/dead/replay",
                    what: "A task that has its answer keeps it. Should others match by then, nothing is replayed.",
                    danger: false,
                    hidden: &hidden,
                })
            }
        }
    }
}

fn table(operator: &Operator, letters: &[Letter]) -> Markup {
    let may = operator.may(actions::ROLE);
    html! {
        @if letters.is_empty() {
            div.scroll { div.none { "There is no such dead letter." } }
        } @else {
            form method="post" action="/dead/replay-chosen" {
                div.scroll {
                    table {
                        thead { tr {
                            @if may { th { "Choose" } }
                            th.n { "No." } th { "Came (UTC)" } th { "Reason" } th { "Task" } th { "Its state" }
                            th { "Replayed (UTC)" }
                        } }
                        tbody { @for letter in letters { (row(may, letter)) } }
                    }
                }
                @if may {
                    div.row {
                        label { "Reason, for the journal"
                            input type="text" name="reason" required maxlength="500" autocomplete="off";
                        }
                        button.main type="submit" { "Replay the chosen" }
                    }
                }
            }
        }
    }
}

fn row(may: bool, letter: &Letter) -> Markup {
    html! {
        tr {
            @if may {
                td { input type="checkbox" name="id" value=(letter.id) aria-label={ "Letter " (letter.id) }; }
            }
            td.n { (letter.id) }
            td { (time(letter.last_at)) @if letter.times > 1 { div.small.muted { (letter.times) " times" } } }
            td.wide {
                (letter.reason)
                div.small.muted { (door(letter.door)) @if let Some(caller) = &letter.caller { ", of " (caller) } }
            }
            td {
                @match &letter.task_guid {
                    Some(guid) => a.guid href={ "/tasks/" (guid) } { (guid) },
                    None => span.muted { "–" },
                }
                div.small.muted { (letter.task_type.as_deref().unwrap_or_default()) " " (maybe_of(letter.object_id)) }
            }
            td { @match &letter.task { Some(word) => (state(word)), None => span.muted { "no task" } } }
            td { (maybe_time(letter.replayed_at)) }
        }
    }
}

/// Where it came.
fn door(word: &str) -> &str {
    match word {
        "work" => "on its way to a worker",
        "upstream" => "from an upstream service",
        other => other,
    }
}

fn maybe_of(object: Option<i64>) -> String {
    object.map_or(String::new(), |object| format!("of {object}"))
}

/// Replays all that match, as many as were counted.
pub(in crate::console) async fn replay(
    State(console): State<Console>,
    headers: HeaderMap,
    uri: Uri,
    body: Body,
) -> Answer {
    let fields: Vec<&str> = FILTER.iter().copied().chain(["expected"]).collect();
    let sender = Sender::of(&console, &headers, &uri, body, &fields).await?;
    let form = &sender.form;
    let acting = sender.acting(&console, actions::ROLE)?;
    let filter = asked(form)?;
    let expected = form.read("expected")?.ok_or_else(|| Problem::bad("expected: count first"))?;
    let told = actions::matching(&acting, &filter, expected).await?;
    Ok(told_page(&sender.operator, &told))
}

/// Replays those that are chosen.
pub(in crate::console) async fn replay_chosen(
    State(console): State<Console>,
    headers: HeaderMap,
    uri: Uri,
    body: Body,
) -> Answer {
    let sender = Sender::of_several(&console, &headers, &uri, body, "id").await?;
    let acting = sender.acting(&console, actions::ROLE)?;
    let ids: Result<Vec<i64>, _> = sender.form.all("id").map(str::parse).collect();
    let ids = ids.map_err(|_| Problem::bad("id: it must be the number of a letter"))?;
    if ids.is_empty() {
        return Err(Problem::bad("id: choose at least one letter").into());
    }
    let mut told = Vec::with_capacity(ids.len());
    for id in ids {
        told.push(actions::one(&acting, id).await?);
    }
    Ok(told_page(&sender.operator, &told))
}

fn told_page(operator: &Operator, told: &[ReplayedLetter]) -> axum::response::Response {
    let content = html! {
        div.head { h1 { "Dead letters" } }
        div.message.ok id="done" role="status" { p { (told.len()) " replayed. " a href="/journal" { "The journal has it." } } }
        div.scroll {
            table {
                thead { tr { th.n { "No." } th { "Outcome" } th { "What that means" } } }
                tbody {
                    @for letter in told {
                        tr { td.n { (letter.id) } td { (state(letter.outcome)) } td { (letter.sentence) } }
                    }
                }
            }
        }
        p { a href="/dead" { "Back to the dead letters" } }
    };
    page(
        &Page { place: Place::DeadLetters, title: "Dead letters", operator, needs: Needs::Nothing }
            .with(&content),
    )
}
