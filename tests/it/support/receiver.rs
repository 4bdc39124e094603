//! The receiver of callbacks: a real HTTP server that does as it is told.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;

use super::eventually;

/// What the receiver does with a post.
#[derive(Debug, Clone)]
pub enum Does {
    /// Answers with this status.
    Says(u16),
    /// Answers 500 to what holds this text, and 200 to all else.
    Refuses(String),
    /// Answers with 302 to this URL.
    Redirects(String),
    /// Takes it and never answers.
    Hangs,
    /// Answers 200 after this time.
    Dawdles(Duration),
    /// Answers 200 with a body that does not end.
    Babbles,
}

/// What came.
#[derive(Debug, Clone)]
pub struct Post {
    pub headers: HeaderMap,
    pub body: String,
    pub at: Instant,
}

impl Post {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub fn id(&self) -> &str {
        self.header("webhook-id").unwrap()
    }
}

/// A running receiver.
#[derive(Clone)]
pub struct Receiver {
    pub port: u16,
    posts: Arc<Mutex<Vec<Post>>>,
    next: Arc<Mutex<VecDeque<Does>>>,
    then: Arc<Mutex<Does>>,
    /// Chunks sent by [`Does::Babbles`].
    pub babbled: Arc<AtomicUsize>,
}

impl Receiver {
    /// One that answers 200.
    pub async fn start() -> Receiver {
        Receiver::does(Does::Says(200)).await
    }

    /// One that always does this.
    pub async fn does(does: Does) -> Receiver {
        Receiver::at("127.0.0.1:0", does).await
    }

    /// The same at a certain address.
    pub async fn at(address: &str, does: Does) -> Receiver {
        let listener = TcpListener::bind(address).await.unwrap();
        let receiver = Receiver {
            port: listener.local_addr().unwrap().port(),
            posts: Arc::default(),
            next: Arc::default(),
            then: Arc::new(Mutex::new(does)),
            babbled: Arc::default(),
        };
        let router = Router::new().fallback(receive).with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        receiver
    }

    /// Does these first, one a post.
    pub fn first(self, does: impl IntoIterator<Item = Does>) -> Receiver {
        self.next.lock().unwrap().extend(does);
        self
    }

    /// From now on does this.
    pub fn now(&self, does: Does) {
        *self.then.lock().unwrap() = does;
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/hook?key=1", self.port)
    }

    pub fn posts(&self) -> Vec<Post> {
        self.posts.lock().unwrap().clone()
    }

    /// Waits for so many posts, and gives all that came.
    pub async fn until(&self, count: usize) -> Vec<Post> {
        eventually(&format!("{count} posts came"), async || self.posts().len() >= count).await;
        self.posts()
    }
}

async fn receive(State(receiver): State<Receiver>, request: Request) -> Response {
    assert_eq!(request.method(), "POST");
    let headers = request.headers().clone();
    let body = axum::body::to_bytes(request.into_body(), 1 << 20).await.unwrap();
    let body = String::from_utf8(body.to_vec()).unwrap();
    receiver.posts.lock().unwrap().push(Post { headers, body: body.clone(), at: Instant::now() });
    let next = receiver.next.lock().unwrap().pop_front();
    let does = next.unwrap_or_else(|| receiver.then.lock().unwrap().clone());
    let is_refused = |text: &str| body.contains(text);
    match does {
        Does::Refuses(text) if is_refused(&text) => {
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
        Does::Refuses(_) => StatusCode::OK.into_response(),
        Does::Says(status) => StatusCode::from_u16(status).unwrap().into_response(),
        Does::Redirects(url) => (StatusCode::FOUND, [(header::LOCATION, url)]).into_response(),
        Does::Hangs => std::future::pending().await,
        Does::Dawdles(time) => {
            tokio::time::sleep(time).await;
            StatusCode::OK.into_response()
        }
        Does::Babbles => {
            let babbled = receiver.babbled.clone();
            let chunks = futures_util::stream::repeat_with(move || {
                babbled.fetch_add(1, Ordering::Relaxed);
                Ok::<_, std::io::Error>(Bytes::from_static(&[b'x'; 1024]))
            });
            Body::from_stream(chunks).into_response()
        }
    }
}

/// HMAC-SHA256 by its definition (RFC 2104), so that nothing of the program checks itself.
pub fn hmac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let mut block = [0_u8; 64];
    block[..key.len()].copy_from_slice(key);
    let padded = |with: u8| block.map(|byte| byte ^ with);
    let inner = Sha256::new().chain_update(padded(0x36)).chain_update(text).finalize();
    Sha256::new().chain_update(padded(0x5c)).chain_update(inner).finalize().to_vec()
}
