//! Who gets in, and what every answer says of itself.

use reqwest::Method;
use reqwest::header::HeaderMap;
use wsa::domain::token::TokenHash;
use wsa::ops::access::sessions::login_link;
use wsa::ops::access::{Operators, Role};

use super::*;

fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).map_or("", |value| value.to_str().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_sees_a_page_without_logging_in_and_another_site_logs_nobody_in() {
    let app = installation(Stores::Sqlite).await.start().await;
    let token = operator(&app, "anna", Role::Viewer).await;
    for (path, _) in PAGES {
        let answer = ask(&app, Method::GET, path).send().await.unwrap();
        assert_eq!(answer.status(), 303, "{path}");
        assert!(text(answer.headers(), "location").starts_with("/login?back=%2F"), "{path}");
    }
    for path in ["/live/overview", "/live/processes", "/live/chart.json"] {
        let answer = ask(&app, Method::GET, path).send().await.unwrap();
        assert_eq!(answer.status(), 401, "{path}");
    }
    // A form of another site, or of none.
    let own = app.ops_url();
    for origin in [Some("https://evil.example.com"), Some("null"), None] {
        let form = ask(&app, Method::POST, "/login");
        let form = origin.into_iter().fold(form, |form, origin| form.header("Origin", origin));
        let form = form.header("Content-Type", "application/x-www-form-urlencoded");
        let answer = form.body(format!("token={token}")).send().await.unwrap();
        assert_eq!(answer.status(), 403, "{origin:?}");
        assert!(!answer.headers().contains_key("set-cookie"), "{origin:?}");
    }
    // Over plain http and a name that is not this machine's a session could be read along.
    let form = ask(&app, Method::POST, "/login").header("Host", "ops.example.com");
    let form = form.header("Origin", "http://ops.example.com");
    let form = form.header("Content-Type", "application/x-www-form-urlencoded");
    let answer = form.body(format!("token={token}")).send().await.unwrap();
    assert_eq!(answer.status(), 403);
    assert!(answer.text().await.unwrap().contains("use https"));
    // Behind a proxy that speaks https the cookie is one that comes over nothing else.
    let form = ask(&app, Method::POST, "/login").header("Host", "ops.example.com");
    let form = form.header("Origin", "https://ops.example.com");
    let form = form.header("Content-Type", "application/x-www-form-urlencoded");
    let answer = form.body(format!("token={token}")).send().await.unwrap();
    let cookie = text(answer.headers(), "set-cookie").to_owned();
    assert!(cookie.starts_with("__Host-wsa-operator="), "{cookie}");
    assert!(cookie.ends_with("; Path=/; Secure; HttpOnly; SameSite=Strict"), "{cookie}");
    // Under the weaker name it opens nothing.
    let secret = cookie.split(['=', ';']).nth(1).unwrap();
    assert_eq!(page(&app, "/tasks", &format!("__Host-wsa-operator={secret}")).await.0, 200);
    assert_eq!(page(&app, "/tasks", &format!("wsa-operator={secret}")).await.0, 303);

    let wrong = post(&app, "/login", None, &[("token", "guessed")]).await;
    assert_eq!(wrong.status(), 403);
    assert!(wrong.text().await.unwrap().contains("Unknown token"));
    let right =
        post(&app, "/login", None, &[("token", &token), ("back", "/tasks?state=open")]).await;
    assert_eq!(text(right.headers(), "location"), "/tasks?state=open");
    let cookie = text(right.headers(), "set-cookie");
    assert!(cookie.starts_with("wsa-operator=") && cookie.ends_with("; HttpOnly; SameSite=Strict"));
    let away =
        post(&app, "/login", None, &[("token", &token), ("back", "//evil.example.com")]).await;
    assert_eq!(text(away.headers(), "location"), "/");
    assert!(own.starts_with("http://127.0.0.1"));
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_with_its_operator_its_token_its_time_and_by_logging_out() {
    for store in [Stores::Sqlite, Stores::Postgres] {
        let app = installation(store).await.start().await;
        let token = operator(&app, "anna", Role::Operator).await;
        let operators = Operators::of(app.store());
        let sees = async |cookie: &str| page(&app, "/tasks", cookie).await.0 == 200;

        let cookie = log_in(&app, &token).await;
        assert!(sees(&cookie).await);
        let answer = post(&app, "/logout", Some(&cookie), &[]).await;
        assert!(text(answer.headers(), "set-cookie").contains("Max-Age=0"));
        assert!(!sees(&cookie).await, "logged out");

        let cookie = log_in(&app, &token).await;
        operators.disable(&nobody(), None, "anna", true).await.unwrap();
        assert!(!sees(&cookie).await, "disabled");
        operators.disable(&nobody(), None, "anna", false).await.unwrap();
        assert!(sees(&cookie).await);
        operators.rotate(&nobody(), None, "anna", TokenHash::of("another")).await.unwrap();
        assert!(!sees(&cookie).await, "what the old token opened is over");

        let cookie = log_in(&app, "another").await;
        let past = match store {
            Stores::Sqlite => "UPDATE operator_sessions SET expires_at = 0",
            Stores::Postgres => "UPDATE operator_sessions SET expires_at = now() - interval '1 s'",
        };
        app.place.execute(past).await.unwrap();
        assert!(!sees(&cookie).await, "expired");
        // Nothing in the store opens a door: it has hashes.
        let hex = match store {
            Stores::Sqlite => "lower(hex(session_hash))",
            Stores::Postgres => "encode(session_hash, 'hex')",
        };
        let secret = cookie.split('=').nth(1).unwrap();
        let same = format!("SELECT count(*) FROM operator_sessions WHERE {hex} = '{secret}'");
        assert_eq!(app.place.number(&same).await, 0);
        log_in(&app, "another").await;
        assert_eq!(
            app.place.number("SELECT count(*) FROM operator_sessions").await,
            1,
            "the expired are gone"
        );
        app.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_logs_in_once_and_only_who_asks_for_it() {
    let app = installation(Stores::Sqlite).await.start().await;
    operator(&app, "anna", Role::Admin).await;
    let path = login_link(app.store(), &nobody(), "anna").await.unwrap().unwrap();
    assert_eq!(login_link(app.store(), &nobody(), "nobody").await.unwrap(), None);
    let secret = path.split('=').nth(1).unwrap();
    // Whatever follows links by itself uses nothing up.
    for _ in 0..2 {
        let (status, text) = page(&app, &path, "").await;
        assert!(status == 200 && text.contains("Log in as anna"), "{text}");
    }
    assert_eq!(page(&app, "/tasks", &format!("wsa-operator={secret}")).await.0, 303, "no session");
    let first = post(&app, "/login", None, &[("link", secret)]).await;
    let cookie = text(first.headers(), "set-cookie").split(';').next().unwrap().to_owned();
    assert_eq!(page(&app, "/tasks", &cookie).await.0, 200);
    let second = post(&app, "/login", None, &[("link", secret)]).await;
    assert_eq!(second.status(), 403);
    assert!(second.text().await.unwrap().contains("The link was used"));
    let entries = "SELECT count(*) FROM journal WHERE action = 'operator.login-link' OR action = 'operator.login'";
    assert_eq!(app.place.number(entries).await, 2);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_has_the_policy_and_files_are_kept_for_ever() {
    let app = installation(Stores::Sqlite).await.start().await;
    let cookie = log_in(&app, &operator(&app, "anna", Role::Viewer).await).await;
    for (path, title) in
        PAGES.iter().chain([&("/login", "Log in"), &("/tasks/x", "That did not work")])
    {
        let answer = ask(&app, Method::GET, path).header("Cookie", &cookie).send().await.unwrap();
        let headers = answer.headers().clone();
        let policy = text(&headers, "content-security-policy");
        assert!(
            policy.starts_with("default-src 'self'; object-src 'none'")
                && !policy.contains("unsafe"),
            "{path}"
        );
        for (name, value) in [
            ("x-frame-options", "DENY"),
            ("x-content-type-options", "nosniff"),
            ("cache-control", "no-store"),
            ("referrer-policy", "same-origin"),
        ] {
            assert_eq!(text(&headers, name), value, "{path}");
        }
        let html = answer.text().await.unwrap();
        assert!(html.contains(&format!("<h1>{title}</h1>")), "{path}: {html}");
        for inline in [" style=", "<style", " onclick", "javascript:", "<script>"] {
            assert!(!html.contains(inline), "{path} has {inline}");
        }
        for address in html.split(['"', '\'']).filter(|text| text.contains("://")) {
            assert!(address.starts_with("http://www.w3.org/"), "{path} names {address}");
        }
        let assets = html.split('"').filter(|text| text.starts_with("/assets/"));
        for asset in assets {
            let file = ask(&app, Method::GET, asset).send().await.unwrap();
            assert_eq!(file.status(), 200, "{asset}");
            assert!(text(file.headers(), "cache-control").contains("immutable"), "{asset}");
        }
    }
    // What is wrong with a filter is said on its page, with its name and value.
    for (path, wrong) in [
        ("/tasks?state=lost", "state: &quot;lost&quot; is none of"),
        ("/tasks?colour=red", "there is no field &quot;colour&quot;"),
        ("/tasks?by=task&q=17", "q: "),
        ("/tasks?from=soon", "from: &quot;soon&quot; is no moment"),
        ("/tasks?cursor=x", "cursor"),
        ("/journal?to=never", "to: &quot;never&quot; is no moment"),
        ("/?hours=7", "hours is &quot;7&quot;"),
    ] {
        let (status, html) = page(&app, path, &cookie).await;
        assert!(status == 400 && html.contains(wrong), "{path}: {status} {html}");
    }
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_who_opens_the_api_is_led_to_its_documents_and_a_program_is_not() {
    let app = TestApp::embedded().await;
    let get = async |accept: &str, path: &str| {
        let answer = app.request(Method::GET, path).header("Accept", accept).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    let (status, html) = get(browser, "/").await;
    assert!(
        status == 200 && html.contains("href=\"docs\"") && html.contains("href=\"openapi.json\"")
    );
    let (before, text) = get("*/*", "/").await;
    assert!(before == 404 && !text.contains("<html"), "{text}");
    assert_eq!(get("application/json", "/").await, (before, text));
    assert_eq!(get(browser, "/nowhere").await.0, 404);
    app.finish().await;
}
