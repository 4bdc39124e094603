//! A server that answers as it is told, for tests of what a client does next.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use uuid::Uuid;

use crate::{
    Answered, AskError, Client, Key, Look, Notification, Payment, Queue, SubmitError, Task,
};

const GUID: Uuid = Uuid::from_u128(1);

/// What the server does with a request.
#[derive(Clone)]
enum Does {
    /// Answers with this status, these headers and this body.
    Says(u16, &'static str, String),
    /// Takes the request and closes the connection.
    Drops,
}

/// A request: its idempotency key and its body.
type Seen = Arc<Mutex<Vec<(Option<String>, String)>>>;

/// Serves what is in the script, one a request, and the last of it for ever.
async fn server(script: Vec<Does>) -> (String, Seen) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let seen = Seen::default();
    let requests = Arc::clone(&seen);
    tokio::spawn(async move {
        for number in 0.. {
            let (mut stream, _) = listener.accept().await.unwrap();
            let request = request(&mut stream).await;
            requests.lock().unwrap().push(request);
            if let Does::Says(status, headers, body) = &script[number.min(script.len() - 1)] {
                let head = format!(
                    "HTTP/1.1 {status} X\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n",
                    body.len()
                );
                stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
            }
        }
    });
    (url, seen)
}

async fn request(stream: &mut TcpStream) -> (Option<String>, String) {
    let mut read = Vec::new();
    loop {
        let mut some = [0; 4096];
        let length = stream.read(&mut some).await.unwrap();
        read.extend_from_slice(&some[..length]);
        let text = String::from_utf8_lossy(&read).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let value = |name: &str| {
            let line = head.lines().find(|l| l.to_lowercase().starts_with(&format!("{name}:")));
            line.map(|l| l.split_once(':').unwrap().1.trim().to_owned())
        };
        let length: usize = value("content-length").unwrap().parse().unwrap();
        if body.len() >= length {
            return (value("idempotency-key"), body.to_owned());
        }
    }
}

fn container(rest: &str) -> String {
    format!(
        r#"{{"responseCommon":{{"taskGuid":"{GUID}","taskType":"PayOrder","objectId":7}}{rest}}}"#
    )
}

