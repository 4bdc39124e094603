//! The demo of BILLmanager: a provider with price lists, an administrator, and a client with a balance.

use crate::protocols::billmanager::sql::Tables;
use anyhow::Context;

use super::http::BILLMGR;
use super::passwords;
use super::sql::catalogue::Catalogue;
use super::sql::reference::ProfileKind;
use super::sql::users::Level;
use crate::domain::money::Money;
use crate::engine::store::Store;
use crate::surface::Demo;

const CATALOGUE: &str = include_str!("demo.json");
const PROVIDER: i64 = 1;
const CURRENCY: &str = "RUB";
/// Well known, so only for trying: the login and the password of each.
const ADMINISTRATOR: (&str, &str) = ("admin", "demo-admin");
const CLIENT: (&str, &str) = ("client", "demo-client");
/// What the client begins with, in kopecks.
const BALANCE: i64 = 1_000_000;

/// Seeds once: a second call finds the users and leaves everything as it is.
pub(crate) async fn seed(store: &Store) -> anyhow::Result<()> {
    let there =
        Tables::of(store).accounts().await?.into_iter().any(|account| account.login == CLIENT.0);
    if there {
        return Ok(());
    }
    let catalogue = Catalogue::read(CATALOGUE).map_err(anyhow::Error::msg)?;
    Tables::of(store).put_catalogue(&catalogue).await?;
    for ((login, password), level) in
        [(ADMINISTRATOR, Level::Administrator), (CLIENT, Level::Client)]
    {
        let hash = tokio::task::spawn_blocking(move || passwords::hash(password)).await?;
        let hash = hash.map_err(|error| anyhow::anyhow!("a password cannot be hashed: {error}"))?;
        Tables::of(store).add_user(login, &hash, level).await?;
    }
    // Last: until it is there, a start that was interrupted seeds again.
    if let Some(object) = Tables::of(store).add_account(CLIENT.0, PROVIDER, CURRENCY).await? {
        Tables::of(store).add_profile(object, ProfileKind::Person, "client@example.com").await?;
        let balance = Money::from_kopecks(BALANCE).context("the demo balance is no amount")?;
        Tables::of(store).deposit(object, balance, "demo").await?;
    }
    Ok(())
}

/// What to type.
pub(crate) fn instructions(demo: &Demo) -> String {
    let url = format!("{}{BILLMGR}", demo.url);
    let ((admin, password), (client, _)) = (ADMINISTRATOR, CLIENT);
    let curl = format!("curl -sw '\\n' {url} \\\n  -d authinfo={admin}:{password} -d su={client}");
    format!(
        "\n# BILLmanager: put a server into a cart, and pay it from the balance:\n\
         ITEM=$({curl} \\\n  -d func=v2.vds.order.param -d sok=ok -d clicked_button=order \\\n  \
         -d pricelist=2 -d order_period=1 -d datacenter=1 -d addon_2=10 \\\n  \
         | tee /dev/stderr | grep -o '<lineitem.id>[0-9]*' | cut -d'>' -f2)\n\
         {curl} \\\n  -d func=cart\n\
         {curl} \\\n  -d func=cartorder.create.confirm -d sok=ok -d paymethod_id=0 -d elid=$ITEM\n"
    )
}
