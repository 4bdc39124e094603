//! White Server over AMQP. The caller is whom the broker says it is; here all of them come by way of the
//! service's own user, who alone may act for others.

use std::sync::Mutex;

use lapin::BasicProperties;
use uuid::Uuid;
use wsa::domain::task::{ObjectId, TaskGuid};
use wsa::engine::store::dead_letters::LetterFilter;
use wsa::protocols::whiteserver::wire::request::TASK_TYPES;

use super::callers::{Caller, Kind, seed};
use super::rule::{Answer, Door, Task, Verdict, hold};
use super::whiteserver::{OBJECTS, ask, verdict};
use crate::support::app::TestApp;
use crate::support::kiosk::{Kiosk, acting_for};
use crate::support::place::Stores;
use crate::support::queues::Queues;
use crate::support::shown::shown;
use crate::support::{BOUND, soon};

struct Amqp<'a> {
    app: &'a TestApp,
    /// Those that nobody uses now: to connect costs more than to ask.
    kiosks: Mutex<Vec<Kiosk>>,
}

impl Door for Amqp<'_> {
    fn knows(&self, caller: &Caller) -> bool {
        caller.kind == Kind::Aggregator
    }

    fn objects(&self) -> Vec<ObjectId> {
        OBJECTS.to_vec()
    }

    fn tasks(&self) -> Vec<Task> {
        TASK_TYPES.map(|name| Task { name, writes: true }).to_vec()
    }

    /// What is told to nobody is found among the dead letters, which are looked for once a second.
    fn at_once(&self) -> usize {
        64
    }

    async fn knock(&self, caller: &Caller, object: ObjectId, task: Task) -> Answer {
        let free = self.kiosks.lock().unwrap().pop();
        let mut kiosk = match free {
            Some(kiosk) => kiosk,
            None => soon("a kiosk", Kiosk::connect(self.app)).await,
        };
        let message = TaskGuid(Uuid::new_v4());
        let properties = match caller.kind {
            Kind::Nobody => {
                BasicProperties::default().with_reply_to(kiosk.reply_to.as_str().into())
            }
            _ => acting_for(kiosk.properties("it"), &caller.name),
        };
        let properties = properties.with_message_id(message.to_string().into());
        kiosk.publish(properties, ask(task.name, object).asynchronous().to_string()).await;
        let of_message = LetterFilter { guid: Some(message), most: 1, ..LetterFilter::default() };
        let until = std::time::Instant::now() + BOUND;
        let answer = loop {
            let pause = std::time::Duration::from_millis(300);
            if let Ok(reply) = tokio::time::timeout(pause, kiosk.reply()).await {
                break Answer { verdict: verdict(&reply.json), text: shown(&reply.text) };
            }
            // Nobody is told: there is nobody to tell.
            if !self.app.store().dead_letters(&of_message).await.unwrap().is_empty() {
                break Answer { verdict: Verdict::Unknown, text: String::new() };
            }
            assert!(std::time::Instant::now() < until, "{} hears nothing", caller.name);
        };
        self.kiosks.lock().unwrap().push(kiosk);
        answer
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn over_amqp_a_licence_opens_its_object_and_nothing_else() {
    let app = TestApp::on(Stores::Postgres, Queues::Amqp).await.start().await;
    let callers = seed(app.store()).await;
    let counts = hold(&Amqp { app: &app, kiosks: Mutex::default() }, &callers).await;
    assert_eq!(counts.values().sum::<usize>(), callers.len() * TASK_TYPES.len() * OBJECTS.len());
    let books = app.finish().await;
    assert_eq!(books.tasks.len(), counts["Served"], "who was not served left nothing");
}
