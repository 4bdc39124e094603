//! Logging in, by token or by a link that works once, and out.

use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::html;

use super::started;
use crate::console::Console;
use crate::console::form::Form;
use crate::console::html::plain;
use crate::console::respond::{Answer, back, own_origin, page, see};
use crate::console::visitor::{COOKIE, COOKIE_ON_LOOPBACK, Way, cookie};
use crate::ops::access;
use crate::ops::access::sessions::Sessions;
use crate::ops::problem::Problem;

/// The form. With a link it asks first: what follows links by itself must not use it up.
pub(in crate::console) async fn show(
    State(console): State<Console>,
    RawQuery(query): RawQuery,
) -> Answer {
    started(&console)?;
    let form = Form::of_query(query.as_deref());
    form.only(&["link", "back"])?;
    let Some(link) = form.get("link") else {
        return Ok(token_form(back(form.get("back")), None));
    };
    let Some(operator) = Sessions::of(console.ops.store()).link_of(link).await? else {
        return Ok(token_form("/", Some(USED)));
    };
    let content = html! {
        h1 { "Log in" }
        p { "This link logs in the operator " b { (operator.name) } " (" (operator.role.as_str()) "), once." }
        form method="post" action="/login" {
            input type="hidden" name="link" value=(link);
            button.main type="submit" autofocus { "Log in as " (operator.name) }
        }
    };
    Ok(page(&plain("Log in", &content)))
}

const USED: &str =
    "The link was used, or is older than 15 minutes: ask for another, or log in with a token.";

fn token_form(back: &str, wrong: Option<&str>) -> Response {
    let content = html! {
        h1 { "Log in" }
        @if let Some(wrong) = wrong { div.message.bad id="wrong" { p { (wrong) } } }
        form method="post" action="/login" {
            input type="hidden" name="back" value=(back);
            label { "Token of an operator"
                input type="password" name="token" autocomplete="current-password" required autofocus;
            }
            button.main type="submit" { "Log in" }
        }
        p.muted.small { br; "An administrator makes one with " code { "wsa admin operator add" } "." }
    };
    page(&plain("Log in", &content))
}

/// Logs a browser in.
pub(in crate::console) async fn enter(
    State(console): State<Console>,
    headers: HeaderMap,
    body: Body,
) -> Answer {
    started(&console)?;
    own_origin(&headers)?;
    let way = Way::of(&headers)?;
    let form = Form::of_body(&headers, body).await?;
    form.only(&["link", "token", "back"])?;
    let sessions = Sessions::of(console.ops.store());
    let operator = match form.get("link") {
        Some(link) => sessions.use_link(link).await?,
        None => match access::authenticate(&console.ops, form.required("token")?).await {
            Ok(operator) => Some(operator),
            Err(Problem { status: StatusCode::UNAUTHORIZED, .. }) => None,
            Err(problem) => return Err(problem.into()),
        },
    };
    let secret = match &operator {
        Some(operator) => sessions.open(operator, way == Way::Https).await?,
        None => None,
    };
    let Some(secret) = secret else {
        let wrong = match form.get("link") {
            Some(_) => USED,
            None => "Unknown token, or its operator is disabled.",
        };
        let answer = token_form(back(form.get("back")), Some(wrong));
        return Ok((StatusCode::FORBIDDEN, answer).into_response());
    };
    let mut answer = see(back(form.get("back")));
    set_cookie(&mut answer, &way.cookie(&secret));
    Ok(answer)
}

/// Logs this browser out.
pub(in crate::console) async fn leave(
    State(console): State<Console>,
    headers: HeaderMap,
) -> Answer {
    own_origin(&headers)?;
    let mut answer = see("/login");
    for name in [COOKIE, COOKIE_ON_LOOPBACK] {
        let Some(secret) = cookie(&headers, name) else { continue };
        Sessions::of(console.ops.store()).end(secret).await?;
        let secure = if name == COOKIE { " Secure;" } else { "" };
        set_cookie(
            &mut answer,
            &format!("{name}=; Path=/;{secure} HttpOnly; SameSite=Strict; Max-Age=0"),
        );
    }
    Ok(answer)
}

fn set_cookie(answer: &mut Response, cookie: &str) {
    // A secret is letters and digits.
    if let Ok(cookie) = HeaderValue::from_str(cookie) {
        answer.headers_mut().append(header::SET_COOKIE, cookie);
    }
}
