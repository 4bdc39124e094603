//! The cart for people: a page to log in, choose a payer, confirm and go on to the page of the payment. It works without
//! scripts. A site links to `startform=cart&selected=ID`; the forms of the page post to a path of its own.
//!
//! Who calls is a session in a cookie that scripts cannot read and other sites cannot post with. A form that comes from
//! another origin is refused all the same. The API itself knows no cookies.

mod ask;

use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::auth::{self, Caller};
use super::error::Problem;
use super::page::STRICT;
use super::{Api, read_form, respond};
use crate::domain::task::TaskGuid;
use crate::domain::token;
use crate::engine::app::App;
use crate::protocols::billmanager::command::{Fault, FaultKind, Lang};
use crate::protocols::billmanager::settings::BillManagerSettings;
use crate::protocols::billmanager::sql::Tables;
use crate::protocols::billmanager::sql::accounts::Numbered;
use crate::protocols::billmanager::users::Users;
use crate::protocols::billmanager::wire::browser::{self as pages, Step, View};
use crate::protocols::billmanager::wire::known::BROWSER;
use crate::protocols::billmanager::wire::params::{Params, none_of};
use crate::web::origin;
use crate::web::parameters::Use;

/// The session of a browser.
const COOKIE: &str = "billmanager_session";

/// A person who is shown something.
struct Visitor<'a> {
    app: &'a App,
    users: &'a Users,
    settings: &'a BillManagerSettings,
    params: Params,
    lang: Lang,
}

/// Whether a request is that of a browser that follows a link to the cart: it names the form, or a function that people
/// are linked to, takes a page, and says neither who calls nor in which form to answer.
pub(super) fn is_link(headers: &HeaderMap, params: &Params) -> bool {
    if params.get("startform").is_some() {
        return true;
    }
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    let takes_pages = accept.is_some_and(|accept| accept.contains("text/html"));
    let of_the_api = ["out", "sok", "su", "authinfo", "auth", "clicked_button"];
    takes_pages
        && matches!(params.get("func"), Some("cart" | "logon"))
        && of_the_api.iter().all(|name| params.get(name).is_none())
}

/// The handler of GET at the path of its own.
pub(super) async fn show(
    State(api): State<Api>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    match Params::read(&query.unwrap_or_default(), "") {
        Ok(params) => open(&api, params, &headers).await,
        Err(fault) => refused(&fault.into(), api.settings.lang),
    }
}

/// The style sheet.
pub(super) async fn style() -> Response {
    let kind = "text/css; charset=UTF-8";
    let headers = [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "max-age=3600")];
    (headers, include_str!("browser/cart.css")).into_response()
}

/// Shows what these parameters name, to whoever the cookie says.
pub(super) async fn open(api: &Api, params: Params, headers: &HeaderMap) -> Response {
    let Api { app, users, settings } = api;
    let lang = language(settings, &params);
    let visitor = Visitor { app, users, settings, params, lang };
    match shown(&visitor, headers).await {
        Ok(page) => page,
        Err(problem) => refused(&problem, lang),
    }
}

/// The handler of POST: each form is a step.
pub(super) async fn post(State(api): State<Api>, headers: HeaderMap, body: Body) -> Response {
    let Api { app, users, settings } = &api;
    let params = match read_form(app, &headers, body).await {
        Ok(body) => Params::read("", &body).map_err(Problem::from),
        Err(problem) => Err(problem),
    };
    let params = match params {
        Ok(params) => params,
        Err(problem) => return refused(&problem, settings.lang),
    };
    let lang = language(settings, &params);
    if !origin::is_own(&headers, &settings.host) {
        let en = "The form was sent from another site";
        let fault = super::words::no_access("sok", "Форма отправлена с другого сайта", en);
        return refused(&Problem { status: StatusCode::FORBIDDEN, ..fault.into() }, lang);
    }
    let visitor = Visitor { app, users, settings, params, lang };
    match taken(&visitor, &headers).await {
        Ok(answer) => answer,
        Err(problem) => refused(&problem, lang),
    }
}

async fn shown(visitor: &Visitor<'_>, headers: &HeaderMap) -> Result<Response, Problem> {
    let Visitor { app, params, lang, .. } = visitor;
    if !app.is_started() {
        return Err(Problem::starting());
    }
    for (name, _) in params.others(&[]) {
        match BROWSER.find(&name) {
            Some((_, Use::Honoured(_))) => {}
            _ => {
                let ru = format!("У страницы корзины нет параметра {name}");
                let en = format!("The page of the cart has no parameter {name}");
                return Err(Fault::value(&name, ru, en).into());
            }
        }
    }
    params.word::<Lang>("lang", "ru, en")?;
    if let Some(other) = params.get("startform").filter(|form| *form != "cart") {
        return Err(none_of("startform", other, "cart").into());
    }
    let selected = match params.get("selected") {
        Some(_) => params.ids("selected")?,
        None => Vec::new(),
    };
    let order = params.id("order")?;
    let Some(caller) = caller(visitor, headers).await? else {
        return Ok(page(StatusCode::OK, pages::login(params, *lang, None)));
    };
    let Some(client) = caller.client() else { return Err(for_clients()) };
    let view = match order {
        Some(order) => View::Order(ordered(visitor, client, order).await?),
        None => View::Cart(Box::new(ask::cart(visitor, client, &selected).await?)),
    };
    let key = token::generate();
    Ok(page(StatusCode::OK, pages::shown(params, *lang, &caller.login, &view, &key)))
}

