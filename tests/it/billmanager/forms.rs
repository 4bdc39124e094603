//! What a request must look like, and what it gets without `sok`.

use reqwest::Method;

use super::shop::*;
use crate::support::app::TestApp;
use crate::support::place::Stores;
use crate::support::queues::Queues;

#[tokio::test(flavor = "multi_thread")]
async fn missing_and_bad_parameters_are_named_in_both_forms() {
    let (app, _) = shop().await;
    let order = "v2.vds.order.param";
    for (func, params, wrong) in [
        (order, &[("sok", "ok"), ("order_period", "1")][..], "missed pricelist"),
        (order, &[("sok", "ok"), ("pricelist", "2")][..], "missed order_period"),
        (
            order,
            &[("sok", "ok"), ("pricelist", "2"), ("order_period", "37")][..],
            "value order_period",
        ),
        (order, &[("sok", "yes")][..], "value sok"),
        ("cart", &[("sok", "ok"), ("clicked_button", "delete")][..], "missed selected"),
        ("cart", &[("sok", "ok"), ("clicked_button", "burn")][..], "value clicked_button"),
        ("cart", &[("sok", "ok"), ("clicked_button", "apply_promocode")][..], "missed promocode"),
        ("cart", &[("selected", "1,x")][..], "value selected"),
        ("cartorder", &[][..], "missed elid"),
        ("cartorder", &[("elid", "7")][..], "missed elid"),
        ("cartorder.create.confirm", &[("sok", "ok")][..], "missed elid"),
        ("vds.order.param", &[("sok", "ok")][..], "missed order_period"),
        ("v2.ssl.order.param", &[("sok", "ok")][..], "missed func"),
        ("v2.boats.order.param", &[("sok", "ok")][..], "missed func"),
        ("nothing", &[][..], "missed func"),
        ("cart", &[("lang", "fr")][..], "value lang"),
    ] {
        let json = by(&app, ANNA, func, params).await;
        assert_eq!(json.error(), wrong, "{func} {params:?}");
        let xml = body_of(ANNA, func, params).replace("out=json", "out=xml");
        let xml = send(post(&app, xml)).await;
        let (kind, object) = wrong.split_once(' ').unwrap();
        let error = format!("<error type=\"{kind}\" object=\"{object}\" lang=\"en\"><msg>");
        assert!(xml.text.contains(&error), "{func} {params:?}: {}", xml.text);
        assert!(xml.text.contains(&json.sentence().replace('"', "&quot;")), "{}", xml.text);
    }
    assert_eq!(bare(&app, &[("out", "json")]).await.error(), "missed func");
    let bad = bare(&app, &[("out", "yaml"), ("func", "cart")]).await;
    assert!(bad.text.contains("<error type=\"value\" object=\"out\""), "{bad:?}");
    assert!(app.finish().await.tasks.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_refused_before_anything_else() {
    let app = TestApp::on(Stores::Sqlite, Queues::InProcess).await;
    let app = app.set("http.body_limit", 4096).start().await;
    seed(app.store()).await;
    let sent = |body: &str| send(post(&app, body.to_owned()));
    for (body, object) in [
        ("func=cart&func=cart", "func"),
        ("func=cart&x=%ff", "x"),
        ("func=cart&x=%00", "x"),
        ("%ff=1", "parameters"),
        (&*format!("x={}", "y".repeat(1025)), "x"),
        (&*(0..201).map(|n| format!("p{n}=")).collect::<Vec<_>>().join("&"), "parameters"),
    ] {
        let answer = sent(body).await;
        let error = format!("<error type=\"value\" object=\"{object}\"");
        assert!(answer.status == 200 && answer.text.contains(&error), "{body:.40} {answer:?}");
    }
    let large = sent(&format!("x={}", "y".repeat(5000))).await;
    assert_eq!(large.status, 413);
    assert!(large.text.contains("<error type=\"limit\""), "{large:?}");
    let json = app.request(Method::POST, "/billmgr").header("Content-Type", "application/json");
    let json = send(json.body("{}")).await;
    assert!(json.text.contains("object=\"Content-Type\""), "{json:?}");
    let put = send(app.request(Method::PUT, "/billmgr")).await;
    assert_eq!((put.status.as_u16(), put.header("allow")), (405, Some("GET, POST")));
    // The same name in the query and in the body is twice, too.
    let twice = app.request(Method::POST, "/billmgr?func=cart").body("func=cart");
    assert!(send(twice).await.text.contains("object=\"func\""));
    assert!(app.finish().await.tasks.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_caller_writes_comes_back_as_text_and_secrets_do_not() {
    let (app, _) = shop().await;
    let hostile = "<b>\"&'";
    let params = [("sok", "ok"), ("clicked_button", "apply_promocode"), ("promocode", hostile)];
    let xml = body_of(ANNA, "cart", &params).replace("out=json", "out=xml");
    let xml = send(post(&app, xml)).await;
    assert!(!xml.text.contains("<b>") && xml.text.contains("&lt;b&gt;"), "{xml:?}");
    let json = by(&app, ANNA, "cart", &params).await;
    assert!(json.sentence().contains("<b>"), "{json:?}");
    // The name of a price list, as well.
    let large = [("pricelist", "5"), ("order_period", "1")];
    ok(&app, ANNA, "v2.vds.order.param", &large).await;
    let xml = send(post(&app, body_of(ANNA, "cart", &[]).replace("out=json", "out=xml"))).await;
    assert!(xml.text.contains("Large &lt;b&gt;&amp;") && !xml.text.contains("<b>"), "{xml:?}");
    for answer in [xml, json] {
        assert!(!answer.text.contains("the password of"), "{answer:?}");
    }
    let stored = app.place.rows("SELECT request, answer FROM tasks").await;
    assert_eq!(stored.len(), 3);
    assert!(stored.iter().flatten().flatten().all(|text| !text.contains("password")));
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_sok_a_form_is_answered_and_nothing_changes() {
    let (app, shop) = shop().await;
    let item = add(&app, ANNA).await;
    deposit(&app, shop.anna, "20").await;
    let order = [("pricelist", "5"), ("order_period", "1"), ("clicked_button", "order")];
    let form = by(&app, ANNA, "v2.vds.order.param", &order).await.doc();
    let slist = |form: &serde_json::Value, name: &str| {
        let lists = form["slist"].as_array().unwrap().clone();
        let list = lists.into_iter().find(|list| list["$name"] == name).unwrap();
        let values = list["val"].as_array().cloned().unwrap_or_default();
        values.iter().map(|value| value["$key"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(form["pricelist"]["$"], "5");
    assert_eq!(slist(&form, "pricelist"), ["2", "5", "6"]);
    assert_eq!(slist(&form, "order_period"), ["1", "12"]);
    assert_eq!(slist(&form, "datacenter"), ["1"]);
    let addons = form["list"][0]["elem"].as_array().unwrap();
    assert_eq!(addons.len(), 3);
    assert_eq!(addons[0]["name"]["$"], "addon_50");
    assert_eq!(addons[2]["slist"][0]["val"][1]["$key"], "126");
    let form = by(&app, ANNA, "v2.vds.order.param", &[]).await.doc();
    assert_eq!(slist(&form, "order_period"), ["1", "3", "6", "12", "24", "36"]);

    let elid = item.to_string();
    let confirm = [("elid", elid.as_str()), ("paymethod_id", "0")];
    let form = by(&app, ANNA, "cartorder.create.confirm", &confirm).await.doc();
    assert_eq!(slist(&form, "paymethod_id"), ["0", "3", "15"]);
    assert_eq!(slist(&form, "profile_id"), [shop.payer.to_string()]);
    let delete = [("clicked_button", "delete"), ("selected", elid.as_str())];
    let shown = by(&app, ANNA, "cart", &delete).await.doc();
    assert_eq!(shown["elem"][0]["selected"]["$"], "on");
    assert_eq!(cart(&app, ANNA).await.0, [item]);
    assert_eq!(balance(&app.place, shop.anna).await, 2_000);
    assert_eq!(app.finish().await.tasks.len(), 1);
}
