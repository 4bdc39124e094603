//! How a till is refused: one form, which names the field.

use reqwest::Method;
use serde_json::{Value, json};

use super::client::{Till, add};
use crate::support::app::TestApp;
use crate::support::reference::{CASH, V2};

/// A request: its headers and its body; and the status, the code and the field of its refusal.
type Case<'a> =
    (Method, String, &'a [(&'a str, &'a str)], Option<Value>, u16, &'a str, Option<&'a str>);

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_has_one_form_and_names_the_field() {
    let app = TestApp::embedded().await;
    add(app.store(), V2).await;
    let till = Till::of(&app, V2);
    let order = till.opens("1", "10").await;
    let tag = [("If-Match", "\"1\"")];
    let at = format!("/orders/{order}");
    let nobodys = format!("/orders/{}", uuid::Uuid::new_v4());
    let dish = |field: &str, value: Value| {
        let mut dish = json!({"id": "1", "name": "a", "price": 1, "quantity": 1});
        dish[field] = value;
        json!({"products": [dish]})
    };
    let (get, post, patch) = (Method::GET, Method::POST, Method::PATCH);
    let cases: Vec<Case<'_>> = vec![
        (get.clone(), nobodys.clone(), &[], None, 404, "WsaOrderNotFound", None),
        (get.clone(), "/orders/12".into(), &[], None, 404, "WsaOrderNotFound", None),
        (
            patch.clone(),
            nobodys,
            &tag,
            Some(json!({"comment": "a"})),
            404,
            "WsaOrderNotFound",
            None,
        ),
        (
            patch.clone(),
            at.clone(),
            &[],
            Some(json!({"comment": "a"})),
            428,
            "VersionRequired",
            None,
        ),
        (
            patch.clone(),
            at.clone(),
            &[("If-Match", "*")],
            Some(json!({"comment": "a"})),
            400,
            "BadRequest",
            None,
        ),
        (
            patch.clone(),
            at.clone(),
            &[("If-Match", "\"2\"")],
            Some(json!({"comment": "a"})),
            412,
            "VersionMismatch",
            None,
        ),
        (patch.clone(), at.clone(), &tag, Some(json!({})), 400, "BadRequest", Some("products")),
        (
            patch.clone(),
            at.clone(),
            &tag,
            Some(json!({"total": 1})),
            400,
            "BadRequest",
            Some("total"),
        ),
        (patch, at.clone(), &tag, Some(json!({"price": 1})), 400, "BadRequest", None),
        (
            post.clone(),
            "/orders".into(),
            &[],
            Some(dish("price", json!(-1))),
            400,
            "BadRequest",
            None,
        ),
        (
            post.clone(),
            "/orders".into(),
            &[],
            Some(dish("quantity", json!(0))),
            400,
            "BadRequest",
            None,
        ),
        (
            post.clone(),
            "/orders".into(),
            &[],
            Some(dish("name", json!(""))),
            400,
            "BadRequest",
            Some("products"),
        ),
        (post.clone(), "/orders".into(), &[], Some(json!([])), 400, "BadRequest", None),
        (
            post.clone(),
            format!("{at}/void"),
            &tag,
            Some(json!({"lines": [], "reason": "a"})),
            400,
            "BadRequest",
            Some("lines"),
        ),
        (
            post.clone(),
            format!("{at}/void"),
            &tag,
            Some(json!({"lines": [4], "reason": "a"})),
            422,
            "LineUnknown",
            Some("lines"),
        ),
        (
            post.clone(),
            format!("{at}/payments"),
            &tag,
            Some(json!({"amount": 1, "currency": UNKNOWN_CURRENCY})),
            422,
            "WsaCurrencyUnknown",
            None,
        ),
        (
            post.clone(),
            format!("{at}/payments"),
            &tag,
            Some(json!({"amount": 11, "currency": CASH})),
            409,
            "WsaPaymentExceedsDue",
            None,
        ),
        (post.clone(), format!("{at}/accept"), &tag, None, 409, "NotWaiting", None),
        (
            post.clone(),
            format!("{at}/close"),
            &tag,
            Some(json!({"now": true})),
            400,
            "BadRequest",
            None,
        ),
        (post.clone(), format!("{at}/open"), &tag, None, 404, "NotFound", None),
        (
            post.clone(),
            "/events/ack".into(),
            &[],
            Some(json!({"upTo": 2})),
            400,
            "EventUnknown",
            Some("upTo"),
        ),
        (get.clone(), "/events?after=x".into(), &[], None, 400, "BadRequest", Some("after")),
        (get.clone(), "/orders?status=open".into(), &[], None, 400, "BadRequest", Some("status")),
        (get.clone(), "/tables".into(), &[], None, 404, "NotFound", None),
        (Method::DELETE, at, &tag, None, 405, "MethodNotAllowed", None),
    ];
    for (method, path, headers, body, status, code, field) in cases {
        let told = till.ask(method.clone(), &path, headers, body.as_ref()).await;
        assert_eq!(told.refused(status), code, "{method} {path}: {told:?}");
        assert_eq!(told.json()["error"]["field"].as_str(), field, "{method} {path}: {told:?}");
    }
    let untouched = till.order(order).await;
    assert_eq!(untouched["version"], 1);
    app.finish().await.assert_untouched(order);
}

const UNKNOWN_CURRENCY: &str = "c0000000-0000-4000-8000-0000000000ff";
