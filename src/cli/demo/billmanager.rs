//! The demo of BILLmanager: a provider with price lists, an administrator, and a client with a balance.

use anyhow::Context;

use crate::boot::Running;
use crate::http::billmanager::BILLMGR;
use crate::money::Money;
use crate::passwords;
use crate::store::Store;
use crate::store::billmanager::catalogue::Catalogue;
use crate::store::billmanager::reference::ProfileKind;
use crate::store::billmanager::users::Level;

const CATALOGUE: &str = include_str!("billmanager.json");
const PROVIDER: i64 = 1;
const CURRENCY: &str = "RUB";
/// Well known, so only for trying: the login and the password of each.
const ADMINISTRATOR: (&str, &str) = ("admin", "demo-admin");
const CLIENT: (&str, &str) = ("client", "demo-client");
/// What the client begins with, in kopecks.
const BALANCE: i64 = 1_000_000;

/// Seeds once: a second call finds the users and leaves everything as it is.
pub(super) async fn seed(store: &Store) -> anyhow::Result<()> {
    let there = store.bm_accounts().await?.into_iter().any(|account| account.login == CLIENT.0);
    if there {
        return Ok(());
    }
    let catalogue = Catalogue::read(CATALOGUE).map_err(anyhow::Error::msg)?;
    store.put_bm_catalogue(&catalogue).await?;
    for ((login, password), level) in
        [(ADMINISTRATOR, Level::Administrator), (CLIENT, Level::Client)]
    {
        let hash = tokio::task::spawn_blocking(move || passwords::hash(password)).await?;
        let hash = hash.map_err(|error| anyhow::anyhow!("a password cannot be hashed: {error}"))?;
        store.add_bm_user(login, &hash, level).await?;
    }
    // Last: until it is there, a start that was interrupted seeds again.
    if let Some(object) = store.add_bm_account(CLIENT.0, PROVIDER, CURRENCY).await? {
        store.add_bm_profile(object, ProfileKind::Person, "client@example.com").await?;
        let balance = Money::from_kopecks(BALANCE).context("the demo balance is no amount")?;
        store.deposit_bm(object, balance, "demo").await?;
    }
    Ok(())
}

/// What to type.
pub(super) fn instructions(running: &Running) -> String {
    let url = format!("{}{BILLMGR}", running.url());
    let ((admin, password), (client, _)) = (ADMINISTRATOR, CLIENT);
    let curl = format!("curl -sw '\\n' {url} -d authinfo={admin}:{password} -d su={client}");
    format!(
        "\n# BILLmanager: put a server into the cart of the client {client}, and pay it from the balance:\n\
         {curl} \\\n  -d func=v2.vds.order.param -d sok=ok -d clicked_button=order \\\n  \
         -d pricelist=2 -d order_period=1 -d datacenter=1 -d addon_2=10\n\
         {curl} \\\n  -d func=cart\n\
         {curl} \\\n  -d func=cartorder.create.confirm -d sok=ok -d paymethod_id=0 -d elid=<lineitem.id>\n"
    )
}
