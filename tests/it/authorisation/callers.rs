//! Everybody there is, and what each reaches.

use wsa::domain::task::ObjectId;
use wsa::domain::token::TokenHash;
use wsa::engine::store::Store;

use crate::activeplatform::bridge::{self, CHILD, GRANDCHILD, SIBLING, TOP};
use crate::billmanager::shop::{self, ADMIN, ANNA, BORIS};
use crate::support::reference::{HASTY, V1, V2};
use crate::ticketscloud::seller::{self, ORG, SELLER, STRANGER};

/// What somebody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Comes without a token.
    Nobody,
    /// Has a token that is nobody's.
    Stranger,
    /// Of White Server.
    Aggregator,
    /// Of White Server: a restaurant's own system.
    Till,
    /// Of ActivePlatform.
    Manager,
    /// Of ticketscloud: sells tickets with a key.
    Partner,
    /// Of BILLmanager: has a password, and no token.
    User,
}

/// Somebody.
#[derive(Debug, Clone)]
pub struct Caller {
    pub kind: Kind,
    /// The aggregator's name, which managers have too.
    pub name: String,
    /// Its token, key or password.
    pub token: String,
    /// The objects and resellers that are there for it.
    pub reaches: Vec<ObjectId>,
    /// Whether it may change them.
    pub writes: bool,
}

/// The partners of ticketscloud. Each has an order, which stands among the objects under the number beside it: whose
/// event it is of opens no order.
pub const PARTNERS: [(&str, ObjectId); 3] =
    [(ORG, ObjectId(9_001)), (SELLER, ObjectId(9_002)), (STRANGER, ObjectId(9_003))];

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

    for object in [V1, V2] {
        crate::till::client::add(store, object).await;
        let token = crate::till::client::token(object);
        callers.push(Caller { token, ..caller(Kind::Till, &format!("till-{object}"), &[object]) });
    }

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

    seller::seed(store).await;
    for (partner, order) in PARTNERS {
        let name = format!("ticketscloud-key-{partner}");
        let token = seller::key(partner);
        callers.push(Caller { token, ..caller(Kind::Partner, &name, &[order]) });
    }

    let shop = shop::seed(store).await;
    for (login, reaches) in
        [(ADMIN, &[shop.anna, shop.boris][..]), (ANNA, &[shop.anna]), (BORIS, &[shop.boris])]
    {
        let name = wsa::protocols::billmanager::sql::users::aggregator_of(login);
        let token = shop::password(login);
        callers.push(Caller { token, ..caller(Kind::User, &name, reaches) });
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
