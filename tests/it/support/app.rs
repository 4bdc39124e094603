//! A whole application in the test's process.

use std::ops::Deref;
use std::sync::Arc;

use wsa::boot::{self, Outside, Role, Running};
use wsa::config::Settings;
use wsa::domain::task::{ObjectId, OrderGuid};
use wsa::engine::store::Store;
use wsa::engine::store::dead_letters::{LetterFilter, StoredLetter};
use wsa::protocols::ALL;
use wsa::surface::ProtocolList;

use super::audit;
use super::books::Books;
use super::client::Client;
use super::place::{Place, Stores};
use super::queues::{DeadLetter, Prefix, Queues};
use super::{eventually, reference, servers, soon, stores};

/// A role that runs, with a client for it. A test ends with [`TestApp::finish`], which fails when a
/// task was left without an answer or the books do not agree.
pub struct TestApp {
    running: Option<Running>,
    client: Client,
    pub place: Arc<Place>,
    pub prefix: Option<Arc<Prefix>>,
}

/// What is to run.
pub struct Builder {
    list: &'static ProtocolList,
    role: Role,
    place: Arc<Place>,
    prefix: Option<Arc<Prefix>>,
    settings: Vec<(&'static str, String)>,
}

impl Deref for TestApp {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl TestApp {
    /// An application on a fresh store and a fresh queue; everything runs unless a role is named.
    pub async fn on(store: Stores, queue: Queues) -> Builder {
        let place = Place::migrated(store).await;
        reference::seed(&place.open()).await;
        let prefix = (queue == Queues::Amqp).then(|| Arc::new(Prefix::fresh()));
        Builder { list: &ALL, role: Role::Up, place: Arc::new(place), prefix, settings: Vec::new() }
    }

    /// The fast one, for what does not depend on the servers.
    pub async fn embedded() -> TestApp {
        TestApp::on(Stores::Sqlite, Queues::InProcess).await.start().await
    }

    /// One more process on the same store and queue.
    pub fn beside(&self, role: Role) -> Builder {
        let (place, prefix) = (Arc::clone(&self.place), self.prefix.clone());
        Builder { list: &ALL, role, place, prefix, settings: Vec::new() }
    }

    pub fn app(&self) -> &wsa::engine::app::App {
        &self.running.as_ref().expect("it runs").app
    }

    /// Where operators are served.
    pub fn ops_url(&self) -> String {
        self.running.as_ref().expect("it runs").ops_url().expect("it serves operators")
    }

    pub fn store(&self) -> &Store {
        &self.app().store
    }

    /// Puts in an open order.
    pub async fn order(&self, object: ObjectId, total: &str) -> OrderGuid {
        stores::open_order(self.store(), object, total).await
    }

    /// Puts in many.
    pub async fn orders(&self, object: ObjectId, total: &str, count: usize) -> Vec<OrderGuid> {
        stores::open_orders(self.store(), object, total, count).await
    }

    /// Waits for so many dead letters and takes them out of the store, each with its message.
    pub async fn dead_letters(&self, count: usize) -> Vec<DeadLetter> {
        let filter = LetterFilter { most: 1000, ..LetterFilter::default() };
        let mut stored = Vec::new();
        eventually("the dead letters are there", async || {
            stored = self.store().dead_letters(&filter).await.unwrap();
            stored.len() >= count
        })
        .await;
        assert_eq!(stored.len(), count, "{stored:?}");
        let mut letters = Vec::with_capacity(count);
        for StoredLetter { id, letter, .. } in stored {
            let body = self.store().dead_body(id).await.unwrap().unwrap_or_default();
            letters.push(DeadLetter { id: letter.message_id, body, reason: letter.reason });
            let taken = format!("DELETE FROM dead_letters WHERE letter_id = {id}");
            self.place.execute(&taken).await.unwrap();
        }
        letters
    }

    /// Ends the test: every task is answered, and the books agree.
    pub async fn finish(self) -> Books {
        eventually("every task is answered", async || {
            self.store().backlog().await.unwrap().open == 0
        })
        .await;
        self.finish_leaving_tasks().await
    }

    /// Ends the test, whatever is still open.
    pub async fn finish_leaving_tasks(mut self) -> Books {
        self.stop_running().await;
        let books = Books::read(&self.place).await;
        books.assert_sound();
        audit::assert_sound(&self.place.open()).await;
        books
    }

    /// Ends the test after retention: of what is in the books the tasks are gone, and the audit knows that.
    pub async fn finish_forgotten(mut self) -> Books {
        self.stop_running().await;
        audit::assert_sound_forgotten(&self.place.open()).await;
        Books::read(&self.place).await
    }

    /// Ends one of several processes.
    pub async fn stop(mut self) {
        self.stop_running().await;
    }

    async fn stop_running(&mut self) {
        let running = self.running.take().expect("it runs");
        soon("the application has stopped", running.stop()).await;
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        let forgotten = self.running.is_some() && !std::thread::panicking();
        assert!(!forgotten, "a test ends with app.finish(): it finds tasks that were left behind");
    }
}

impl Builder {
    /// With these protocols.
    pub fn speaking(self, list: &'static ProtocolList) -> Builder {
        Builder { list, ..self }
    }

    /// Where its store is.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// Only a part of it.
    pub fn role(self, role: Role) -> Builder {
        Builder { role, ..self }
    }

    /// With a setting of its own.
    pub fn set(mut self, name: &'static str, value: impl ToString) -> Builder {
        self.settings.push((name, value.to_string()));
        self
    }

    /// The settings of what is to run.
    pub fn settings(&self) -> Settings {
        let mut flags = vec![
            ("http.listen", "127.0.0.1:0".to_owned()),
            ("ops.listen", "off".to_owned()),
            ("sweeper.interval_ms", "100".to_owned()),
            self.place.settings(),
        ];
        if let Some(prefix) = &self.prefix {
            flags.push(("amqp.url", servers::amqp_url()));
            flags.push(("amqp.prefix", prefix.0.clone()));
        }
        flags.extend(self.settings.iter().cloned());
        self.list.settings(&flags).unwrap()
    }

    /// Starts it and waits until it is ready.
    pub async fn start(self) -> TestApp {
        let running = soon(
            "it starts",
            boot::start_speaking(self.list, self.settings(), self.role, Outside::default()),
        )
        .await
        .unwrap();
        eventually("it is ready", async || running.is_ready().await).await;
        let client = Client::new(running.url());
        TestApp { running: Some(running), client, place: self.place, prefix: self.prefix }
    }
}
