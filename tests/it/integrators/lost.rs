//! A connection that breaks at the worst moment: the payment is made, and its caller does not hear of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use wsa_client::{Client, Key, SubmitError};

use super::pay;
use crate::support::app::TestApp;
use crate::support::reference::{TOKEN, V2};

/// A way to a service on which the first `lost` answers are swallowed and their connections reset; counts all.
async fn lossy(to: &str, lost: usize) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (to, count) = (to.trim_start_matches("http://").to_owned(), Arc::new(AtomicUsize::new(0)));
    let connections = Arc::clone(&count);
    tokio::spawn(async move {
        while let Ok((mut near, _)) = listener.accept().await {
            let number = connections.fetch_add(1, Ordering::Relaxed);
            let mut far = TcpStream::connect(&to).await.unwrap();
            tokio::spawn(async move {
                if number >= lost {
                    let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
                    return;
                }
                let (mut asks, _) = near.split();
                let (mut answers, mut asked) = far.split();
                let mut answer = [0; 1];
                tokio::select! {
                    _ = tokio::io::copy(&mut asks, &mut asked) => {}
                    // The service has answered: what it did is done.
                    read = answers.read(&mut answer) => drop(read),
                }
                near.set_zero_linger().unwrap();
                let _ = near.shutdown().await;
            });
        }
    });
    (url, count)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_whose_answer_was_lost_is_not_made_again() {
    let app = TestApp::embedded().await;
    for lost in [1, 3] {
        // On v1 nothing but the key keeps the second payment from being taken.
        let order = app.order(crate::support::reference::V1, "10.00").await;
        let (url, count) = lossy(&app.url, lost).await;
        let client = Client::new(url, TOKEN).unwrap();
        let task = pay(crate::support::reference::V1, order, "4.00");
        let done = client.perform(&task, &Key::random()).await.unwrap().done().unwrap();
        assert_eq!(done.price().unwrap().due, Some("6.00".parse().unwrap()));
        assert_eq!(count.load(Ordering::Relaxed), lost + 1);
    }
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_key_the_caller_hears_that_nothing_is_known() {
    let app = TestApp::embedded().await;
    let order = app.order(V2, "10.00").await;
    let (url, count) = lossy(&app.url, 1).await;
    let client = Client::new(url, TOKEN).unwrap();
    let told = client.perform(&pay(V2, order, "10.00").unkeyed(), &Key::random()).await;
    assert!(matches!(told, Err(SubmitError::Unknown { .. })), "{told:?}");
    assert_eq!(count.load(Ordering::Relaxed), 1);
    app.finish().await.assert_paid_once(&[order]);
}
