//! An expiration is absolute: whatever stands still between publishing and acceptance, a task that was
//! denied is never carried out.

use std::time::Duration;

use tokio::time::sleep;
use wsa::boot::Role;
use wsa::domain::task::{OrderGuid, TaskGuid};

use crate::dead_letters::{dead, letters};
use crate::support::app::TestApp;
use crate::support::ask::{Ask, code};
use crate::support::gate::Gate;
use crate::support::kiosk::{self, Kiosk};
use crate::support::place::Stores;
use crate::support::process::Process;
use crate::support::queues::Queues;
use crate::support::reference::{CASH, V2};
use crate::support::{eventually, servers};

/// What the messages are published with, in milliseconds.
const EXPIRATION: &str = "1000";
/// After which the service says that a task was never accepted: well over twice the expiration.
const LATER: Duration = Duration::from_secs(4);

/// An API in this process, and a worker that can be stopped and cut off from either server.
struct Scene {
    api: TestApp,
    worker: Process,
    store: Gate,
    broker: Gate,
    kiosk: Kiosk,
}

impl Scene {
    async fn set() -> Scene {
        let api = TestApp::on(Stores::Postgres, Queues::Amqp).await.role(Role::Api).start().await;
        kiosk::enable(&api).await;
        let database = api.place.settings().1;
        let (store, broker) =
            (Gate::start(&database).await, Gate::start(&servers::amqp_url()).await);
        let variables = [
            ("WSA__STORE__DATABASE_URL", store.url(&database)),
            ("WSA__AMQP__URL", broker.url(&servers::amqp_url())),
            ("WSA__AMQP__PREFIX", api.prefix.as_ref().unwrap().0.clone()),
        ];
        let variables = variables.each_ref().map(|(name, value)| (*name, value.as_str()));
        let worker = Process::start(&["worker"], &variables).await;
        worker.until_ready_says(200).await;
        let kiosk = Kiosk::connect(&api).await;
        Scene { api, worker, store, broker, kiosk }
    }

    async fn publish(&self, order: OrderGuid, expiration: &str) -> TaskGuid {
        let guid = TaskGuid::new();
        let pay = Ask::pay(V2, order, &[("10.00", CASH)]).asynchronous().to_string();
        let properties = self.kiosk.properties("c").with_message_id(guid.to_string().into());
        self.kiosk.publish(properties.with_expiration(expiration.into()), pay).await;
        guid
    }

    /// A payment that comes to a worker which stands still is denied, and stays so when the worker goes on.
    async fn denies_for_good(
        mut self,
        stop: impl AsyncFnOnce(&Scene),
        go_on: impl AsyncFnOnce(&Scene),
    ) {
        let order = self.api.order(V2, "10.00").await;
        stop(&self).await;
        let guid = self.publish(order, EXPIRATION).await;
        sleep(LATER).await;
        assert_eq!(code(&self.api.poll(guid, 0).await.json()), "TaskNotFound");
        go_on(&self).await;
        let reply = self.kiosk.reply().await;
        assert_eq!(code(&reply.json), "Timeout", "{reply:?}");
        assert_eq!(code(&self.api.answer(guid).await), "Timeout");

        // And it goes on as before.
        let paid = self.pay_promptly().await;
        let books = self.api.finish().await;
        books.assert_paid_once(&[paid]);
        assert_eq!(books.orders.values().filter(|order| order.paid > 0).count(), 1);
    }

    /// Pays an order with an expiration that is long enough.
    async fn pay_promptly(&mut self) -> OrderGuid {
        eventually("the worker is ready", async || {
            self.worker.client.get("/readyz").await.is_ok_and(|reply| reply.status == 200)
        })
        .await;
        // The clock may be a moment behind after an outage.
        sleep(Duration::from_secs(1)).await;
        let order = self.api.order(V2, "10.00").await;
        self.publish(order, "2000").await;
        let reply = self.kiosk.reply().await;
        assert_eq!(code(&reply.json), "done", "{reply:?}");
        order
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_handed_to_a_stopped_worker_is_never_paid() {
    let stop = async |scene: &Scene| scene.worker.signal("-STOP");
    let go_on = async |scene: &Scene| scene.worker.signal("-CONT");
    Scene::set().await.denies_for_good(stop, go_on).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_waits_for_the_store_is_never_paid_late() {
    let stop = async |scene: &Scene| scene.store.freeze();
    let go_on = async |scene: &Scene| scene.store.thaw();
    Scene::set().await.denies_for_good(stop, go_on).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_on_a_wire_that_stands_still_is_never_paid_late() {
    let stop = async |scene: &Scene| scene.broker.freeze();
    let go_on = async |scene: &Scene| scene.broker.thaw();
    Scene::set().await.denies_for_good(stop, go_on).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_expired_in_the_broker_is_not_replayed() {
    let mut scene = Scene::set().await;
    let order = scene.api.order(V2, "10.00").await;
    // The broker drops it before anybody has it in hand; what is refused has been told so.
    scene.worker.signal("-TERM");
    eventually("nobody consumes", async || !scene.worker.is_running()).await;
    let guid = scene.publish(order, EXPIRATION).await;
    sleep(Duration::from_secs(2)).await;
    let app = scene.api.beside(Role::Worker).start().await;
    let letters = letters(&app, 1).await;
    assert!(letters[0].letter.reason.ends_with(": expired"), "{letters:?}");
    let id = letters[0].id.to_string();
    let (told, code) = dead(&app, &["replay", &id, "--json"]).await;
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("it had an expiration of 1000 ms"), "{told}");
    assert_eq!(crate::support::ask::code(&scene.api.poll(guid, 0).await.json()), "TaskNotFound");
    app.stop().await;
    scene.api.finish().await.assert_paid_once(&[]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_taken_promptly_is_paid() {
    let mut scene = Scene::set().await;
    let mut orders = Vec::new();
    for _ in 0..5 {
        orders.push(scene.pay_promptly().await);
    }
    scene.api.finish().await.assert_paid_once(&orders);
}
