//! One payment is one trace, whatever processes it passes through.

use std::collections::BTreeMap;

use lapin::types::{AMQPValue, FieldTable};
use serde_json::json;
use wsa::boot::Role;
use wsa::domain::task::TaskGuid;

use crate::support::app::{Builder, TestApp};
use crate::support::ask::{Ask, code};
use crate::support::callbacks;
use crate::support::client::{Client, read};
use crate::support::collector::{Collector, Seen};
use crate::support::eventually;
use crate::support::kiosk::Kiosk;
use crate::support::place::{Place, Stores};
use crate::support::process::Process;
use crate::support::queues::{Prefix, Queues};
use crate::support::receiver::Receiver;
use crate::support::reference::{self, CASH, V2};
use crate::support::{kiosk, servers, stores};

pub const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
pub const PARENT: &str = "00f067aa0ba902b7";

/// The `traceparent` of a caller that records its trace, or does not.
pub fn traceparent(sampled: bool) -> String {
    format!("00-{TRACE}-{PARENT}-{:02x}", u8::from(sampled))
}

/// Hands in a payment with this `traceparent`.
pub async fn pay_with(app: &Client, ask: &Ask, parent: &str) -> TaskGuid {
    let request = app.post().header("traceparent", parent).body(ask.asynchronous().to_string());
    let reply = read(request).await.unwrap();
    reply.accepted().unwrap_or_else(|| panic!("not accepted: {reply:?}"))
}

