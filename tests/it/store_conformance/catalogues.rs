//! Catalogues: replaced whole or in part, all or nothing, one after the other.

use futures_util::future::join_all;
use serde_json::json;
use wsa::protocols::whiteserver::catalogue::Section;
use wsa::protocols::whiteserver::sql::Tables;
use wsa::protocols::whiteserver::sql::catalogues::Loading;

use crate::support::ask::{Ask, code};
use crate::support::catalogue::{document, held, load, put};
use crate::support::reference::*;
use crate::support::stores::TestStore;

on_each_store![
    a_catalogue_is_replaced_in_part_and_counts_its_changes,
    nothing_is_written_when_the_whole_would_be_wrong,
    those_who_load_at_once_take_turns,
    tasks_of_one_batch_read_one_catalogue,
];

async fn a_catalogue_is_replaced_in_part_and_counts_its_changes(store: &TestStore) {
    assert_eq!(Tables::of(store).catalogue(V1).await.unwrap(), None);
    let Loading::Changed(first, changed) = load(store, V1, &document()).await else { panic!() };
    assert_eq!((first.version, changed.len()), (1, 9));
    let Loading::Unchanged(same) = load(store, V1, &document()).await else { panic!() };
    assert_eq!((same.version, same.loaded_at), (1, first.loaded_at), "as if it had not been");
    let part =
        json!({"stopList": [], "priceTypes": null, "voidReasons": document()["voidReasons"]});
    let Loading::Changed(second, changed) = load(store, V1, &part).await else { panic!() };
    assert_eq!((second.version, changed), (2, vec![Section::StopList, Section::PriceTypes]));
    let stored = Tables::of(store).catalogue(V1).await.unwrap().unwrap();
    assert_eq!(stored, second);
    assert_eq!(stored.document.0[&Section::Menu], first.document.0[&Section::Menu]);
    assert_eq!(Tables::of(store).catalogue(V2).await.unwrap(), None, "nobody else's");
    let versions = "SELECT count(*) FROM catalogue_sections WHERE version = 1";
    assert_eq!(store.place.number(versions).await, 7, "what did not change keeps its version");
}

async fn nothing_is_written_when_the_whole_would_be_wrong(store: &TestStore) {
    put(store, V1, &held()).await;
    let before = Tables::of(store).catalogue(V1).await.unwrap();
    for wrong in [
        json!({"menu": null, "stopList": []}),
        json!({"onlineCurrency": VOUCHER.to_string().replace('5', "6"), "stopList": []}),
        json!({"onlineCurrency": DISCOUNT}),
    ] {
        let loading = load(store, V1, &wrong).await;
        assert!(matches!(loading, Loading::Wrong(_)), "{loading:?}");
        assert_eq!(Tables::of(store).catalogue(V1).await.unwrap(), before);
    }
}

async fn those_who_load_at_once_take_turns(store: &TestStore) {
    let loading = (0..8).map(|n| async move {
        let reasons = json!({"voidReasons": [{"code": n, "name": format!("Reason {n}")}]});
        match load(store, V1, &reasons).await {
            Loading::Changed(stored, _) => stored.version,
            other => panic!("{other:?}"),
        }
    });
    let mut versions = join_all(loading).await;
    versions.sort_unstable();
    assert_eq!(versions, (1..=8).collect::<Vec<_>>());
}

async fn tasks_of_one_batch_read_one_catalogue(store: &TestStore) {
    put(store, V1, &held()).await;
    let dish = |id: &str| json!({"price": {"total": 1}, "products": [{"id": id, "quantity": 1}]});
    let keys = store
        .all_registered(&[
            Ask::read(V1, "GetMenu"),
            Ask::create_order(V1, dish("1")),
            Ask::create_order(V1, dish("99")),
            Ask::read(V1, "GetTableList"),
            Ask::read(V2, "GetTableList"),
            Ask::create_order(V2, dish("99")),
        ])
        .await;
    store.settle(&keys).await.unwrap();
    let mut codes = Vec::new();
    for key in keys {
        codes.push(code(&store.answer(key).await).to_owned());
    }
    assert_eq!(
        codes,
        ["done", "done", "WsaOrderCreationDishNotFound", "done", "WsaCommandNotSupported", "done"]
    );
}
