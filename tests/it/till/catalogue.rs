//! A restaurant's own system loads what it offers, and says what cannot be had now.

use reqwest::Method;
use serde_json::json;

use super::client::{Till, add};
use crate::support::app::TestApp;
use crate::support::ask::Ask;
use crate::support::place::Stores;
use crate::support::queues::Queues;
use crate::support::reference::{V1, V2};

async fn a_restaurant_loads_its_catalogue(store: Stores) {
    let app = TestApp::on(store, Queues::InProcess).await.start().await;
    add(app.store(), V2).await;
    let till = Till::of(&app, V2);
    let none = till.get("/catalogue").await.json();
    assert_eq!((&none["version"], &none["catalogue"]), (&json!(0), &json!({})));

    let loaded = json!({
        "menu": {"categories": [{"id": 1, "name": "Kitchen"}],
                 "products": [{"id": 7, "categoryId": 1, "name": "Soup", "price": 120.5}],
                 "ingredientsSchemes": [], "ingredientsGroups": [], "ingredients": []},
        "stopList": [],
    });
    let patch = async |body| till.ask(Method::PATCH, "/catalogue", &[], Some(&body)).await;
    let told = patch(loaded).await;
    assert_eq!(told.status, 200, "{told:?}");
    assert_eq!(told.json(), json!({"version": 1, "changed": ["menu", "stopList"]}));
    let menu = app.ask(&Ask::read(V2, "GetMenu")).await;
    assert_eq!(menu["taskResponse"]["menu"]["products"][0]["price"], "120.50", "{menu}");

    // What is out is said alone; the menu stays.
    let told = patch(json!({"stopList": [{"id": "7", "name": "Soup"}]})).await;
    assert_eq!(told.json(), json!({"version": 2, "changed": ["stopList"]}));
    assert_eq!(
        patch(json!({"stopList": [{"id": "7", "name": "Soup"}]})).await.json()["version"],
        2
    );
    let stop = app.ask(&Ask::read(V2, "GetStopList")).await;
    assert_eq!(stop["taskResponse"]["stopList"]["dishes"][0]["id"], "7", "{stop}");

    let wrong = patch(json!({"stopList": [{"name": "Soup"}], "manu": {}})).await;
    assert_eq!(wrong.refused(400), "BadRequest");
    let mistakes = wrong.json()["error"]["mistakes"].clone();
    assert_eq!(mistakes.as_array().map(Vec::len), Some(2), "{mistakes}");
    let now = till.get("/catalogue").await.json();
    assert_eq!(now["version"], 2, "nothing was loaded");
    assert_eq!(now["catalogue"]["stopList"][0]["id"], "7");

    // Another restaurant's till sees its own.
    add(app.store(), V1).await;
    assert_eq!(Till::of(&app, V1).get("/catalogue").await.json()["version"], 0);
    assert_eq!(Till::with(&app, None).get("/catalogue").await.refused(401), "AuthFailed");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restaurant_loads_its_catalogue_on_sqlite() {
    a_restaurant_loads_its_catalogue(Stores::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restaurant_loads_its_catalogue_on_postgres() {
    a_restaurant_loads_its_catalogue(Stores::Postgres).await;
}
