//! Every page and every form, for every role, for nobody and for somebody who is disabled: a form needs the role that the
//! operator API says of the same action.

use wsa::domain::token::TokenHash;
use wsa::ops::contract::OPERATIONS;

use super::*;

/// The sources that route.
const ROUTES: &str = include_str!("../../../src/console/pages.rs");

/// A form, the operation of the API that does the same, and its fields.
type Action = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

const FORMS: &[Action] = &[
    ("/tasks/{guid}/cancel", "cancelTask", &[]),
    ("/tasks/{guid}/reveal", "revealTask", &[]),
    ("/objects/pause", "pauseObject", &[("object", "7")]),
    ("/objects/resume", "resumeObject", &[("object", "7")]),
    ("/callers/{name}/rotate", "rotateCallersToken", &[]),
    ("/callers/{name}/withdraw", "withdrawLicence", &[("object", "7")]),
    ("/callbacks/{id}/switch", "switchCallback", &[("open", "1")]),
    ("/callbacks/{id}/rotate", "rotateSecret", &[]),
    ("/callbacks/{id}/replay", "replayCallback", &[("expected", "0")]),
    ("/dead/replay", "replayLetters", &[("expected", "0"), ("like", "nothing like it")]),
    ("/dead/replay-chosen", "replayLetter", &[("id", "7")]),
    ("/audit", "runAudit", &[]),
];

/// Each route: its path, whether it is a page, whether it is a form.
fn routes() -> Vec<(&'static str, bool, bool)> {
    let routes = ROUTES.split(".route(\"").skip(1);
    let read = |route: &'static str| {
        let (path, rest) = route.split_once('"').unwrap();
        let rest = rest.split(".route(").next().unwrap();
        (path, rest.contains("get("), rest.contains("post("))
    };
    routes.map(read).collect()
}

fn path(route: &str) -> String {
    let part = |part: &str| match part {
        "{guid}" => "0191d5e0-0000-7000-8000-000000000001".to_owned(),
        "{id}" => "7".to_owned(),
        "{name}" => "nobody".to_owned(),
        "{class}" => "orders".to_owned(),
        part => part.to_owned(),
    };
    route.split('/').map(part).collect::<Vec<_>>().join("/")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_and_a_form_are_for_the_roles_that_the_api_says_and_for_nobody_else() {
    let app = installation(Stores::Sqlite).await.start().await;
    let mut all = Vec::new();
    for role in Role::ALL {
        let token = operator(&app, role.as_str(), *role).await;
        all.push((*role, log_in(&app, &token).await));
    }
    // Who is disabled has a cookie still, and so has whoever got another token.
    let disabled = log_in(&app, &operator(&app, "gone", Role::Admin).await).await;
    let operators = Operators::of(app.store());
    assert!(operators.disable(&nobody(), None, "gone", true).await.unwrap());
    let rotated = log_in(&app, &operator(&app, "rotated", Role::Admin).await).await;
    let new = TokenHash::of(&token::generate());
    assert!(operators.rotate(&nobody(), None, "rotated", new).await.unwrap());
    let strangers = [None, Some(&*disabled), Some(&*rotated), Some("wsa-operator=0")];

    let open = ["/login", "/logout"];
    for (route, page, form) in routes().into_iter().filter(|(route, ..)| !open.contains(route)) {
        let path = path(route);
        if page {
            for cookie in strangers {
                let request = ask(&app, Method::GET, &path);
                let request =
                    cookie.into_iter().fold(request, |r, cookie| r.header("Cookie", cookie));
                let status = request.send().await.unwrap().status();
                let expected = if route.starts_with("/live/") { 401 } else { 303 };
                assert_eq!(status, expected, "{route} {cookie:?}");
            }
            for (role, cookie) in &all {
                let request = ask(&app, Method::GET, &path).header("Cookie", cookie);
                let status = request.send().await.unwrap().status();
                assert!([200, 404].contains(&status.as_u16()), "{route} {role}: {status}");
            }
        }
        if form {
            let found = FORMS.iter().find(|(of, ..)| *of == route);
            let (_, id, fields) = found.unwrap_or_else(|| panic!("{route}: which role needs it?"));
            let operation = OPERATIONS.iter().find(|operation| operation.id == *id).unwrap();
            let fields: Vec<_> =
                fields.iter().copied().chain([("reason", "because of a test")]).collect();
            for cookie in strangers {
                let answer = post(&app, &path, cookie, &fields).await;
                assert_eq!(answer.status(), 303, "{route} {cookie:?}");
                let to = answer.headers()["location"].to_str().unwrap();
                assert!(to.starts_with("/login"), "{route} {cookie:?}: {to}");
            }
            for (role, cookie) in &all {
                let answer = post(&app, &path, Some(cookie), &fields).await;
                let (status, may) = (answer.status().as_u16(), *role >= operation.role);
                match may {
                    true => assert!(
                        [200, 303, 400, 404, 409].contains(&status),
                        "{route} {role}: {status}"
                    ),
                    false => assert_eq!(status, 403, "{route} {role}"),
                }
                if status == 303 {
                    let to = answer.headers()["location"].to_str().unwrap();
                    assert!(!to.starts_with("/login"), "{route} {role}: {to}");
                }
            }
        }
    }
    let forms = routes().iter().filter(|(route, _, form)| *form && !open.contains(route)).count();
    assert_eq!(forms, FORMS.len());
    app.finish().await;
}
