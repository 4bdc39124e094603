//! Everybody there is, and what each reaches.

use wsa::store::Store;
use wsa::task::ObjectId;
use wsa::token::TokenHash;

use crate::activeplatform::bridge::{self, CHILD, GRANDCHILD, SIBLING, TOP};
use crate::support::reference::{HASTY, V1, V2};

/// What somebody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Comes without a token.
    Nobody,
    /// Has a token that is nobody's.
    Stranger,
    /// Of White Server.
    Aggregator,
    /// Of ActivePlatform.
    Manager,
}

/// Somebody.
#[derive(Debug, Clone)]
pub struct Caller {
    pub kind: Kind,
    /// The aggregator's name, which managers have too.
    pub name: String,
    pub token: String,
    /// The objects and resellers that are there for it.
    pub reaches: Vec<ObjectId>,
    /// Whether it may change them.
    pub writes: bool,
}

/// Puts all of them into a store that has the reference data.
pub async fn seed(store: &Store) -> Vec<Caller> {
    let mut callers =
        vec![caller(Kind::Nobody, "nobody", &[]), caller(Kind::Stranger, "stranger", &[])];
    for (name, licences) in
        [("first", &[V1][..]), ("second", &[V2]), ("both", &[V1, V2, HASTY]), ("none", &[])]
    {
        let caller = caller(Kind::Aggregator, name, licences);
        let hash = TokenHash::of(&caller.token);
        let added = store.add_aggregator(name, hash).await.unwrap().unwrap();
        store.add_licences(added.id, licences).await.unwrap();
        callers.push(caller);
    }
    // Taken away again: as though it had never been there.
    let first = &callers[2];
    let id =
        store.aggregators().await.unwrap().into_iter().find(|a| a.name == first.name).unwrap().id;
    store.add_licences(id, &[V2]).await.unwrap();
    store.remove_licence(id, V2).await.unwrap();

    bridge::seed(store).await;
    for (manager, reaches, writes) in [
        (11, &[TOP, CHILD, SIBLING, GRANDCHILD][..], true),
        (12, &[CHILD, GRANDCHILD], true),
        (13, &[SIBLING], true),
        (14, &[GRANDCHILD], true),
        (300, &[TOP, CHILD, SIBLING, GRANDCHILD], false),
    ] {
        let name = format!("activeplatform-manager-{manager}");
        let token = bridge::token(manager);
        callers.push(Caller { token, writes, ..caller(Kind::Manager, &name, reaches) });
    }
    callers
}

fn caller(kind: Kind, name: &str, reaches: &[ObjectId]) -> Caller {
    let token = match kind {
        Kind::Nobody => String::new(),
        _ => format!("the-token-of-{name}"),
    };
    Caller { kind, name: name.to_owned(), token, reaches: reaches.to_vec(), writes: true }
}
