//! What a receiver answers beside its status turns no success into a failure; a connection that died of
//! idleness is not the receiver's failure.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::support::callbacks::*;
use crate::support::eventually;

/// A receiver in bytes: of each connection, what is answered to its first post, its second and so on;
/// after the last it is cut. Connections after the last are as the last.
struct RawReceiver {
    url: String,
    posts: Arc<AtomicUsize>,
    connections: Arc<AtomicUsize>,
}

/// What is done with a post.
#[derive(Clone)]
enum Answer {
    Bytes(Vec<u8>),
    /// The connection is reset instead.
    Reset,
}

fn text(answer: impl Into<String>) -> Answer {
    Answer::Bytes(answer.into().into_bytes())
}

impl RawReceiver {
    async fn start(connections: Vec<Vec<Answer>>) -> RawReceiver {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let (posts, count) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let receiver = RawReceiver { url, posts: posts.clone(), connections: count.clone() };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let n = count.fetch_add(1, Ordering::Relaxed);
                let answers = connections[n.min(connections.len() - 1)].clone();
                tokio::spawn(serve(stream, answers, posts.clone()));
            }
        });
        receiver
    }
}

async fn serve(mut stream: TcpStream, answers: Vec<Answer>, posts: Arc<AtomicUsize>) {
    for answer in answers {
        if !read_post(&mut stream).await {
            return;
        }
        posts.fetch_add(1, Ordering::Relaxed);
        match answer {
            Answer::Bytes(bytes) => {
                // Who has heard enough may be gone.
                let _ = stream.write_all(&bytes).await;
            }
            Answer::Reset => {
                stream.set_zero_linger().unwrap();
                return;
            }
        }
    }
    let _ = stream.shutdown().await;
}

/// Reads a request with its body; `false` when the client is gone.
async fn read_post(stream: &mut TcpStream) -> bool {
    let mut read = Vec::new();
    loop {
        let head = read.windows(4).position(|four| four == b"\r\n\r\n");
        if let Some(head) = head {
            let text = String::from_utf8_lossy(&read[..head]).to_lowercase();
            let length = text.lines().find_map(|line| line.strip_prefix("content-length: "));
            if read.len() >= head + 4 + length.unwrap().trim().parse::<usize>().unwrap() {
                return true;
            }
        }
        if !matches!(stream.read_buf(&mut read).await, Ok(count) if count > 0) {
            return false;
        }
    }
}

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";

/// The only attempt is a success although it is answered so.
async fn a_success(what: &str, answer: Answer) {
    let app = app().await.set("callbacks.retry_after_s", "").start().await;
    let receiver = RawReceiver::start(vec![vec![answer]]).await;
    let (callback, _) = add(app.store(), &receiver.url).await;
    put_event(&app.place, callback).await;
    eventually(what, async || !log(app.store(), callback).await.is_empty()).await;
    let results = results(app.store(), callback).await;
    assert!(results[0].starts_with('2') && results.len() == 1, "{what}: {results:?}");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_2xx_is_a_success_whatever_else_the_answer_holds() {
    let many = |count: usize, value: &str| {
        let headers: String = (0..count).map(|n| format!("x-{n}: {value}\r\n")).collect();
        text(format!("HTTP/1.1 200 OK\r\n{headers}content-length: 0\r\n\r\n"))
    };
    let long = "x".repeat(200);
    let endless = format!("HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\n{long}");
    for (what, answer) in [
        ("150 headers", many(150, "v")),
        ("990 headers", many(990, "v")),
        ("100 headers of 2,000 bytes", many(100, &"v".repeat(2000))),
        ("a long reason", text(format!("HTTP/1.1 202 {}\r\n\r\n", "why ".repeat(2000)))),
        ("no reason", text("HTTP/1.1 200\r\ncontent-length: 0\r\n\r\n")),
        ("a reason that is not UTF-8", Answer::Bytes(b"HTTP/1.1 200 \xd0\xff\r\n\r\n".to_vec())),
        ("HTTP/1.0 without a length", text("HTTP/1.0 200 OK\r\n\r\nok")),
        ("204", text("HTTP/1.1 204 No Content\r\n\r\n")),
        ("100 before it", text(format!("HTTP/1.1 100 Continue\r\n\r\n{OK}"))),
        ("103 before it", text(format!("HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n{OK}"))),
        ("half of a body", text(endless)),
        ("a chunk that is none", text("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz")),
        ("a folded header", text("HTTP/1.1 200 OK\r\na: b\r\n  c\r\ncontent-length: 0\r\n\r\n")),
        ("a header that is none", text("HTTP/1.1 200 OK\r\na b\r\ncontent-length: 0\r\n\r\n")),
        ("a space before a colon", text("HTTP/1.1 200 OK\r\na : b\r\ncontent-length: 0\r\n\r\n")),
        ("lines without CR", text("HTTP/1.1 200 OK\ncontent-length: 0\n\n")),
    ] {
        a_success(what, answer).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_of_a_connection_that_was_used_before_is_tried_at_once_on_a_new_one() {
    let app = app().await.set("callbacks.retry_after_s", "600").start().await;
    let receiver = RawReceiver::start(vec![vec![text(OK), Answer::Reset], vec![text(OK)]]).await;
    let (callback, _) = add(app.store(), &receiver.url).await;
    put_event(&app.place, callback).await;
    eventually("the first is delivered", async || log(app.store(), callback).await.len() == 1)
        .await;
    put_event(&app.place, callback).await;
    eventually("so is the second", async || log(app.store(), callback).await.len() == 2).await;
    assert_eq!(results(app.store(), callback).await, ["200", "200"]);
    let counted = |counter: &AtomicUsize| counter.load(Ordering::Relaxed);
    assert_eq!((counted(&receiver.posts), counted(&receiver.connections)), (3, 2));
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_is_tried_at_once_only_once_and_only_before_any_byte_of_an_answer() {
    let cut = text("HTTP/1.1 2");
    for (what, connections, posts) in [
        ("a new connection", vec![vec![text(OK)], vec![Answer::Reset]], 2),
        ("twice", vec![vec![text(OK), Answer::Reset], vec![Answer::Reset]], 3),
        ("after a byte", vec![vec![text(OK), cut], vec![text(OK)]], 2),
    ] {
        let app = app().await.set("callbacks.retry_after_s", "600").start().await;
        // The first says goodbye, so that the second comes on a new connection.
        let connections = match what {
            "a new connection" => {
                let goodbye = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
                vec![vec![text(goodbye)], connections[1].clone()]
            }
            _ => connections,
        };
        let receiver = RawReceiver::start(connections).await;
        let (callback, _) = add(app.store(), &receiver.url).await;
        for count in [1, 2] {
            put_event(&app.place, callback).await;
            eventually(what, async || log(app.store(), callback).await.len() == count).await;
        }
        let results = results(app.store(), callback).await;
        assert!(results[1].starts_with("no answer: "), "{what}: {results:?}");
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert_eq!(receiver.posts.load(Ordering::Relaxed), posts, "{what}");
        app.finish().await;
    }
}