fn error(code: &str) -> String {
    format!(r#","error":{{"wsError":{{"code":"{code}","desc":"why"}}}}"#)
}

fn says(body: String) -> Does {
    Does::Says(200, "", body)
}

fn done() -> Does {
    says(container(r#","taskResponse":{"order":{"price":{"total":5.00,"summToPay":0.00}}}"#))
}

fn rejected(status: u16, headers: &'static str, code: &str) -> Does {
    let body = format!(r#"{{"error":{{"wsError":{{"code":"{code}","desc":"why"}}}}}}"#);
    Does::Says(status, headers, body)
}

fn task() -> Task {
    Task::pay_order(7, GUID, [Payment::new("5".parse().unwrap(), GUID)])
}

fn client(url: &str, patience_ms: u64) -> Client {
    Client::builder(url, "token").patience(Duration::from_millis(patience_ms)).build().unwrap()
}

async fn perform(script: Vec<Does>, task: &Task) -> (Result<Answered, SubmitError>, Vec<String>) {
    let (url, seen) = server(script).await;
    let key = Key::new("k").unwrap();
    let answered = client(&url, 2_000).perform(task, &key).await;
    let seen = seen.lock().unwrap().clone();
    for (key, body) in &seen {
        let expected = task.is_keyed() && !body.contains("GetTaskResponse");
        assert_eq!(key.as_deref(), expected.then_some("k"), "{body}");
    }
    (answered, seen.into_iter().map(|(_, body)| body).collect())
}

#[tokio::test]
async fn after_a_lost_connection_the_same_bytes_are_sent_under_the_same_key() {
    let (answered, bodies) = perform(vec![Does::Drops, Does::Drops, done()], &task()).await;
    assert!(answered.unwrap().is_done());
    assert_eq!(bodies.len(), 3);
    assert!(bodies.iter().all(|body| *body == bodies[0]), "{bodies:?}");
}

#[tokio::test]
async fn without_a_key_nothing_that_may_have_arrived_is_sent_again() {
    let (answered, bodies) = perform(vec![Does::Drops, done()], &task().unkeyed()).await;
    assert!(matches!(answered, Err(SubmitError::Unknown { .. })), "{answered:?}");
    assert_eq!(bodies.len(), 1);
    // What certainly was not accepted is.
    let (answered, bodies) = perform(
        vec![rejected(429, "retry-after: 0\r\n", "LimitExceeded"), done()],
        &task().unkeyed(),
    )
    .await;
    assert!(answered.unwrap().is_done());
    assert_eq!(bodies.len(), 2);
}

#[tokio::test]
async fn a_service_says_when_to_come_again() {
    let started = std::time::Instant::now();
    let busy = rejected(503, "retry-after: 1\r\n", "InternalError");
    let (answered, bodies) = perform(vec![busy, done()], &task()).await;
    assert!(answered.unwrap().is_done());
    assert_eq!(bodies.len(), 2);
    assert!(started.elapsed() >= Duration::from_secs(1));

    let busy = rejected(429, "retry-after: 60\r\n", "LimitExceeded");
    let (answered, bodies) = perform(vec![busy], &task()).await;
    let Err(SubmitError::NotSent(why)) = answered else { panic!("{answered:?}") };
    assert!(why.contains("429") && why.contains("LimitExceeded"), "{why}");
    assert_eq!(bodies.len(), 1);
}

#[tokio::test]
async fn a_task_that_503_names_is_not_called_unsent() {
    let body = container(&error("InternalError"));
    let unsure = Does::Says(503, "retry-after: 0\r\n", body.clone());
    let (answered, _) = perform(vec![unsure.clone(), done()], &task()).await;
    assert!(answered.unwrap().is_done());
    let (answered, _) =
        perform(vec![unsure, Does::Says(503, "retry-after: 9\r\n", body)], &task()).await;
    let Err(SubmitError::Unknown { task, .. }) = answered else { panic!("{answered:?}") };
    assert_eq!(task, Some(GUID));
}

#[tokio::test]
async fn a_refusal_of_a_repetition_tells_nothing_of_what_was_lost() {
    let (answered, _) = perform(vec![Does::Drops, rejected(200, "", "AuthFailed")], &task()).await;
    let Err(SubmitError::Unknown { why, .. }) = answered else { panic!("{answered:?}") };
    assert!(why.contains("AuthFailed"), "{why}");
    let (answered, _) = perform(vec![rejected(200, "", "AuthFailed")], &task()).await;
    assert!(matches!(answered, Err(SubmitError::Rejected(_))), "{answered:?}");
}

#[tokio::test]
async fn a_service_that_is_not_there_was_sent_nothing() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let answered = client(&url, 300).perform(&task(), &Key::random()).await;
    assert!(matches!(answered, Err(SubmitError::NotSent(_))), "{answered:?}");
}

#[tokio::test]
async fn no_refusal_is_a_success() {
    for code in ["WsaOrderClosed", "Timeout", "TaskCancelled", "InternalError", "Unheard"] {
        let (answered, _) = perform(vec![says(container(&error(code)))], &task()).await;
        let answered = answered.unwrap();
        assert!(!answered.is_done());
        assert_eq!(answered.done().unwrap_err().code, code);
    }
    for strange in ["<html>ok</html>", "{}", r#"{"taskResponse":{"status":"Ok"}}"#] {
        let (answered, bodies) = perform(vec![says(strange.into())], &task()).await;
        assert!(matches!(answered, Err(SubmitError::Unknown { .. })), "{strange}: {answered:?}");
        assert_eq!(bodies.len(), 1);
    }
    // Nor is a success with a status of its own believed.
    let Does::Says(_, _, body) = done() else { panic!() };
    let (answered, _) = perform(vec![Does::Says(404, "", body)], &task()).await;
    assert!(matches!(answered, Err(SubmitError::NotSent(_))), "{answered:?}");
}

#[tokio::test]
async fn a_caller_that_can_wait_no_longer_asks_for_the_task() {
    let waits = says(container(&error("TaskInProgress")));
    let (answered, bodies) = perform(vec![waits.clone(), waits, done()], &task()).await;
    assert!(answered.unwrap().is_done());
    assert!(bodies[0].contains("\"sync\""), "{bodies:?}");
    assert!(bodies[1..].iter().all(|body| body.contains(&GUID.to_string())), "{bodies:?}");
}

#[tokio::test]
async fn what_is_not_found_and_what_has_expired_are_told_apart() {
    let ask = async |code: &str| {
        let (url, _) = server(vec![says(container(&error(code)))]).await;
        client(&url, 100).look_up(GUID).await
    };
    assert!(matches!(ask("TaskNotFound").await, Err(AskError::TaskNotFound(_))));
    assert!(matches!(ask("TaskExpired").await, Err(AskError::AnswerExpired(_))));
    assert!(matches!(ask("TaskInProgress").await, Ok(Look::InProgress { .. })));
    assert!(matches!(ask("Timeout").await, Ok(Look::Answered(Answered::TimedOut(_)))));
}

#[tokio::test]
async fn the_answer_of_another_task_is_no_answer() {
    let (url, _) = server(vec![done()]).await;
    let looked = client(&url, 100).look_up(Uuid::from_u128(2)).await;
    assert!(matches!(looked, Err(AskError::NoAnswer { passing: false, .. })), "{looked:?}");
}

#[tokio::test]
async fn a_listener_hears_what_there_is() {
    let nothing = says(r#"{"responseCommon":{"asyncCode":"NoOperations"}}"#.into());
    let (url, seen) = server(vec![nothing, done(), rejected(200, "", "AuthFailed")]).await;
    let client = client(&url, 100);
    assert!(client.listen(Queue::All).await.unwrap().is_none());
    let heard = client.listen(Queue::Tasks).await.unwrap();
    assert!(matches!(heard, Some(Notification::Answer(Answered::Done(_)))), "{heard:?}");
    let refused = client.listen(Queue::Events).await;
    assert!(matches!(refused, Err(AskError::Rejected(_))), "{refused:?}");
    let bodies: Vec<_> = seen.lock().unwrap().iter().map(|(_, body)| body.clone()).collect();
    assert_eq!(bodies[1], r#"{"queueType":"TaskQueue"}"#);
}