/// The spans of a payment from above, each below the one before.
fn assert_one_way(spans: &[Seen], names: &[(&str, &str)]) {
    let mut parent = PARENT.to_owned();
    for (service, name) in names {
        let found: Vec<&Seen> = spans.iter().filter(|span| span.name == *name).collect();
        let [span] = found[..] else { panic!("{name}: {found:?} of {spans:#?}") };
        assert_eq!((&*span.service, &*span.parent), (*service, &*parent), "{name}: {spans:#?}");
        assert!(!span.failed, "{span:?}");
        parent = span.id.clone();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_is_one_trace_across_two_processes_and_its_callback() {
    let (collector, receiver) = (Collector::start().await, Receiver::start().await);
    let place = Place::migrated(Stores::Postgres).await;
    let store = place.open();
    reference::seed(&store).await;
    let order = stores::open_order(&store, V2, "10.00").await;
    callbacks::add_only(&store, &receiver.url(), true, false).await;
    let (amqp, (_, database)) = (servers::amqp_url(), place.settings());
    let prefix = Prefix::fresh().0.clone();
    let endpoint = collector.url();
    let variables = |service| {
        [
            ("WSA__STORE__DATABASE_URL", &*database),
            ("WSA__AMQP__URL", &*amqp),
            ("WSA__AMQP__PREFIX", &*prefix),
            ("WSA__CALLBACKS__ALLOW_PRIVATE_ADDRESSES", "true"),
            ("WSA__LOG__FILTER", "info,wsa=debug"),
            ("WSA__LOG__FORMAT", "json"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", &*endpoint),
            ("OTEL_TRACES_SAMPLER_ARG", "0"),
            ("OTEL_SERVICE_NAME", service),
        ]
    };
    let api = Process::start(&["api"], &variables("api")).await;
    let worker = Process::start(&["worker"], &variables("worker")).await;
    api.until_ready_says(200).await;
    worker.until_ready_says(200).await;

    let ask = Ask::pay(V2, order, &[("10.00", CASH)]);
    let request = api.client.post().header("traceparent", traceparent(true));
    let request = request.header("x-request-id", "till-7").body(ask.asynchronous().to_string());
    let guid = read(request).await.unwrap().accepted().unwrap();
    let answer = api.client.answer(guid).await;
    assert_eq!(code(&answer), "done", "{answer}");
    let posts = receiver.until(1).await;

    collector.until(TRACE, "POST").await;
    eventually("both processes have sent theirs", async || {
        let spans = collector.of(TRACE);
        spans.iter().any(|s| s.service == "api" && s.kind == 2) && spans.len() >= 6
    })
    .await;
    let spans = collector.of(TRACE);
    let server = &*spans.iter().find(|span| span.kind == 2).unwrap().name;
    let work = format!("{prefix}.work");
    let (send, process) = (format!("send {work}"), format!("process {work}"));
    assert_one_way(
        &spans,
        &[
            ("api", server),
            ("api", "accept PayOrder"),
            ("api", &send),
            ("worker", &process),
            ("worker", "settle"),
            ("worker", "POST"),
        ],
    );
    assert_eq!(spans.len(), 6, "{spans:#?}");
    let by_name: BTreeMap<&str, &Seen> = spans.iter().map(|span| (&*span.name, span)).collect();
    let of = |name: &str, attribute: &str| by_name[name].get(attribute).to_owned();
    assert_eq!(of(server, "http.request.method"), "POST");
    assert_eq!(of(server, "http.response.status_code"), "200");
    assert!(server.ends_with(&of(server, "http.route")) && !of(server, "http.route").is_empty());
    assert!(of(server, "http.request.header.x-request-id").contains("till-7"));
    for (name, operation) in [(&send, "send"), (&process, "process")] {
        assert_eq!(of(name, "messaging.system"), "rabbitmq");
        assert_eq!(of(name, "messaging.operation.type"), operation);
        assert_eq!(of(name, "messaging.destination.name"), work);
        assert_eq!(of(name, "messaging.message.id"), guid.to_string());
    }
    assert_eq!(of("settle", "wsa.task.outcome"), "done");
    assert_eq!(of("POST", "http.response.status_code"), "200");
    assert_eq!(of("POST", "server.port"), receiver.port.to_string());
    let shown = format!("{spans:?}");
    assert!(!shown.contains("key=1") && !shown.contains("/hook"), "no part of the URL: {shown}");

    // The receiver goes on below the span of the post.
    let parent = posts[0].header("traceparent").unwrap();
    assert_eq!(parent, format!("00-{TRACE}-{}-01", by_name["POST"].id));
    // The batches are traces of their own, which link to the spans of the task.
    eventually("the batches are there", async || collector.all().len() >= 9).await;
    for (service, name, of) in [
        ("api", "register tasks", "accept PayOrder"),
        ("api", &*send, &*send),
        ("worker", "settle tasks", "settle"),
    ] {
        let batches = collector.all().into_iter().filter(|span| span.trace != TRACE);
        let mut batches = batches.filter(|span| span.name == name && span.service == service);
        let batch = batches.next().unwrap_or_else(|| panic!("{name}: {:#?}", collector.all()));
        assert_eq!(batch.links, [by_name[of].id.clone()], "{name}");
        assert!(batch.parent.is_empty());
    }
    assert_eq!(collector.all().len(), 9, "nothing else is recorded: {:#?}", collector.all());

    // Log lines of its way say which trace, and in the request which request.
    let accepted = api.until_logged("accepted task").await;
    let line: serde_json::Value = serde_json::from_str(&accepted).unwrap();
    assert_eq!(line["http.request.id"], "till-7", "{accepted}");
    assert_eq!((&line["trace_id"], &line["span_id"]), (&json!(TRACE), &json!(by_name[server].id)));
    let answered = worker.until_logged("answered task").await;
    assert!(answered.contains(TRACE) && answered.contains(&by_name["settle"].id), "{answered}");

    assert!(api.terminate().await.success());
    assert!(worker.terminate().await.success());
}

/// An application that records what its callers record, and sends that to a collector.
fn traced(app: Builder, collector: &Collector) -> Builder {
    app.set("otel.endpoint", collector.url()).set("otel.sample_ratio", 0)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_is_one_trace_in_one_process() {
    let collector = Collector::start().await;
    let app = traced(TestApp::on(Stores::Sqlite, Queues::InProcess).await, &collector);
    let app = app.set("otel.headers", "x-tenant=7").start().await;
    let order = app.order(V2, "10.00").await;
    let ask = Ask::pay(V2, order, &[("10.00", CASH)]);
    let guid = pay_with(&app, &ask, &traceparent(true)).await;
    app.answer(guid).await;
    collector.until(TRACE, "settle").await;
    eventually("all of it is there", async || collector.of(TRACE).len() >= 5).await;
    let spans = collector.of(TRACE);
    let server = &*spans.iter().find(|span| span.kind == 2).unwrap().name;
    let names = [server, "accept PayOrder", "send tasks", "process tasks", "settle"];
    assert_one_way(&spans, &names.map(|name| ("wsa", name)));
    assert_eq!(collector.headers()[0]["x-tenant"], "7");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_sampled_leaves_nothing() {
    let collector = Collector::start().await;
    let app = traced(TestApp::on(Stores::Sqlite, Queues::InProcess).await, &collector);
    // Whoever says nothing is recorded; whoever does not record is not.
    let app = app.set("otel.sample_ratio", 1).start().await;
    let orders = app.orders(V2, "10.00", 2).await;
    let guid = pay_with(&app, &Ask::get_order(V2, orders[0]), &traceparent(false)).await;
    app.answer(guid).await;
    let other = app.submit(&Ask::get_order(V2, orders[1])).await;
    eventually("the other one is recorded", async || {
        let of_task = |span: &Seen| span.get("wsa.task.guid") == other.to_string();
        collector.all().iter().filter(|span| of_task(span)).count() >= 4
    })
    .await;
    let all = collector.all();
    assert!(all.iter().all(|span| span.trace != TRACE), "{all:#?}");
    assert!(all.iter().all(|span| span.get("wsa.task.guid") != guid.to_string()), "{all:#?}");
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_of_an_upstream_service_is_recorded_below_its_own_span_up_to_the_answer() {
    let collector = Collector::start().await;
    let app = traced(TestApp::on(Stores::Sqlite, Queues::Amqp).await, &collector);
    let app = app.start().await;
    kiosk::enable(&app).await;
    let mut kiosk = Kiosk::connect(&app).await;
    let order = app.order(V2, "10.00").await;
    let mut headers = FieldTable::default();
    headers.insert("traceparent".into(), AMQPValue::LongString(traceparent(true).into()));
    let properties = kiosk.properties("c-1").with_headers(headers);
    let ask = Ask::pay(V2, order, &[("10.00", CASH)]);
    kiosk.publish(properties, ask.asynchronous().to_string()).await;
    let parent = kiosk.reply().await.traceparent;
    let reply = collector.until(TRACE, "send reply_to").await;
    assert_eq!(parent.unwrap(), format!("00-{TRACE}-{}-01", reply.id));
    let prefix = app.prefix.as_ref().unwrap().0.clone();
    let names = [
        format!("process {prefix}.tasks"),
        "accept PayOrder".to_owned(),
        format!("send {prefix}.work"),
        format!("process {prefix}.work"),
        "settle".to_owned(),
        "send reply_to".to_owned(),
    ];
    eventually("all of it is there", async || collector.of(TRACE).len() >= names.len()).await;
    let names: Vec<_> = names.iter().map(|name| ("wsa", &**name)).collect();
    assert_one_way(&collector.of(TRACE), &names);
    app.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_of_many_payments_in_a_bundle_keeps_its_own_trace() {
    const PAYMENTS: usize = 150;
    let collector = Collector::start().await;
    let app = traced(TestApp::on(Stores::Postgres, Queues::Amqp).await.role(Role::Api), &collector);
    let app = app.start().await;
    let worker = traced(app.beside(Role::Worker), &collector).start().await;
    let orders = app.orders(V2, "10.00", PAYMENTS).await;
    // Every third is recorded.
    let trace = |n: usize| format!("{:032x}", n + 1);
    let pay = |(n, order)| {
        let (app, parent) =
            (&app, format!("00-{}-{PARENT}-{:02x}", trace(n), u8::from(n % 3 == 0)));
        let ask = Ask::pay(V2, order, &[("10.00", CASH)]);
        async move { pay_with(app, &ask, &parent).await }
    };
    let all = orders.into_iter().enumerate().map(pay);
    let guids: Vec<TaskGuid> = futures_util::future::join_all(all).await;
    eventually("all spans are there", async || {
        let of_tasks = |span: &&Seen| !span.get("wsa.task.guid").is_empty();
        collector.all().iter().filter(of_tasks).count() >= 4 * PAYMENTS / 3
    })
    .await;
    for (n, guid) in guids.iter().enumerate() {
        let spans = collector.of(&trace(n));
        let of_task = spans.iter().filter(|span| span.get("wsa.task.guid") == guid.to_string());
        assert_eq!(of_task.count(), if n % 3 == 0 { 4 } else { 0 }, "{n}: {spans:#?}");
    }
    let together = collector.all().into_iter().filter(|span| span.name == "settle tasks");
    let most = together.map(|span| span.links.len()).max();
    assert!(most > Some(1), "they travelled together: {most:?}");
    worker.stop().await;
    app.finish().await;
}