/// Carries out a step; its answer sends the browser on, so that a page that is loaded again does nothing again.
async fn taken(visitor: &Visitor<'_>, headers: &HeaderMap) -> Result<Response, Problem> {
    let Visitor { app, users, settings, params, lang } = visitor;
    if !app.is_started() {
        return Err(Problem::starting());
    }
    let step: Option<Step> = params.word("step", "login, payer, order")?;
    let step = step.ok_or_else(|| Fault::missed("step"))?;
    if step == Step::Login {
        let (login, password) = (params.required("username")?, params.required("password")?);
        let user = match auth::find(app, users, login, password).await {
            Ok(user) => user,
            // The form again, with what is wrong.
            Err(problem) if problem.status == StatusCode::OK => {
                let why = problem.fault.msg.of(*lang).to_owned();
                return Ok(page(StatusCode::FORBIDDEN, pages::login(params, *lang, Some(&why))));
            }
            Err(problem) => return Err(problem),
        };
        let id = users.open_session(&user).await?.ok_or_else(super::words::bad_password)?;
        let mut answer = away(&pages::back(params, *lang));
        let secure = if settings.host.starts_with("https://") { "; Secure" } else { "" };
        let cookie = format!("{COOKIE}={id}; Path=/; HttpOnly; SameSite=Lax{secure}");
        // An id is letters and digits.
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            answer.headers_mut().append(header::SET_COOKIE, cookie);
        }
        return Ok(answer);
    }
    let Some(caller) = caller(visitor, headers).await? else {
        return Ok(page(StatusCode::FORBIDDEN, pages::login(params, *lang, None)));
    };
    let Some(client) = caller.client() else { return Err(for_clients()) };
    match step {
        Step::Payer => {
            ask::add_payer(visitor, client).await?;
            Ok(away(&pages::back(params, *lang)))
        }
        _ => {
            let made = ask::order(visitor, &caller, client).await?;
            Ok(away(&made.link.unwrap_or_else(|| pages::order_link(made.order, *lang))))
        }
    }
}

/// The client whose session the cookie has, not faster than it may.
async fn caller(visitor: &Visitor<'_>, headers: &HeaderMap) -> Result<Option<Caller>, Problem> {
    let Some(id) = cookie(headers) else { return Ok(None) };
    let Some(user) = visitor.users.with_session(id).await? else { return Ok(None) };
    auth::limit(visitor.app, &user.aggregator)?;
    Ok(Some(Caller::of(user)))
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs =
        cookies.flat_map(|value| value.split(';')).filter_map(|p| p.trim().split_once('='));
    pairs.find(|(name, _)| *name == COOKIE).map(|(_, value)| value)
}

async fn ordered(
    visitor: &Visitor<'_>,
    client: i64,
    order: i64,
) -> Result<pages::Ordered, Problem> {
    let tables = Tables::of(&visitor.app.store);
    let whose = tables.account_of(Numbered::Order, order).await?;
    let whose = whose.filter(|whose| whose.user == client).ok_or_else(|| no_order(order))?;
    let found = tables.order(whose.object, order).await?.ok_or_else(|| no_order(order))?;
    Ok(pages::Ordered::of(order, &found))
}

fn no_order(order: i64) -> Problem {
    let fault =
        Fault::absent("order", format!("Заказа {order} нет"), format!("There is no order {order}"));
    Problem { status: StatusCode::NOT_FOUND, ..fault.into() }
}

fn for_clients() -> Problem {
    let en = "This page is for clients: an administrator orders over the API";
    let fault = super::words::no_access("func", "Эта страница для клиентов", en);
    Problem { status: StatusCode::FORBIDDEN, ..fault.into() }
}

fn language(settings: &BillManagerSettings, params: &Params) -> Lang {
    params.get("lang").and_then(|lang| lang.parse().ok()).unwrap_or(settings.lang)
}

fn away(to: &str) -> Response {
    let mut answer = page(StatusCode::SEE_OTHER, String::new());
    if let Ok(to) = HeaderValue::from_str(to) {
        answer.headers_mut().insert(header::LOCATION, to);
    }
    answer
}

fn refused(problem: &Problem, lang: Lang) -> Response {
    // For people, unlike the API, a status says that it is an error.
    let status = match problem.status {
        StatusCode::OK => StatusCode::BAD_REQUEST,
        status => status,
    };
    let Fault { kind, object, msg } = &problem.fault;
    // A wrong value is told with the name of what has it.
    let named = object.as_ref().filter(|_| *kind == FaultKind::Value);
    let named = named.map(|object| format!("{object}: ")).unwrap_or_default();
    let body = pages::message(&format!("{named}{}", msg.of(lang)), lang);
    with_headers(respond(status, HTML, body, problem.guid, problem.retry_after_s))
}

const HTML: &str = "text/html; charset=UTF-8";

fn page(status: StatusCode, body: String) -> Response {
    with_headers(respond(status, HTML, body, None::<TaskGuid>, None))
}

/// Only its own style sheet is loaded, and nothing frames it. A browser says where a form came from only when the
/// policy of referrers lets it.
fn with_headers(mut response: Response) -> Response {
    const POLICY: &str = "default-src 'none'; style-src 'self'; form-action 'self'; \
                          frame-ancestors 'none'; base-uri 'none'";
    let own = [(header::CONTENT_SECURITY_POLICY, POLICY), (header::REFERRER_POLICY, "same-origin")];
    for (name, value) in own.into_iter().chain(STRICT) {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}
