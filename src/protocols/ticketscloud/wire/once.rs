//! Lists and maps of ids, in which each id is there once, however it is spelled.

use std::collections::BTreeMap;
use std::fmt::{self, Debug};
use std::marker::PhantomData;

use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::domain::money::shown;

/// What was named, each with what was said of it. Two spellings of one id are one id, and are refused: whoever wrote
/// both meant both.
#[derive(Debug)]
pub(super) struct Once<K, V>(pub(super) BTreeMap<K, V>);

struct Names<K, V>(PhantomData<(K, V)>);

fn insert<K: Ord + Debug + ToString, V, E: serde::de::Error>(
    all: &mut BTreeMap<K, V>,
    key: K,
    value: V,
) -> Result<(), E> {
    let name = key.to_string();
    match all.insert(key, value) {
        None => Ok(()),
        Some(_) => {
            let name = shown(&name);
            Err(E::custom(format!("{name:?} was sent more than once; send exactly one")))
        }
    }
}

impl<'de, K: Ord + Debug + ToString + Deserialize<'de>> Deserialize<'de> for Once<K, ()> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Once<K, ()>, D::Error> {
        deserializer.deserialize_seq(Names::<K, ()>(PhantomData))
    }
}

impl<'de, K: Ord + Debug + ToString + Deserialize<'de>> Deserialize<'de> for Once<K, usize> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Once<K, usize>, D::Error> {
        deserializer.deserialize_map(Names::<K, usize>(PhantomData))
    }
}

impl<'de, K: Ord + Debug + ToString + Deserialize<'de>> Visitor<'de> for Names<K, ()> {
    type Value = Once<K, ()>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut names: A) -> Result<Once<K, ()>, A::Error> {
        let mut all = BTreeMap::new();
        while let Some(name) = names.next_element()? {
            insert(&mut all, name, ())?;
        }
        Ok(Once(all))
    }
}

impl<'de, K: Ord + Debug + ToString + Deserialize<'de>> Visitor<'de> for Names<K, usize> {
    type Value = Once<K, usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map of counts")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut names: A) -> Result<Once<K, usize>, A::Error> {
        let mut all = BTreeMap::new();
        while let Some((name, count)) = names.next_entry()? {
            insert(&mut all, name, count)?;
        }
        Ok(Once(all))
    }
}
