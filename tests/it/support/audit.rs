//! The audit of a test's store.

use std::collections::{BTreeMap, BTreeSet};

use wsa::engine::store::Store;
use wsa::engine::store::audit::{Report, Terms};

use super::place::Place;

/// As the defaults are.
pub fn terms() -> Terms {
    Terms::of(None, 30, 7, 10)
}

pub async fn audit(store: &Store) -> Report {
    store.audit(terms(), |_, _, _| ()).await.unwrap()
}

/// How many rows break which check; those that are kept are left out.
pub async fn broken(store: &Store) -> BTreeMap<&'static str, u64> {
    let checks = audit(store).await.checks;
    let broken = checks.iter().filter(|checked| checked.broken > 0);
    broken.map(|checked| (checked.check.name, checked.broken)).collect()
}

/// Every rule is kept.
pub async fn assert_sound(store: &Store) {
    assert_sound_by(store, terms()).await;
}

/// Every rule is kept, and any task may have been deleted since.
pub async fn assert_sound_forgotten(store: &Store) {
    assert_sound_by(store, Terms { retention_s: 0, mail_s: 0, ..terms() }).await;
}

async fn assert_sound_by(store: &Store, terms: Terms) {
    let checks = store.audit(terms, |_, _, _| ()).await.unwrap().checks;
    let broken: Vec<_> = checks.into_iter().filter(|checked| checked.broken > 0).collect();
    assert!(broken.is_empty(), "{broken:?}");
}

/// Spoils a store step by step: each breaks its rules and, after everything before it, no other.
pub struct Spoiler<'a> {
    store: &'a Store,
    place: &'a Place,
    expected: BTreeMap<&'static str, u64>,
    seen: BTreeSet<&'static str>,
}

impl<'a> Spoiler<'a> {
    /// A store that is sound so far; from now on no constraint keeps it so.
    pub async fn of(store: &'a Store, place: &'a Place) -> Spoiler<'a> {
        assert_eq!(broken(store).await, BTreeMap::new());
        place.drop_constraints().await;
        Spoiler { store, place, expected: BTreeMap::new(), seen: BTreeSet::new() }
    }

    pub async fn breaks(&mut self, checks: &[&'static str], statements: &[String]) {
        for sql in statements {
            assert!(self.place.force(sql).await > 0, "{checks:?}: nothing is changed by {sql}");
        }
        for check in checks {
            *self.expected.entry(*check).or_default() += 1;
            self.seen.insert(*check);
        }
        assert_eq!(broken(self.store).await, self.expected, "{statements:?}");
    }

    /// What is done next mends a row that broke this, or breaks a rule that is asked before.
    pub fn mends(&mut self, check: &'static str) {
        let left = self.expected.get_mut(check).unwrap();
        *left -= 1;
        if *left == 0 {
            self.expected.remove(check);
        }
    }

    /// Every check of these has been seen to fail.
    pub async fn finish(self, of: impl Fn(&str) -> bool) {
        let all = audit(self.store).await.checks;
        let untried: Vec<_> = all
            .iter()
            .map(|checked| checked.check.name)
            .filter(|name| of(name) && !self.seen.contains(name))
            .collect();
        assert_eq!(untried, [] as [&str; 0]);
    }
}
