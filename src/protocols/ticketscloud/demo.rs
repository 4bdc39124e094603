//! The demo of ticketscloud: a concert with a hundred tickets, a play with seats, and a key that sells them.

use super::document;
use super::hex_id::{PromocodeId, SetId};
use super::http::ORDERS;
use super::model::{Discount, Percent, Period, Promocode, Rule, System};
use super::sql::loading::Loaded;
use super::sql::reference::{Key, Partner};
use crate::domain::money::Money;
use crate::domain::task::ObjectId;
use crate::domain::token::TokenHash;
use crate::engine::store::Store;
use crate::protocols::ticketscloud::sql::Tables;
use crate::surface::Demo;

const PARTNER: &str = "56810047f06c5a6ac62f4e1d";
const EVENT: &str = "56a6253df06c5a059a93802e";
const SET: &str = "56a6254bf06c5a059b93800c";
const RULE: &str = "56a6254bf06c5a059b93800b";
const SYSTEM: &str = "554b31d49cb538549d038eb4";
const PROMOCODE: &str = "570fb8952d70951b382b0b65";
/// Well known, so only for trying.
const KEY: &str = "demo-key";
const TICKETS: usize = 100;
/// In kopecks, and in hundredths of a percent.
const PRICE: i64 = 10_000;
const PERCENT: i64 = 3_000;
/// An event with seats, a place and a date.
const PLAY: &str = include_str!("demo/play.json");

/// Seeds once: a second call finds everything and leaves it as it is.
pub(crate) async fn seed(store: &Store) -> anyhow::Result<()> {
    let partner = id(PARTNER)?;
    Tables::of(store).add_partner(&Partner { id: partner, name: "Demo theatre".into() }).await?;
    Tables::of(store).add_system(&System { id: id(SYSTEM)?, code: "api/BASE".into() }).await?;
    Tables::of(store).add_event(id(EVENT)?, partner, "Demo concert").await?;
    let events = Tables::of(store).events().await?;
    let event = id(EVENT)?;
    if let Some(event) = events.into_iter().find(|there| there.id == event) {
        fill(store, event.object).await?;
    }
    load(store).await?;
    Tables::of(store).add_key(&Key { partner, name: "demo".into() }, TokenHash::of(KEY)).await?;
    Ok(())
}

/// The second event, as a document, unless it is there.
async fn load(store: &Store) -> anyhow::Result<()> {
    let document = document::read(PLAY).map_err(|mistakes| anyhow::anyhow!(mistakes.join("; ")))?;
    if Tables::of(store).events().await?.iter().any(|there| there.id == document.id) {
        return Ok(());
    }
    match Tables::of(store).load_event(&document).await? {
        Loaded::Done(..) => Ok(()),
        Loaded::Wrong(mistakes) => Err(anyhow::anyhow!(mistakes.join("; "))),
    }
}

/// The set, its price, its tickets and a promo code.
async fn fill(store: &Store, object: ObjectId) -> anyhow::Result<()> {
    let set: SetId = id(SET)?;
    Tables::of(store).add_set(object, set, "Demo stalls").await?;
    let price = Money::from_kopecks(PRICE).unwrap_or_default();
    let (extra, period) = (Money::ZERO, Period::default());
    Tables::of(store).add_rule(object, set, &Rule { id: id(RULE)?, price, extra, period }).await?;
    let tickets = (0..TICKETS).map(|n| Ok((id(&format!("{}{n:08x}", &EVENT[..16]))?, None)));
    let tickets: Vec<_> = tickets.collect::<anyhow::Result<_>>()?;
    Tables::of(store).add_tickets(object, set, &tickets).await?;
    let Some(percent) = Percent::from_hundredths(PERCENT) else { return Ok(()) };
    let promocode = Promocode {
        id: id::<PromocodeId>(PROMOCODE)?,
        code: "PROMO".into(),
        discount: Discount::Percent(percent),
        set: None,
        uses: None,
        used: 0,
        period,
    };
    Tables::of(store).add_promocode(object, &promocode).await?;
    Ok(())
}

fn id<T: std::str::FromStr<Err = String>>(text: &str) -> anyhow::Result<T> {
    text.parse().map_err(anyhow::Error::msg)
}

/// What to type.
pub(crate) fn instructions(demo: &Demo) -> String {
    let url = format!("{}{ORDERS}", demo.url);
    let headers = format!("-H 'Authorization: key {KEY}' -H 'Content-Type: application/json'");
    format!(
        "\n# ticketscloud: reserve a ticket for ten minutes, and say that it is paid:\n\
         ORDER=$(curl -sw '\\n' {url} \\\n  {headers} \\\n  \
         -d '{{\"event\": \"{EVENT}\",\n       \
         \"random\": {{\"{SET}\": 1}}}}' \\\n  \
         | tee /dev/stderr | grep -o '\"id\":\"[^\"]*' | cut -d'\"' -f4)\n\
         curl -sw '\\n' -X PATCH {url}/$ORDER \\\n  {headers} \\\n  \
         -d '{{\"status\": \"done\"}}'\n"
    )
}
