//! Requests whose end is in doubt, and other oddities of the wire: each is refused, or read in exactly one
//! way.

use crate::support::app::TestApp;
use crate::support::ask::Ask;
use crate::support::reference::{CASH, V2};
use crate::support::wire::{Wire, request};

/// A request of its own kind, by which to see that the connection goes on after another.
const LAST: &str = "GET /healthz HTTP/1.1\r\nHost: wsa\r\nConnection: close\r\n\r\n";

/// What is sent, and the statuses of all answers on that connection.
struct Case {
    name: &'static str,
    sent: String,
    statuses: &'static [u16],
}

fn chunked(text: &str) -> String {
    format!("{:x}\r\n{text}\r\n0\r\n\r\n", text.len())
}

/// `hidden` is a payment, which one reading takes for a request and another for a part of a body.
fn ambiguous(body: &str, hidden: &str) -> Vec<Case> {
    let length = body.len();
    let both = chunked(body).len() + hidden.len();
    let case = |name, sent, statuses| Case { name, sent, statuses };
    vec![
        case(
            "a length and chunks: the chunks count, and the connection ends",
            request(
                &format!("Content-Length: {both}\r\nTransfer-Encoding: chunked\r\n"),
                &chunked(body),
            ) + hidden,
            &[200],
        ),
        case(
            "chunks and a length, in this order",
            request(
                &format!("Transfer-Encoding: chunked\r\nContent-Length: {both}\r\n"),
                &chunked(body),
            ) + hidden,
            &[200],
        ),
        case(
            "a length of nothing and chunks",
            request("Content-Length: 0\r\nTransfer-Encoding: chunked\r\n", &chunked(body)) + hidden,
            &[200],
        ),
        case(
            "two lengths",
            request(&format!("Content-Length: {length}\r\nContent-Length: {both}\r\n"), body)
                + hidden,
            &[400],
        ),
        case(
            "two lengths in one line",
            request(&format!("Content-Length: {length}, {both}\r\n"), body) + hidden,
            &[400],
        ),
        case(
            "a length with a sign",
            request(&format!("Content-Length: +{length}\r\n"), body) + hidden,
            &[400],
        ),
        case("a negative length", request("Content-Length: -1\r\n", body) + hidden, &[400]),
        case("a length in hexadecimal", request("Content-Length: 0x10\r\n", body) + hidden, &[400]),
        case("an empty length", request("Content-Length: \r\n", body) + hidden, &[400]),
        case(
            "a length beyond all numbers",
            request("Content-Length: 99999999999999999999999999\r\n", body) + hidden,
            &[400],
        ),
        case(
            "another coding",
            request("Transfer-Encoding: gzip\r\n", &chunked(body)) + hidden,
            &[400],
        ),
        case(
            "chunks that are not the last coding",
            request("Transfer-Encoding: chunked, identity\r\n", &chunked(body)) + hidden,
            &[400],
        ),
        case(
            "a coding that is not one",
            request("Transfer-Encoding: xchunked\r\n", &chunked(body)) + hidden,
            &[400],
        ),
        case(
            "a space before the colon",
            request(&format!("Content-Length : {length}\r\n"), body) + hidden,
            &[400],
        ),
        case(
            "a continued line",
            request(
                &format!("X-A: b\r\n Content-Length: {both}\r\nContent-Length: {length}\r\n"),
                body,
            ) + hidden,
            &[400],
        ),
        case(
            "a size of a chunk beyond all numbers",
            request("Transfer-Encoding: chunked\r\n", "fffffffffffffffff\r\n"),
            &[200],
        ),
        case(
            "a size of a chunk with a sign",
            request("Transfer-Encoding: chunked\r\n", "-1\r\nx\r\n"),
            &[200],
        ),
        case(
            "a chunk that goes on after its size",
            request("Transfer-Encoding: chunked\r\n", "1\r\n{}\r\n0\r\n\r\n"),
            &[200],
        ),
        case(
            "a line feed alone ends the size of a chunk",
            request(
                "Transfer-Encoding: chunked\r\n",
                &format!("{:x}\n{body}\r\n0\r\n\r\n", body.len()),
            ) + hidden,
            &[200],
        ),
        case(
            "endless extensions of a chunk",
            request("Transfer-Encoding: chunked\r\n", &format!("1;{}\r\n ", "x".repeat(100_000))),
            &[200],
        ),
        case(
            "an HTTP/1.0 request in chunks",
            request("Transfer-Encoding: chunked\r\n", &chunked(body))
                .replace("HTTP/1.1", "HTTP/1.0")
                + hidden,
            &[400],
        ),
    ]
}

