//! The tasks that read, in the documents: an example of each, with the catalogue of the demo.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::examples::{Example, V2, new_order};
use crate::domain::time_zone::TimeZone;
use crate::protocols::whiteserver::catalogue::{self, Section};
use crate::protocols::whiteserver::model::AgentVersion;
use crate::protocols::whiteserver::reply::{Agent, MenuView, Read, Reply};
use crate::protocols::whiteserver::wire::answer;

/// The catalogue of the demo.
pub const CATALOGUE: &str = include_str!("../demo.json");

/// What a task is for; nothing for one that does not read.
pub(super) fn purpose(task_type: &str) -> &'static str {
    match task_type {
        "ValidateOrder" => "Asks whether a CreateOrder would be done; nothing is opened.",
        "GetTableList" => "Lists the tables of a restaurant.",
        "GetRestaurantInfo" => "Reads a restaurant with its halls and tables.",
        "GetEmployees" => "Lists those who work in a restaurant.",
        "GetMenu" => "Reads the menu of a restaurant.",
        "GetMenuByParams" => "Reads the menu without what is in the stop list.",
        "UpdateMenu" => "Asks for a fresh menu: it always is.",
        "GetStopList" => "Lists what is on the menu and cannot be had now.",
        "GetVoidReasons" => "Lists why a dish may be taken back.",
        "GetRestaurantAgents" => "Reads which agent serves a restaurant.",
        "GetRestaurantSystems" => "Reads which systems serve a restaurant.",
        "IsMainSystemAvailable" => "Asks whether a system of a restaurant is there.",
        "GetAgentInfo" => "Reads what the agent of a restaurant is.",
        "GetAgentList" => "Lists the restaurants that the caller has a licence for.",
        _ => "",
    }
}

/// A request of each.
pub(super) fn requests() -> Vec<Example> {
    let plain = [
        ("tables", "GetTableList"),
        ("restaurant", "GetRestaurantInfo"),
        ("employees", "GetEmployees"),
        ("menu", "GetMenu"),
        ("updateMenu", "UpdateMenu"),
        ("stopList", "GetStopList"),
        ("voidReasons", "GetVoidReasons"),
        ("agents", "GetRestaurantAgents"),
        ("systems", "GetRestaurantSystems"),
        ("agentInfo", "GetAgentInfo"),
    ];
    let example = |name, task_type, mut params: Value| {
        params["sync"] = json!({ "objectId": V2 });
        let request = json!({"taskType": task_type, "params": params});
        Example { name, summary: purpose(task_type), task_type, request }
    };
    let mut all: Vec<Example> =
        plain.map(|(name, task_type)| example(name, task_type, json!({}))).into();
    all.push(example("menuByParams", "GetMenuByParams", json!({"priceTypeId": 1})));
    all.push(example("available", "IsMainSystemAvailable", json!({"systemType": "RKMid"})));
    all.push(example("validate", "ValidateOrder", json!({"order": new_order()})));
    all.push(Example {
        name: "agentList",
        summary: purpose("GetAgentList"),
        task_type: "GetAgentList",
        request: json!({"taskType": "GetAgentList"}),
    });
    all
}

/// What each comes to.
pub(super) fn replies(noon: Timestamp) -> Vec<(&'static str, Reply)> {
    let sections = catalogue::read(CATALOGUE).unwrap_or_default();
    let section = |section| {
        let value = sections.0.get(&section).cloned().flatten();
        value.unwrap_or_default()
    };
    let text = |of| section(of).to_string().into();
    let view = || MenuView {
        menu: text(Section::Menu),
        version: 1,
        loaded_at: TimeZone::default().at(noon),
    };
    let halls = || serde_json::from_value(section(Section::Halls)).unwrap_or_default();
    let restaurant = serde_json::from_value(section(Section::Restaurant)).ok();
    let mut read = vec![
        ("GetTableList", Read::Tables(halls())),
        ("GetEmployees", Read::Employees(text(Section::Employees))),
        ("GetMenu", Read::Menu(view())),
        ("GetMenuByParams", Read::Menu(view())),
        ("ValidateOrder", Read::OrderIsGood),
        ("UpdateMenu", Read::MenuIsFresh),
        ("GetStopList", Read::StopList(text(Section::StopList))),
        ("GetVoidReasons", Read::VoidReasons(text(Section::VoidReasons))),
        ("GetRestaurantAgents", Read::Agents(AgentVersion::V2)),
        ("GetRestaurantSystems", Read::Systems),
        ("IsMainSystemAvailable", Read::Available(true)),
        ("GetAgentInfo", Read::AgentInfo(AgentVersion::V2)),
    ];
    if let Some(restaurant) = restaurant {
        read.push(("GetRestaurantInfo", Read::Restaurant(restaurant, halls())));
    }
    read.into_iter().map(|(task_type, read)| (task_type, Reply::Read(Box::new(read)))).collect()
}

/// The answer of `GetAgentList`.
pub(super) fn agents() -> Value {
    let agent = Agent { object: V2, version: AgentVersion::V2 };
    serde_json::from_str(&answer::agents(&[agent])).unwrap_or_default()
}
