//! `wsa admin till`. A token is shown once; the store keeps its hash.

use clap::{Args, Subcommand};
use serde::Serialize;

use crate::domain::task::ObjectId;
use crate::domain::token::{self, TokenHash};
use crate::protocols::whiteserver::sql::Tables;
use crate::protocols::whiteserver::sql::tills::{Given, Till, aggregator};
use crate::surface::ProtocolList;
use crate::surface::store::{self, StoreFlags};
use crate::terminal::output::{self, Listed};

/// `wsa admin till`
#[derive(Debug, Subcommand)]
pub(in crate::protocols::whiteserver) enum Tills {
    /// Give a restaurant's till a token; prints it, this once. An older one is invalid from then on.
    Token(Token),
    /// Remove a restaurant's till: its token opens nothing, and what it was to be told is deleted.
    Remove(Remove),
    /// List the tills.
    List(StoreFlags),
}

#[derive(Debug, Args)]
pub(in crate::protocols::whiteserver) struct Token {
    /// Whose it is (objectId).
    #[arg(long, value_name = "ID")]
    object: ObjectId,
    /// For how many days events wait for the till's acknowledgement; 30 at first.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(1..=3650))]
    keep_days: Option<i64>,
    #[command(flatten)]
    on: StoreFlags,
}

#[derive(Debug, Args)]
pub(in crate::protocols::whiteserver) struct Remove {
    /// Whose it is (objectId).
    #[arg(long, value_name = "ID")]
    object: ObjectId,
    #[command(flatten)]
    on: StoreFlags,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NewToken {
    object_id: ObjectId,
    aggregator: String,
    rotated: bool,
    token: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Listing {
    object_id: ObjectId,
    aggregator: String,
    waiting: i64,
    keep_days: i64,
}

impl From<Till> for Listing {
    fn from(till: Till) -> Listing {
        let Till { object, waiting, keep_days } = till;
        Listing { object_id: object, aggregator: aggregator(object), waiting, keep_days }
    }
}

impl Listed for Listing {
    const COLUMNS: &'static [&'static str] = &["object", "aggregator", "waiting", "keep days"];

    fn cells(&self) -> Vec<String> {
        vec![
            self.object_id.to_string(),
            self.aggregator.clone(),
            self.waiting.to_string(),
            self.keep_days.to_string(),
        ]
    }
}

impl Tills {
    pub(super) async fn run(self, protocols: &'static ProtocolList) -> anyhow::Result<()> {
        match self {
            Tills::Token(token) => token.run(protocols).await,
            Tills::Remove(Remove { object, on }) => {
                if !Tables::of(&on.open(protocols).await?).remove_till(object).await? {
                    anyhow::bail!(
                        "object {object} has no till: `wsa admin till list` shows those there are"
                    );
                }
                Ok(output::line(format_args!("the till of object {object} is removed"))?)
            }
            Tills::List(on) => {
                let tills = Tables::of(&on.open(protocols).await?).tills().await?;
                let rows: Vec<Listing> = tills.into_iter().map(Listing::from).collect();
                Ok(output::list(&rows, on.json)?)
            }
        }
    }
}

impl Token {
    async fn run(self, protocols: &'static ProtocolList) -> anyhow::Result<()> {
        let Token { object, keep_days, on } = self;
        let opened = on.open(protocols).await?;
        store::check_objects(&opened, &[object]).await?;
        let token = token::generate();
        let given = Tables::of(&opened).give_till_token(object, TokenHash::of(&token), keep_days);
        let given = given.await?;
        let rotated = given == Given::Rotated;
        if on.json {
            let aggregator = aggregator(object);
            let new = NewToken { object_id: object, aggregator, rotated, token };
            return Ok(output::json_line(&new)?);
        }
        let what = if rotated { "has another token" } else { "is added" };
        output::line(format_args!("the till of object {object} {what}"))?;
        Ok(output::line(format_args!("token (shown this once; keep it secret): {token}"))?)
    }
}
