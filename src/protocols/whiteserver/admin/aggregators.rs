//! `wsa admin aggregator` and `wsa admin token`. A token is shown once; the store keeps its hash.

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use serde::Serialize;

use super::aggregator_settings;
use super::amqp::Amqp;
use super::callbacks;
use crate::domain::task::ObjectId;
use crate::domain::token::{self, TokenHash};
use crate::surface::ProtocolList;
use crate::surface::store::{self, StoreFlags};
use crate::terminal::{output, values};

/// `wsa admin aggregator`
#[derive(Debug, Subcommand)]
pub(in crate::protocols::whiteserver) enum Aggregators {
    /// Add a caller; prints its token, this once.
    Add(Add),
    /// Change a caller.
    Set(aggregator_settings::Set),
    /// List the callers and the restaurants they may use.
    List(StoreFlags),
    /// Let a caller use a restaurant.
    Allow(Licence),
    /// Take that right away; tasks accepted before keep their answers.
    Deny(Licence),
    /// Where its answers and events are posted.
    #[command(subcommand)]
    Callback(callbacks::Callbacks),
    /// Let a caller publish tasks to RabbitMQ and read its answers there.
    #[command(subcommand)]
    Amqp(Amqp),
}

/// `wsa admin token`
#[derive(Debug, Subcommand)]
pub(in crate::protocols::whiteserver) enum Tokens {
    /// Give a caller a new token, and print it, this once; the old one is invalid at once.
    Rotate(Rotate),
}

#[derive(Debug, Args)]
pub(in crate::protocols::whiteserver) struct Add {
    /// Its name, unique.
    #[arg(long, value_parser = values::name)]
    name: String,
    /// A restaurant it may use (objectId); as many as you like.
    #[arg(long = "object", value_name = "ID")]
    objects: Vec<ObjectId>,
    #[command(flatten)]
    on: StoreFlags,
}

#[derive(Debug, Args)]
pub(in crate::protocols::whiteserver) struct Licence {
    /// The caller.
    #[arg(long)]
    name: String,
    /// The restaurant (objectId).
    #[arg(long, value_name = "ID")]
    object: ObjectId,
    #[command(flatten)]
    on: StoreFlags,
}

#[derive(Debug, Args)]
pub(in crate::protocols::whiteserver) struct Rotate {
    /// The caller.
    #[arg(long)]
    name: String,
    #[command(flatten)]
    on: StoreFlags,
}

#[derive(Serialize)]
struct NewToken<'a> {
    name: &'a str,
    token: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Licensed<'a> {
    name: &'a str,
    object_id: ObjectId,
    allowed: bool,
}

impl Aggregators {
    pub(super) async fn run(self, protocols: &'static ProtocolList) -> anyhow::Result<()> {
        match self {
            Aggregators::Add(add) => add.run(protocols).await,
            Aggregators::Set(set) => set.run(protocols).await,
            Aggregators::List(on) => aggregator_settings::list(&on, protocols).await,
            Aggregators::Allow(licence) => licence.set(true, protocols).await,
            Aggregators::Deny(licence) => licence.set(false, protocols).await,
            Aggregators::Callback(command) => command.run(protocols).await,
            Aggregators::Amqp(amqp) => amqp.run(protocols).await,
        }
    }
}

impl Tokens {
    pub(super) async fn run(self, protocols: &'static ProtocolList) -> anyhow::Result<()> {
        let Tokens::Rotate(Rotate { name, on }) = self;
        let store = on.open(protocols).await?;
        store::aggregator(&store, &name).await?;
        let token = token::generate();
        if store.rotate_token(&name, TokenHash::of(&token)).await?.is_none() {
            bail!(
                "there is no aggregator {name:?} any more: `wsa admin aggregator list` shows those there are"
            );
        }
        show(&name, &token, "has a new token, and the old one is invalid", on.json)
    }
}

impl Add {
    async fn run(self, protocols: &'static ProtocolList) -> anyhow::Result<()> {
        let Add { name, objects, on } = self;
        let store = on.open(protocols).await?;
        store::check_objects(&store, &objects).await?;
        let token = token::generate();
        let Some(added) = store.add_aggregator(&name, TokenHash::of(&token)).await? else {
            bail!(
                "there is an aggregator {name:?} already and it was left as it is: \
                 `wsa admin aggregator allow` gives it objects, `wsa admin token rotate` a new token"
            );
        };
        let licences = store.add_licences(added.id, &objects).await;
        let done = match objects.is_empty() || licences.is_err() {
            true => "is added, with no object yet".into(),
            false => format!("is added, for {}", listed(&objects)),
        };
        // Whatever became of the licences: this is the only time that the token can be shown.
        show(&name, &token, &done, on.json)?;
        licences.with_context(|| {
            format!(
                "aggregator {name:?} was added without its objects: `wsa admin aggregator allow`"
            )
        })
    }
}

impl Licence {
    async fn set(self, allowed: bool, protocols: &'static ProtocolList) -> anyhow::Result<()> {
        let Licence { name, object, on } = self;
        let store = on.open(protocols).await?;
        let aggregator = store::aggregator(&store, &name).await?;
        store::check_objects(&store, &[object]).await?;
        if allowed {
            store.add_licences(aggregator.id, &[object]).await?;
        } else if !store.remove_licence(aggregator.id, object).await? {
            bail!(
                "aggregator {name:?} was not allowed to use object {object} anyway: `wsa admin aggregator list` shows \
                 what it may use"
            );
        }
        if on.json {
            return Ok(output::json_line(&Licensed { name: &name, object_id: object, allowed })?);
        }
        let may = if allowed { "may use" } else { "may not use" };
        Ok(output::line(format_args!("aggregator {name} {may} object {object}"))?)
    }
}

fn show(name: &str, token: &str, done: &str, json: bool) -> anyhow::Result<()> {
    if json {
        return Ok(output::json_line(&NewToken { name, token })?);
    }
    output::line(format_args!("aggregator {name} {done}"))?;
    Ok(output::line(format_args!("token (shown this once; keep it secret): {token}"))?)
}

/// As people read it.
pub(super) fn listed(objects: &[ObjectId]) -> String {
    objects.iter().map(ObjectId::to_string).collect::<Vec<_>>().join(", ")
}
