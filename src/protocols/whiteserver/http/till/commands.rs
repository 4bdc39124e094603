//! POST, PATCH and DELETE: what a request asks for.

use std::sync::Arc;
use std::time::Instant;

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::Response;

use super::error::Problem;
use super::queries::{Guid, order_guid};
use super::tasks::{Answered, Asked, asked, carry_out};
use super::{Api, authenticate, finish};
use crate::domain::task::{CurrencyGuid, ObjectId, RequestDigest, TaskGuid};
use crate::engine::app::App;
use crate::protocols::whiteserver::command::till::{Action, OrderChange, TillCommand, TillPayment};
use crate::protocols::whiteserver::reply::{Code, Refusal};
use crate::protocols::whiteserver::sql::Tables;
use crate::protocols::whiteserver::wire::till::OPEN;
use crate::protocols::whiteserver::wire::till::request::{self, With};
use crate::web::problem::with_guid;
use crate::web::request::{idempotency_key, read_body};

/// The handler of POST of an order.
pub(super) async fn open(State(api): State<Arc<Api>>, headers: HeaderMap, body: Body) -> Response {
    let (started, mut guid) = (Instant::now(), None);
    let answered = async {
        let caller = authenticate(&api, &headers).await?;
        let body = read_body(&api.app, &headers, body).await?;
        let new = request::new_order(&body)?;
        let named = match (new.order_guid, idempotency_key(&headers)?) {
            (Some(_), Some(_)) => {
                let desc = "orderGuid: the order has one name, give it or an Idempotency-Key";
                return Err(Refusal::new(Code::BadRequest, desc).of_field("orderGuid").into());
            }
            (Some(order), None) => Some(TaskGuid(order.0)),
            (None, Some(key)) => Some(TaskGuid::derived(caller.aggregator.salt, &key)),
            (None, None) => None,
        };
        let digest = RequestDigest::of([OPEN, &body]);
        let asked = Asked { task_type: OPEN, named, command: TillCommand::Open(new), digest };
        carry_out(&api.app, &caller, &headers, asked, &mut guid).await
    };
    let answered = answered.await;
    respond(&api, OPEN, started, guid, answered)
}

/// The handler of PATCH of an order.
pub(super) async fn edit(
    State(api): State<Arc<Api>>,
    path: Guid,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let read = |body: &str| request::edit(body).map(Action::Edit);
    change(&api, "TillChangeOrder", path, &headers, body, read).await
}

/// The handler of POST of a bill.
pub(super) async fn print_bill(
    State(api): State<Arc<Api>>,
    path: Guid,
    headers: HeaderMap,
    body: Body,
) -> Response {
    change(&api, "TillPrintBill", path, &headers, body, |body| nothing(body, Action::PrintBill))
        .await
}

/// The handler of DELETE of a bill.
pub(super) async fn undo_bill(
    State(api): State<Arc<Api>>,
    path: Guid,
    headers: HeaderMap,
    body: Body,
) -> Response {
    change(&api, "TillUndoBill", path, &headers, body, |body| nothing(body, Action::UndoBill)).await
}

/// The handler of POST of what else is done.
pub(super) async fn act(
    State(api): State<Arc<Api>>,
    path: Result<Path<(String, String)>, PathRejection>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let (guid, action) = match path {
        Ok(Path((guid, action))) => (Ok(Path(guid)), action),
        Err(rejection) => (Err(rejection), String::new()),
    };
    let known = match &*action {
        "close" => "TillCloseOrder",
        "cancel" => "TillCancelOrder",
        "void" => "TillVoidDishes",
        "accept" => "TillAcceptOrder",
        "reject" => "TillRejectOrder",
        _ => {
            let desc =
                format!("there is nothing called {:?} to do", crate::domain::money::shown(&action));
            return finish(
                &api,
                "till.Unknown",
                Instant::now(),
                unknown(&api, &headers, desc).await,
            );
        }
    };
    let read = |body: &str| match known {
        "TillCloseOrder" => nothing(body, Action::Close),
        "TillCancelOrder" => nothing(body, Action::Cancel),
        "TillVoidDishes" => request::void(body).map(Action::Void),
        "TillAcceptOrder" => nothing(body, Action::Accept),
        _ => request::rejection(body).map(Action::Reject),
    };
    change(&api, known, guid, &headers, body, read).await
}

