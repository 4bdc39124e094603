//! Tasks that read what a restaurant offers and what serves it (White Server page, "Reads").

use crate::protocols::whiteserver::catalogue::Section;

/// What is read.
#[derive(Debug, Clone, PartialEq)]
pub enum Reading {
    /// `GetTableList`
    Tables,
    /// `GetRestaurantInfo`
    Restaurant,
    /// `GetEmployees`
    Employees,
    /// `GetMenu`
    Menu,
    /// `GetMenuByParams`
    MenuByParams(MenuParams),
    /// `UpdateMenu`
    UpdateMenu,
    /// `GetStopList`
    StopList,
    /// `GetVoidReasons`
    VoidReasons,
    /// `GetRestaurantAgents`
    Agents,
    /// `GetRestaurantSystems`
    Systems,
    /// `IsMainSystemAvailable`
    SystemAvailable(String),
    /// `GetAgentInfo`
    AgentInfo,
}

/// Which menu is wanted.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MenuParams {
    /// With the prices of this type.
    pub price_type: Option<i64>,
    /// The first other parameter that asks for something that a catalogue does not have.
    pub beyond: Option<&'static str>,
}

impl Reading {
    /// The sections of the catalogue that it is answered from.
    pub fn sections(&self) -> &'static [Section] {
        match self {
            Reading::Tables => &[Section::Halls],
            Reading::Restaurant => &[Section::Restaurant, Section::Halls],
            Reading::Employees => &[Section::Employees],
            Reading::Menu | Reading::UpdateMenu => &[Section::Menu],
            Reading::MenuByParams(_) => &[Section::Menu, Section::StopList, Section::PriceTypes],
            Reading::StopList => &[Section::StopList],
            Reading::VoidReasons => &[Section::VoidReasons],
            Reading::Agents
            | Reading::Systems
            | Reading::SystemAvailable(_)
            | Reading::AgentInfo => &[],
        }
    }
}
