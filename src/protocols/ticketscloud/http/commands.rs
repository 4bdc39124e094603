//! POST, PATCH and DELETE of orders and of refund requests, in both versions.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use super::error::Problem;
use super::form::{Form, Thing, Version};
use super::queries::no_order;
use super::reading::{Refused, none};
use super::writing::{Asked, request, write};
use super::{Api, Caller};
use crate::protocols::ticketscloud::command::{Changes, RefundAsk, Settlement, Transition, Which};
use crate::protocols::ticketscloud::hex_id::{OrderId, PartnerId, RefundId};
use crate::protocols::ticketscloud::model::OrderStatus;
use crate::protocols::ticketscloud::parameters::{self, Place};
use crate::protocols::ticketscloud::sql::access::Placed;
use crate::protocols::ticketscloud::wire::request as body_of;
use crate::protocols::ticketscloud::wire::{
    CHANGE_ORDER, CHANGE_REFUND, CREATE_ORDER, CREATE_REFUND, DELETE_ORDER, refund, v2,
};
use crate::web::request::read_body;

type PathId = Result<Path<String>, PathRejection>;
type Shared = State<Arc<Api>>;

/// What a write of this version may have in its query.
fn place(version: Version, v1: &'static Place) -> &'static Place {
    version.of(v1, &parameters::WRITE_V2)
}

/// The handler of POST of an order.
pub(super) async fn create(
    version: Version,
    State(api): Shared,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Response {
    write(api, CREATE_ORDER, headers, async move |api, caller, headers| {
        let place = place(version, &parameters::WRITE);
        let form = Form::read(place, query, Thing::Order, version)?;
        let body = read_body(&api.app, &headers, body).await?;
        new(&api, &caller, &body, version, form).await
    })
    .await
}

async fn new(
    api: &Api,
    caller: &Caller,
    body: &str,
    version: Version,
    form: Form,
) -> Refused<Asked> {
    let read = match version {
        Version::V1 => body_of::read_create(body),
        Version::V2 => v2::read_create(body),
    };
    let (event, changes) = read.map_err(Problem::bad)?;
    let selling = api.partners.selling(caller.partner, event).await?;
    let selling = selling.ok_or_else(|| {
        Problem::new(StatusCode::NOT_FOUND, format!("There is no event {event}."))
    })?;
    if !selling.may {
        let error = format!("Event {event} is somebody else's, and you have no deal to sell it.");
        return Err(Problem::new(StatusCode::FORBIDDEN, error));
    }
    let settings = &api.settings;
    let which = Which::New { deal: selling.deal, reserve_s: settings.reserve_s };
    let (partner, payment_s, wide) = (caller.partner, settings.payment_s, form.is_wide());
    let transition = Transition { partner, which, changes, status: None, payment_s, wide };
    let (request, digest) = (request(&transition)?, form.digest(&[CREATE_ORDER, body]));
    Ok(Asked { object: selling.object, subject: None, request, digest, form })
}

/// The handler of PATCH of an order.
pub(super) async fn change(
    version: Version,
    State(api): Shared,
    path: PathId,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Response {
    write(api, CHANGE_ORDER, headers, async move |api, caller, headers| {
        let place = place(version, &parameters::WRITE);
        let form = Form::read(place, query, Thing::Order, version)?;
        let (order, placed) = own(&api, caller.partner, path).await?;
        let body = read_body(&api.app, &headers, body).await?;
        let read = match version {
            Version::V1 => body_of::read_change_of(&body, order, placed.event),
            Version::V2 => v2::read_change(&body, order, placed.event),
        };
        let changes = read.map_err(Problem::bad)?;
        let digest = form.digest(&[CHANGE_ORDER, &order.to_string(), &body]);
        stored(&api, caller.partner, (order, placed), changes, (form, digest))
    })
    .await
}

/// The handler of DELETE of an order.
pub(super) async fn delete(
    version: Version,
    State(api): Shared,
    path: PathId,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    write(api, DELETE_ORDER, headers, async move |api, caller, _| {
        Form::read(place(version, &parameters::DELETE), query, Thing::Order, version)?;
        // It has no body, in either version.
        let form = Form::V1(Thing::Order, None);
        let found = own(&api, caller.partner, path).await?;
        let canceled = (Changes::default(), Some(OrderStatus::Canceled));
        let digest = form.digest(&[DELETE_ORDER, &found.0.to_string()]);
        stored(&api, caller.partner, found, canceled, (form, digest))
    })
    .await
}

/// The order of a path and its event; somebody else's is as good as none.
async fn own(api: &Api, partner: PartnerId, path: PathId) -> Refused<(OrderId, Placed)> {
    let order = path.ok().and_then(|Path(id)| id.parse().ok()).ok_or_else(no_order)?;
    Ok((order, placed(api, partner, order).await?))
}

async fn placed(api: &Api, partner: PartnerId, order: OrderId) -> Refused<Placed> {
    let placed = api.partners.placed(order).await?;
    placed.filter(|placed| placed.partner == partner).ok_or_else(no_order)
}

fn stored(
    api: &Api,
    partner: PartnerId,
    (order, placed): (OrderId, Placed),
    (changes, status): (Changes, Option<OrderStatus>),
    (form, digest): (Form, crate::domain::task::RequestDigest),
) -> Refused<Asked> {
    let payment_s = api.settings.payment_s;
    let (which, wide) = (Which::Stored(order), form.is_wide());
    let transition = Transition { partner, which, changes, status, payment_s, wide };
    let (object, subject) = (placed.object, Some(order.to_string()));
    Ok(Asked { object, subject, request: request(&transition)?, digest, form })
}

/// The handler of POST of a refund request.
pub(super) async fn ask(
    version: Version,
    State(api): Shared,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Response {
    write(api, CREATE_REFUND, headers, async move |api, caller, headers| {
        let place = place(version, &parameters::WRITE_REFUND);
        let form = Form::read(place, query, Thing::Refund, version)?;
        let body = read_body(&api.app, &headers, body).await?;
        let read = match version {
            Version::V1 => refund::read_ask(&body),
            Version::V2 => refund::read_ask_v2(&body),
        };
        let refund::Asked { order, culprit, back, requested_at } = read.map_err(Problem::bad)?;
        let placed = placed(&api, caller.partner, order).await?;
        let partner = caller.partner;
        let asked = RefundAsk { partner, order, culprit, back, requested_at };
        let digest = form.digest(&[CREATE_REFUND, &body]);
        let (object, subject) = (placed.object, Some(order.to_string()));
        Ok(Asked { object, subject, request: request(&asked)?, digest, form })
    })
    .await
}

/// The handler of PATCH of a refund request.
pub(super) async fn settle(
    version: Version,
    State(api): Shared,
    path: PathId,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Response {
    write(api, CHANGE_REFUND, headers, async move |api, caller, headers| {
        let place = place(version, &parameters::WRITE_REFUND);
        let form = Form::read(place, query, Thing::Refund, version)?;
        let nothing = || none("refund request");
        let refund = path.ok().and_then(|Path(id)| id.parse::<RefundId>().ok());
        let refund = refund.ok_or_else(nothing)?;
        let (placed, partner) = (api.partners.placed_refund(refund).await?, caller.partner);
        let placed = placed.filter(|placed| [placed.vendor, placed.org].contains(&partner));
        let placed = placed.ok_or_else(nothing)?;
        let body = read_body(&api.app, &headers, body).await?;
        let approve = refund::read_settlement(&body, &parameters::REFUND_CHANGE);
        let approve = approve.map_err(Problem::bad)?;
        let asked = Settlement { partner, refund, order: placed.order, approve };
        let digest = form.digest(&[CHANGE_REFUND, &refund.to_string(), &body]);
        let (object, subject) = (placed.object, Some(placed.order.to_string()));
        Ok(Asked { object, subject, request: request(&asked)?, digest, form })
    })
    .await
}
