//! `include` and `fields[type]`: what is answered beside what was asked for, and how much of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use super::query::{BadParameter, Parameters};
use super::resources;
use crate::domain::money::shown;
use crate::protocols::activeplatform::record::{Relation, ResourceType};

/// How many relationships there may be between an entry and what is included with it.
pub const DEEPEST_PATH: usize = 3;

/// The fields of each type.
static FIELDS: LazyLock<BTreeMap<ResourceType, Vec<String>>> =
    LazyLock::new(|| ResourceType::ALL.iter().map(|of| (*of, resources::fields(*of))).collect());

/// What is shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shown {
    include: Option<Vec<Vec<Relation>>>,
    fields: BTreeMap<ResourceType, BTreeSet<String>>,
}

impl Shown {
    /// Takes `include` and every `fields[type]`, for a document whose data are of this type.
    pub fn take(parameters: &mut Parameters, of: ResourceType) -> Result<Shown, BadParameter> {
        let include = parameters.take("include").map(|list| {
            let paths = list.split(',').filter(|_| !list.is_empty());
            paths.map(|path| path_of(of, path)).collect()
        });
        let mut fields = BTreeMap::new();
        for of in ResourceType::ALL {
            let name = format!("fields[{of}]");
            if let Some(list) = parameters.take(&name) {
                fields.insert(*of, fields_of(&name, *of, &list)?);
            }
        }
        Ok(Shown { include: include.transpose()?, fields })
    }

    /// Whether something is to be included, be it that there is nothing.
    pub fn includes(&self) -> bool {
        self.include.is_some()
    }

    /// The paths to what is to be included.
    pub fn paths(&self) -> &[Vec<Relation>] {
        self.include.as_deref().unwrap_or_default()
    }

    /// The fields of a type that were asked for; `None`: all of them.
    pub fn fields(&self, of: ResourceType) -> Option<&BTreeSet<String>> {
        self.fields.get(&of)
    }
}

/// A path of relationships, like `payment.account`.
fn path_of(from: ResourceType, path: &str) -> Result<Vec<Relation>, BadParameter> {
    let bad = |rule: String| Err(BadParameter::of("include", rule));
    let (mut relations, mut at) = (Vec::new(), from);
    for name in path.split('.') {
        let Some(relation) = at.relations().iter().find(|(known, _)| *known == name) else {
            let known: Vec<_> = at.relations().iter().map(|(name, _)| *name).collect();
            let (name, known) = (shown(name), known.join(", "));
            return bad(format!("{name:?} cannot be included with {at}: {known} can"));
        };
        relations.push(*relation);
        at = relation.1;
    }
    match relations.len() {
        0..=DEEPEST_PATH => Ok(relations),
        _ => {
            let path = shown(path);
            bad(format!("{path:?} is longer than {DEEPEST_PATH} relationships"))
        }
    }
}

fn fields_of(
    parameter: &str,
    of: ResourceType,
    list: &str,
) -> Result<BTreeSet<String>, BadParameter> {
    let known = FIELDS.get(&of).map(Vec::as_slice).unwrap_or_default();
    let read = |name: &str| match known.iter().any(|known| known == name) {
        true => Ok(name.to_owned()),
        false => {
            let (name, known) = (shown(name), known.join(", "));
            let rule = format!("{name:?} is no field of {of}: {known} are");
            Err(BadParameter::of(parameter, rule))
        }
    };
    list.split(',').filter(|_| !list.is_empty()).map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocols::activeplatform::parameters::place;
    use crate::protocols::activeplatform::reads::Read;

    fn read(of: Read, query: &str) -> Result<Shown, String> {
        let read = || {
            let mut given = Parameters::read(place(of), query)?;
            let shown = Shown::take(&mut given, of.resource().unwrap())?;
            given.finish()?;
            Ok::<_, BadParameter>(shown)
        };
        read().map_err(|bad| bad.to_string())
    }

    #[test]
    fn what_is_included_is_a_path_of_relationships() {
        let names = |query: &str| -> Vec<String> {
            let shown = read(Read::Payments, query).unwrap();
            assert!(shown.includes());
            let name =
                |path: &Vec<Relation>| path.iter().map(|(name, _)| *name).collect::<Vec<_>>();
            shown.paths().iter().map(|path| name(path).join(".")).collect()
        };
        assert_eq!(
            names("include=account,corrections.payment"),
            ["account", "corrections.payment"]
        );
        assert_eq!(names("include="), [""; 0]);
        assert!(!read(Read::Payments, "").unwrap().includes());
    }

    #[test]
    fn fields_are_attributes_and_relationships_of_their_type() {
        let shown =
            read(Read::Payments, "fields[payments]=total,account&fields[accounts]=").unwrap();
        let only = shown.fields(ResourceType::Payments).unwrap();
        assert_eq!(only.iter().collect::<Vec<_>>(), ["account", "total"]);
        assert!(shown.fields(ResourceType::Accounts).unwrap().is_empty());
        assert_eq!(shown.fields(ResourceType::Resellers), None);
    }

    #[test]
    fn what_is_not_there_is_refused_by_its_name() {
        for (of, query, message) in [
            (
                Read::Payments,
                "include=owner",
                "include: \"owner\" cannot be included with payments",
            ),
            (Read::Payments, "include=account,invoices", "include: \"invoices\" cannot"),
            (
                Read::Payment,
                "include=account.payments",
                "include: \"payments\" cannot be included with accounts: reseller can",
            ),
            (Read::Payment, "include=account,", "include: \"\" cannot"),
            (Read::Payment, "include=Account", "include: \"Account\""),
            (
                Read::Payment,
                "include=corrections.payment.corrections.payment",
                "include: \"corrections.payment.corrections.payment\" is longer than 3",
            ),
            (
                Read::Accounts,
                "fields[accounts]=email",
                "fields[accounts]: \"email\" is no field of accounts",
            ),
            (Read::Accounts, "fields[accounts]=id", "fields[accounts]: \"id\""),
            (Read::Accounts, "fields[payments]=total", "fields[payments]: it is not known here"),
            (Read::Payments, "fields[invoices]=total", "fields[invoices]: it is refused"),
            (Read::Payments, "fields[nothing]=total", "fields[nothing]: it is not known here"),
            (Read::Payments, "fields=total", "fields: it is not known here"),
        ] {
            let error = read(of, query).unwrap_err();
            assert!(error.starts_with(message), "{query}: {error}");
        }
    }

    /// Every type that can be reached has its fields in the table, and no other.
    #[test]
    fn the_fields_of_a_place_are_those_of_what_it_can_be_answered_with() {
        for of in Read::ALL {
            let Some(first) = of.resource() else { continue };
            let mut reached = BTreeSet::from([first]);
            for _ in 0..DEEPEST_PATH {
                let next = |kind: &ResourceType| kind.relations().iter().map(|(_, kind)| *kind);
                let more: Vec<_> = reached.iter().flat_map(next).collect();
                reached.extend(more);
            }
            let honoured = place(*of).honoured();
            for kind in ResourceType::ALL {
                let name = format!("fields[{kind}]");
                let there = honoured.contains(&name.as_str());
                assert_eq!(there, reached.contains(kind), "{of} {name}");
            }
        }
    }
}
