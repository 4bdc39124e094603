//! Callers that do not give up.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::task::JoinHandle;
use wsa::task::{OrderGuid, TaskGuid};

use crate::support::ask::Ask;
use crate::support::client::Client;
use crate::support::eventually;
use crate::support::reference::{CASH, V2};

const CALLERS: usize = 8;
/// Between two requests of a caller: enough load to hit every moment of an outage, and no flood.
const PAUSE: Duration = Duration::from_millis(10);

/// Payments that are handed in for as long as this runs: each order's twice, and again after every
/// request that was not accepted.
pub struct Load {
    accepted: Arc<Mutex<Vec<TaskGuid>>>,
    refused: Arc<AtomicUsize>,
    over: Arc<AtomicBool>,
    callers: Vec<JoinHandle<()>>,
}

impl Load {
    pub fn start(client: &Client, orders: &[OrderGuid]) -> Load {
        let mut load = Load {
            accepted: Arc::default(),
            refused: Arc::default(),
            over: Arc::default(),
            callers: Vec::new(),
        };
        for n in 0..CALLERS {
            let (client, accepted) = (client.clone(), load.accepted.clone());
            let (refused, over) = (load.refused.clone(), load.over.clone());
            let own: Vec<OrderGuid> = orders.iter().skip(n).step_by(CALLERS).copied().collect();
            load.callers.push(tokio::spawn(async move {
                for order in own.iter().flat_map(|order| [order, order]) {
                    let ask = Ask::pay(V2, *order, &[("10.00", CASH)]).asynchronous().to_string();
                    let guid = loop {
                        tokio::time::sleep(PAUSE).await;
                        if over.load(Ordering::Relaxed) {
                            return;
                        }
                        let reply = client.try_create(&ask).await.unwrap();
                        match (reply.status.as_u16(), reply.accepted()) {
                            (200, Some(guid)) => break guid,
                            (503, None) => refused.fetch_add(1, Ordering::Relaxed),
                            _ => panic!("neither accepted nor unavailable: {reply:?}"),
                        };
                    };
                    accepted.lock().await.push(guid);
                }
                panic!("there are too few orders for this outage");
            }));
        }
        load
    }

    /// Waits until so many more tasks are accepted.
    pub async fn goes_on(&self, more: usize) {
        let enough = self.accepted.lock().await.len() + more;
        eventually("more is accepted", async || self.accepted.lock().await.len() >= enough).await;
    }

    /// How many requests were told to come again.
    pub fn refused(&self) -> usize {
        self.refused.load(Ordering::Relaxed)
    }

    /// Ends it and gives what was accepted.
    pub async fn end(self) -> Vec<TaskGuid> {
        self.over.store(true, Ordering::Relaxed);
        for caller in self.callers {
            caller.await.unwrap();
        }
        self.accepted.lock().await.clone()
    }
}
