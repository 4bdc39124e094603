//! The faults there are.

use std::fmt;
use std::time::Duration;

/// Processes of the API.
pub const APIS: usize = 2;
/// Worker processes.
pub const WORKERS: usize = 3;
/// All of them: the API's come first.
pub const PROCESSES: usize = APIS + WORKERS;

/// What a fault happens to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// One process, of the API or a worker, with its sweeper.
    Process(usize),
    /// Every process of the API.
    Apis,
    /// Every worker.
    Workers,
    /// Every process.
    Everything,
    /// PostgreSQL.
    Database,
    /// One node of RabbitMQ.
    Node(usize),
    /// RabbitMQ, all of its nodes.
    Broker,
}

/// What happens to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Blow {
    /// SIGKILL, and after a while it is started again.
    Kill,
    /// SIGSTOP, and after a while SIGCONT.
    Freeze,
    /// An orderly stop, and at once a start.
    Restart,
    /// Killed, and what it kept is removed: only for RabbitMQ.
    Wipe,
}

/// A connection between two parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Wire {
    /// A process's connections to PostgreSQL.
    Database(usize),
    /// A process's connections to RabbitMQ.
    Broker(usize),
    /// Everybody's connections to PostgreSQL.
    Databases,
    /// Clients' connections to a process of the API.
    Client(usize),
    /// The upstream service's connection to RabbitMQ.
    Upstream,
}

/// What a wire does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cut {
    /// Connections are reset, and new ones too.
    Reset,
    /// Nothing gets through; afterwards all of it does.
    Drop,
    /// Everything gets through late.
    Delay,
    /// What is sent arrives and what is answered does not; such a connection stays silent for ever.
    HalfOpen,
}

/// What is taken away from the intake of upstream tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Loss {
    /// The binding of its queue.
    Binding,
    /// The exchange that upstream services publish to.
    Exchange,
}

/// A kind of fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    Part(Part, Blow),
    Wire(Wire, Cut),
    /// Something is removed from RabbitMQ; the service declares it again.
    Intake(Loss),
    /// PostgreSQL can be read and refuses every write.
    ReadOnly,
    /// Nobody reads a process's standard error.
    Log(usize),
}

/// A fault and how long it lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    pub kind: Kind,
    pub lasts: Duration,
}

impl Kind {
    /// What it concerns: two at once must differ in this.
    pub fn place(self) -> &'static str {
        match self {
            Kind::Part(Part::Process(n), _) if n < APIS => "API process",
            Kind::Part(Part::Process(_), _) => "worker",
            Kind::Part(Part::Apis, _) => "all API processes",
            Kind::Part(Part::Workers, _) => "all workers",
            Kind::Part(Part::Everything, _) => "all processes",
            Kind::Part(Part::Database, _) | Kind::ReadOnly => "PostgreSQL",
            Kind::Part(Part::Node(_), _) => "a node of RabbitMQ",
            Kind::Part(Part::Broker, _) => "RabbitMQ",
            Kind::Wire(Wire::Database(_), _) => "a process's wire to PostgreSQL",
            Kind::Wire(Wire::Databases, _) => "all wires to PostgreSQL",
            Kind::Wire(Wire::Broker(_), _) => "a process's wire to RabbitMQ",
            Kind::Wire(Wire::Client(_), _) => "clients' wire to the API",
            Kind::Wire(Wire::Upstream, _) => "upstream's wire to RabbitMQ",
            Kind::Intake(_) => "the intake",
            Kind::Log(_) => "a process's standard error",
        }
    }

    /// What happens there.
    pub fn event(self) -> &'static str {
        match self {
            Kind::Part(_, Blow::Kill) => "killed",
            Kind::Part(_, Blow::Freeze) => "frozen",
            Kind::Part(_, Blow::Restart) => "restarted",
            Kind::Part(_, Blow::Wipe) => "wiped",
            Kind::Wire(_, Cut::Reset) => "reset",
            Kind::Wire(_, Cut::Drop) => "dropped",
            Kind::Wire(_, Cut::Delay) => "delayed",
            Kind::Wire(_, Cut::HalfOpen) => "half-open",
            Kind::Intake(Loss::Binding) => "unbound",
            Kind::Intake(Loss::Exchange) => "without exchange",
            Kind::ReadOnly => "read-only",
            Kind::Log(_) => "not read",
        }
    }

    /// Whether its effect may show only when it is over.
    pub fn is_hidden(self) -> bool {
        matches!(self, Kind::Wire(_, Cut::HalfOpen))
    }

    /// How long after its end all may take to be as before; a run in which it takes longer fails.
    pub fn recovers_within(self) -> Duration {
        let seconds = match self {
            // Two silent heartbeats, or a statement's time and its answer's; and a new connection.
            Kind::Wire(_, Cut::HalfOpen) => 30,
            Kind::Part(Part::Database | Part::Node(_) | Part::Broker, _) | Kind::ReadOnly => 20,
            _ => 15,
        };
        // A debug build runs with every change, on whatever machine and beside whatever else.
        Duration::from_secs(seconds * if cfg!(debug_assertions) { 2 } else { 1 })
    }

    /// Whether this and another can happen at once: a server that is down cannot be frozen.
    pub fn goes_with(self, other: Kind) -> bool {
        let server = |kind| match kind {
            Kind::Part(Part::Database, _) | Kind::ReadOnly => 1,
            Kind::Part(Part::Node(_) | Part::Broker, _) | Kind::Intake(_) => 2,
            Kind::Part(..) | Kind::Log(_) => 3,
            Kind::Wire(Wire::Database(_) | Wire::Databases, _) => 4,
            Kind::Wire(Wire::Broker(_), _) => 5,
            Kind::Wire(Wire::Client(_), _) => 6,
            Kind::Wire(Wire::Upstream, _) => 7,
        };
        server(self) != server(other)
    }
}

/// As a row of the report has it, whichever process or node it is.
impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place(), self.event())
    }
}