async fn unknown(api: &Api, headers: &HeaderMap, desc: String) -> Answered {
    authenticate(api, headers).await?;
    Err(Problem::new(Code::NotFound, desc))
}

/// The handler of POST of a payment.
pub(super) async fn pay(
    State(api): State<Arc<Api>>,
    path: Guid,
    headers: HeaderMap,
    body: Body,
) -> Response {
    const PAY: &str = "TillPayOrder";
    let (started, mut guid) = (Instant::now(), None);
    let answered = async {
        let caller = authenticate(&api, &headers).await?;
        let order = order_guid(path)?;
        let body = read_body(&api.app, &headers, body).await?;
        let version = if_match(&headers)?;
        let (amount, with) = request::payment(&body)?;
        let currency = currency(&api.app, caller.object, with).await?;
        let action = Action::Pay(TillPayment { amount, currency });
        let change = OrderChange { order, version, action };
        let asked = asked(&caller, &headers, PAY, change, &body)?;
        carry_out(&api.app, &caller, &headers, asked, &mut guid).await
    };
    let answered = answered.await;
    respond(&api, PAY, started, guid, answered)
}

async fn change(
    api: &Api,
    task_type: &'static str,
    path: Guid,
    headers: &HeaderMap,
    body: Body,
    read: impl Fn(&str) -> Result<Action, Refusal>,
) -> Response {
    let (started, mut guid) = (Instant::now(), None);
    let answered = async {
        let caller = authenticate(api, headers).await?;
        let order = order_guid(path)?;
        let body = read_body(&api.app, headers, body).await?;
        let version = if_match(headers)?;
        let change = OrderChange { order, version, action: read(&body)? };
        let asked = asked(&caller, headers, task_type, change, &body)?;
        carry_out(&api.app, &caller, headers, asked, &mut guid).await
    };
    let answered = answered.await;
    respond(api, task_type, started, guid, answered)
}

/// What needs no word takes none, and nothing that is not looked at.
fn nothing(body: &str, action: Action) -> Result<Action, Refusal> {
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Nothing {}
    if !body.trim().is_empty() {
        let Nothing {} = request::parse(body)?;
    }
    Ok(action)
}

fn if_match(headers: &HeaderMap) -> Result<i64, Problem> {
    let mut values = headers.get_all(header::IF_MATCH).iter();
    let header = values.next().map(|value| value.to_str().unwrap_or_default());
    if values.next().is_some() {
        return Err(Problem::new(
            Code::BadRequest,
            "the header If-Match was sent more than once; send exactly one",
        ));
    }
    Ok(request::version(header)?)
}

async fn currency(app: &App, object: ObjectId, with: With) -> Result<CurrencyGuid, Problem> {
    let kind = match with {
        With::Currency(currency) => return Ok(currency),
        With::Kind(kind) => kind,
    };
    let of_kind = Tables::of(&app.store).currencies_of_kind(object, kind).await?;
    match of_kind[..] {
        [currency] => Ok(currency),
        _ => {
            let count = of_kind.len();
            let desc = format!(
                "kind: object {object} has {count} currencies of the kind {kind}: name one"
            );
            Err(Refusal::new(Code::CurrencyNotSpecified, desc).of_field("kind").into())
        }
    }
}

fn respond(
    api: &Api,
    what: &'static str,
    started: Instant,
    guid: Option<TaskGuid>,
    answered: Answered,
) -> Response {
    let answered = match guid {
        Some(guid) => answered.map_err(|problem| problem.with_guid(guid)),
        None => answered,
    };
    let mut response = finish(api, what, started, answered);
    if let Some(guid) = guid {
        with_guid(&mut response, guid);
    }
    response
}
