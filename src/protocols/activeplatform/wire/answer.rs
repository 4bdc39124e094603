//! Writing answers: the payment as a resource, errors as one object. Indented by four spaces, as the
//! vendor writes them.

use jiff::Timestamp;
use jiff::tz::Offset;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::{Deserialize, Serialize};

use crate::domain::money::Money;
use crate::domain::task::{ClaimedTask, Undone};
use crate::engine::protocol::Refusal;
use crate::engine::protocol::stored::{self, Stored};
use crate::protocols::activeplatform::command::{Answered, PaymentView, UtcOffset};
use crate::protocols::activeplatform::model::Payment;
use crate::protocols::activeplatform::wire::query::BadParameter;

#[derive(Serialize)]
struct Document<'a> {
    data: Resource<'a>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Resource<'a> {
    id: String,
    r#type: &'static str,
    attributes: Attributes<'a>,
    relationships: Relationships,
}

#[derive(Serialize, JsonSchema)]
struct Attributes<'a> {
    created_at: String,
    updated_at: String,
    account_id: i64,
    discount_amount: String,
    total: String,
    currency_code: &'a str,
    comment: &'a str,
    status: &'a str,
    document_id: &'a str,
    expiration_date: Option<String>,
    payment_method_id: Option<i64>,
    requester_ip: Option<&'a str>,
    manager_id: Option<i64>,
    purpose: &'a str,
    external_total: Option<String>,
    external_currency: Option<&'a str>,
    due_date: Option<String>,
    payment_method_name: Option<&'a str>,
    closed_at: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct Relationships {
    orders: Linked<Vec<Link>>,
    invoices: Linked<Vec<Link>>,
    corrections: Linked<Vec<Link>>,
    reseller: Linked<Link>,
    account: Linked<Link>,
    payment_method: Linked<Option<Link>>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Linked<T> {
    pub(super) data: T,
}

#[derive(Serialize, JsonSchema)]
#[schemars(title = "ActivePlatformLink")]
pub(super) struct Link {
    id: String,
    r#type: &'static str,
}

impl Link {
    pub(super) fn to(id: i64, r#type: &'static str) -> Link {
        Link { id: id.to_string(), r#type }
    }

    fn all(ids: &[i64], r#type: &'static str) -> Linked<Vec<Link>> {
        Linked { data: ids.iter().map(|id| Link::to(*id, r#type)).collect() }
    }
}

/// A payment.
pub fn payment(view: &PaymentView) -> String {
    write_json(&Document { data: resource(&view.payment, view.offset) })
}

/// A payment as a resource.
pub(super) fn resource(payment: &Payment, offset: UtcOffset) -> Resource<'_> {
    let time = |at: Timestamp| time(at, offset);
    let Payment { orders, invoices, corrections, method, .. } = payment;
    Resource {
        id: payment.id.to_string(),
        r#type: "payments",
        attributes: Attributes {
            created_at: time(payment.created_at),
            updated_at: time(payment.updated_at),
            account_id: payment.account,
            discount_amount: amount(payment.discount),
            total: amount(payment.total),
            currency_code: &payment.currency,
            comment: &payment.comment,
            status: payment.status.as_str(),
            document_id: &payment.document,
            expiration_date: payment.expiration_date.map(time),
            payment_method_id: method.as_ref().map(|method| method.id),
            requester_ip: payment.requester_ip.as_deref(),
            manager_id: payment.manager,
            purpose: &payment.purpose,
            external_total: payment.external_total.map(amount),
            external_currency: payment.external_currency.as_deref(),
            due_date: payment.due_date.map(time),
            payment_method_name: method.as_ref().map(|method| method.name.as_str()),
            closed_at: payment.closed_at.map(time),
        },
        relationships: Relationships {
            orders: Link::all(orders, "orders"),
            invoices: Link::all(invoices, "invoices"),
            corrections: Link::all(corrections, "corrections"),
            reseller: Linked { data: Link::to(payment.reseller.0, "resellers") },
            account: Linked { data: Link::to(payment.account, "accounts") },
            payment_method: Linked {
                data: method.as_ref().map(|method| Link::to(method.id, "payment_methods")),
            },
        },
    }
}

/// The JSON Schema of a document.
pub(super) fn schema_of<T: JsonSchema>() -> serde_json::Value {
    let settings = SchemaSettings::draft2020_12().for_serialize().with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    settings.into_generator().into_root_schema_for::<T>().into()
}

#[derive(Serialize)]
struct Errors<'a> {
    errors: Error<'a>,
}

#[derive(Serialize)]
struct Error<'a> {
    title: &'a str,
    status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<Source<'a>>,
}

/// Which part of the request it is about, as JSON:API names it.
#[derive(Serialize)]
struct Source<'a> {
    parameter: &'a str,
}

/// An error.
pub fn error(status: u16, title: &str) -> String {
    let status = status.to_string();
    write_json(&Errors { errors: Error { title, status, source: None } })
}

/// That a parameter is refused: 400.
pub fn bad_parameter(bad: &BadParameter) -> String {
    let (title, status) = (&*bad.to_string(), "400".to_owned());
    let source = Some(Source { parameter: &bad.name });
    write_json(&Errors { errors: Error { title, status, source } })
}

/// What is added to a sentence about a task of a paused reseller.
pub const PAUSED: &str = " The reseller is paused by the operator of this service.";

/// What a task that was not carried out is answered.
pub fn undone(task: &ClaimedTask, why: Undone) -> Answered {
    let (status, title) = match why {
        Undone::TimedOut => {
            let deadline = task.deadline.strftime("%Y-%m-%dT%H:%M:%S%.3fZ");
            let paused = if task.paused { PAUSED } else { "" };
            let title = format!(
                "The request was not executed by its deadline {deadline} and never will be.{paused}"
            );
            (504, title)
        }
        Undone::Failed => {
            (500, "The request could not be carried out and nothing was changed.".into())
        }
        Undone::Cancelled => {
            (409, "The request was cancelled before it was executed and never will be.".into())
        }
    };
    Answered::Refused { status, title }
}

/// The answer of a task, as it is stored.
pub fn write(answered: &Answered) -> String {
    let (status, body) = match answered {
        Answered::Payment(view) => (200, payment(view)),
        Answered::Repeated(first) => (200, first.clone()),
        Answered::Refused { status, title } => (*status, error(*status, title)),
    };
    stored::write(status, &body)
}

/// Why a task was not done, by its answer as it is stored.
pub fn read_refusal(answer: &str) -> Option<Refusal> {
    #[derive(Deserialize)]
    struct Body {
        errors: Told,
    }
    #[derive(Deserialize)]
    struct Told {
        title: String,
    }
    let stored = Stored::read(answer)?;
    let Body { errors } = serde_json::from_str(stored.body).ok()?;
    Some(Refusal { code: stored.status.to_string(), message: errors.title })
}

/// At least one decimal, as the vendor writes it: `99.0`, `99.35`.
pub(super) fn amount(money: Money) -> String {
    let text = money.to_string();
    text.strip_suffix('0').map_or(text.clone(), str::to_owned)
}

/// `2019-11-01T04:34:42.986099+0300`
pub(super) fn time(at: Timestamp, offset: UtcOffset) -> String {
    let offset = Offset::from_seconds(offset.minutes() * 60).unwrap_or(Offset::UTC);
    let local = at.to_zoned(offset.to_time_zone());
    local.strftime("%Y-%m-%dT%H:%M:%S%.6f%z").to_string()
}

pub(super) fn write_json(value: &impl Serialize) -> String {
    let mut text = Vec::new();
    let formatter = serde_json::ser::PrettyFormatter::with_indent(b"    ");
    let mut serializer = serde_json::Serializer::with_formatter(&mut text, formatter);
    match value.serialize(&mut serializer) {
        Ok(()) => String::from_utf8_lossy(&text).into_owned(),
        // Not for these types: they hold texts and numbers.
        Err(error) => format!("{{\"errors\": {{\"title\": \"{error}\", \"status\": \"500\"}}}}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_at_least_one_decimal_and_times_six_and_an_offset() {
        for (kopecks, text) in [(0, "0.0"), (9900, "99.0"), (9935, "99.35"), (5, "0.05")] {
            assert_eq!(amount(Money::from_kopecks(kopecks).unwrap()), text);
        }
        let at: Timestamp = "2019-11-01T01:34:42.986099Z".parse().unwrap();
        assert_eq!(time(at, "+0300".parse().unwrap()), "2019-11-01T04:34:42.986099+0300");
        let whole: Timestamp = "2019-11-01T00:00:00Z".parse().unwrap();
        assert_eq!(time(whole, "-0330".parse().unwrap()), "2019-10-31T20:30:00.000000-0330");
    }

    #[test]
    fn an_error_is_written_as_the_vendor_writes_it() {
        let title = crate::protocols::activeplatform::decide::NOT_OPEN;
        assert_eq!(
            error(422, title),
            "{\n    \"errors\": {\n        \"title\": \"Only payments with \\\"waiting for \
             payment/expired\\\" status can be completed.\",\n        \"status\": \"422\"\n    }\n}"
        );
        let bad = bad_parameter(&BadParameter::of("sort", "it is refused"));
        let bad: serde_json::Value = serde_json::from_str(&bad).unwrap();
        assert_eq!(
            bad,
            serde_json::json!({"errors": {"title": "sort: it is refused", "status": "400",
                "source": {"parameter": "sort"}}})
        );
    }
}
