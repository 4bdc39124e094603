//! What a restaurant offers and what serves it, on the White Server wire. Sections of a catalogue are written as they are
//! kept: every value of a menu is a text there already.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;

use super::read_forms::*;
use crate::domain::task::{ClaimedTask, TaskGuid};
use crate::protocols::whiteserver::catalogue::{Hall, Table};
use crate::protocols::whiteserver::model::AgentVersion;
use crate::protocols::whiteserver::reply::{Agent, Read};

/// The answers of tasks that read.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum ReadResponse<'a> {
    Tables(Tables<'a>),
    Restaurant(OfRestaurant<'a>),
    Employees(Employees),
    Menu(OfMenu),
    Status(ItIs),
    StopList(OfStopList),
    VoidReasons(VoidReasons),
    Agents([RestaurantAgent; 1]),
    Systems([System; 1]),
    Available(Available),
    AgentInfo(Box<AgentInfo>),
}

/// The version that an agent is told by: its first number says how it takes payments, the rest is this program's.
fn version(agent: AgentVersion) -> String {
    let major = match agent {
        AgentVersion::V1 => 1,
        AgentVersion::V2 => 2,
    };
    format!("{major}.{}", env!("CARGO_PKG_VERSION"))
}

const NAME: &str = "wsa";

pub(super) fn response<'a>(task: &ClaimedTask, read: &'a Read) -> ReadResponse<'a> {
    let agent = task.agent_guid.unwrap_or_default();
    match read {
        Read::Tables(halls) => ReadResponse::Tables(Tables {
            tables: halls
                .iter()
                .flat_map(|hall| hall.tables.iter().map(|t| listed(hall, t)))
                .collect(),
        }),
        Read::Restaurant(restaurant, halls) => {
            let made = || TaskGuid::derived(agent, "restaurant").0;
            let guid = restaurant.guid.unwrap_or_else(made);
            let halls = halls.iter().map(hall).collect();
            let restaurant = WireRestaurant { guid, name: &restaurant.name, halls };
            ReadResponse::Restaurant(OfRestaurant { restaurant })
        }
        Read::Employees(body) => {
            ReadResponse::Employees(Employees { employees: Raw(body.clone()) })
        }
        Read::Menu(view) => ReadResponse::Menu(OfMenu {
            last_updated_at: view.loaded_at.strftime("%Y-%m-%dT%H:%M:%S%.3f%:z").to_string(),
            version: view.version,
            menu: Raw(view.menu.clone()),
        }),
        Read::MenuIsFresh | Read::OrderIsGood => ReadResponse::Status(ItIs { status: "Ok" }),
        Read::StopList(body) => {
            ReadResponse::StopList(OfStopList { stop_list: StopList { dishes: Raw(body.clone()) } })
        }
        Read::VoidReasons(body) => {
            ReadResponse::VoidReasons(VoidReasons { void_reasons: Raw(body.clone()) })
        }
        Read::Agents(of) => ReadResponse::Agents([RestaurantAgent {
            version: version(*of),
            is_online: true,
            agent_guid: agent,
            roles: ["RKMid"],
        }]),
        Read::Systems => ReadResponse::Systems([System { name: NAME, r#type: "RKMid" }]),
        Read::Available(is_available) => {
            ReadResponse::Available(Available { is_available: *is_available })
        }
        Read::AgentInfo(of) => ReadResponse::AgentInfo(Box::new(agent_info(task, *of))),
    }
}

fn listed<'a>(hall: &'a Hall, table: &'a Table) -> ListedTable<'a> {
    ListedTable {
        code: table.code,
        name: &table.name,
        hall_name: &hall.name,
        max_guests: table.seats_count,
    }
}

fn hall(hall: &Hall) -> WireHall<'_> {
    let table = |table: &'_ Table| (table.guid, table.code, table.seats_count);
    let tables = hall.tables.iter().map(|of| {
        let (guid, code, seats_count) = table(of);
        WireTable { guid, code, name: &of.name, seats_count }
    });
    WireHall { guid: hall.guid, name: &hall.name, tables: tables.collect() }
}

fn agent_info(task: &ClaimedTask, of: AgentVersion) -> AgentInfo {
    AgentInfo {
        agent_common: AgentCommon {
            agent_version: version(of),
            monitor_version: version(of),
            operating_system: OperatingSystem {
                name: std::env::consts::OS,
                architecture: std::env::consts::ARCH,
                version: None,
                partition: None,
            },
            machine_name: None,
            working_directory: None,
        },
        health_state: Health::default(),
        plugged_systems: [Plugged {
            name: NAME,
            version: env!("CARGO_PKG_VERSION"),
            instance_name: NAME,
            connection_error: None,
            object_id_list: [task.key.object],
            is_available: true,
        }],
        plugins: [],
    }
}

/// The schema of `taskResponse` of a type of task that reads.
pub(super) fn schema(task_type: &str, generator: &mut SchemaGenerator) -> Option<Schema> {
    Some(match task_type {
        "GetTableList" => Tables::json_schema(generator),
        "GetRestaurantInfo" => OfRestaurant::json_schema(generator),
        "GetEmployees" => Employees::json_schema(generator),
        "GetMenu" | "GetMenuByParams" => OfMenu::json_schema(generator),
        "UpdateMenu" | "ValidateOrder" => ItIs::json_schema(generator),
        "GetStopList" => OfStopList::json_schema(generator),
        "GetVoidReasons" => VoidReasons::json_schema(generator),
        "GetRestaurantAgents" => <Vec<RestaurantAgent>>::json_schema(generator),
        "GetRestaurantSystems" => <Vec<System>>::json_schema(generator),
        "IsMainSystemAvailable" => Available::json_schema(generator),
        "GetAgentInfo" => AgentInfo::json_schema(generator),
        _ => return None,
    })
}

/// The answer of `GetAgentList`.
pub(super) fn agents(of: &[Agent]) -> Agents {
    let agent = |agent: &Agent| ListedAgent {
        object_id: agent.object,
        version: version(agent.version),
        is_online: true,
        license_expiration_date: None,
        rk_version: None,
    };
    Agents { agents: of.iter().map(agent).collect() }
}
