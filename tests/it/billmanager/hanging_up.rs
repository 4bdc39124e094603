//! Clients that hang up at any moment.

use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::shop::*;

const HANG_UP: u32 = 300;

#[tokio::test(flavor = "multi_thread")]
async fn clients_that_hang_up_leave_the_embedded_store_writable() {
    let (app, _) = shop().await;
    let form = format!("func=auth&username={ANNA}&password={}", password(ANNA));
    let address = app.url.trim_start_matches("http://").trim_end_matches('/').to_owned();
    let request = format!(
        "POST /billmgr HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {}\r\n\r\n{form}",
        form.len()
    );
    // Verified once: after that a request is quick enough to be met at each of its steps.
    bare(&app, &[("func", "auth"), ("username", ANNA), ("password", &password(ANNA))]).await;
    for n in 0..HANG_UP {
        let mut client = TcpStream::connect(&address).await.unwrap();
        client.write_all(request.as_bytes()).await.unwrap();
        tokio::time::sleep(Duration::from_micros(u64::from(n) * 37 % 4000)).await;
        // A reset, as of a client that is killed.
        client.set_zero_linger().unwrap();
        drop(client);
    }
    for _ in 0..3 {
        let auth =
            [("func", "auth"), ("username", ANNA), ("password", &password(ANNA)), ("out", "json")];
        let doc = bare(&app, &auth).await.doc();
        assert!(doc["auth"]["$id"].is_string(), "{doc}");
    }
    app.finish().await;
}
