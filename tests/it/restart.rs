//! The embedded default as a process of its own: killed and ended in the middle of its work.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Mutex;
use wsa::domain::task::{OrderGuid, TaskGuid};

use crate::support::ask::{Ask, code};
use crate::support::books::Books;
use crate::support::client::Client;
use crate::support::eventually;
use crate::support::place::{Place, Stores};
use crate::support::process::Process;
use crate::support::reference::{CASH, V2, seed};
use crate::support::stores::open_orders;

const ORDERS: usize = 1_500;
const CALLERS: usize = 32;
/// Accepted tasks after which the process meets its end.
const ENOUGH: usize = 300;

/// A worker that is slower than the API, so that there is work left when the process ends.
const SLOW: [(&str, &str); 2] = [("WSA__WORKER__LANES", "1"), ("WSA__WORKER__BATCH", "1")];

struct Load {
    accepted: Arc<Mutex<Vec<TaskGuid>>>,
    over: Arc<AtomicBool>,
    callers: Vec<tokio::task::JoinHandle<()>>,
}

impl Load {
    /// Has many callers hand in payments, each order's twice, until the service does not answer.
    fn start(client: &Client, orders: &[OrderGuid]) -> Load {
        let accepted: Arc<Mutex<Vec<TaskGuid>>> = Arc::default();
        let over: Arc<AtomicBool> = Arc::default();
        let callers = (0..CALLERS).map(|n| {
            let (client, accepted, over) = (client.clone(), accepted.clone(), over.clone());
            let own: Vec<OrderGuid> = orders.iter().skip(n).step_by(CALLERS).copied().collect();
            tokio::spawn(async move {
                for order in own.iter().flat_map(|order| [order, order]) {
                    let ask = Ask::pay(V2, *order, &[("10.00", CASH)]).asynchronous();
                    let Ok(reply) = client.try_create(&ask.to_string()).await else { return };
                    accepted.lock().await.extend(reply.accepted());
                    if over.load(Ordering::Relaxed) {
                        return;
                    }
                }
            })
        });
        Load { callers: callers.collect(), accepted, over }
    }

    async fn until_enough(&self) {
        eventually("enough is accepted", async || self.accepted.lock().await.len() >= ENOUGH).await;
    }

    /// What was accepted, as far as the callers know.
    async fn end(self) -> Vec<TaskGuid> {
        self.over.store(true, Ordering::Relaxed);
        for caller in self.callers {
            caller.await.unwrap();
        }
        self.accepted.lock().await.clone()
    }
}

async fn start(place: &Place, variables: &[(&str, &str)]) -> Process {
    let (_, directory) = place.settings();
    let process = Process::start(&["up", "--data-dir", &directory], variables).await;
    process.until_ready_says(200).await;
    process
}

async fn place_with_orders() -> (Place, Vec<OrderGuid>) {
    let place = Place::migrated(Stores::Sqlite).await;
    let store = place.open();
    seed(&store).await;
    let orders = open_orders(&store, V2, "10.00", ORDERS).await;
    (place, orders)
}

/// Every accepted task has its answer, and no order was paid twice.
async fn assert_all_kept(place: &Place, process: &Process, accepted: &[TaskGuid]) -> Books {
    for guid in accepted {
        let answer = process.client.answer(*guid).await;
        assert!(["done", "WsaOrderClosed"].contains(&code(&answer)), "{answer}");
    }
    let open = "SELECT count(*) FROM tasks WHERE outcome IS NULL";
    eventually("nothing is left", async || place.number(open).await == 0).await;
    let books = Books::read(place).await;
    books.assert_sound();
    for guid in accepted {
        assert!(books.outcome(*guid).is_some());
    }
    let paid: Vec<OrderGuid> =
        books.orders.values().filter(|order| order.paid > 0).map(|o| OrderGuid(o.guid)).collect();
    books.assert_paid_once(&paid);
    assert!(paid.len() * 2 >= accepted.len(), "each order was asked for at most twice");
    books
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_process_loses_no_task_that_it_accepted() {
    let (place, orders) = place_with_orders().await;
    let process = start(&place, &SLOW).await;
    let load = Load::start(&process.client, &orders);
    load.until_enough().await;
    process.kill().await;
    let accepted = load.end().await;

    let left = Books::read(&place).await;
    left.assert_sound();
    assert!(left.count(None) > 0, "there was work left: {} tasks", left.tasks.len());
    assert!(accepted.iter().all(|guid| left.tasks.contains_key(&guid.0)), "all are kept");

    let process = start(&place, &[]).await;
    let books = assert_all_kept(&place, &process, &accepted).await;
    for task in left.tasks.values().filter(|task| task.outcome.is_some()) {
        assert_eq!(books.tasks[&task.guid].answer, task.answer, "an answer is for ever");
    }
    assert!(process.terminate().await.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_is_told_to_end_finishes_what_is_in_hand_and_says_so() {
    let (place, orders) = place_with_orders().await;
    let process = start(&place, &SLOW).await;
    let load = Load::start(&process.client, &orders);
    load.until_enough().await;
    let status = process.terminate().await;
    assert_eq!(status.code(), Some(0), "{status}");
    let accepted = load.end().await;
    Books::read(&place).await.assert_sound();

    let process = start(&place, &[]).await;
    assert_all_kept(&place, &process, &accepted).await;
    assert!(process.terminate().await.success());
}
