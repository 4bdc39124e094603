//! Reading the tasks that read.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::command::parse;
use crate::domain::money::shown;
use crate::protocols::whiteserver::command::{MenuParams, Reading};

/// Their types, as named on the wire.
pub(super) const TASK_TYPES: [&str; 12] = [
    "GetTableList",
    "GetRestaurantInfo",
    "GetEmployees",
    "GetMenu",
    "GetMenuByParams",
    "UpdateMenu",
    "GetStopList",
    "GetVoidReasons",
    "GetRestaurantAgents",
    "GetRestaurantSystems",
    "IsMainSystemAvailable",
    "GetAgentInfo",
];

/// The systems that `IsMainSystemAvailable` may ask for.
const SYSTEMS: [&str; 4] = ["RKRef", "RKMid", "StoreHouse", "Sql"];

/// What a task of one of these types reads; `None` for another type.
pub(super) fn reading(task_type: &str, params: &RawValue) -> Option<Result<Reading, String>> {
    Some(Ok(match task_type {
        "GetTableList" => Reading::Tables,
        "GetRestaurantInfo" => Reading::Restaurant,
        "GetEmployees" => Reading::Employees,
        "GetMenu" => Reading::Menu,
        "GetMenuByParams" => return Some(by_params(params).map(Reading::MenuByParams)),
        "UpdateMenu" => Reading::UpdateMenu,
        "GetStopList" => Reading::StopList,
        "GetVoidReasons" => Reading::VoidReasons,
        "GetRestaurantAgents" => Reading::Agents,
        "GetRestaurantSystems" => Reading::Systems,
        "IsMainSystemAvailable" => return Some(system(params).map(Reading::SystemAvailable)),
        "GetAgentInfo" => Reading::AgentInfo,
        _ => return None,
    }))
}

/// Nothing beside the target.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Nothing {}

/// Which menu is wanted.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ByParams<'a> {
    /// With the prices of this type: the only one that the catalogue has.
    price_type_id: Option<i64>,
    /// Not supported.
    #[serde(borrow)]
    #[schemars(with = "Option<serde_json::Value>")]
    trade_group_id: Option<&'a RawValue>,
    /// Only `true` is supported: the dishes that the restaurant has loaded.
    filter_by_kass_presets: Option<bool>,
    /// Not supported.
    #[schemars(with = "Option<serde_json::Value>")]
    menu_selector_code: Option<&'a RawValue>,
    /// Not supported.
    #[schemars(with = "Option<serde_json::Value>")]
    order_category_code: Option<&'a RawValue>,
}

fn by_params(params: &RawValue) -> Result<MenuParams, String> {
    let by: ByParams<'_> = parse("params", params)?;
    let beyond = [
        (by.trade_group_id.is_some(), "tradeGroupId"),
        (by.filter_by_kass_presets == Some(false), "filterByKassPresets"),
        (by.menu_selector_code.is_some(), "menuSelectorCode"),
        (by.order_category_code.is_some(), "orderCategoryCode"),
    ];
    let beyond = beyond.into_iter().find_map(|(is_asked, name)| is_asked.then_some(name));
    Ok(MenuParams { price_type: by.price_type_id, beyond })
}

/// Which system is asked for.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct WhichSystem {
    #[schemars(extend("enum" = SYSTEMS))]
    system_type: String,
}

fn system(params: &RawValue) -> Result<String, String> {
    let WhichSystem { system_type } = parse("params", params)?;
    match SYSTEMS.contains(&&*system_type) {
        true => Ok(system_type),
        false => Err(format!(
            "params.systemType: {:?} is no system: it must be one of {}",
            shown(&system_type),
            SYSTEMS.join(", ")
        )),
    }
}
