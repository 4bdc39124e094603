//! BILLmanager's API of new orders: one endpoint, and the pages of payments.

mod auth;
mod browser;
mod commands;
mod error;
mod first;
mod form;
mod page;
mod queries;
mod respond;
mod services;

use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, FromRef, RawQuery, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use self::auth::Caller;
pub(crate) use self::auth::{LONGEST_PASSWORD, SHORTEST_PASSWORD};
use self::error::Problem;
use self::form::{is_form, read_form};
pub(crate) use self::respond::no_such_path;
use self::respond::{no_such_method, respond};
use super::command::{Fault, Lang};
use super::settings::{ApiPath, BillManagerSettings};
use super::users::Users;
use super::wire::browser::{CART_PAGE, CART_STYLE};
use super::wire::document;
use super::wire::document::{Element, Out};
use super::wire::params::Params;
use super::wire::request::{self, Function};
use super::wire::{answer, known, words};
use crate::config::SettingsError;
use crate::domain::task::TaskGuid;
use crate::engine::app::App;
use crate::surface::NotOurs;

/// The usual path of the API.
pub const BILLMGR: &str = "/billmgr";

/// Path of the pages of payments; a page is the module of a payment's method, and `payment`.
pub const PAGE: &str = "/mancgi/{page}";

/// What its handlers share.
#[derive(Clone)]
struct Api {
    app: Arc<App>,
    /// Who calls.
    users: Arc<Users>,
    settings: Arc<BillManagerSettings>,
}

impl FromRef<Api> for Arc<BillManagerSettings> {
    fn from_ref(api: &Api) -> Arc<BillManagerSettings> {
        Arc::clone(&api.settings)
    }
}

impl FromRef<Api> for Arc<App> {
    fn from_ref(api: &Api) -> Arc<App> {
        Arc::clone(&api.app)
    }
}

/// The routes; started with them is what looks up users and sessions.
pub fn routes(app: &Arc<App>) -> Result<Router, SettingsError> {
    let settings: Arc<BillManagerSettings> = Arc::new(app.settings.section().cloned()?);
    let users = Users::start(&app.tasks, Arc::clone(&app.store), &settings);
    let paths = settings.paths.clone();
    let api = Api { app: Arc::clone(app), users: Arc::new(users), settings };
    // HEAD would do what GET does, and that may write.
    let endpoint = || get(handle).post(handle).head(no_such_method).fallback(no_such_method);
    let page = get(page::show).post(page::pay).head(no_such_method).fallback(no_such_method);
    let at = |routes: Router<Api>, path: &ApiPath| match path {
        ApiPath::Root => routes.route("/", get(at_root).post(at_root).fallback(not_ours)),
        path => {
            let (path, slash) = (path.as_str(), format!("{path}/"));
            routes.route(path, endpoint()).route(&slash, endpoint())
        }
    };
    Ok(paths
        .iter()
        .fold(Router::new(), at)
        .route(PAGE, page)
        .route(
            CART_PAGE,
            get(browser::show).post(browser::post).head(no_such_method).fallback(no_such_method),
        )
        .route(CART_STYLE, get(browser::style))
        .with_state(api)
        // The handler limits the body itself, to answer in the vendor's form.
        .layer(DefaultBodyLimit::disable()))
}

/// A request that could be read.
struct Asked<'a> {
    app: &'a App,
    users: &'a Users,
    headers: &'a HeaderMap,
    params: Params,
    /// The language of the answer.
    lang: Lang,
    /// Its form.
    out: Out,
}

/// What comes back: elements, and the task that they are the answer of.
struct Reply {
    elements: Vec<Element>,
    guid: Option<TaskGuid>,
}

impl From<Vec<Element>> for Reply {
    fn from(elements: Vec<Element>) -> Reply {
        Reply { elements, guid: None }
    }
}

/// The handler of `/`: it takes requests that name a function, and forms. Every other one, like that of a person who
/// only types the address, is answered as if there was no route.
async fn at_root(
    api: State<Api>,
    method: Method,
    uri: Uri,
    query: RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let named = Params::read(query.0.as_deref().unwrap_or_default(), "");
    let named = named
        .is_ok_and(|params| ["func", "startform"].iter().any(|name| params.get(name).is_some()));
    let form = method == Method::POST && headers.get(header::CONTENT_TYPE).is_some_and(is_form);
    if !named && !form {
        return not_ours(method, headers, uri).await;
    }
    handle(api, method, uri, query, headers, body).await
}

async fn not_ours(method: Method, headers: HeaderMap, uri: Uri) -> Response {
    let mut response = StatusCode::NOT_FOUND.into_response();
    response.extensions_mut().insert(NotOurs { method, headers, uri });
    response
}

