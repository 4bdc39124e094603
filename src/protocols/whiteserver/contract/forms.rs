//! The JSON Schemas of the values that are read and written by hand: amounts, guids, codes, times. Each
//! says what its parser accepts; the tests of the contracts hold the two together.
//!
//! A schema sees values, not texts. What only the text of a number shows (`1.0`, `1e2`, `1.000`) is in the
//! description. So are the two decimals of an amount that is a number: `multipleOf: 0.01` would be judged
//! with binary floats, which refuse 449.35.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::domain::money::Money;
use crate::domain::task::{CurrencyGuid, ObjectId, OrderGuid, TaskGuid};
use crate::protocols::whiteserver::command::TableCode;
use crate::protocols::whiteserver::command::extras::{Discount, PaidHow, Valued};
use crate::protocols::whiteserver::command::order_content::{Address, Quantity};
use crate::protocols::whiteserver::command::pay_order::{CardCode, LONGEST_CARD_CODE};
use crate::protocols::whiteserver::command::scalar::Scalar;
use crate::protocols::whiteserver::reply::{Code, Source};
use crate::surface::contract::DECIMAL;

/// A guid with hyphens, in either case.
const GUID: &str = "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$";
/// Text without control characters.
const PRINTABLE: &str = r"^[^\x00-\x1f\x7f-\x9f]*$";
/// One more than the largest amount.
const TOO_MUCH: i64 = 1_000_000_000_000;

macro_rules! inline {
    ($type:ty, $name:literal, |$generator:ident| $schema:expr) => {
        impl JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                $name.into()
            }

            fn json_schema($generator: &mut SchemaGenerator) -> Schema {
                $schema
            }
        }
    };
}

inline!(TaskGuid, "TaskGuid", |_generator| guid(_generator));
inline!(OrderGuid, "OrderGuid", |_generator| guid(_generator));
inline!(CurrencyGuid, "CurrencyGuid", |_generator| guid(_generator));
inline!(ObjectId, "ObjectId", |generator| match generator.contract().is_serialize() {
    true => json_schema!({"type": "integer", "format": "int64", "minimum": 1}),
    false => json_schema!({"anyOf": [
        {"type": "integer", "format": "int64", "minimum": 1, "maximum": i64::MAX},
        {"type": "string", "pattern": "^0*[1-9][0-9]{0,17}$"},
    ]}),
});
inline!(Money, "Money", |generator| match generator.contract().is_serialize() {
    true => json_schema!({
        "type": "number", "format": DECIMAL, "minimum": 0, "exclusiveMaximum": TOO_MUCH,
    }),
    // Text first: a client that is made for the first form keeps every digit.
    false => json_schema!({"anyOf": [
        {"type": "string", "format": DECIMAL, "pattern": r"^[0-9]{1,12}(\.[0-9]{1,2})?$"},
        {"type": "number", "format": DECIMAL, "minimum": 0, "exclusiveMaximum": TOO_MUCH},
    ]}),
});
inline!(Quantity, "Quantity", |generator| match generator.contract().is_serialize() {
    // A whole one is written without a fraction.
    true => json_schema!({"anyOf": [
        {"type": "integer", "minimum": 1, "maximum": 1_000_000},
        {"type": "number", "format": DECIMAL, "exclusiveMinimum": 0, "maximum": 1_000_000},
    ]}),
    false => json_schema!({
        "description": "More than 0, up to 1000000, with at most three decimals.",
        "anyOf": [
            {
                "type": "string",
                "format": DECIMAL,
                "pattern": r"^(?=.*[1-9])([0-9]{1,6}(\.[0-9]{1,3})?|1000000(\.0{1,3})?)$",
            },
            {"type": "number", "format": DECIMAL, "minimum": 0.001, "maximum": 1_000_000},
        ],
    }),
});
inline!(TableCode, "TableCode", |_generator| json_schema!({"anyOf": [
    {"type": "integer", "format": "int64", "minimum": 0, "maximum": i64::MAX},
    {"type": "string", "maxLength": TableCode::LONGEST, "pattern": PRINTABLE},
]}));
inline!(CardCode, "CardCode", |_generator| json_schema!({
    "type": "string", "maxLength": LONGEST_CARD_CODE, "pattern": PRINTABLE,
}));
inline!(Scalar, "Scalar", |_generator| json_schema!({
    "type": ["string", "number", "boolean", "null"],
}));
inline!(PaidHow, "PaidHow", |_generator| json_schema!({
    "type": "string", "enum": PaidHow::ALL.iter().map(|how| how.as_str()).collect::<Vec<_>>(),
}));
inline!(Discount, "Discount", |generator| json_schema!({"anyOf": [
    {"type": "integer", "format": "int64", "minimum": i64::MIN, "maximum": i64::MAX},
    generator.subschema_for::<Valued>(),
]}));
inline!(Address, "Address", |_generator| json_schema!({"type": "object"}));

