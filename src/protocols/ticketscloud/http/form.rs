//! In which form something is shown: as v1 does, as a schema says, or as v2 does.

use std::collections::{BTreeMap, BTreeSet};

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::error::Problem;
use super::reading::{Refused, unreachable};
use crate::domain::task::RequestDigest;
use crate::protocols::ticketscloud::hex_id::{EventId, PartnerId};
use crate::protocols::ticketscloud::parameters::{Given, Place};
use crate::protocols::ticketscloud::sql::Tables;
use crate::protocols::ticketscloud::wire::fields::Schema;
use crate::protocols::ticketscloud::wire::{event, refund, v2, wide};

/// What is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Thing {
    Order,
    Refund,
}

/// How the answer of a write is shown.
#[derive(Debug)]
pub(super) enum Form {
    /// As v1 does, and as this schema says; with the text of it.
    V1(Thing, Option<(Schema, String)>),
    /// As v2 does.
    V2(Thing),
}

impl Form {
    /// What a query asks for.
    pub(super) fn read(
        place: &Place,
        query: Option<String>,
        thing: Thing,
        version: Version,
    ) -> Refused<Form> {
        let given = Given::read(place, &query.unwrap_or_default()).map_err(Problem::bad)?;
        if version == Version::V2 {
            return Ok(Form::V2(thing));
        }
        let known = match thing {
            Thing::Order => wide::ORDER,
            Thing::Refund => refund::REFUND,
        };
        let schema = given.schema(known).map_err(Problem::bad)?;
        let text = given.text("fields-schema").unwrap_or_default().to_owned();
        Ok(Form::V1(thing, schema.map(|schema| (schema, text))))
    }

    /// Another form makes another request of it.
    pub(super) fn digest(&self, parts: &[&str]) -> RequestDigest {
        let form = match self {
            Form::V1(_, schema) => schema.as_ref().map(|(_, text)| text.as_str()),
            Form::V2(_) => Some("v2"),
        };
        RequestDigest::of(parts.iter().copied().chain(form))
    }

    /// Whether the answer of a task has to have all that an order has.
    pub(super) fn is_wide(&self) -> bool {
        !matches!(self, Form::V1(_, None))
    }

    /// Whether it is of v2, which answers what is made as what is changed.
    pub(super) fn is_v2(&self) -> bool {
        matches!(self, Form::V2(_))
    }

    /// The answer of a task as it goes out.
    pub(super) async fn show(
        &self,
        tables: Tables<'_>,
        status: StatusCode,
        body: String,
    ) -> Refused<String> {
        if !status.is_success() || matches!(self, Form::V1(_, None)) {
            return Ok(body);
        }
        let whole: Value = serde_json::from_str(&body).unwrap_or_default();
        let shown = match self {
            Form::V1(Thing::Order, schema) => {
                let schema = schema.as_ref().map(|(schema, _)| schema);
                let mut shown = orders(tables, schema, vec![whole]).await?;
                shown.pop().unwrap_or_default()
            }
            Form::V1(Thing::Refund, schema) => {
                one_refund(schema.as_ref().map(|(schema, _)| schema), &whole)
            }
            Form::V2(thing) => in_v2(tables, *thing, &[whole], None).await?,
        };
        Ok(shown.to_string())
    }
}

/// Of which version of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    V1,
    V2,
}

impl Version {
    /// What this version has of the two.
    pub(super) fn of<T>(self, v1: T, v2: T) -> T {
        match self {
            Version::V1 => v1,
            Version::V2 => v2,
        }
    }
}

/// A refund request as v1 shows it.
pub(super) fn one_refund(schema: Option<&Schema>, whole: &Value) -> Value {
    match schema {
        Some(schema) => schema.apply(whole, &[]),
        None => whole.clone(),
    }
}

/// What a schema shows of these orders, with their events where it asks for them.
pub(super) async fn orders(
    tables: Tables<'_>,
    schema: Option<&Schema>,
    mut orders: Vec<Value>,
) -> Refused<Vec<Value>> {
    let Some(schema) = schema else { return Ok(orders) };
    if schema.below("event").is_some() {
        let (offers, now) = tables.events_by(&events(&orders)).await.map_err(unreachable)?;
        let shown = tables.shown(offers).await.map_err(unreachable)?;
        for order in &mut orders {
            let id = order["event"].as_str().unwrap_or_default().to_owned();
            if let Some(of) = shown.iter().find(|of| of.offer.event.to_string() == id) {
                order["event"] = event::event(of, now);
            }
        }
    }
    Ok(orders.iter().map(|order| schema.apply(order, &["event", "tickets"])).collect())
}

fn events(things: &[Value]) -> Vec<EventId> {
    let ids = things.iter().filter_map(|thing| thing["event"].as_str()?.parse().ok());
    let ids: BTreeSet<EventId> = ids.collect();
    ids.into_iter().collect()
}

/// Things as v2 shows them: one, or a page of a list.
pub(super) async fn in_v2(
    tables: Tables<'_>,
    thing: Thing,
    whole: &[Value],
    page: Option<(i64, i64)>,
) -> Refused<Value> {
    let show = match thing {
        Thing::Order => v2::order,
        Thing::Refund => v2::refund,
    };
    let data: Vec<Value> = whole.iter().map(show).collect();
    let (offers, now) = tables.events_by(&events(whole)).await.map_err(unreachable)?;
    let shown = tables.shown(offers).await.map_err(unreachable)?;
    let partner = |thing: &Value, field: &str| thing[field].as_str()?.parse::<PartnerId>().ok();
    let partners = whole.iter().flat_map(|one| [partner(one, "org"), partner(one, "vendor")]);
    let partners: BTreeSet<PartnerId> = partners.flatten().collect();
    let partners: Vec<PartnerId> = partners.into_iter().collect();
    let names = tables.names_of(&partners).await.map_err(unreachable)?;
    let names: BTreeMap<String, String> =
        names.into_iter().map(|(id, name)| (id.to_string(), name)).collect();
    let refs = v2::refs(&data, &shown, &names, now);
    Ok(match page {
        None => json!({"data": data.first(), "refs": refs}),
        Some((skip, most)) => {
            let pagination = json!({"page": skip / most + 1, "page_size": most});
            json!({"data": data, "pagination": pagination, "refs": refs})
        }
    })
}
