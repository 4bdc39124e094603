//! What protocols keep: orders, payments, carts, services, tickets and accounts, each list with the columns of its
//! protocol; and one of them with what belongs to it.

mod one;

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use maud::{Markup, html};
use serde_json::Value;

pub(in crate::console) use self::one::show as show_one;
use super::operator;
use crate::console::Console;
use crate::console::form::Form;
use crate::console::html::fields::{amounts, pages, text};
use crate::console::html::{Needs, Page, Place, state, time};
use crate::console::respond::{Answer, page};
use crate::ops::problem::Problem;
use crate::ops::queries::page::Page as Found;
use crate::ops::queries::records::{Record, RecordQuery, lists, records};
use crate::surface::shown::{Class, Find};

/// What can be looked at here, with a word for one of them. Objects have a page of their own.
pub(super) const CLASSES: [(Class, &str, &str); 6] = [
    (Class::Order, "Orders", "order"),
    (Class::Payment, "Payments", "payment"),
    (Class::Cart, "Carts", "cart"),
    (Class::Service, "Services", "service"),
    (Class::Ticket, "Tickets", "ticket"),
    (Class::Account, "Accounts", "account"),
];
/// By what they are looked up.
const BY: [(&str, &str); 4] = [
    ("id", "Its id"),
    ("original", "originalOrderId"),
    ("order", "The id of its order"),
    ("task", "The guid of its task"),
];