/// The handler of everything.
async fn handle(
    State(api): State<Api>,
    method: Method,
    uri: Uri,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let started = Instant::now();
    let params = read_params(&api.app, &method, query, &headers, body).await;
    if method == Method::GET
        && let Ok(params) = &params
        && browser::is_link(&headers, params)
    {
        return browser::open(&api, params.clone(), &headers).await;
    }
    let Api { app, users, settings } = api;
    let fallback = Params::default();
    let known = params.as_ref().unwrap_or(&fallback);
    // What an error is written in, also when these very parameters are wrong.
    let out = known.get("out").and_then(|out| out.parse().ok()).unwrap_or(Out::Xml);
    let lang = known.get("lang").and_then(|lang| lang.parse().ok());
    let lang = lang.unwrap_or(settings.lang);
    let func = known.get("func").and_then(Function::named);
    let label = func.as_ref().map_or("billmanager.unknown", Function::label);
    // The name is shown only when there is such a function.
    let name = func.as_ref().and(known.get("func")).unwrap_or_default().to_owned();
    let given = match params {
        Ok(params) => {
            let asked = Asked { app: &app, users: &users, headers: &headers, params, lang, out };
            answer_it(&asked, func, &method).await
        }
        Err(refused) => Err(refused),
    };
    let result = given.as_ref().map_or_else(Problem::result, |_| "ok");
    app.metrics.request(label, result, started.elapsed());
    let (status, given, retry_after_s) = match given {
        Ok(given) => (StatusCode::OK, given, None),
        Err(refused) => {
            let elements = vec![answer::error(&refused.fault, lang)];
            let given = Reply { elements, guid: refused.guid };
            (refused.status, given, refused.retry_after_s)
        }
    };
    let path = uri.path().trim_end_matches('/');
    let binary = if path.is_empty() { "/" } else { path };
    let doc = document::doc(lang, &name, &settings.host, binary);
    let body = document::write(&doc.children(given.elements), out);
    respond(status, out.media_type(), body, given.guid, retry_after_s)
}

async fn read_params(
    app: &App,
    method: &Method,
    query: Option<String>,
    headers: &HeaderMap,
    body: Body,
) -> Result<Params, Problem> {
    let query = query.unwrap_or_default();
    if *method == Method::GET {
        return Ok(Params::read(&query, "")?);
    }
    Ok(Params::read(&query, &read_form(app, headers, body).await?)?)
}

async fn answer_it(
    asked: &Asked<'_>,
    func: Option<Function>,
    method: &Method,
) -> Result<Reply, Problem> {
    let Asked { app, params, headers, .. } = asked;
    if !app.is_started() {
        return Err(Problem::starting());
    }
    params.word::<Out>("out", document::OUTS)?;
    params.word::<Lang>("lang", "ru, en")?;
    let func = match (params.required("func")?, func) {
        (_, Some(func)) => func,
        (_, None) => return Err(no_such_function().into()),
    };
    if func == Function::Auth {
        known::check(&func, params)?;
        request::confirmed(params)?;
        if params.get("su").is_some() {
            let (ru, en) = ("Сессию открывают без su", "A session is opened without su");
            return Err(Fault::value("su", ru, en).into());
        }
        return auth::log_in(asked).await.map(Reply::from);
    }
    if func == Function::Export && !auth::is_known(asked) {
        known::check(&func, params)?;
        request::confirmed(params)?;
        auth::as_nobody(asked)?;
        return first::export(asked).await;
    }
    let caller = auth::authenticate(asked).await?;
    known::check(&func, params)?;
    request::confirmed(params)?;
    if *method == Method::GET && is_prefetch(headers) {
        let en = "What is only fetched ahead does nothing";
        return Err(words::no_access("sok", "Предварительная загрузка не выполняется", en).into());
    }
    carry_out(asked, caller, func).await
}

/// What a function does for a caller that is known.
async fn carry_out(asked: &Asked<'_>, caller: Caller, func: Function) -> Result<Reply, Problem> {
    match func {
        Function::Auth => Err(no_such_function().into()),
        Function::Order { itemtype, quick } => {
            commands::order(asked, &caller, &itemtype, quick).await
        }
        Function::Cart => commands::cart(asked, &caller).await,
        Function::Confirm => commands::confirm(asked, &caller).await,
        Function::CartOrder => queries::order(asked, &caller).await,
        Function::Payment => queries::payments(asked, &caller).await,
        Function::SetPaid => commands::set_paid(asked, &caller).await,
        Function::Services(kind) => queries::services(asked, &caller, kind.as_deref()).await,
        Function::Export => first::export(asked).await,
        Function::Pricelists(kind) => first::pricelists(asked, &caller, &kind).await,
        Function::SubAccount => first::subaccount(asked, &caller).await,
        Function::History => queries::history(asked, &caller).await,
        Function::WhoAmI => Ok(first::who_am_i(&caller).into()),
        Function::UserParam => first::user_param(asked, &caller).await.map(Reply::from),
        Function::Pending => queries::pending(asked, &caller).await,
        Function::EditService(kind) => services::edit(asked, &caller, kind.as_deref()).await,
        Function::DeleteService(kind) => services::delete(asked, &caller, kind.as_deref()).await,
        Function::Prolong => services::prolong(asked, &caller).await,
        Function::Provision(step) => services::provision(asked, &caller, step).await,
    }
}

fn no_such_function() -> Fault {
    Fault::absent("func", "Такой функции нет", "There is no such function")
}

/// Whether a browser fetches it before anybody asks for it.
fn is_prefetch(headers: &HeaderMap) -> bool {
    ["purpose", "sec-purpose", "x-moz"].iter().any(|name| {
        let values = headers.get_all(*name).iter().filter_map(|value| value.to_str().ok());
        values.into_iter().any(|value| value.to_ascii_lowercase().contains("prefetch"))
    })
}
