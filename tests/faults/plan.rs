//! From a seed to a list of faults. The same seed gives the same list.

use std::time::Duration;

use rand::rngs::Xoshiro256PlusPlus;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};

use crate::faults::{APIS, Blow, Cut, Fault, Kind, Loss, PROCESSES, Part, Wire};

/// One fault, or two at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// How long all is well before it, from when it went well again.
    pub pause: Duration,
    pub fault: Fault,
    /// One more, so long after the first began.
    pub beside: Option<(Duration, Fault)>,
}

/// A step in how many has a second fault.
const BESIDE: u32 = 6;

/// So many faults. `nodes` are those of RabbitMQ.
pub fn plan(seed: u64, faults: usize, nodes: usize) -> Vec<Step> {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut deck = Vec::new();
    let mut left = faults;
    let mut steps = Vec::new();
    while left > 0 {
        let pause = millis(&mut random, 500, 2500);
        let fault = deal(&mut random, &mut deck, nodes);
        left -= 1;
        let beside = if left > 0 && random.random_ratio(1, BESIDE) {
            let (after, second) =
                (millis(&mut random, 0, 1500), deal(&mut random, &mut deck, nodes));
            let possible = second.kind.goes_with(fault.kind);
            if !possible {
                // Its turn comes alone.
                deck.push(second.kind);
            }
            possible.then_some((after, second))
        } else {
            None
        };
        left -= usize::from(beside.is_some());
        steps.push(Step { pause, fault, beside });
    }
    steps
}

/// The faults of every test run, in the order of the seed: processes and wires, and the servers where they
/// are `ours` to kill.
pub fn short(seed: u64, ours: bool) -> Vec<Step> {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let (api, worker) = (random.random_range(0..APIS), random.random_range(APIS..PROCESSES));
    let mut kinds = vec![
        Kind::Part(Part::Process(api), Blow::Kill),
        Kind::Part(Part::Process(worker), Blow::Kill),
        Kind::Part(Part::Process(worker), Blow::Freeze),
        Kind::Wire(Wire::Database(worker), Cut::Reset),
        Kind::Wire(Wire::Broker(api), Cut::Reset),
        Kind::Wire(Wire::Databases, Cut::Drop),
        Kind::Wire(Wire::Client(api), Cut::Reset),
        Kind::Intake(Loss::Binding),
        Kind::ReadOnly,
    ];
    if ours {
        kinds.push(Kind::Part(Part::Database, Blow::Kill));
        kinds.push(Kind::Part(Part::Broker, Blow::Wipe));
    }
    kinds.shuffle(&mut random);
    let mut step = |kind| Step {
        pause: millis(&mut random, 500, 1000),
        fault: match kind {
            Kind::ReadOnly | Kind::Intake(_) => Fault { kind, lasts: lasts(&mut random, kind) },
            _ => Fault { kind, lasts: millis(&mut random, 500, 2000) },
        },
        beside: None,
    };
    kinds.into_iter().map(&mut step).collect()
}

/// The next card. Every kind comes up before any comes up again.
fn deal(random: &mut Xoshiro256PlusPlus, deck: &mut Vec<Kind>, nodes: usize) -> Fault {
    if deck.is_empty() {
        *deck = fresh_deck(random, nodes);
        deck.shuffle(random);
    }
    let kind = deck.pop().expect("the deck is not empty");
    Fault { kind, lasts: lasts(random, kind) }
}