fn odd() -> Vec<Case> {
    let case = |name, sent: &str, statuses| Case { name, sent: sent.to_owned() + LAST, statuses };
    vec![
        case(
            "an absolute address",
            "GET http://elsewhere/healthz HTTP/1.1\r\nHost: wsa\r\n\r\n",
            &[200, 200],
        ),
        case("a NUL in a header", "GET /healthz HTTP/1.1\r\nHost: wsa\r\nX: a\0b\r\n\r\n", &[400]),
        case("a NUL in a path", "GET /health\0z HTTP/1.1\r\nHost: wsa\r\n\r\n", &[400]),
        case("a NUL, encoded", "GET /healthz%00 HTTP/1.1\r\nHost: wsa\r\n\r\n", &[404, 200]),
        case(
            "a carriage return alone",
            "GET /healthz HTTP/1.1\r\nHost: wsa\r\nX: a\rY: b\r\n\r\n",
            &[400],
        ),
        case("line feeds alone", "GET /healthz HTTP/1.1\nHost: wsa\n\n", &[200, 200]),
        case(
            "a header without a name",
            "GET /healthz HTTP/1.1\r\nHost: wsa\r\n: x\r\n\r\n",
            &[400],
        ),
        case("a header without a colon", "GET /healthz HTTP/1.1\r\nHost: wsa\r\nX\r\n\r\n", &[400]),
        case("a version from the future", "GET /healthz HTTP/3.0\r\nHost: wsa\r\n\r\n", &[400]),
        case("no version", "GET /healthz\r\n\r\n", &[400]),
        case(
            "an upgrade",
            "GET /healthz HTTP/1.1\r\nHost: wsa\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n",
            &[200, 200],
        ),
        case("a tunnel", "CONNECT elsewhere:443 HTTP/1.1\r\nHost: wsa\r\n\r\n", &[404, 200]),
        // Closed without a word.
        case("the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", &[]),
        case("TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\x7c\x03\x03", &[400]),
        case("a path upwards", "GET /docs/../healthz HTTP/1.1\r\nHost: wsa\r\n\r\n", &[404, 200]),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_smuggled_in_behind_a_request_whose_end_is_in_doubt() {
    let app = TestApp::embedded().await;
    let order = app.order(V2, "10.00").await;
    let pay = Ask::pay(V2, order, &[("10.00", CASH)]).asynchronous().to_string();
    let hidden = request(&format!("Content-Length: {}\r\n", pay.len()), &pay);
    let question = r#"{"taskType":"GetTaskResponse","params":{"taskGuid":"x"}}"#;
    let mut wrong = Vec::new();
    for case in ambiguous(question, &hidden) {
        let mut wire = Wire::connect(&app.url).await;
        wire.send(&case.sent).await;
        let statuses = wire.statuses().await;
        if statuses != case.statuses {
            wrong.push(format!("{}: {statuses:?} instead of {:?}", case.name, case.statuses));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(app.finish().await.tasks.is_empty(), "the hidden payment was read");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_odd_is_refused_or_read_in_one_way() {
    let app = TestApp::embedded().await;
    let mut wrong = Vec::new();
    for case in odd() {
        let mut wire = Wire::connect(&app.url).await;
        wire.send(&case.sent).await;
        let statuses = wire.statuses().await;
        if statuses != case.statuses {
            wrong.push(format!("{}: {statuses:?} instead of {:?}", case.name, case.statuses));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_in_one_go_are_as_many_requests() {
    let app = TestApp::embedded().await;
    let order = app.order(V2, "10.00").await;
    let pay = Ask::pay(V2, order, &[("10.00", CASH)]).asynchronous().to_string();
    let one = request(&format!("Content-Length: {}\r\n", pay.len()), &pay);
    let mut wire = Wire::connect(&app.url).await;
    let in_chunks = request("Transfer-Encoding: chunked\r\n", &chunked(&pay));
    wire.send(one.clone() + &in_chunks + &one + LAST).await;
    assert_eq!(wire.statuses().await, [200, 200, 200, 200]);
    assert_eq!(app.finish().await.tasks.len(), 3);
}
