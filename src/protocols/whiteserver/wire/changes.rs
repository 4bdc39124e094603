//! Answers of tasks that change an order, on the White Server wire.

use schemars::JsonSchema;
use serde::Serialize;

use super::view::Price;
use crate::domain::task::OrderGuid;
use crate::protocols::whiteserver::reply::Patched;

/// The bill is printed, or it is as if it had not been.
#[derive(Serialize, JsonSchema)]
pub(super) struct Billed {}

/// The order that was changed.
#[derive(Serialize, JsonSchema)]
pub(super) struct Updated {
    pub(super) order: UpdatedOrder,
}

/// An order and what it costs now.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct UpdatedOrder {
    pub(super) order_guid: OrderGuid,
    pub(super) price: Price,
}

/// What became of each field, in the order of the request.
#[derive(Serialize, JsonSchema)]
pub(super) struct PatchedFields<'a> {
    fields: Vec<PatchedField<'a>>,
}

/// What became of a field.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct PatchedField<'a> {
    /// As it was named.
    name: &'a str,
    /// Whether it was changed.
    is_success: bool,
    /// Why not.
    error: Option<&'a str>,
}

impl<'a> PatchedFields<'a> {
    pub(super) fn of(fields: &'a [Patched]) -> PatchedFields<'a> {
        let field = |Patched { name, error }: &'a Patched| PatchedField {
            name,
            is_success: error.is_none(),
            error: error.as_deref(),
        };
        PatchedFields { fields: fields.iter().map(field).collect() }
    }
}
