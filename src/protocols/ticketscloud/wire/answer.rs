//! Writing answers: the order, its fields in the vendor's order, and errors as a list of sentences.

use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{CREATE_ORDER, CREATE_REFUND, DELETE_ORDER, refund, wide};
use crate::domain::money::Money;
use crate::domain::task::{ClaimedTask, Undone};
use crate::engine::protocol::Refusal;
use crate::engine::protocol::stored::{self, Stored};
use crate::protocols::ticketscloud::command::{Answered, OrderView};
use crate::protocols::ticketscloud::model;

#[derive(Serialize, JsonSchema)]
#[schemars(title = "TicketscloudOrder")]
struct Order<'a> {
    id: String,
    created_at: String,
    customer: &'a BTreeMap<String, String>,
    deal: Option<String>,
    event: String,
    number: i64,
    org: String,
    payment: Payment<'a>,
    promocodes: Vec<String>,
    reserved_till: String,
    rules: BTreeMap<String, String>,
    status: &'static str,
    tickets: Vec<String>,
    updated_at: String,
    value: String,
    value_extra: String,
    values: Values,
    vendor: String,
}

#[derive(Serialize, JsonSchema)]
struct Payment<'a> {
    failure_url: Option<&'a str>,
    success_url: Option<&'a str>,
    system: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct Values {
    /// Only of an order with promo codes.
    #[serde(skip_serializing_if = "Option::is_none")]
    discount: Option<String>,
    extra: String,
    full: String,
    nominal: String,
    /// Only of an order of which something was given back.
    #[serde(skip_serializing_if = "Option::is_none")]
    refunded: Option<String>,
}

/// The form of an order.
fn form(view: &OrderView) -> Order<'_> {
    let OrderView { order, event } = view;
    let values = &order.values;
    let lines = order.lines.iter().filter(|(_, line)| is_shown(order, line));
    let rules = order.lines.values().map(|line| (line.set.to_string(), line.rule.to_string()));
    Order {
        id: order.id.to_string(),
        created_at: time(order.created_at),
        customer: &order.customer,
        deal: order.deal.map(|deal| deal.to_string()),
        event: event.id.to_string(),
        number: order.shown_number,
        org: event.org.to_string(),
        payment: Payment {
            failure_url: order.failure_url.as_deref(),
            success_url: order.success_url.as_deref(),
            system: order.system.map(|system| system.to_string()),
        },
        promocodes: order.promocodes.iter().map(ToString::to_string).collect(),
        reserved_till: time(order.reserved_till),
        rules: rules.collect(),
        status: order.status.as_str(),
        tickets: lines.map(|(id, _)| id.to_string()).collect(),
        updated_at: time(order.updated_at),
        value: values.full.to_string(),
        value_extra: values.extra.to_string(),
        values: Values {
            discount: (!order.promocodes.is_empty()).then(|| values.discount.to_string()),
            extra: values.extra.to_string(),
            full: values.full.to_string(),
            nominal: values.nominal.to_string(),
            refunded: (order.refunded != Money::ZERO).then(|| order.refunded.to_string()),
        },
        vendor: order.partner.to_string(),
    }
}

/// Whether a ticket is shown: of an order that goes on, those that it has; of one that ended, those that it had.
pub fn is_shown(order: &model::Order, line: &model::Line) -> bool {
    order.holds(line) || !order.status.holds()
}

/// An order.
pub fn order(view: &OrderView) -> String {
    write_json(&form(view))
}

/// An order as a value, its fields in the order of their names.
pub fn plain_order(view: &OrderView) -> serde_json::Value {
    serde_json::to_value(form(view)).unwrap_or_default()
}

/// The JSON Schema of [`order`].
pub fn schema() -> serde_json::Value {
    let settings = SchemaSettings::draft2020_12().for_serialize().with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    settings.into_generator().into_root_schema_for::<Order<'_>>().into()
}

/// Errors.
pub fn errors(errors: &[String]) -> String {
    #[derive(Serialize)]
    struct Errors<'a> {
        errors: &'a [String],
    }
    write_json(&Errors { errors })
}

/// What is added to a sentence about a task of a paused event.
pub const PAUSED: &str = " The event is paused by the operator of this service.";

/// What a task that was not carried out is answered.
pub fn undone(task: &ClaimedTask, why: Undone) -> Answered {
    let (status, error) = match why {
        Undone::TimedOut => {
            let deadline = time(task.deadline);
            let paused = if task.paused { PAUSED } else { "" };
            let error = format!(
                "The request was not executed by its deadline {deadline} and never will be.{paused}"
            );
            (504, error)
        }
        Undone::Failed => {
            (500, "The request could not be carried out and nothing was changed.".into())
        }
        Undone::Cancelled => {
            (409, "The request was cancelled before it was executed and never will be.".into())
        }
    };
    Answered::Refused { status, errors: vec![error] }
}

/// The answer of a task, as it is stored.
pub fn write(task: &ClaimedTask, answered: &Answered) -> String {
    let (status, body) = match answered {
        Answered::Order { view, wide } => {
            let body = if *wide { wide::order(view).to_string() } else { order(view) };
            match &*task.task_type {
                CREATE_ORDER => (201, body),
                DELETE_ORDER => (200, "{}".into()),
                _ => (200, body),
            }
        }
        Answered::Refund(view) => {
            let status = if task.task_type == CREATE_REFUND { 201 } else { 200 };
            (status, refund::refund(view).to_string())
        }
        Answered::Refused { status, errors: message } => (*status, errors(message)),
    };
    stored::write(status, &body)
}

/// Why a task was not done, by its answer as it is stored.
pub fn read_refusal(answer: &str) -> Option<Refusal> {
    #[derive(Deserialize)]
    struct Body {
        errors: Vec<String>,
    }
    let stored = Stored::read(answer)?;
    let Body { errors } = serde_json::from_str(stored.body).ok()?;
    Some(Refusal { code: stored.status.to_string(), message: errors.join("; ") })
}

/// `2016-01-26T12:54:10.744000+00:00`
pub fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.6f+00:00").to_string()
}

fn write_json(value: &impl Serialize) -> String {
    // These types hold texts and numbers: nothing in them cannot be written.
    serde_json::value::to_raw_value(value)
        .map_or_else(|_| RawValue::NULL.to_string(), |raw| raw.get().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_six_decimals_and_an_offset() {
        let at: Timestamp = "2016-01-26T12:54:10.744Z".parse().unwrap();
        assert_eq!(time(at), "2016-01-26T12:54:10.744000+00:00");
        assert_eq!(errors(&["a \"b\"".into()]), r#"{"errors":["a \"b\""]}"#);
    }
}
