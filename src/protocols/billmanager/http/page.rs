//! The page of a payment. Whoever has its link may see it: the key in the link is random, and kept as a hash.
//! The button of a test method pays; what came before is not paid again.

use crate::protocols::billmanager::sql::Tables;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use subtle::ConstantTimeEq;

use super::error::Problem;
use super::{commands, read_form, respond};
use crate::domain::task::TaskGuid;
use crate::domain::token::TokenHash;
use crate::engine::app::App;
use crate::protocols::billmanager::command::{Answered, Ask, Fault, Lang, Text};
use crate::protocols::billmanager::settings::BillManagerSettings;
use crate::protocols::billmanager::sql::views::Payable;
use crate::protocols::billmanager::wire::document::html;
use crate::protocols::billmanager::wire::forms::{Page, page};
use crate::protocols::billmanager::wire::params::Params;
use crate::protocols::billmanager::wire::words;
use crate::web::problem::Problem as Plain;

/// Nothing is loaded, nothing frames it, and the key goes nowhere else.
const POLICY: &str =
    "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// What every page for people says.
pub(super) const STRICT: [(HeaderName, &str); 2] =
    [(header::X_FRAME_OPTIONS, "DENY"), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")];

/// The handler of GET.
pub(super) async fn show(
    State(app): State<Arc<App>>,
    State(settings): State<Arc<BillManagerSettings>>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let params = Params::read(&query.unwrap_or_default(), "").map_err(Problem::from);
    let lang = language(&settings, params.as_ref().ok());
    let shown = match params {
        Ok(params) => find(&app, &name, &params).await,
        Err(refused) => Err(refused),
    };
    match shown {
        Ok(found) => found.page(lang, StatusCode::OK, None, None),
        Err(refused) => message(&refused, lang),
    }
}

/// The handler of POST: the button.
pub(super) async fn pay(
    State(app): State<Arc<App>>,
    State(settings): State<Arc<BillManagerSettings>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let params = match read_form(&app, &headers, body).await {
        Ok(body) => Params::read("", &body).map_err(Problem::from),
        Err(refused) => Err(refused),
    };
    let lang = language(&settings, params.as_ref().ok());
    let paid = match params {
        Ok(params) => press(&app, &name, &params, lang).await,
        Err(refused) => Err(refused),
    };
    paid.unwrap_or_else(|refused| message(&refused, lang))
}

fn language(settings: &BillManagerSettings, params: Option<&Params>) -> Lang {
    let lang = params.and_then(|params| params.get("lang")?.parse().ok());
    lang.unwrap_or(settings.lang)
}

/// A payment whose key was given.
struct Found {
    id: i64,
    key: String,
    path: String,
    payable: Payable,
}

async fn find(app: &App, name: &str, params: &Params) -> Result<Found, Problem> {
    if !app.is_started() {
        return Err(Problem::starting());
    }
    let (id, key) = (params.required_id("elid")?, params.required("key")?.to_owned());
    let found = Tables::of(&app.store).payment(id).await?;
    let found = found.filter(|found| {
        let right = found.payment.key.map(|hash| hash.0.ct_eq(&TokenHash::of(&key).0));
        right.is_some_and(bool::from) && name.strip_suffix("payment") == Some(&found.module)
    });
    // A wrong key and no payment are the same to who asks.
    let payable = found.ok_or_else(|| {
        let fault = Fault::absent("elid", "Такого платежа нет", "There is no such payment");
        Problem { status: StatusCode::NOT_FOUND, ..Problem::from(fault) }
    })?;
    let caller = &payable.aggregator;
    let checked = app.rates.check(caller.id, caller.requests_per_s);
    checked.map_err(|exceeded| Problem::from(Plain::limited(app, &exceeded)))?;
    Ok(Found { id, key, path: format!("/mancgi/{name}"), payable })
}

async fn press(app: &App, name: &str, params: &Params, lang: Lang) -> Result<Response, Problem> {
    let found = find(app, name, params).await?;
    let Found { id, payable, .. } = &found;
    // Pressed twice, the second one finds that it is paid.
    let guid = TaskGuid::new();
    let (object, ask) = (payable.object, Ask::PayOnPage(*id));
    let button = commands::Name { guid, named: false, digest: params.digest() };
    let answered = commands::carry_out(app, &payable.aggregator, object, button, &ask).await?;
    let refusal = match answered {
        Answered::Refused(fault) => Some(fault.msg),
        _ => None,
    };
    let now = find(app, name, params).await?;
    Ok(now.page(lang, StatusCode::OK, refusal, Some(guid)))
}

impl Found {
    fn page(
        &self,
        lang: Lang,
        status: StatusCode,
        refusal: Option<Text>,
        guid: Option<TaskGuid>,
    ) -> Response {
        let Found { id, key, path, payable } = self;
        let payment = &payable.payment;
        let state = words::payment_status(payment.status);
        let message = match refusal {
            Some(why) => {
                Text::new(format!("{}. {}", state.ru, why.ru), format!("{}. {}", state.en, why.en))
            }
            None => state,
        };
        let open = payment.test && payment.status.is_open();
        let button = open.then_some((path.as_str(), key.as_str()));
        let (amount, currency) = (payment.amount, payment.currency.as_str());
        let page = page(&Page { id: *id, amount, currency, message: &message, button }, lang);
        as_page(status, html(&page), guid, None)
    }
}

/// A page that says what is wrong.
fn message(refused: &Problem, lang: Lang) -> Response {
    use crate::protocols::billmanager::wire::document::Element;
    let text = refused.fault.msg.of(lang);
    let body = Element::new("body").child(Element::text("p", text));
    let page = Element::new("html").with("lang", lang).child(body);
    // For people, unlike the API, a status says that it is an error.
    let status = match refused.status {
        StatusCode::OK => StatusCode::BAD_REQUEST,
        status => status,
    };
    as_page(status, html(&page), refused.guid, refused.retry_after_s)
}

fn as_page(
    status: StatusCode,
    body: String,
    guid: Option<TaskGuid>,
    retry_after_s: Option<u64>,
) -> Response {
    let mut response = respond(status, "text/html; charset=UTF-8", body, guid, retry_after_s);
    let own = [(header::CONTENT_SECURITY_POLICY, POLICY), (header::REFERRER_POLICY, "no-referrer")];
    for (name, value) in own.into_iter().chain(STRICT) {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}