/// One card of each kind, and more of those that are most likely in practice.
fn fresh_deck(random: &mut Xoshiro256PlusPlus, nodes: usize) -> Vec<Kind> {
    let api = |random: &mut Xoshiro256PlusPlus| random.random_range(0..APIS);
    let worker = |random: &mut Xoshiro256PlusPlus| random.random_range(APIS..PROCESSES);
    let any = |random: &mut Xoshiro256PlusPlus| random.random_range(0..PROCESSES);
    let mut deck = Vec::new();
    for blow in [Blow::Kill, Blow::Freeze, Blow::Restart] {
        deck.push(Kind::Part(Part::Process(api(random)), blow));
        deck.push(Kind::Part(Part::Process(worker(random)), blow));
        deck.push(Kind::Part(Part::Process(any(random)), blow));
        deck.push(Kind::Part(Part::Database, blow));
        let node = random.random_range(0..nodes);
        deck.push(Kind::Part(if nodes > 1 { Part::Node(node) } else { Part::Broker }, blow));
    }
    for part in [Part::Apis, Part::Workers, Part::Everything] {
        deck.push(Kind::Part(part, Blow::Kill));
    }
    deck.push(Kind::Part(Part::Broker, Blow::Wipe));
    if nodes > 1 {
        // What a cluster is for.
        for node in (0..nodes).map(Part::Node) {
            deck.extend([Blow::Kill, Blow::Freeze, Blow::Wipe].map(|blow| Kind::Part(node, blow)));
        }
    }
    for cut in [Cut::Reset, Cut::Drop, Cut::Delay, Cut::HalfOpen] {
        deck.push(Kind::Wire(Wire::Database(api(random)), cut));
        deck.push(Kind::Wire(Wire::Database(worker(random)), cut));
        deck.push(Kind::Wire(Wire::Broker(any(random)), cut));
        deck.push(Kind::Wire(Wire::Broker(worker(random)), cut));
        deck.push(Kind::Wire(Wire::Client(api(random)), cut));
        deck.push(Kind::Wire(Wire::Upstream, cut));
    }
    deck.push(Kind::Wire(Wire::Databases, Cut::Reset));
    deck.push(Kind::Wire(Wire::Databases, Cut::Drop));
    deck.extend([Kind::Intake(Loss::Binding), Kind::Intake(Loss::Exchange), Kind::ReadOnly]);
    deck.push(Kind::Log(any(random)));
    deck
}

fn lasts(random: &mut Xoshiro256PlusPlus, kind: Kind) -> Duration {
    match kind {
        Kind::Part(_, Blow::Restart) => Duration::ZERO,
        Kind::Part(_, Blow::Kill | Blow::Wipe) => millis(random, 200, 3000),
        Kind::Part(_, Blow::Freeze) => millis(random, 500, 6000),
        Kind::Wire(_, Cut::Reset) => millis(random, 100, 1500),
        Kind::Intake(_) => Duration::ZERO,
        // Readiness is looked at while it lasts.
        Kind::ReadOnly => millis(random, 3000, 5000),
        Kind::Wire(..) | Kind::Log(_) => millis(random, 1000, 6000),
    }
}

fn millis(random: &mut Xoshiro256PlusPlus, from: u64, to: u64) -> Duration {
    Duration::from_millis(random.random_range(from..=to))
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn faults(steps: &[Step]) -> Vec<Fault> {
        let both = |step: &Step| [Some(step.fault), step.beside.map(|(_, fault)| fault)];
        steps.iter().flat_map(both).flatten().collect()
    }

    #[test]
    fn a_seed_is_a_plan() {
        for nodes in [1, 3] {
            assert_eq!(plan(1, 200, nodes), plan(1, 200, nodes));
            assert_ne!(plan(1, 200, nodes), plan(2, 200, nodes));
            assert_eq!(
                plan(1, 10, nodes)[..5],
                plan(1, 200, nodes)[..5],
                "a longer one begins alike"
            );
        }
    }

    #[test]
    fn it_has_as_many_faults_as_asked_for_and_all_kinds_of_them() {
        for (seed, nodes, there_are) in [(1, 1, 38), (2, 3, 39), (3, 1, 38)] {
            let dealt = faults(&plan(seed, 200, nodes));
            assert_eq!(dealt.len(), 200);
            let mut kinds: HashMap<String, usize> = HashMap::new();
            for fault in &dealt {
                *kinds.entry(fault.kind.to_string()).or_default() += 1;
            }
            assert_eq!(kinds.len(), there_are, "{kinds:?}");
            assert!(kinds.values().all(|count| *count >= 3), "{kinds:?}");
        }
    }

    #[test]
    fn the_short_one_leaves_servers_alone_that_are_not_its_own() {
        let of_servers = |steps: &[Step]| {
            let server = |fault: &Fault| {
                matches!(fault.kind, Kind::Part(Part::Database | Part::Broker | Part::Node(_), _))
            };
            faults(steps).into_iter().filter(server).count()
        };
        assert_eq!(short(1, true), short(1, true));
        assert_eq!((of_servers(&short(1, true)), short(1, true).len()), (2, 11));
        assert_eq!((of_servers(&short(1, false)), short(1, false).len()), (0, 9));
    }

    #[test]
    fn two_at_once_do_not_get_in_each_others_way() {
        let steps = plan(5, 500, 3);
        let pairs: Vec<_> = steps.iter().filter_map(|s| Some((s.fault, s.beside?.1))).collect();
        assert!(pairs.len() > 30, "{}", pairs.len());
        assert!(pairs.iter().all(|(a, b)| a.kind.goes_with(b.kind)));
    }
}
