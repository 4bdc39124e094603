//! Large answers are compressed for those who accept it.

use std::io::Read;

use serde_json::{Value, json};

use crate::support::app::TestApp;
use crate::support::ask::Ask;
use crate::support::catalogue::put;
use crate::support::reference::V2;

fn large() -> Value {
    let dish = |n: usize| json!({"id": n, "categoryId": 1, "name": format!("Dish number {n}"), "price": "100.50"});
    let products: Vec<Value> = (0..2000).map(dish).collect();
    json!({"menu": {"categories": [{"id": 1, "name": "All"}], "products": products}})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_menu_is_packed_for_who_accepts_it_and_for_nobody_else() {
    let app = TestApp::embedded().await;
    put(app.store(), V2, &large()).await;
    let body = Ask::read(V2, "GetMenu").synchronous().to_string();
    let get = async |accept: Option<&str>, body: &str| {
        let request = app.post().body(body.to_owned());
        let request = match accept {
            Some(accept) => request.header("Accept-Encoding", accept),
            None => request,
        };
        let response = request.send().await.unwrap();
        let header = |name: &str| {
            response.headers().get(name).map(|value| value.to_str().unwrap().to_owned())
        };
        let (encoding, vary) = (header("content-encoding"), header("vary"));
        (encoding, vary, response.bytes().await.unwrap())
    };
    let (encoding, vary, plain) = get(None, &body).await;
    assert_eq!((encoding, vary.as_deref()), (None, Some("accept-encoding")));
    let (encoding, vary, packed) = get(Some("gzip, deflate"), &body).await;
    assert_eq!((encoding.as_deref(), vary.as_deref()), (Some("gzip"), Some("accept-encoding")));
    assert!(packed.len() * 5 < plain.len(), "{} of {}", packed.len(), plain.len());
    let mut unpacked = String::new();
    flate2::read::GzDecoder::new(&*packed).read_to_string(&mut unpacked).unwrap();
    let read = |text: &str| serde_json::from_str::<Value>(text).unwrap()["taskResponse"].clone();
    assert_eq!(read(&unpacked), read(std::str::from_utf8(&plain).unwrap()));

    let small = Ask::read(V2, "GetRestaurantSystems").synchronous().to_string();
    let (encoding, ..) = get(Some("gzip"), &small).await;
    assert_eq!(encoding, None, "what is small is sent as it is");
    app.finish().await;
}
