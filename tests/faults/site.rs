//! An installation: its processes, its servers, and the wires between them, each through a relay.

mod probe;
mod program;
mod readiness;
mod setup;

use std::path::Path;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::sync::Mutex;
use url::Url;

use self::probe::Probe;
pub use self::probe::TASK as PROBE;
use self::program::Program;
pub use self::setup::open_orders;
use crate::faults::{APIS, PROCESSES, Wire};
use crate::relay::{Address, Relay, here};
use crate::support::place::{Place, Stores};
use crate::support::queues::Prefix;
use crate::support::{eventually_within, servers};

/// The port of PostgreSQL where a URL names none.
pub const POSTGRES: u16 = 5432;
/// The same of RabbitMQ.
const RABBITMQ: u16 = 5672;
/// Longer than a whole installation takes to start while the machine is busy.
const STARTS_WITHIN: Duration = Duration::from_secs(90);

/// All of it.
pub struct Site {
    pub place: Place,
    pub prefix: Prefix,
    /// The API's come first.
    pub programs: Vec<Mutex<Program>>,
    databases: Vec<Relay>,
    brokers: Vec<Relay>,
    /// In front of every process; clients use those of the API.
    doors: Vec<Relay>,
    upstream: Relay,
    probe: Probe,
    /// What readiness should have said and did not.
    complaints: Mutex<Vec<String>>,
    /// How many nodes RabbitMQ has.
    pub nodes: usize,
}

impl Site {
    /// Starts everything; `callback` is where the receiver of callbacks listens.
    pub async fn start(callback: &str, logs: &Path) -> Site {
        let place = Place::migrated(Stores::Postgres).await;
        setup::set_up(&place.open(), callback).await;
        let brokers = broker_addresses();
        let database = Url::parse(&place.settings().1).unwrap();
        let mut site = Site {
            programs: Vec::new(),
            databases: Vec::new(),
            brokers: Vec::new(),
            doors: Vec::new(),
            upstream: Relay::to(brokers.clone()).await,
            probe: Probe::new(),
            complaints: Mutex::default(),
            nodes: brokers.len(),
            place,
            prefix: Prefix::fresh(),
        };
        for number in 0..PROCESSES {
            site.databases.push(Relay::to(vec![address(&database, POSTGRES)]).await);
            // Each begins with another node, as behind a balancer.
            let mut nodes = brokers.clone();
            nodes.rotate_left(number % brokers.len());
            site.brokers.push(Relay::to(nodes).await);
            let door = Relay::to(Vec::new()).await;
            let role = if number < APIS { "api" } else { "worker" };
            let program = Program::new(
                role,
                number,
                &at(&database, site.databases[number].port),
                &at(&Url::parse(&servers::amqp_url()).unwrap(), site.brokers[number].port),
                &site.prefix.0,
                logs,
            );
            site.doors.push(door);
            site.programs.push(Mutex::new(program));
            site.start_program(number).await;
        }
        eventually_within(STARTS_WITHIN, "all is well", async || site.is_well().await).await;
        site
    }

    /// Starts one process (again), without waiting until it is ready.
    pub async fn start_program(&self, number: usize) {
        let port = self.programs[number].lock().await.start().await;
        self.doors[number].lead_to(here(port));
    }

    /// Whether every process is ready, and each of the API has tasks answered.
    pub async fn is_well(&self) -> bool {
        let looks = self.doors.iter().enumerate().map(async |(number, door)| {
            let url = format!("http://127.0.0.1:{}", door.port);
            self.probe.is_ready(&url).await
                && (number >= APIS || self.probe.is_answered(&url).await)
        });
        join_all(looks).await.into_iter().all(|well| well)
    }

    /// Where clients find the API.
    pub fn urls(&self) -> Vec<String> {
        let url = |door: &Relay| format!("http://127.0.0.1:{}", door.port);
        self.doors[..APIS].iter().map(url).collect()
    }

    /// Where the upstream service finds the broker.
    pub fn upstream_url(&self) -> String {
        format!(
            "{}?heartbeat=5",
            at(&Url::parse(&servers::amqp_url()).unwrap(), self.upstream.port)
        )
    }

    /// The relays of a wire.
    pub fn relays(&self, wire: Wire) -> Vec<&Relay> {
        match wire {
            Wire::Database(number) => vec![&self.databases[number]],
            Wire::Databases => self.databases.iter().collect(),
            Wire::Broker(number) => vec![&self.brokers[number]],
            Wire::Client(number) => vec![&self.doors[number]],
            Wire::Upstream => vec![&self.upstream],
        }
    }

    /// Ends every process in order; those that did not end well, and why.
    pub async fn stop(&self) -> Vec<String> {
        let mut complaints = std::mem::take(&mut *self.complaints.lock().await);
        for program in &self.programs {
            let mut program = program.lock().await;
            program.terminate().await;
            complaints.append(&mut program.complaints);
        }
        complaints
    }
}

/// The same, at a port of this machine.
pub fn at(url: &Url, port: u16) -> String {
    let mut url = url.clone();
    url.set_host(Some("127.0.0.1")).unwrap();
    url.set_port(Some(port)).unwrap();
    url.into()
}

/// Where a server is.
pub fn address(url: &Url, usual: u16) -> Address {
    (url.host_str().unwrap().to_owned(), url.port().unwrap_or(usual))
}

/// Of every node.
fn broker_addresses() -> Vec<Address> {
    let urls = std::env::var("WSA_TEST_AMQP_URLS").unwrap_or_else(|_| servers::amqp_url());
    urls.split(' ').map(|url| address(&Url::parse(url).unwrap(), RABBITMQ)).collect()
}
