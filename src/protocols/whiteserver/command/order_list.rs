//! `GetOrderList`: which orders an object has (White Server page, "Tasks").

use schemars::JsonSchema;
use serde::Deserialize;

use super::table_code::TableCode;

/// The most orders that one answer lists, the newest.
pub const MOST_LISTED: usize = 500;

/// A request for a list of orders.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct GetOrderList {
    /// Only those of this table; without it: of all tables.
    pub table_code: Option<TableCode>,
    /// Closed and cancelled orders too.
    #[serde(default, deserialize_with = "crate::protocols::whiteserver::command::or_default")]
    #[schemars(with = "Option<bool>")]
    pub with_closed: bool,
}

impl GetOrderList {
    /// Shape checks that need no store; the message names the field, the value and the rule.
    pub fn check(&self) -> Result<(), String> {
        self.table_code.as_ref().map_or(Ok(()), |table| table.check("params.tableCode"))
    }
}
