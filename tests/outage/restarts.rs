//! An API and two workers on PostgreSQL and RabbitMQ, and what happens to them.

use std::time::Duration;

use wsa::task::OrderGuid;

use crate::load::Load;
use crate::support::ask::code;
use crate::support::books::Books;
use crate::support::place::{Place, Stores};
use crate::support::process::Process;
use crate::support::queues::Prefix;
use crate::support::reference::{V2, seed};
use crate::support::stores::open_orders;
use crate::support::{eventually_within, servers};

/// Orders: more than all outages together can use up.
const ORDERS: usize = 40_000;
/// Tasks that are accepted between two events.
const BETWEEN: usize = 200;

struct Site {
    place: Place,
    prefix: Prefix,
    orders: Vec<OrderGuid>,
}

impl Site {
    async fn new() -> Site {
        let place = Place::migrated(Stores::Postgres).await;
        let store = place.open();
        seed(&store).await;
        let orders = open_orders(&store, V2, "10.00", ORDERS).await;
        Site { place, prefix: Prefix::fresh(), orders }
    }

    async fn start(&self, role: &str) -> Process {
        let (_, database) = self.place.settings();
        let amqp = servers::amqp_url();
        let arguments = [role, "--database-url", &database, "--amqp-url", &amqp];
        let variables = [("WSA__AMQP__PREFIX", self.prefix.0.as_str())];
        let process = Process::start(&arguments, &variables).await;
        process.until_ready_says(200).await;
        process
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_accepted_task_survives_a_killed_worker_and_the_restart_of_either_server() {
    if servers::controls().is_none() {
        println!("WSA_TEST_SERVERS_DIR is not set: these servers are not ours to restart");
        return;
    }
    let site = Site::new().await;
    let mut api = site.start("api").await;
    let doomed = site.start("worker").await;
    let mut worker = site.start("worker").await;
    let load = Load::start(&api.client, &site.orders);

    load.goes_on(BETWEEN).await;
    doomed.kill().await;
    load.goes_on(BETWEEN).await;

    let before = load.refused();
    servers::control("rabbitmq", "stop").await;
    api.until_ready_says(503).await;
    worker.until_ready_says(503).await;
    load.goes_on(BETWEEN).await;
    assert_eq!(load.refused(), before, "accepting needs no broker");
    servers::control("rabbitmq", "start").await;
    api.until_ready_says(200).await;
    worker.until_ready_says(200).await;
    load.goes_on(BETWEEN).await;

    servers::control("postgres", "stop").await;
    api.until_ready_says(503).await;
    worker.until_ready_says(503).await;
    servers::control("postgres", "start").await;
    api.until_ready_says(200).await;
    worker.until_ready_says(200).await;
    load.goes_on(BETWEEN).await;

    servers::control("rabbitmq", "restart").await;
    servers::control("postgres", "restart").await;
    load.goes_on(BETWEEN).await;

    let accepted = load.end().await;
    for guid in &accepted {
        let answer = api.client.answer(*guid).await;
        assert!(["done", "WsaOrderClosed"].contains(&code(&answer)), "{answer}");
    }
    // A request whose answer was lost may have left a task as well; it is kept like any other.
    let open = "SELECT count(*) FROM tasks WHERE outcome IS NULL";
    let bound = Duration::from_secs(60);
    eventually_within(bound, "nothing is left", async || site.place.number(open).await == 0).await;
    let books = Books::read(&site.place).await;
    books.assert_sound();
    let paid = books.orders.values().filter(|order| order.paid > 0).map(|o| OrderGuid(o.guid));
    let paid: Vec<OrderGuid> = paid.collect();
    books.assert_paid_once(&paid);
    assert!(accepted.iter().all(|guid| books.outcome(*guid).is_some()));
    println!("{} tasks were accepted, {} orders paid", accepted.len(), paid.len());

    assert!(api.is_running() && worker.is_running(), "they went through all of it");
    api.until_ready_says(200).await;
    worker.until_ready_says(200).await;
    assert!(worker.terminate().await.success());
    assert!(api.terminate().await.success());
}
