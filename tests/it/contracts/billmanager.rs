//! The examples of BILLmanager, sent one after the other.

use wsa::protocols::billmanager::contract::EXAMPLES;

use crate::billmanager::shop::{ADMIN, ANNA, body_of, deposit, post, send, shop};

#[tokio::test(flavor = "multi_thread")]
async fn every_example_does_what_it_shows() {
    let (app, shop) = shop().await;
    deposit(&app, shop.anna, "100").await;
    for example in EXAMPLES {
        let of_ours = |(name, value): &(&'static str, &'static str)| {
            (*name, if *name == "su" { ANNA } else { *value })
        };
        let params: Vec<(&str, &str)> =
            example.params.iter().map(of_ours).filter(|(name, _)| *name != "out").collect();
        let func = params.iter().find(|(name, _)| *name == "func").unwrap().1;
        let others: Vec<_> = params.iter().copied().filter(|(name, _)| *name != "func").collect();
        let answer = send(post(&app, body_of(ADMIN, func, &others))).await;
        assert!(answer.doc().get("error").is_none(), "{}: {answer:?}", example.name);
        let changes = answer.header("x-task-guid").is_some();
        assert_eq!(changes, others.contains(&("sok", "ok")), "{}", example.name);
    }
    assert_eq!(app.finish().await.tasks.len(), 3);
}
