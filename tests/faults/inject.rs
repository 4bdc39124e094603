//! Injects faults into a running installation.

use std::time::Duration;

use futures_util::future::join_all;
use lapin::options::ExchangeDeleteOptions;
use lapin::types::FieldTable;
use lapin::{Connection, ConnectionProperties};
use tokio::time::sleep;

use crate::faults::{APIS, Blow, Fault, Kind, Loss, PROCESSES, Part};
use crate::site::Site;
use crate::support::servers::{amqp_url, control};

/// The nodes' names, as `scripts/with-servers` has them.
const NODES: [&str; 9] = [
    "rabbitmq",
    "rabbitmq-2",
    "rabbitmq-3",
    "rabbitmq-4",
    "rabbitmq-5",
    "rabbitmq-6",
    "rabbitmq-7",
    "rabbitmq-8",
    "rabbitmq-9",
];

/// Injects a fault. Returns when it is over: its processes are started, its server accepts connections, and its
/// wire passes everything.
pub async fn inject(site: &Site, Fault { kind, lasts }: Fault) {
    match kind {
        Kind::Wire(wire, cut) => {
            let relays = site.relays(wire);
            relays.iter().for_each(|relay| relay.set(Some(cut)));
            sleep(lasts).await;
            relays.iter().for_each(|relay| relay.set(None));
        }
        Kind::Intake(loss) => remove(site, loss).await,
        Kind::ReadOnly => site.read_only(lasts).await,
        Kind::Log(number) => {
            site.programs[number].lock().await.read_log(false);
            sleep(lasts).await;
            site.programs[number].lock().await.read_log(true);
        }
        Kind::Part(Part::Database, blow) => server(&["postgres"], blow, lasts).await,
        Kind::Part(Part::Node(node), blow) => server(&NODES[node..=node], blow, lasts).await,
        Kind::Part(Part::Broker, blow) => server(&NODES[..site.nodes], blow, lasts).await,
        Kind::Part(part, blow) => {
            let numbers = match part {
                Part::Process(number) => number..number + 1,
                Part::Apis => 0..APIS,
                Part::Workers => APIS..PROCESSES,
                _ => 0..PROCESSES,
            };
            join_all(numbers.map(|number| process(site, number, blow, lasts))).await;
        }
    }
}

async fn process(site: &Site, number: usize, blow: Blow, lasts: Duration) {
    let program = &site.programs[number];
    match blow {
        Blow::Freeze => {
            program.lock().await.freeze(true);
            sleep(lasts).await;
            program.lock().await.freeze(false);
            return;
        }
        Blow::Restart => program.lock().await.terminate().await,
        Blow::Kill | Blow::Wipe => {
            program.lock().await.kill().await;
            sleep(lasts).await;
        }
    }
    site.start_program(number).await;
}

async fn server(nodes: &'static [&'static str], blow: Blow, lasts: Duration) {
    let all = async |action| {
        join_all(nodes.iter().map(|node| control(node, action))).await;
    };
    match blow {
        Blow::Kill | Blow::Wipe => {
            all(if blow == Blow::Kill { "kill" } else { "wipe" }).await;
            sleep(lasts).await;
            all("start").await;
        }
        Blow::Freeze => {
            all("freeze").await;
            sleep(lasts).await;
            all("thaw").await;
        }
        Blow::Restart => all("restart").await,
    }
}

/// Removes it past the service, on a connection of its own. RabbitMQ may have its outage.
async fn remove(site: &Site, loss: Loss) {
    if let Err(error) = try_remove(&site.prefix.0, loss).await {
        eprintln!("faults: nothing was removed from RabbitMQ: {error}");
    }
}

async fn try_remove(prefix: &str, loss: Loss) -> lapin::Result<()> {
    let connection = Connection::connect(&amqp_url(), ConnectionProperties::default()).await?;
    let channel = connection.create_channel().await?;
    let (exchange, queue) = (format!("{prefix}.tasks"), format!("{prefix}.tasks.in"));
    match loss {
        Loss::Binding => {
            let arguments = FieldTable::default();
            let (queue, exchange) = (queue.as_str().into(), exchange.as_str().into());
            channel.queue_unbind(queue, exchange, "in".into(), arguments).await?;
        }
        Loss::Exchange => {
            let options = ExchangeDeleteOptions::default();
            channel.exchange_delete(exchange.as_str().into(), options).await?;
        }
    }
    connection.close(200, "OK".into()).await
}
