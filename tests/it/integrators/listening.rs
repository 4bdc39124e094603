//! `wsa listen`, as a process of its own.

use std::process::Stdio;
use std::time::{Duration, SystemTime};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use wsa_client::callback::{Secret, Verifier};
use wsa_client::{Answered, Key, Notification, Queue, Task};

use super::{client, pay};
use crate::support::app::TestApp;
use crate::support::callbacks;
use crate::support::receiver::{Does, Post, Receiver};
use crate::support::reference::{TOKEN, V2};
use crate::support::soon;

/// A `wsa listen` that runs.
struct Listening {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Listening {
    async fn start(app: &TestApp, arguments: &[&str]) -> Listening {
        // What its first request does for a listener: from here on, nothing is missed.
        let first = client(app);
        let _ = tokio::time::timeout(Duration::from_millis(500), first.listen(Queue::All)).await;
        let mut child = Command::new(env!("CARGO_BIN_EXE_wsa"))
            .args(["listen", "--url", &app.url])
            .args(arguments)
            .env("WSA_TOKEN", TOKEN)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Listening { child, lines }
    }

    async fn line(&mut self) -> String {
        soon("it prints a line", self.lines.next_line()).await.unwrap().unwrap()
    }

    /// Ctrl-C: what it says at its end.
    async fn interrupted(mut self) -> String {
        let id = self.child.id().unwrap().to_string();
        let kill = Command::new("kill").args(["-INT", &id]).status().await.unwrap();
        assert!(kill.success());
        let mut told = String::new();
        let mut stderr = self.child.stderr.take().unwrap();
        soon("it ends", stderr.read_to_string(&mut told)).await.unwrap();
        assert!(self.child.wait().await.unwrap().success(), "{told}");
        told.lines().last().unwrap().to_owned()
    }
}

fn verified(verifier: &Verifier, post: &Post) -> String {
    let header = |name: &str| post.header(name);
    verifier.check_plain(header, post.body.as_bytes()).unwrap();
    verifier.check(header, post.body.as_bytes(), SystemTime::now()).unwrap().id
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_heard_is_posted_as_a_callback_is() {
    let app = callbacks::app().await.start().await;
    let (own, theirs) = (Receiver::start().await, Receiver::start().await);
    let (_, secret) = callbacks::add(app.store(), &theirs.url()).await;
    let mut listening = Listening::start(&app, &["--forward-to", &own.url(), "--fail", "1"]).await;
    let line = listening.line().await;
    let made = Secret::parse(line.strip_prefix("secret ").unwrap()).unwrap();

    let client = client(&app);
    let order = app.order(V2, "449.35").await;
    let task = client.submit(&pay(V2, order, "449.35"), &Key::random()).await.unwrap().task;

    // The answer and the event, each twice, as --fail says.
    let posts = own.until(4).await;
    let callbacks = theirs.until(2).await;
    let verifier = Verifier::new(made);
    for pair in posts.chunks(2) {
        assert_eq!(verified(&verifier, &pair[0]), verified(&verifier, &pair[1]));
        assert_eq!(pair[0].body, pair[1].body);
        assert!(pair[1].at - pair[0].at >= Duration::from_millis(900));
        // The same as the service posts, signed with another secret.
        let same = callbacks.iter().find(|post| post.id() == pair[0].id()).unwrap();
        assert_eq!(same.body, pair[0].body);
        let names = |post: &Post| {
            let mut names: Vec<_> = post.headers.keys().map(|name| name.to_string()).collect();
            names.sort();
            names
        };
        assert_eq!(names(same), names(&pair[0]));
        assert_eq!(same.header("user-agent"), pair[0].header("user-agent"));
        assert!(verifier.check_plain(|name| same.header(name), same.body.as_bytes()).is_err());
        let registered = Secret::parse(&secret.reveal()).unwrap();
        verified(&Verifier::new(registered), same);
    }
    let answer = posts.iter().find(|post| post.id() == task.to_string()).unwrap();
    let read = Notification::of_callback(&answer.body);
    assert!(matches!(read, Some(Notification::Answer(Answered::Done(_)))), "{read:?}");

    let mut lines = Vec::new();
    for _ in 0..4 {
        lines.push(listening.line().await);
    }
    let told = lines.join("\n");
    assert_eq!(told.matches("200 (counted as failed, as --fail says), again in 1 s").count(), 2);
    assert_eq!(told.matches(&format!("answer {task} PayOrder done 200")).count(), 2, "{told}");
    assert_eq!(told.matches(" OrderChanged 200").count(), 2, "{told}");
    let end = listening.interrupted().await;
    let expected = "1 answers and 1 events heard; 2 delivered, 2 attempts failed, 0 given up";
    assert_eq!(end, format!("wsa: {expected}"));
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_fails_is_tried_three_times_and_then_left() {
    let app = callbacks::app().await.start().await;
    let receiver = Receiver::does(Does::Says(500)).await;
    let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let url = receiver.url();
    let arguments =
        ["--forward-to", &url, "--secret", secret, "--signature", "hex", "--queue", "tasks"];
    let mut listening = Listening::start(&app, &arguments).await;
    let order = app.order(V2, "1.00").await;
    let task = Task::get_order(V2.0, order.0);
    client(&app).submit(&task, &Key::random()).await.unwrap();
    let posts = receiver.until(3).await;
    let verifier = Verifier::new(Secret::parse(secret).unwrap());
    posts.iter().for_each(|post| drop(verified(&verifier, post)));
    assert_eq!(posts[0].header("signature").unwrap().len(), 64);
    let mut ends = Vec::new();
    for _ in 0..3 {
        ends.push(listening.line().await.rsplit("500").next().unwrap().to_owned());
    }
    assert_eq!(ends, [", again in 1 s", ", again in 1 s", ", given up"]);
    let end = listening.interrupted().await;
    assert!(end.ends_with("0 delivered, 3 attempts failed, 1 given up"), "{end}");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_url_it_only_prints() {
    let app = TestApp::embedded().await;
    let mut listening = Listening::start(&app, &["--json"]).await;
    let order = app.order(V2, "1.00").await;
    let client = client(&app);
    let task = client.submit(&Task::get_order(V2.0, order.0), &Key::random()).await.unwrap().task;
    let answered = client.wait(task).await.unwrap();
    assert_eq!(listening.line().await, answered.raw());
    assert_eq!(listening.interrupted().await, "wsa: 1 answers and 0 events heard");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_argument_is_named_and_a_wrong_token_ends_it() {
    let app = TestApp::embedded().await;
    let cases: [(&str, &[&str], &str); 4] = [
        ("nobody", &[], "AuthFailed"),
        (TOKEN, &["--forward-to", "ftp://h"], "--forward-to: the URL"),
        (TOKEN, &["--forward-to", "http://h", "--secret", "mine!"], "must be whsec_"),
        (TOKEN, &["--fail", "1"], "--forward-to"),
    ];
    for (token, arguments, told) in cases {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wsa"));
        command.args(["listen", "--url", &app.url]).args(arguments).env("WSA_TOKEN", token);
        let output = soon("it ends", command.output()).await.unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && text.contains(told), "{arguments:?}: {text}");
        assert!(!text.contains("mine"), "{text}");
    }
    app.finish().await;
}
