//! Catalogues of restaurants.

use serde_json::{Value, json};
use wsa::domain::task::ObjectId;
use wsa::engine::store::Store;
use wsa::protocols::whiteserver::catalogue;
use wsa::protocols::whiteserver::contract::reads::CATALOGUE;
use wsa::protocols::whiteserver::sql::Tables;
use wsa::protocols::whiteserver::sql::catalogues::Loading;

use super::reference::ONLINE;

/// That of the demo, with the currency of the tests for what is paid already.
pub fn document() -> Value {
    let mut document: Value = serde_json::from_str(CATALOGUE).unwrap();
    document["onlineCurrency"] = json!(ONLINE);
    document
}

/// The same, and orders are held against it.
pub fn held() -> Value {
    let mut document = document();
    document["checks"] = json!("on");
    document
}

/// Loads it, or a part.
pub async fn load(store: &Store, object: ObjectId, document: &Value) -> Loading {
    let part = catalogue::read(&document.to_string()).unwrap();
    Tables::of(store).load_catalogue(object, &part).await.unwrap()
}

/// Loads what must be right.
pub async fn put(store: &Store, object: ObjectId, document: &Value) {
    let loading = load(store, object, document).await;
    assert!(!matches!(loading, Loading::Wrong(_)), "{loading:?}");
}
