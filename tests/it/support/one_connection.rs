//! A caller that has one connection, and never opens another.

use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

use super::client::Reply;
use super::reference::TOKEN;
use super::soon;

/// A connection that is kept open, on which one request follows another.
pub struct OneConnection(SendRequest<Full<Bytes>>);

impl OneConnection {
    /// To the API at `http://host:port`.
    pub async fn to(url: &str) -> OneConnection {
        let stream = TcpStream::connect(url.strip_prefix("http://").unwrap()).await.unwrap();
        let (sender, connection) = handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        OneConnection(sender)
    }

    /// GET.
    pub async fn get(&mut self, path: &str) -> Reply {
        self.send(Request::get(path), String::new()).await
    }

    /// `Create`.
    pub async fn create(&mut self, body: &Value) -> Reply {
        let create = Request::post(wsa::protocols::whiteserver::http::CREATE)
            .header("AggregatorAuthentication", TOKEN)
            .header("Content-Type", "application/json");
        self.send(create, body.to_string()).await
    }

    async fn send(&mut self, request: hyper::http::request::Builder, body: String) -> Reply {
        let request = request.header("Host", "wsa").body(Full::from(body)).unwrap();
        let answer = async {
            self.0.ready().await.unwrap();
            let response = self.0.send_request(request).await.unwrap();
            let status = response.status();
            let body = response.into_body().collect().await.unwrap().to_bytes();
            Reply { status, text: String::from_utf8(body.into()).unwrap() }
        };
        soon("an answer on the connection that is open", answer).await
    }
}
