//! The document of an event, as its operator writes it: what it is, when and where, what is sold of it.

mod reader;
mod sets;
#[cfg(test)]
mod tests;

use jiff::Timestamp;
use serde_json::{Value, json};

use self::reader::{Fields, Reader};
pub use self::sets::{DocumentSet, NewTicket};
use super::hex_id::{EventId, PartnerId};
use super::model::Period;
use crate::domain::json;

/// The largest document, in bytes.
pub const LARGEST: usize = 16 * 1024 * 1024;
/// The longest name, and the longest text, in characters.
const LONGEST_NAME: usize = 255;
const LONGEST_TEXT: usize = 10_000;

/// An event as it is to be.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)]
pub struct Document {
    pub id: EventId,
    pub org: PartnerId,
    pub name: String,
    pub on_sale: bool,
    pub lifetime: Period,
    pub venue: Option<String>,
    pub country: Option<String>,
    pub city: Option<String>,
    /// What is shown of it beside that, as JSON.
    pub card: String,
    pub sets: Vec<DocumentSet>,
}

/// Reads the text of a document; otherwise every mistake, each with its place.
pub fn read(text: &str) -> Result<Document, Vec<String>> {
    if text.len() > LARGEST {
        let size = text.len();
        return Err(vec![format!(
            "the document: it has {size} bytes, it must have at most {LARGEST}"
        )]);
    }
    json::check(text)
        .map_err(|fault| vec![fault.to_string().replacen("the body", "the document", 1)])?;
    let value: Value = serde_json::from_str(text)
        .map_err(|error| vec![format!("the document: it cannot be read: {error}")])?;
    let mut reader = Reader::default();
    let document = event(&mut reader, &value);
    match (document, reader.mistakes.is_empty()) {
        (Some(document), true) => Ok(document),
        (None, true) => Err(vec!["the document: it must be a JSON object".into()]),
        (_, false) => Err(reader.mistakes),
    }
}

const FIELDS: &[&str] = &[
    "id",
    "org",
    "title",
    "status",
    "lifetime",
    "age_rating",
    "tags",
    "media",
    "map",
    "venue",
    "sets",
];

fn event(reader: &mut Reader, value: &Value) -> Option<Document> {
    let fields = reader.object("", value, FIELDS)?;
    let id = reader.id(&fields, "id", true);
    let (org, org_card) = org(reader, &fields);
    let title = title(reader, &fields);
    let status = reader.one_of(&fields, "status", &["public", "hidden"]);
    let lifetime = lifetime(reader, &fields);
    let age_rating = reader.count(&fields, "age_rating", 0, 99);
    let tags = reader.texts(&fields, "tags", LONGEST_NAME);
    let media = reader.free_object(&fields, "media");
    let map = reader.free_object(&fields, "map");
    let venue = venue(reader, &fields);
    let sets = sets::sets(reader, &fields);
    let (name, title) = title?;
    let text = |value: &Value, name: &str| match &value[name]["id"] {
        Value::Null => None,
        Value::String(id) => Some(id.clone()),
        id => Some(id.to_string()),
    };
    let card = json!({
        "age_rating": age_rating.unwrap_or_default(),
        "map": map,
        "media": media.unwrap_or_else(|| json!({})),
        "org": org_card,
        "tags": tags,
        "title": title,
        "venue": venue,
    });
    Some(Document {
        id: id?,
        org: org?,
        name,
        on_sale: status != Some("hidden"),
        lifetime: lifetime.unwrap_or_default(),
        venue: venue["id"].as_str().map(str::to_owned),
        country: text(&venue, "country"),
        city: text(&venue, "city"),
        card: card.to_string(),
        sets: sets?,
    })
}

/// The owner: its id, or an object with what is shown of it.
fn org(reader: &mut Reader, fields: &Fields<'_>) -> (Option<PartnerId>, Value) {
    if !matches!(fields.get("org"), Some(Value::Object(_))) {
        return (reader.id(fields, "org", true), Value::Null);
    }
    let known = &["id", "desc", "media", "contact", "tags"];
    let Some(of) = reader.below(fields, "org", known) else { return (None, Value::Null) };
    let id = reader.id(&of, "id", true);
    let card = json!({
        "desc": reader.text(&of, "desc", LONGEST_TEXT, false),
        "media": reader.free_object(&of, "media"),
        "contact": reader.free_object(&of, "contact"),
        "tags": reader.texts(&of, "tags", LONGEST_NAME),
    });
    (id, card)
}

fn title(reader: &mut Reader, fields: &Fields<'_>) -> Option<(String, Value)> {
    if fields.get("title").is_none() {
        reader.wrong(fields, "title", "it is missing");
        return None;
    }
    let of = reader.below(fields, "title", &["text", "desc"])?;
    let desc = reader.text(&of, "desc", LONGEST_TEXT, false);
    let text = reader.text(&of, "text", LONGEST_NAME, true)?;
    Some((text.clone(), json!({"text": text, "desc": desc})))
}

fn lifetime(reader: &mut Reader, fields: &Fields<'_>) -> Option<Period> {
    fields.get("lifetime")?;
    let of = reader.below(fields, "lifetime", &["start", "end"])?;
    period(reader, &of, true)
}

/// `start` and `end` of something.
fn period(reader: &mut Reader, of: &Fields<'_>, must: bool) -> Option<Period> {
    let starts_at: Option<Timestamp> = reader.moment(of, "start", must);
    let ends_at = reader.moment(of, "end", must);
    if let (Some(start), Some(end)) = (starts_at, ends_at)
        && start >= end
    {
        reader.wrong(of, "end", &format!("{end} must be after start, {start}"));
    }
    Some(Period { starts_at, ends_at })
}

fn venue(reader: &mut Reader, fields: &Fields<'_>) -> Value {
    if fields.get("venue").is_none() {
        return Value::Null;
    }
    let known = &["id", "name", "address", "country", "city", "desc", "point"];
    let Some(of) = reader.below(fields, "venue", known) else { return Value::Null };
    let id = reader.hex(&of, "id", true);
    for name in ["country", "city"] {
        let place = of.get(name);
        let is_id = |id: &Value| id.is_u64() || id.as_str().is_some_and(|id| !id.is_empty());
        if place.is_some_and(|place| !is_id(&place["id"])) {
            let rule = "it must be an object with an id, a text or a whole number";
            reader.wrong(&of, name, rule);
        }
    }
    json!({
        "id": id,
        "name": reader.text(&of, "name", LONGEST_NAME, true),
        "address": reader.text(&of, "address", LONGEST_NAME, false),
        "country": of.get("country"),
        "city": of.get("city"),
        "desc": reader.text(&of, "desc", LONGEST_TEXT, false),
        "point": point(reader, &of),
    })
}

/// `[longitude, latitude]`, shown as GeoJSON.
fn point(reader: &mut Reader, of: &Fields<'_>) -> Value {
    let Some(point) = of.get("point") else { return Value::Null };
    let numbers: Vec<f64> =
        point.as_array().into_iter().flatten().filter_map(Value::as_f64).collect();
    match numbers.as_slice() {
        [longitude, latitude] if longitude.abs() <= 180.0 && latitude.abs() <= 90.0 => {
            json!({"type": "Point", "coordinates": point})
        }
        _ => {
            reader.wrong(of, "point", "it must be [longitude, latitude] in degrees");
            Value::Null
        }
    }
}