/// The class of this word.
pub(super) fn class(word: &str) -> Result<Class, Problem> {
    word.parse().map_err(|_| {
        let words: Vec<&str> = CLASSES.iter().map(|(class, ..)| class.as_str()).collect();
        Problem::bad(format!("class is {word:?}: it must be one of {}", words.join(", ")))
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
    let asked = asked(&form);
    let of = asked.as_ref().map_or(Class::Order, |(class, _)| *class);
    let found = match asked {
        Ok((class, query)) => records(console.ops.store(), console.ops.list, class, &query).await,
        Err(problem) => Err(problem),
    };
    let name =
        CLASSES.iter().find(|(class, ..)| *class == of).map_or("Orders", |(_, name, _)| name);
    let content = html! {
        div.head {
            h1 { (name) }
            nav.segments aria-label="What is shown" {
                @for (class, name, _) in CLASSES {
                    a href={ "/orders?class=" (class.as_str()) } aria-current=[(class == of).then_some("true")] { (name) }
                }
            }
        }
        (filter(&console, &form, of))
        @match &found {
            Ok(found) => { (table(found, of)) (pages("/orders", &form, found.items.len(), found.next.as_deref())) }
            Err(wrong) => div.message.bad id="problem" { p { (wrong.message) } },
        }
    };
    let shown =
        Page { place: Place::Orders, title: name, operator: &operator, needs: Needs::Nothing };
    let mut answer = page(&shown.with(&content));
    *answer.status_mut() = found.err().map_or(StatusCode::OK, |wrong| wrong.status);
    Ok(answer)
}

fn asked(form: &Form) -> Result<(Class, RecordQuery), Problem> {
    form.only(&[
        "class",
        "protocol",
        "by",
        "q",
        "object",
        "amount",
        "amountFrom",
        "amountTo",
        "cursor",
    ])?;
    let class = form.get("class").map_or(Ok(Class::Order), class)?;
    let by = match form.get("by").unwrap_or("id") {
        "id" => Find::Id,
        "original" => Find::Original,
        "order" => Find::Order,
        "task" => Find::Task,
        other => {
            return Err(Problem::bad(format!(
                "by is {other:?}: it must be id, original, order or task"
            )));
        }
    };
    let find = form.word("q")?.map(|text| (by, text));
    let query = RecordQuery {
        protocol: form.word("protocol")?,
        object: form.read("object")?,
        find,
        amount: form.amounts()?,
        limit: None,
        cursor: form.word("cursor")?,
    };
    Ok((class, query))
}

fn filter(console: &Console, form: &Form, of: Class) -> Markup {
    let by = form.get("by").unwrap_or("id");
    let mut protocols: Vec<&str> =
        lists(console.ops.list, of).iter().map(|(name, ..)| *name).collect();
    protocols.dedup();
    let chosen = form.get("protocol");
    html! {
        form.filter method="get" action="/orders" role="search" {
            input type="hidden" name="class" value=(of.as_str());
            label { "Look up by"
                select name="by" { @for (word, shown) in BY { option value=(word) selected[word == by] { (shown) } } }
            }
            (text(form, "q", "Exactly", "guid"))
            label { "Protocol"
                select name="protocol" {
                    option value="" { "any" }
                    @for name in protocols { option value=(name) selected[chosen == Some(name)] { (name) } }
                }
            }
            (text(form, "object", "Object", "short"))
            @if lists(console.ops.list, of).iter().any(|(.., list)| list.amount.is_some()) { (amounts(form)) }
            button.main type="submit" { "Find" }
            a.button href={ "/orders?class=" (of.as_str()) } { "Clear" }
        }
    }
}

fn table(found: &Found<Record>, of: Class) -> Markup {
    html! {
        div.scroll {
            @if found.items.is_empty() {
                div.none { "None of " (of.as_str()) " matches." }
            } @else {
                (rows(&found.items))
            }
        }
    }
}

/// Records of one class as a table: the columns of the first one's protocol. Another protocol begins another head.
pub(in crate::console) fn rows(records: &[Record]) -> Markup {
    let groups = records.chunk_by(|one, two| one.protocol == two.protocol && one.kind == two.kind);
    html! {
        @for group in groups {
            @if let Some(first) = group.first() {
                table {
                    thead {
                        tr {
                            th { "Id" } th.n { "Object" }
                            @for (name, value) in &first.fields { th.n[is_number(value)] { (words(name)) } }
                            th { "Protocol" }
                        }
                    }
                    tbody { @for record in group { (row(record)) } }
                }
            }
        }
    }
}

fn row(record: &Record) -> Markup {
    html! {
        tr {
            td { a.guid href=(path(record)) { (record.id) } }
            td.n { @if let Some(object) = record.object_id { a href={ "/tasks?object=" (object) } { (object) } } }
            @for (name, value) in &record.fields { td.n[is_number(value)] { (shown(name, value)) } }
            td.muted { (record.protocol) }
        }
    }
}

/// The address of one.
pub(super) fn path(record: &Record) -> String {
    let id: String = url::form_urlencoded::byte_serialize(record.id.as_bytes()).collect();
    match record.kind {
        "objects" => format!("/objects?object={id}"),
        kind => format!("/orders/{kind}/{id}"),
    }
}

fn is_number(value: &Value) -> bool {
    value.is_number() || value.as_str().is_some_and(|text| text.parse::<f64>().is_ok())
}

/// A value as people read it.
pub(super) fn shown(name: &str, value: &Value) -> Markup {
    let is_state = ["status", "state", "health", "acceptance"].contains(&name);
    html! {
        @match value {
            Value::Null => span.muted { "–" },
            Value::Bool(is) => (if *is { "yes" } else { "no" }),
            Value::Number(number) => (number),
            Value::String(text) if is_state => (state(text)),
            Value::String(text) => (text_of(text)),
            other => code.small { (other) },
        }
    }
}

fn text_of(text: &str) -> Markup {
    let as_time = text.parse::<jiff::Timestamp>().ok().filter(|_| text.len() > 18);
    html! {
        @match as_time {
            Some(at) => (time(at)),
            None if uuid::Uuid::try_parse(text).is_ok() => span.guid { (text) },
            None => (text),
        }
    }
}

/// The name of a column in words: `createdAt` is `Created at`.
pub(super) fn words(name: &str) -> String {
    let mut words = String::new();
    for (place, letter) in name.chars().enumerate() {
        match (place, letter.is_ascii_uppercase()) {
            (0, _) => words.push(letter.to_ascii_uppercase()),
            (_, true) => words.extend([' ', letter.to_ascii_lowercase()]),
            (_, false) => words.push(letter),
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_and_values_are_written_as_people_read_them() {
        assert_eq!(words("createdAt"), "Created at");
        assert_eq!(words("originalOrderId"), "Original order id");
        let written = |name: &str, value: Value| shown(name, &value).into_string();
        assert_eq!(written("paid", Value::Null), "<span class=\"muted\">–</span>");
        assert_eq!(written("note", "<b>".into()), "&lt;b&gt;");
        assert!(written("status", "open".into()).contains("class=\"state info\""));
        assert!(written("at", "2026-01-31T12:00:00Z".into()).contains("2026-01-31 12:00:00"));
    }
}
