//! What was read of a restaurant. Sections of its catalogue are handed on as the texts that they are kept in.

use std::sync::Arc;

use jiff::Zoned;

use crate::domain::task::ObjectId;
use crate::protocols::whiteserver::catalogue::{Hall, Restaurant};
use crate::protocols::whiteserver::model::AgentVersion;

/// What was read.
#[derive(Debug, Clone, PartialEq)]
pub enum Read {
    /// Its tables, by hall.
    Tables(Vec<Hall>),
    /// The restaurant with its halls.
    Restaurant(Restaurant, Vec<Hall>),
    /// Who works there: the section.
    Employees(Arc<str>),
    /// Its menu.
    Menu(MenuView),
    /// The menu is as fresh as it can be.
    MenuIsFresh,
    /// Such an order would be opened.
    OrderIsGood,
    /// What cannot be had now: the section.
    StopList(Arc<str>),
    /// Why a dish may be taken back: the section.
    VoidReasons(Arc<str>),
    /// Its agent.
    Agents(AgentVersion),
    /// The systems that serve it.
    Systems,
    /// Whether a system is there.
    Available(bool),
    /// What its agent is.
    AgentInfo(AgentVersion),
}

/// A restaurant, as `GetAgentList` tells of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Agent {
    /// The restaurant.
    pub object: ObjectId,
    /// How its agent takes payments.
    pub version: AgentVersion,
}

/// A menu.
#[derive(Debug, Clone, PartialEq)]
pub struct MenuView {
    /// The section.
    pub menu: Arc<str>,
    /// That of the catalogue when it was loaded.
    pub version: i64,
    /// When it was loaded, in the object's time zone.
    pub loaded_at: Zoned,
}
