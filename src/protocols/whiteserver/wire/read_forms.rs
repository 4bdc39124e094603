//! The forms of what a restaurant offers and what serves it. Sections of a catalogue are written as they are kept: every
//! value of a menu is a text there already.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::menu::{Employee, StoppedDish, VoidReason, WireMenu};
use crate::domain::task::ObjectId;
use crate::protocols::whiteserver::contract::forms;

/// A section as it is kept.
pub(super) struct Raw(pub(super) Arc<str>);

impl Serialize for Raw {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serde_json::from_str::<&RawValue>(&self.0)
            .map_err(serde::ser::Error::custom)?
            .serialize(serializer)
    }
}

/// All tables.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "TableList")]
pub(super) struct Tables<'a> {
    pub(super) tables: Vec<ListedTable<'a>>,
}

/// A table.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ListedTable<'a> {
    pub(super) code: i64,
    pub(super) name: &'a str,
    pub(super) hall_name: &'a str,
    pub(super) max_guests: i64,
}

/// The restaurant.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "RestaurantInfo")]
pub(super) struct OfRestaurant<'a> {
    pub(super) restaurant: WireRestaurant<'a>,
}

/// A restaurant with its halls.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Restaurant")]
pub(super) struct WireRestaurant<'a> {
    /// Its own, or one that is made of its agent's.
    #[schemars(schema_with = "forms::guid")]
    pub(super) guid: Uuid,
    pub(super) name: &'a str,
    pub(super) halls: Vec<WireHall<'a>>,
}

/// A hall with its tables.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Hall")]
pub(super) struct WireHall<'a> {
    #[schemars(schema_with = "forms::guid")]
    pub(super) guid: Uuid,
    pub(super) name: &'a str,
    pub(super) tables: Vec<WireTable<'a>>,
}

/// A table of a hall.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Table")]
pub(super) struct WireTable<'a> {
    #[schemars(schema_with = "forms::guid")]
    pub(super) guid: Uuid,
    pub(super) code: i64,
    pub(super) name: &'a str,
    pub(super) seats_count: i64,
}

/// Who works there. The key has a capital.
#[derive(Serialize, JsonSchema)]
pub(super) struct Employees {
    #[serde(rename = "Employees")]
    #[schemars(with = "Vec<Employee>")]
    pub(super) employees: Raw,
}

/// The menu.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "OfMenu")]
pub(super) struct OfMenu {
    /// When it was loaded, with the restaurant's offset.
    #[schemars(schema_with = "forms::moment")]
    pub(super) last_updated_at: String,
    /// Grows with each change of the catalogue.
    #[schemars(extend("minimum" = 1))]
    pub(super) version: i64,
    #[schemars(with = "WireMenu")]
    pub(super) menu: Raw,
}

/// It is as it should be.
#[derive(Serialize, JsonSchema)]
pub(super) struct ItIs {
    #[schemars(extend("const" = "Ok"))]
    pub(super) status: &'static str,
}

/// What cannot be had now.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct OfStopList {
    pub(super) stop_list: StopList,
}

/// What cannot be had now.
#[derive(Serialize, JsonSchema)]
pub(super) struct StopList {
    #[schemars(with = "Vec<StoppedDish>")]
    pub(super) dishes: Raw,
}

/// Why a dish may be taken back.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct VoidReasons {
    #[schemars(with = "Vec<VoidReason>")]
    pub(super) void_reasons: Raw,
}

/// The agent of a restaurant: this service.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct RestaurantAgent {
    pub(super) version: String,
    pub(super) is_online: bool,
    #[schemars(schema_with = "forms::guid")]
    pub(super) agent_guid: Uuid,
    pub(super) roles: [&'static str; 1],
}

/// A system of a restaurant: this service.
#[derive(Serialize, JsonSchema)]
pub(super) struct System {
    pub(super) name: &'static str,
    pub(super) r#type: &'static str,
}

/// Whether a system is there.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Available {
    pub(super) is_available: bool,
}

/// What the agent of a restaurant is. Of the machine that it runs on nothing is told.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct AgentInfo {
    pub(super) agent_common: AgentCommon,
    pub(super) health_state: Health,
    pub(super) plugged_systems: [Plugged; 1],
    #[schemars(with = "Vec<String>", extend("maxItems" = 0))]
    pub(super) plugins: [(); 0],
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct AgentCommon {
    pub(super) agent_version: String,
    pub(super) monitor_version: String,
    pub(super) operating_system: OperatingSystem,
    pub(super) machine_name: Option<String>,
    pub(super) working_directory: Option<String>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct OperatingSystem {
    pub(super) name: &'static str,
    pub(super) architecture: &'static str,
    pub(super) version: Option<String>,
    pub(super) partition: Option<String>,
}

#[derive(Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Health {
    pub(super) working_memory_set_mb: Option<f64>,
    pub(super) data_folder_size_mb: Option<f64>,
    pub(super) available_free_disk_space_gb: Option<f64>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Plugged {
    pub(super) name: &'static str,
    pub(super) version: &'static str,
    pub(super) instance_name: &'static str,
    pub(super) connection_error: Option<String>,
    pub(super) object_id_list: [ObjectId; 1],
    pub(super) is_available: bool,
}

/// The restaurants of the caller.
#[derive(Serialize, JsonSchema)]
pub(super) struct Agents {
    pub(super) agents: Vec<ListedAgent>,
}

/// A restaurant of the caller.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ListedAgent {
    pub(super) object_id: ObjectId,
    pub(super) version: String,
    pub(super) is_online: bool,
    /// Never: a licence is there until it is taken away.
    pub(super) license_expiration_date: Option<String>,
    /// There is none.
    pub(super) rk_version: Option<String>,
}