/// A guid.
pub(crate) fn guid(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "string", "format": "uuid", "pattern": GUID})
}

/// An amount that has to be paid.
pub(crate) fn positive_amount(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"anyOf": [
        {
            "type": "string",
            "format": DECIMAL,
            "pattern": r"^(?=.*[1-9])[0-9]{1,12}(\.[0-9]{1,2})?$",
        },
        {"type": "number", "format": DECIMAL, "minimum": 0.01, "exclusiveMaximum": TOO_MUCH},
    ]})
}

/// A number as text, as the published form has prices of products and quantities of ingredients.
pub(crate) fn decimal_text(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "string", "format": DECIMAL, "pattern": r"^[0-9]+(\.[0-9]+)?$"})
}

/// A code of the menu.
pub(crate) fn menu_code(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"anyOf": [{"type": "string"}, {"type": "integer", "minimum": 0}]})
}

/// `originalOrderId`, or nothing.
pub(crate) fn original_order_id(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": ["string", "null"], "minLength": 1, "maxLength": 128, "pattern": PRINTABLE})
}

/// `timeout`, or nothing.
pub(crate) fn timeout(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"anyOf": [
        {"type": "integer", "minimum": 1, "maximum": crate::domain::task::LONGEST_TIMEOUT_S},
        {
            "type": "string",
            "pattern": "^0*([1-9][0-9]{0,2}|[12][0-9]{3}|3[0-5][0-9]{2}|3600)$",
        },
        {"type": "null"},
    ]})
}

/// `wait`, or nothing.
pub(crate) fn wait(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"anyOf": [
        {"type": "integer", "minimum": 0, "maximum": crate::protocols::whiteserver::wire::request::LONGEST_WAIT_S},
        {"type": "string", "pattern": "^0*(1?[0-9]|20)$"},
        {"type": "null"},
    ]})
}

/// A moment with its offset, as it is read.
pub(crate) fn not_before(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": ["string", "null"],
        "format": "date-time",
        "pattern": "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,9})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$",
    })
}

/// A local time, or a moment with its offset, as it is read.
pub(crate) fn expected_time_read(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": ["string", "null"],
        "pattern": "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,9})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])?$",
    })
}

/// A time without a zone, as it is written.
pub(crate) fn local_time(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "string",
        "pattern": r"^-?[0-9]{4,6}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?$",
    })
}

/// A local time, a moment with its offset, or nothing, as it is written.
pub(crate) fn expected_time(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": ["string", "null"],
        "pattern": r"^-?[0-9]{4,6}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?([+-][0-9]{2}:[0-9]{2})?$",
    })
}

/// A moment with milliseconds and its offset.
pub(crate) fn moment(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "string",
        "format": "date-time",
        "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}[+-][0-9]{2}:[0-9]{2}$",
    })
}

/// Where an order stands, in the words of the wire.
pub(crate) fn order_status(_: &mut SchemaGenerator) -> Schema {
    let mut words = vec!["CreationError"];
    words.extend(
        crate::protocols::whiteserver::model::OrderStatus::ALL.iter().map(|status| status.as_str()),
    );
    json_schema!({"type": "string", "enum": words})
}

/// What kind of payment a currency is, where that is known.
pub(crate) fn currency_kind(_: &mut SchemaGenerator) -> Schema {
    let kinds = crate::protocols::whiteserver::model::CurrencyKind::ALL.iter();
    let mut words: Vec<_> = kinds.map(|kind| Some(kind.as_str())).collect();
    words.push(None);
    json_schema!({"type": ["string", "null"], "enum": words})
}

/// One of the error codes that come from this system; `None` for any of them.
pub(crate) fn code(source: Option<Source>) -> Schema {
    let codes = Code::ALL.iter().filter(|code| source.is_none_or(|source| code.source() == source));
    json_schema!({"type": "string", "enum": codes.map(|code| code.as_str()).collect::<Vec<_>>()})
}
