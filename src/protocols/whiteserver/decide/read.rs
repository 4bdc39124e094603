//! What a restaurant offers, from its catalogue; and what serves it.

use std::collections::HashSet;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Decision, rules};
use crate::domain::task::ObjectId;
use crate::protocols::whiteserver::catalogue::Section;
use crate::protocols::whiteserver::command::{MenuParams, Reading};
use crate::protocols::whiteserver::model::{Kept, OrderState};
use crate::protocols::whiteserver::reply::{Code, MenuView, Read, Refusal, Reply};

/// The system that keeps the orders: the only one that there is.
const MAIN_SYSTEM: &str = "RKMid";

pub(super) fn decide(state: &OrderState, object: ObjectId, reading: &Reading) -> Decision {
    let read = match reading {
        Reading::Tables => Read::Tables(parsed(section(state, object, Section::Halls)?)?),
        Reading::Restaurant => {
            let restaurant = parsed(section(state, object, Section::Restaurant)?)?;
            let halls = state.catalogues.section(object, Section::Halls);
            Read::Restaurant(restaurant, halls.map_or(Ok(Vec::new()), parsed)?)
        }
        Reading::Employees => {
            Read::Employees(section(state, object, Section::Employees)?.body.clone())
        }
        Reading::Menu => Read::Menu(menu(state, object)?),
        Reading::MenuByParams(params) => Read::Menu(menu_by(state, object, params)?),
        Reading::UpdateMenu => menu(state, object).map(|_| Read::MenuIsFresh)?,
        Reading::StopList => Read::StopList(stop_list(state, object)?),
        Reading::VoidReasons => {
            Read::VoidReasons(section(state, object, Section::VoidReasons)?.body.clone())
        }
        Reading::Agents => Read::Agents(rules(state, object)?.agent_version),
        Reading::Systems => Read::Systems,
        Reading::SystemAvailable(system) => Read::Available(system == MAIN_SYSTEM),
        Reading::AgentInfo => Read::AgentInfo(rules(state, object)?.agent_version),
    };
    Ok(Reply::Read(Box::new(read)))
}

/// A section that the answer is made of.
fn section(state: &OrderState, object: ObjectId, section: Section) -> Result<&Kept, Refusal> {
    state.catalogues.section(object, section).ok_or_else(|| {
        let code = match section {
            Section::Menu => Code::WsaOrderMenuIsUnknownError,
            _ => Code::WsaCommandNotSupported,
        };
        let desc = match state.catalogues.known.contains(&object) {
            true => format!("the catalogue of object {object} has no {section}"),
            false => format!("the restaurant, object {object}, has loaded no catalogue"),
        };
        Refusal::new(code, desc)
    })
}

fn unreadable() -> Refusal {
    Refusal::new(Code::InternalError, "the catalogue of the restaurant cannot be read")
}

fn parsed<T: DeserializeOwned>(kept: &Kept) -> Result<T, Refusal> {
    serde_json::from_str(&kept.body).map_err(|_| unreadable())
}

fn menu(state: &OrderState, object: ObjectId) -> Result<MenuView, Refusal> {
    let kept = section(state, object, Section::Menu)?;
    Ok(MenuView {
        menu: kept.body.clone(),
        version: kept.version,
        loaded_at: state.zone(object).at(kept.loaded_at),
    })
}

/// The menu without what cannot be had now.
fn menu_by(state: &OrderState, object: ObjectId, params: &MenuParams) -> Result<MenuView, Refusal> {
    let view = menu(state, object)?;
    honoured(state, object, params)?;
    let Some(stopped) = state.catalogues.section(object, Section::StopList) else {
        return Ok(view);
    };
    let stopped: Vec<Stopped> = parsed(stopped)?;
    if stopped.is_empty() {
        return Ok(view);
    }
    let stopped: HashSet<String> = stopped.into_iter().map(|stopped| stopped.id).collect();
    let mut menu: Value = serde_json::from_str(&view.menu).map_err(|_| unreadable())?;
    let is_had = |entry: &Value| entry["id"].as_str().is_none_or(|id| !stopped.contains(id));
    for list in ["products", "ingredients"] {
        if let Some(entries) = menu[list].as_array_mut() {
            entries.retain(is_had);
        }
    }
    for group in menu["ingredientsGroups"].as_array_mut().into_iter().flatten() {
        if let Some(ids) = group["ingredients"].as_array_mut() {
            ids.retain(|id| id.as_str().is_none_or(|id| !stopped.contains(id)));
        }
    }
    Ok(MenuView { menu: menu.to_string().into(), ..view })
}

#[derive(Deserialize)]
struct Stopped {
    id: String,
}

#[derive(Deserialize)]
struct PriceType {
    id: i64,
}

/// Refuses a parameter that asks for another menu than there is.
fn honoured(state: &OrderState, object: ObjectId, params: &MenuParams) -> Result<(), Refusal> {
    let refused = |desc: String| Err(Refusal::new(Code::WsaCommandNotSupported, desc));
    if let Some(name) = params.beyond {
        return refused(format!(
            "params.{name} asks for another menu than the one that object {object} has loaded: leave it out"
        ));
    }
    let Some(wanted) = params.price_type else { return Ok(()) };
    let types: Vec<PriceType> = match state.catalogues.section(object, Section::PriceTypes) {
        Some(types) => parsed(types)?,
        None => Vec::new(),
    };
    match types.as_slice() {
        [only] if only.id == wanted => Ok(()),
        _ => refused(format!(
            "params.priceTypeId is {wanted}, but the menu of object {object} has prices of one type, and the \
             catalogue does not say that it is this one: leave it out"
        )),
    }
}

/// An empty list is an answer, also where none was loaded beside a catalogue.
fn stop_list(state: &OrderState, object: ObjectId) -> Result<std::sync::Arc<str>, Refusal> {
    match section(state, object, Section::StopList) {
        Ok(kept) => Ok(kept.body.clone()),
        Err(_) if state.catalogues.known.contains(&object) => Ok("[]".into()),
        Err(refusal) => Err(refusal),
    }
}
